"""A sheet that lies on something else: what is round it, a desk with its grain, is no writing.

The tones of a view are parted in two (Otsu, "A threshold selection method from gray-level
histograms", 1979). What most of the border is lies round the sheet; the largest region of the other
kind is the sheet, with all that it encloses.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.reader.light import background
from tinydigits.reader.regions import find_regions
from tinydigits.reader.tones import Tones, view

Mask = NDArray[np.bool_]

_LEAST, _MOST = 0.15, 0.95  # of the picture, the sheet
_BORDER = 0.7  # of the border, at least, is not the sheet's
_FULL = 0.7  # of its box, and
_OWN = 0.6  # of that it is itself, paper and no frame
_SHARP = 0.8  # of the difference of tones is at its edge
_RIM = 0.015  # of the view's longer side: the sheet's edge, out of focus


def sheet_alone(tones: Tones) -> Tones | None:
    """The picture with the sheet's own paper wherever the sheet isn't; None if there is none."""
    seen = view(tones).tones
    inside = _sheet(seen)
    if inside is None:
        return None
    paper = background(seen, 2 * (max(seen.shape) // 20) + 1, dark=_is_bright(seen, inside))
    size = (tones.shape[1], tones.shape[0])
    spread = Image.fromarray(_spread(paper, inside)).resize(size, Image.Resampling.BILINEAR)
    kept = Image.fromarray(inside).resize(size, Image.Resampling.NEAREST)
    return np.where(np.asarray(kept), tones, np.asarray(spread))


def _sheet(seen: Tones) -> Mask | None:
    """Where the sheet is in a view, without its rim."""
    bright = seen > _threshold(seen)
    border = np.concatenate([bright[0], bright[-1], bright[:, 0], bright[:, -1]])
    other = bright if border.mean() < 0.5 else ~bright
    if max(border.mean(), 1 - border.mean()) < _BORDER:
        return None
    regions = find_regions(other)
    if not regions.areas.size:
        return None
    largest = int(regions.areas.argmax())
    round_it = find_regions(np.pad(regions.labels != largest + 1, 1, constant_values=True))
    inside = (round_it.labels != round_it.labels[0, 0])[1:-1, 1:-1]
    left, top, right, bottom = regions.boxes[largest]
    area = inside.sum()
    full = area >= _FULL * (right - left) * (bottom - top) and regions.areas[largest] >= _OWN * area
    if not full or not _LEAST <= area / inside.size <= _MOST:
        return None
    rim = max(2, round(_RIM * max(inside.shape)))
    kept = _shrunk(inside, rim)
    return kept if kept.any() and _has_edge(seen, inside, rim) else None


def _has_edge(seen: Tones, inside: Mask, rim: int) -> bool:
    """Whether the tones change at the sheet's edge, not little by little as light does."""
    rings = [_shrunk(side, rim) & ~_shrunk(side, 2 * rim) for side in (inside, ~inside)]
    if not all(ring.any() for ring in rings):
        return False
    near = np.ptp([np.median(seen[ring]) for ring in rings])
    return bool(near >= _SHARP * np.ptp([np.median(seen[side]) for side in (inside, ~inside)]))


def _threshold(seen: Tones) -> int:
    """The tone that parts the others so that the two kinds' means are farthest apart."""
    counts = np.bincount(seen.ravel(), minlength=256).astype(np.float64)
    below, total = counts.cumsum(), counts.sum()
    sums = (counts * np.arange(256)).cumsum()
    apart = (sums[-1] * below / total - sums) ** 2
    return int(np.argmax(apart / np.maximum(below * (total - below), 1)))


def _is_bright(seen: Tones, inside: Mask) -> bool:
    return bool(np.median(seen[inside]) > np.median(seen[~inside]))


def _shrunk(mask: Mask, pixels: int) -> Mask:
    """The mask without what is nearer to its edge than that; the border is no edge."""
    padded = np.pad(mask, pixels, mode="edge")
    for axis in (0, 1):
        steps = [np.roll(padded, step, axis) for step in range(-pixels, pixels + 1)]
        padded = np.logical_and.reduce(steps)
    return padded[pixels:-pixels, pixels:-pixels]


def _spread(paper: Tones, inside: Mask) -> Tones:
    """The paper's tones, beyond the sheet as they are at its nearest edge in the row."""
    rows = np.flatnonzero(inside.any(1))
    nearest_row = rows[np.abs(np.arange(len(inside))[:, None] - rows).argmin(1)]
    columns = np.arange(inside.shape[1])
    first, last = inside.argmax(1), inside.shape[1] - 1 - inside[:, ::-1].argmax(1)
    at = np.clip(columns, first[nearest_row, None], last[nearest_row, None])
    spread: Tones = paper[nearest_row[:, None], at]
    return spread

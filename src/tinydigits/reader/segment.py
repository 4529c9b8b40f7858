"""A page of ink -> its digits, line by line from the top, each line from the left.

Connected regions are found first; what is too small, too long or too hollow to be a digit is
left out, strokes that belong to one digit are joined, and what remains is sorted into lines
along the page's own slope. Sizes are judged against the page's typical digit height. Digits that
touch come out as one glyph, for which `cuts` proposes where to part them; the reader decides.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tinydigits.reader.ink import Ink
from tinydigits.reader.erase import erase
from tinydigits.reader.regions import Regions, find_regions, typical_height
from tinydigits.reader.rules import find_rules
from tinydigits.reader.slope import find_slope

Plane = NDArray[np.float32]
Box = tuple[int, int, int, int]

THRESHOLD = 0.4  # of a plain stroke: what is at least so dark is ink
MOST_REGIONS = 1000  # the largest are kept; a page of digits has far fewer
_LEAST_HEIGHT = 5  # pixels


@dataclass(frozen=True)
class Glyph:
    """What may be one digit.

    Attributes:
        box: left, top, right, bottom in the picture's pixels; right and bottom just outside.
        amount: float32 ink within the box and a margin round it, all other ink removed.
        offset: (left, top) of `amount` in the picture.
        noise: standard deviation of the noise in `amount`.
        space_before: whether a gap wider than between the digits of one number precedes it.
    """

    box: Box
    amount: Plane = field(repr=False)
    offset: tuple[int, int]
    noise: float
    space_before: bool = False


def segment(ink: Ink) -> list[list[Glyph]]:
    """Find the glyphs of a page, in lines."""
    amount = ink.amount
    mask = amount > max(THRESHOLD, 4 * ink.noise)
    faint = amount > max(0.7 * THRESHOLD, 4 * ink.noise)
    slope = find_slope(mask)
    regions = find_regions(mask)
    if not regions.areas.size:
        return []
    for _ in range(3):
        rules = find_rules(faint, slope, typical_height(regions))
        if not any(len(each.lines) for each in rules):
            break
        left = erase(amount, mask, slope, rules)
        amount = np.where(left == mask, amount, 0)
        faint &= mask == left
        mask = left
        regions = find_regions(mask)
    keep = np.sort(np.argsort(-regions.areas, kind="stable")[:MOST_REGIONS])
    keep = keep[~_frames(regions.boxes[keep], mask.shape)]
    if not keep.size:
        return []
    typical = _typical_height(regions.boxes[keep], regions.areas[keep])
    keep = keep[_big_enough(regions.boxes[keep], typical)]
    groups = [keep[group] for group in _joined(regions.boxes[keep], typical)]
    boxes = np.array([_hull(regions.boxes[group]) for group in groups]).reshape(-1, 4)
    whole = _digit_shaped(boxes, typical) & ~_edges(boxes, mask.shape[1])
    groups = [group for group, good in zip(groups, whole, strict=True) if good]
    ink = Ink(amount, ink.noise)
    return _in_lines(boxes[whole], groups, ink, regions, slope)


def whole_picture(ink: Ink) -> Glyph | None:
    """Take all ink of a picture but specks to be one digit."""
    mask = ink.amount > max(THRESHOLD, 4 * ink.noise)
    regions = find_regions(mask)
    if not regions.areas.size:
        return None
    sizes = (regions.boxes[:, 2:] - regions.boxes[:, :2]).max(1)
    members = np.flatnonzero(sizes >= 0.15 * sizes.max())
    box = _hull(regions.boxes[members])
    if box[3] - box[1] < _LEAST_HEIGHT:
        return None
    return _glyph(box, members, ink, regions, space_before=False)


def _typical_height(boxes: NDArray[np.int64], areas: NDArray[np.int64]) -> float:
    """The height of the region in which the median pixel of ink lies."""
    heights = boxes[:, 3] - boxes[:, 1]
    order = np.argsort(heights)
    running = np.cumsum(areas[order])
    return float(heights[order[np.searchsorted(running, running[-1] / 2)]])


def _frames(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Regions that go round most of the picture and have others, not small, within."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    broad = width * height > 0.4 * shape[0] * shape[1]
    within = (boxes[:, None, :2] < boxes[None, :, :2]) & (boxes[:, None, 2:] > boxes[None, :, 2:])
    sizeable = height[None, :] > 0.1 * height[:, None]
    result: NDArray[np.bool_] = broad & (within.all(2) & sizeable).any(1)
    return result


def _big_enough(boxes: NDArray[np.int64], typical: float) -> NDArray[np.bool_]:
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(1)
    result: NDArray[np.bool_] = sizes >= max(0.12 * typical, 2)
    return result


def _digit_shaped(boxes: NDArray[np.int64], typical: float) -> NDArray[np.bool_]:
    """Groups as tall as a digit of this page, and not as flat as a dash."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    tall = height >= max(0.4 * typical, _LEAST_HEIGHT)
    result: NDArray[np.bool_] = tall & ((height > 0.75 * typical) | (width < 2.5 * height))
    return result


def _edges(boxes: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    """Slim strips along the picture's left or right edge, as scans have them."""
    slim = boxes[:, 3] - boxes[:, 1] > 8 * (boxes[:, 2] - boxes[:, 0])
    result: NDArray[np.bool_] = slim & ((boxes[:, 0] == 0) ^ (boxes[:, 2] == width))
    return result


def _joined(boxes: NDArray[np.int64], typical: float) -> list[NDArray[np.int64]]:
    """Group regions that are strokes of one digit.

    Two regions belong together if one lies within the other's extent, or if one is less than a
    digit by its height and they are close: above one another, or, closer still, side by side.
    """
    left, top, right, bottom = (boxes[:, i].astype(float) for i in range(4))
    width, height = right - left, bottom - top
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    down = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    narrower, lower = np.minimum(width[:, None], width), np.minimum(height[:, None], height)
    union_height = np.maximum(bottom[:, None], bottom) - np.minimum(top[:, None], top)
    union_width = np.maximum(right[:, None], right) - np.minimum(left[:, None], left)

    within = (across >= 0.8 * narrower) & (down >= 0.8 * lower)
    part = lower < 0.65 * np.maximum(height[:, None], height)
    alone = len(boxes) <= 3
    fits = (union_height < 1.35 * typical) | (alone & (union_height < 2.5 * typical))
    above = (across >= 0.4 * narrower) & (-down <= 0.14 * union_height) & fits
    beside = (-across <= 0.1 * typical) & (down >= 0.3 * lower) & (union_width < 1.1 * union_height)
    linked = within | (above & (part | (lower < 0.65 * typical) | alone)) | (beside & part & fits)
    return _components(linked)


def _components(linked: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    groups = []
    waiting = np.ones(len(linked), bool)
    for first in range(len(linked)):
        if not waiting[first]:
            continue
        group = np.zeros(len(linked), bool)
        group[first] = True
        while (grown := linked[group].any(0) | group).sum() > group.sum():
            group = grown
        waiting &= ~group
        groups.append(np.flatnonzero(group))
    return groups


def _hull(boxes: NDArray[np.int64]) -> Box:
    left, top = boxes[:, :2].min(0)
    right, bottom = boxes[:, 2:].max(0)
    return int(left), int(top), int(right), int(bottom)


def _in_lines(
    boxes: NDArray[np.int64],
    groups: list[NDArray[np.int64]],
    ink: Ink,
    regions: Regions,
    slope: float,
) -> list[list[Glyph]]:
    if not groups:
        return []
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    middle = (boxes[:, 1] + boxes[:, 3]) / 2 - slope * (boxes[:, 0] + boxes[:, 2]) / 2
    lines: list[list[int]] = []
    for index in np.argsort(middle, kind="stable"):
        if not lines or middle[index] - np.mean(middle[lines[-1]]) > 0.6 * height:
            lines.append([])
        lines[-1].append(int(index))
    for line in lines:
        line.sort(key=lambda i: boxes[i, 0] + boxes[i, 2])
    gaps = [boxes[b, 0] - boxes[a, 2] for line in lines for a, b in pairwise(line)]
    wide = max(0.9 * height, 2.5 * max(0.0, float(np.median(gaps)) if gaps else 0.0))
    return [
        [
            _glyph(
                _hull(boxes[i : i + 1]),
                groups[i],
                ink,
                regions,
                space_before=before is not None and bool(boxes[i, 0] - boxes[before, 2] > wide),
            )
            for before, i in zip([None, *line], line, strict=False)
        ]
        for line in lines
    ]


def _glyph(
    box: Box, members: NDArray[np.int64], ink: Ink, regions: Regions, *, space_before: bool
) -> Glyph:
    """Cut a group of regions out, with its soft edges but without its neighbours' ink."""
    left, top, right, bottom = box
    margin = 2 + max(right - left, bottom - top) // 20
    left, top = max(0, left - margin), max(0, top - margin)
    window = np.s_[top : bottom + margin, left : right + margin]
    labels = regions.labels[window]
    others = (labels > 0) & ~np.isin(labels, members + 1)
    crop = ink.amount[window]
    if others.any():
        crop = np.where(_grown(others) & ~np.isin(labels, members + 1), 0, crop)
    return Glyph(box, np.ascontiguousarray(crop), (left, top), ink.noise, space_before)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask and all pixels within two of it, along rows and columns."""
    for axis in (0, 1):
        padded = np.pad(mask, [(2, 2) if a == axis else (0, 0) for a in (0, 1)])
        mask = np.any(sliding_window_view(padded, 5, axis=axis), axis=-1)
    return mask

"""The lines that a paper is ruled or squared with: as long as the page, however pale.

Turned by the page's slope, such a line darkens a whole row a little, with paper clear above and
below it, but where a stroke crosses. A row of digits never does: no more than 0.4 of a row is so
on 40 development pages, at least 0.8 on squared paper.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.slope import STEEPEST

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]
Table = NDArray[np.int64]

_FAINTEST = 0.12  # of a stroke's tone; what is paler does not join strokes
_ABOVE_NOISE = 2.5  # standard deviations: two in a hundred pixels of paper are darker
_SHARE = 0.6  # of the row is ruled
CLEAR = (3, 6, 12)  # pixels above and below that are paper: more than a line is thick
_COLUMNS = 400  # so many are looked at
_SAMPLED = 200  # for the slope
_BORDER = 0.05  # of the page's side


@dataclass(frozen=True)
class Ruling:
    """Lines across most of a page.

    Attributes:
        slope: theirs, down for each pixel to the right.
        level: int64 (n, 4), as `rules.Rules.lines`.
        upright: the same down the page.
        grid: whether at least two of either reach from border to border, as no digit's strokes do.
    """

    slope: float
    level: Table
    upright: Table
    grid: bool


NONE = Ruling(0.0, np.empty((0, 4), np.int64), np.empty((0, 4), np.int64), False)


def find_ruling(amount: Plane, noise: float) -> Ruling:
    """Find the lines across a page of ink (height, width) whose noise has that deviation."""
    dark = amount > max(_FAINTEST, _ABOVE_NOISE * noise)
    slope = ridge_slope(dark, _SHARE)
    if slope is None:
        return NONE
    level = _lines(dark, slope)
    if not len(level):
        return NONE
    upright = _lines(dark.T, -slope)
    whole = [
        (lines[:, 0] <= _BORDER * side) & (lines[:, 1] >= (1 - _BORDER) * side)
        for lines, side in zip((level, upright), dark.shape[::-1], strict=True)
    ]
    return Ruling(slope, level, upright, min(int(each.sum()) for each in whole) >= 2)


def ridge_slope(dark: Mask, share: float) -> float | None:
    """The slope along which what has paper above and below lines up.

    None if no line covers that share of the page's width.
    """
    width = dark.shape[1]
    step = 1 + width // _SAMPLED
    along = np.arange(step // 2, width, step)
    y, column = np.nonzero(_ridges(dark[:, along]))
    if len(y) < share * len(along):
        return None
    x = (along[column] - width / 2).astype(np.float32)
    whole = max(1, round(STEEPEST * width / 2))  # the ends move by a pixel from one to the next
    step = STEEPEST / whole
    best, found = max(
        _lined_up(y, x, slope, share * len(along)) for slope in step * np.arange(-whole, whole + 1)
    )
    if not best:
        return None
    return max(_lined_up(y, x, found + part * step, 0.0) for part in np.arange(-0.75, 1, 0.25))[1]


def _lined_up(y: Table, x: Plane, slope: float, least: float) -> tuple[float, float]:
    """How unevenly points lie across a slope, 0 if no row has the least; and the slope."""
    rows = (y - np.float32(slope) * x).astype(np.int64)
    counts = np.bincount(rows - rows.min())
    pairs = counts[1:] + counts[:-1]  # a line lies in one row or two
    if pairs.max(initial=0) < 0.8 * least:
        return 0.0, float(slope)
    return float((counts.astype(float) ** 2).sum()), float(slope)


def _ridges(dark: Mask) -> Mask:
    """What is dark, with paper above and below."""
    found = np.zeros_like(dark)
    for clear in CLEAR:
        if len(dark) > 2 * clear:
            found[clear:-clear] |= dark[clear:-clear] & ~(dark[2 * clear :] | dark[: -2 * clear])
    return found


def _lines(dark: Mask, slope: float) -> Table:
    """Lines along the slope."""
    height, width = dark.shape
    step = 1 + width // _COLUMNS
    along = np.arange(step // 2, width, step)
    drop = np.asarray(np.rint(slope * (along - width / 2)), np.int64)
    margin = int(np.abs(drop).max(initial=0)) + 2
    rows = np.arange(-margin, height + margin)[:, None] + drop
    inside = (rows >= 0) & (rows < height)
    ridges = _ridges(dark[np.clip(rows, 0, height - 1), along] & inside)
    ridges[:-1] |= ridges[1:]  # a thin line steps from row to row where levelled rows do not
    ruled = ridges.sum(1) >= _SHARE * len(along)
    change = np.diff(np.concatenate([[False], ruled, [False]]).astype(np.int8))
    lines = []
    for first, last in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
        start, end = _span(np.any(ridges[first:last], axis=0))
        thin = last - first > 1  # as if seen without the row below
        lines.append((along[start], along[end - 1] + 1, first + thin - margin, last - margin))
    return np.array(lines, np.int64).reshape(-1, 4)


def _span(on: Mask) -> tuple[int, int]:
    """Where a row is mostly on: from start to end it gains most over what is off."""
    gain = np.concatenate([[0], np.cumsum(2 * on.astype(np.int64) - 1)])
    end = int(np.argmax(gain - np.minimum.accumulate(gain)))
    return int(np.argmin(gain[: end + 1])), end

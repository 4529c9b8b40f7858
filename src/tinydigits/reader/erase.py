"""Rules taken off a page, and the strokes that they crossed mended.

Where ink goes on at both sides of a rule, it went through: what lies between the two is kept.
Where the rule is paler than the strokes, darker pixels within it are a stroke's.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.rules import Rules, drops, painted

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]
Table = NDArray[np.int64]

_FRINGE = 1  # pixels to either side that a rule's soft edge may darken beyond the threshold


def erase(amount: Plane, mask: Mask, slope: float, rules: tuple[Rules, Rules]) -> Mask:
    """Take rules out of a mask (height, width), but not the strokes that cross them."""
    level, upright = (painted(mask.shape, each, slope, _FRINGE) for each in rules)
    covered = level | upright
    strokes = mask & ~covered
    mended = strokes | (mask & covered & (amount >= _stroke_tone(amount, strokes, covered & mask)))
    for each in rules:
        sides = (
            (mask.T, strokes.T, mended.T, -slope)
            if each.upright
            else (mask, strokes, mended, slope)
        )
        for line in each.lines:
            _mend(line, *sides)
    return mended


def _stroke_tone(amount: Plane, strokes: Mask, ruled: Mask) -> float:
    """The tone from which on ink within a rule is a stroke's: infinite if they are alike."""
    if not strokes.any() or not ruled.any():
        return np.inf
    stroke, rule = np.median(amount[strokes]), np.median(amount[ruled])
    return float((stroke + rule) / 2) if rule < 0.75 * stroke else np.inf


def _mend(line: Table, mask: Mask, strokes: Mask, mended: Mask, slope: float) -> None:
    """Fill, in `mended`, the strokes that go on at both sides of one rule."""
    height, width = mask.shape
    start, end, first, last = (int(value) for value in line)
    along = np.arange(max(0, start - _FRINGE), min(width, end + _FRINGE))
    drop = drops(slope, width)[along]
    rows = np.arange(first - _FRINGE - 1, last + _FRINGE + 1)[:, None] + drop
    inside = (rows >= 0) & (rows < height)
    rows = np.clip(rows, 0, height - 1)
    edge = strokes[rows[[0, -1]], along] & inside[[0, -1]]
    above, below = _runs(edge[0]), _runs(edge[1])
    if not len(above) or not len(below):
        return
    depth = len(rows)
    fill = np.zeros(rows.shape, bool)
    for a, b in _pairs(above, below, depth):
        ends = [np.rint(np.linspace(x, y, depth)).astype(int) for x, y in zip(a, b, strict=True)]
        column = np.arange(len(along))
        fill |= (column >= ends[0][:, None]) & (column < ends[1][:, None])
    fill &= mask[rows, along] & inside
    mended[rows[fill], np.broadcast_to(along, rows.shape)[fill]] = True


def _runs(row: Mask) -> Table:
    change = np.diff(np.concatenate([[False], row, [False]]).astype(np.int8))
    return np.stack([np.flatnonzero(change == 1), np.flatnonzero(change == -1)], axis=1)


def _pairs(above: Table, below: Table, reach: int) -> list[tuple[Table, Table]]:
    """Runs above and below that are one stroke's: they overlap, or lean no more than 45 degrees."""
    apart = np.maximum(above[:, None, 0] - below[:, 1], below[:, 0] - above[:, None, 1])
    nearest = (apart == apart.min(0)) | (apart == apart.min(1, keepdims=True))
    at = np.argwhere(((apart <= reach) & nearest) | (apart < 0))
    return [(above[i], below[j]) for i, j in at]

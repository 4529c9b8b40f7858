"""Rules taken off a page, and the strokes that they crossed mended.

Where ink goes on at both sides of a rule, it went through: what lies between the two is kept.
Where the rule is paler than the strokes, darker pixels within it are a stroke's.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median
from tinydigits.reader.glyph import THRESHOLD
from tinydigits.reader.regions import Regions
from tinydigits.reader.rules import Rules, drops, painted

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]
Table = NDArray[np.int64]

_FRINGE = 1  # pixels to either side that a rule's soft edge may darken beyond the threshold
# What is left along a rule, on 60 pictures of each kind of form: at 0.4 a 1 on a divider went, too.
_RIM = 3  # pixels to either side, as far as lines that meet may miss each other
_MOST = 0.9  # of a region
_SLIM = 0.25  # of the thickness of most ink
_PALE = 0.75  # of a stroke's tone; a darker rule can't be told from strokes by its tone


def erase(
    amount: Plane, mask: Mask, slope: float, rules: tuple[Rules, Rules]
) -> tuple[Plane, Mask]:
    """Take rules out of the ink and its mask (height, width), but not the strokes across them."""
    cores, covers = (
        [painted(mask.shape, each, slope, fringe) for each in rules] for fringe in (0, _FRINGE)
    )
    covered = covers[0] | covers[1]
    strokes = mask & ~covered
    bared = _bared(amount, covered, cores[0] | cores[1], strokes)
    mended = strokes | (covered & mask & (bared > THRESHOLD))
    for each in rules:
        sides = (
            (mask.T, strokes.T, mended.T, -slope)
            if each.upright
            else (mask, strokes, mended, slope)
        )
        for line in each.lines:
            _mend(line, *sides)
    return np.where(mended, amount, bared), mended


def left_of_rules(regions: Regions, slope: float, rules: tuple[Rules, Rules]) -> Mask:
    """Which regions lie along an erased rule and are slim: its rim, where it is not quite straight.

    A digit's stroke there is as thick as the others' strokes.
    """
    shape = regions.labels.shape
    along = [painted(shape, each, slope, _RIM) for each in rules]
    inside = np.bincount(regions.labels[along[0] | along[1]], minlength=len(regions.areas) + 1)[1:]
    size = (regions.boxes[:, 2:] - regions.boxes[:, :2]).max(1)
    found: Mask = inside >= _MOST * regions.areas
    if found.any():
        thick = regions.areas / size
        order = np.argsort(thick)
        running = np.cumsum(regions.areas[order])
        found &= thick <= _SLIM * thick[order[np.searchsorted(running, running[-1] / 2)]]
    return found


def _bared(amount: Plane, covered: Mask, core: Mask, strokes: Mask) -> Plane:
    """The ink with the rules' own tone taken away, and all of it where they are strokes' alike."""
    tone = median(amount[core]) if core.any() else 0.0
    stroke = median(amount[strokes]) if strokes.any() else 0.0
    if tone >= _PALE * stroke:
        return np.where(covered, 0, amount)
    left = (amount - np.float32(tone)) * np.float32(stroke / (stroke - tone))
    return np.where(covered, np.maximum(left, 0), amount)


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

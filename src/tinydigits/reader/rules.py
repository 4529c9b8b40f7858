"""Straight lines that are no digits: ruled and squared paper, frames, boxes, combs, dividers.

What is straight along the page's slope, and long beside the digits' height, is a rule wherever it
stands. Shorter lines are rules only by the company they keep: the sides of a box end at one
another, a divider or the tick of a comb ends at a rule as thick as itself. So a 7 keeps its bar
and a 1 that stands alone is a 1, however straight.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.regions import find_regions, find_runs, join_runs, typical_height
from tinydigits.reader.ruling import CLEAR, NONE, Ruling

Mask = NDArray[np.bool_]
Table = NDArray[np.int64]

_AS_LONG = 0.75  # as the line of the ruling that it stands for
_SHARE = 0.45  # of the picture; a line need not be longer to be looked at
_GAP = 2  # pixels missing from a faint line do not end it
_SHORTEST = 10  # pixels; a shorter line cannot be told from a stroke
_FULL = 0.85  # of a line's length, but for the gaps and rounded ends of its rows
_SLIMMEST = 4  # times as long as thick, or it is a blot
_LONG = 3  # digit heights; no stroke of a digit is so long and so straight
_TALLER = 1.1  # digit heights, of boxes that no long line is part of
_FREE = 0.5  # of a long line's length
_SPANNING = 0.9  # of the picture's height, for an upright line that nothing joins
_NEAR = 3  # pixels from a rule at which a line that ends there may end
_TICKS = 3  # as many strokes of one length on a rule are a comb's


@dataclass(frozen=True)
class Rules:
    """Straight lines, level or upright, in a frame that is turned by the page's slope.

    Attributes:
        lines: int64 (n, 4): start, end, first, last; a line covers `start` to `end` along its
            direction and `first` to `last` across it where it meets the picture's middle. Ends
            lie just outside.
        upright: whether they run down the page; `start` and `end` are then rows.
    """

    lines: Table
    upright: bool


NO_RULES = Rules(np.empty((0, 4), np.int64), False)


def find_rules(
    mask: Mask, slope: float, typical: float, ruling: Ruling = NONE
) -> tuple[Rules, Rules]:
    """Find the level and the upright rules of a page.

    Args:
        mask: the page's ink.
        slope: of its lines, as `find_slope` gives it.
        typical: the height of the region in which most of the ink lies.
        ruling: lines across the page, level and upright, that are seen without the mask.
    """
    level = straight_lines(mask, slope, min(_SHARE * mask.shape[1], 0.6 * typical))
    upright = straight_lines(mask.T, -slope, min(_SHARE * mask.shape[0], 0.25 * typical))
    (level, known_level), (upright, known_upright) = (
        _joined(*each)
        for each in zip((level, upright), (ruling.level, ruling.upright), strict=True)
    )
    long_level, height = _long(mask, slope, level, upright, typical)
    long_level |= known_level & ruling.grid
    down, across, alike = _meetings(level, upright, slope, mask.shape)
    corner = (across == 1) | (across == 2)
    ends = np.where(alike | corner, down, 0)
    spanning = upright[:, 1] - upright[:, 0] >= max(_SPANNING * mask.shape[0], _LONG * height)
    spanning |= known_upright & (
        ruling.grid | (long_level.any() & (upright[:, 1] - upright[:, 0] >= 1.3 * height))
    )
    spanning &= height > 0
    closed = _closed(long_level, spanning, ends, across)
    loops = closed[1] & ~spanning & ~(ends[long_level] > 0).any(0)
    if loops.any():  # of printed digits, unless they are higher than what they go round
        rest = mask & ~painted(mask.shape, Rules(level[closed[0]], False), slope, 1)
        rest &= ~painted(mask.shape, Rules(upright[closed[1]], True), slope, 1)
        loops &= upright[:, 1] - upright[:, 0] < _TALLER * _height(rest)
        ends[:, loops] = across[:, loops] = 0
    level_rules, upright_rules = _closed(long_level, spanning, ends, across)
    upright_rules |= _repeated(upright, down[level_rules])
    return Rules(level[level_rules], False), Rules(upright[upright_rules], True)


def _joined(lines: Table, ruling: Table) -> tuple[Table, Mask]:
    """The lines and a ruling's, and which of them cross the page.

    A line that is nearly as long as the ruling's in its place stands for it.
    """
    same = np.maximum(lines[:, 2:3] - ruling[:, 3], ruling[:, 2] - lines[:, 3:4]) <= 1
    length, other = lines[:, 1] - lines[:, 0], ruling[:, 1] - ruling[:, 0]
    whole = same & (length[:, None] >= _AS_LONG * other)
    pieces, more = ~whole.any(1) & same.any(1), ~whole.any(0)
    both = np.concatenate([lines[~pieces], ruling[more]])
    return both, np.append(whole.any(1)[~pieces], np.ones(more.sum(), bool))


def drops(slope: float, length: int) -> Table:
    """How far a line of that slope has come down, in whole pixels, at each place along it."""
    return np.asarray(np.rint(slope * (np.arange(length) - length / 2)), np.int64)


def painted(shape: tuple[int, ...], rules: Rules, slope: float, fringe: int) -> Mask:
    """The pixels (height, width) that rules cover, and `fringe` more on either side."""
    page = np.zeros(shape, bool)
    canvas, slope = (page.T, -slope) if rules.upright else (page, slope)
    height, width = canvas.shape
    drop = drops(slope, width)
    for start, end, first, last in rules.lines:
        along = np.arange(max(0, start - fringe), min(width, end + fringe))
        across = np.arange(first - fringe, last + fringe)[:, None] + drop[along]
        canvas[np.clip(across, 0, height - 1), along] = True
    return page


def straight_lines(mask: Mask, slope: float, least: float) -> Table:
    """Lines at least so long, as `Rules.lines`, where ink runs straight along the slope.

    A line one pixel thick steps from row to row where the levelled rows do not, so each row is
    seen together with its two neighbours.
    """
    level, margin = levelled(mask, slope)
    once = level.copy()
    level[1:] |= once[:-1]
    level[:-1] |= once[1:]
    stride = level.shape[1] + 1
    starts, ends = find_runs(level)
    apart = (starts[1:] - ends[:-1] > _GAP) | (starts[1:] // stride > starts[:-1] // stride)
    starts, ends = starts[np.append(True, apart)], ends[np.append(apart, True)]
    long = ends - starts >= max(least, _SHORTEST)
    starts, ends = starts[long], ends[long]
    if not len(starts):
        return np.empty((0, 4), np.int64)
    group = join_runs(starts, ends, stride)
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    lines = [_line(starts[own], ends[own], stride) for own in np.split(order, cuts)]
    found: Table = np.array(lines, np.int64).reshape(-1, 4)
    found[:, 2:] -= margin
    return found[_SLIMMEST * (found[:, 3] - found[:, 2]) <= found[:, 1] - found[:, 0]]


def _line(starts: Table, ends: Table, stride: int) -> tuple[int, int, int, int]:
    """Start, end, first and last of runs in neighbouring rows: those that cover half the length.

    All of these but the outermost cover all of it, or those at either side, as where two boxes lie
    close together; or it is a stroke and no line.
    """
    rows = starts // stride
    start, end = (starts - rows * stride).min(), (ends - rows * stride).max()
    covered = np.bincount(rows - rows[0], ends - starts)
    solid = np.flatnonzero(2 * covered >= end - start)
    full = np.flatnonzero(covered >= _FULL * (end - start))
    double = len(full) > 1 and full[0] <= solid[0] + 1 and full[-1] >= solid[-1] - 1
    if len(full) < max(1, len(solid) - 2) and not double:
        return start, end, rows[0], rows[0] + end - start  # a blot
    first, last = rows[0] + solid[0] + 1, rows[0] + solid[-1]  # as if seen without neighbours
    return start, end, min(first, last), max(first + 1, last)


def levelled(mask: Mask, slope: float) -> tuple[Mask, int]:
    """The mask with each column moved so that the slope becomes level, and the rows added above."""
    height, width = mask.shape
    drop = drops(slope, width)
    margin = int(np.abs(drop).max(initial=0)) + 2
    level = np.zeros((height + 2 * margin, width), bool)
    edges = [0, *(np.flatnonzero(np.diff(drop)) + 1), width]
    for start, end in pairwise(edges):
        top = margin - drop[start]
        level[top : top + height, start:end] = mask[:, start:end]
    return level, margin


def _long(
    mask: Mask, slope: float, level: Table, upright: Table, typical: float
) -> tuple[Mask, float]:
    """Which level lines are long, and the height of what is left without all that may be."""
    across, down = (lines[:, 1] - lines[:, 0] for lines in (level, upright))
    wide = (across >= _SHARE * mask.shape[1]) | (across >= 1.5 * typical)
    tall = down >= _SHARE * mask.shape[0]
    lines = painted(mask.shape, Rules(level[wide], False), slope, 1)
    if wide.any():  # or an upright line is the stem of a digit, as likely as not
        lines |= painted(mask.shape, Rules(upright[tall], True), slope, 1)
    height = _height(mask & ~lines)
    long = wide & (across >= _LONG * height) & (height > 0)
    long[long] = _free(mask, slope, level[long]) >= _FREE
    return long, height


def _height(mask: Mask) -> float:
    """The height of the region in which most of the ink lies, 0 if there is none."""
    regions = find_regions(mask)
    return typical_height(regions.boxes, regions.areas) if regions.areas.size else 0.0


def _free(mask: Mask, slope: float, lines: Table) -> NDArray[np.float64]:
    """The share of each level line that has paper above and below, unlike the feet of digits."""
    level, margin = levelled(mask, slope)
    shares = np.zeros(len(lines))
    for i, (start, end, first, last) in enumerate(lines):
        free = np.zeros(end - start, bool)
        for clear in CLEAR:
            rows = np.clip([first - clear, last - 1 + clear], -margin, len(mask) + margin - 1)
            free |= ~level[rows + margin, start:end].any(0)
        shares[i] = free.mean()
    return shares


def _meetings(
    level: Table, upright: Table, slope: float, shape: tuple[int, ...]
) -> tuple[NDArray[np.int8], NDArray[np.int8], Mask]:
    """Which lines end at which.

    Returns:
        Three (level, upright) tables: where on the upright line the level one is, where on the
        level line the upright one is (1 at its start, 2 at its end, 3 between, 0 where they don't
        meet), and whether the two may be one form's: as thick as each other, or the upright
        twice as thick, as where two boxes meet.
    """
    middle_x = (upright[:, 2] + upright[:, 3]) / 2
    middle_y = (level[:, 2] + level[:, 3]) / 2
    x = middle_x - slope * (middle_y[:, None] - shape[0] / 2)
    y = middle_y[:, None] + slope * (x - shape[1] / 2)
    thick, other = (level[:, 3] - level[:, 2])[:, None], upright[:, 3] - upright[:, 2]
    down = _place(y, upright[:, 0], upright[:, 1], thick / 2 + _NEAR)
    across = _place(x, level[:, :1], level[:, 1:2], other / 2 + _NEAR)
    meet = (down > 0) & (across > 0)
    slack = 1 + thick // 4
    alike = (np.abs(thick - other) <= slack) | (np.abs(2 * thick + 1 - other) <= slack)
    return down * meet, across * meet, alike


def _place(at: Any, start: Any, end: Any, near: Any) -> NDArray[np.int8]:
    place = np.where((at >= start - near) & (at <= end + near), 3, 0)
    place[np.abs(at - end) <= near] = 2
    place[np.abs(at - start) <= near] = 1
    return place.astype(np.int8)


def _closed(
    level: Mask, upright: Mask, ends: NDArray[np.int8], sides: NDArray[np.int8]
) -> tuple[Mask, Mask]:
    """Long lines, and those that have both ends at others that are rules."""
    keep_level, keep_upright = np.ones(len(level), bool), np.ones(len(upright), bool)
    while True:
        among = sides[:, keep_upright]
        new_level = level | ((among == 1).any(1) & (among == 2).any(1))
        among = ends[new_level]
        new_upright = upright | ((among == 1).any(0) & (among == 2).any(0))
        if (new_level == keep_level).all() and (new_upright == keep_upright).all():
            return new_level, new_upright
        keep_level, keep_upright = new_level & keep_level, new_upright & keep_upright


def _repeated(upright: Table, down: NDArray[np.int8]) -> Mask:
    """Upright lines of one length that meet the same rules alike: a comb's, or a grid's."""
    length, thick = upright[:, 1] - upright[:, 0], upright[:, 3] - upright[:, 2]
    alike = (np.abs(length[:, None] - length) <= 2) & (np.abs(thick[:, None] - thick) <= 1)
    found: Mask = (down > 0).sum(0) >= _TICKS
    for end in (1, 2):
        on = down == end
        found |= (on & (on.astype(np.float32) @ alike.astype(np.float32) >= _TICKS)).any(0)
    return found

"""Boxes of digits on a page -> its lines, also where the page is curved or seen from the side.

Each digit is linked to its neighbour at the right, where both agree. Chains of such links that go
on from each other become one line; what is written smaller joins the line that it stands in.
"""

from dataclasses import replace
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median
from tinydigits.reader.glyph import Found

Boxes = NDArray[np.int64]
Values = NDArray[np.float64]

# Chosen bounds, which the warped grids of tests/reader/test_rows.py hold to.
_LEVEL = 0.5  # heights: what differs by less stands at the same height
# By which that grows for each height between two neighbours; with 0, curved lines break.
_BEND = 0.1
_STEEPEST = 36  # rise over run in hundredths: 20 degrees
_ENDS = 3  # digits at a chain's end that tell where it goes on: the fewest that show a slope
_GAP = 1.1  # heights of digits: a wider gap parts numbers; at 0.95, texts rich in 1s fall apart


def find_lines(boxes: Boxes, slope: float | None = None) -> list[list[int]]:
    """Boxes (n, 4) of digits -> lines from the top, of indices from the left."""
    if len(boxes) < 2:
        return [[i] for i in range(len(boxes))]
    slope = find_slope(boxes) if slope is None else slope
    lines = _with_small(_joined(_chains(boxes, slope), boxes, slope), boxes, slope)
    x, y = _middles(boxes)
    return sorted(lines, key=lambda line: median(y[line] - slope * x[line]))


def find_slope(boxes: Boxes) -> float:
    """The slope, down per pixel to the right, along which middles line up best (Postl, 1986)."""
    if len(boxes) < 3:
        return 0.0
    x, y = _middles(boxes)
    height = median(boxes[:, 3] - boxes[:, 1])
    best, slope = 0.0, 0.0
    for trial in sorted(range(-_STEEPEST, _STEEPEST + 1), key=abs):
        rows = (y - trial / 100 * (x - x.mean())) / (_LEVEL / 2 * height)
        counts = np.convolve(np.bincount((rows - rows.min()).astype(int)), [0.5, 1, 0.5])
        value = float((counts**2).sum())
        if value > best:
            best, slope = value, trial / 100
    return slope


def _middles(boxes: Boxes) -> tuple[Values, Values]:
    return (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2


def _chains(boxes: Boxes, slope: float) -> list[list[int]]:
    """Digits linked to their neighbours at the right, where each is the other's nearest."""
    x, y = _middles(boxes)
    heights = (boxes[:, 3] - boxes[:, 1]).astype(float)
    low = np.minimum(heights[:, None], heights)
    across = x - x[:, None]
    down = np.abs(y - y[:, None] - slope * across) / low
    gap = (boxes[:, 0] - boxes[:, 2][:, None]) / low
    alike = np.maximum(heights[:, None], heights) <= 2 * low
    cost = np.maximum(gap, 0) + 2 * down
    level = down < _LEVEL + _BEND * np.maximum(gap, 0)
    cost[~((across > 0) & level & alike)] = np.inf
    after, before = cost.argmin(1), cost.argmin(0)
    mutual = (before[after] == np.arange(len(boxes))) & np.isfinite(cost.min(1))
    return _followed(np.where(mutual, after, -1).tolist())


def _followed(after: list[int]) -> list[list[int]]:
    """Lists of indices, each followed by the one that `after` names; -1 is none."""
    lists = []
    for first in sorted(set(range(len(after))) - set(after)):
        own = [first]
        while after[own[-1]] >= 0:
            own.append(after[own[-1]])
        lists.append(own)
    return lists


def _joined(chains: list[list[int]], boxes: Boxes, slope: float) -> list[list[int]]:
    """Chains that go on from each other, put together, the nearest first."""
    while len(chains) > 1:
        gaps, taken = _gaps(chains, boxes, slope), set[int]()
        after = [-1] * len(chains)
        for flat in np.argsort(gaps, axis=None):
            i, j = divmod(int(flat), len(chains))
            if not np.isfinite(gaps[i, j]):
                break
            if after[i] < 0 and j not in taken:
                after[i] = j
                taken.add(j)
        if not taken:
            break
        chains = [list(chain(*(chains[i] for i in group))) for group in _followed(after)]
    return chains


def _gaps(chains: list[list[int]], boxes: Boxes, slope: float) -> Values:
    """How far a chain (column) begins to the right of another's end (row), in pixels.

    Infinite where it does not go on from there: at another height, or of another size.
    """
    starts = np.array([_end(each[:_ENDS], boxes, slope) for each in chains])
    ends = np.array([_end(each[-_ENDS:], boxes, slope) for each in chains])
    left = boxes[[each[0] for each in chains], 0]
    right = boxes[[each[-1] for each in chains], 2]
    gap = (left - right[:, None]).astype(float)
    middle = (left + right[:, None]) / 2
    here = ends[:, None, 1] + ends[:, None, 2] * (middle - ends[:, None, 0])
    there = starts[:, 1] + starts[:, 2] * (middle - starts[:, 0])
    low = np.minimum(ends[:, None, 3], starts[:, 3])
    fits = np.abs(here - there) <= _LEVEL * low
    fits &= (gap >= -_LEVEL * low) & (np.maximum(ends[:, None, 3], starts[:, 3]) <= 2 * low)
    return np.where(fits & ~np.eye(len(chains), dtype=bool), gap, np.inf)


def _end(some: list[int], boxes: Boxes, slope: float) -> tuple[float, float, float, float]:
    """The middle of some neighbours, x and y, the slope of their line, and their height."""
    x, y = _middles(boxes[some])
    if len(some) >= _ENDS:
        across = x - x.mean()
        own = float((across * (y - y.mean())).sum() / max(float((across**2).sum()), 1.0))
        slope = (slope + own) / 2
    height = median(boxes[some, 3] - boxes[some, 1])
    return float(x.mean()), float(y.mean()), slope, height


def _with_small(lines: list[list[int]], boxes: Boxes, slope: float) -> list[list[int]]:
    """Lines of small digits joined to the taller line that they stand in."""
    heights = boxes[:, 3] - boxes[:, 1]
    kept: list[list[int]] = []
    for line in sorted(lines, key=lambda line: -median(heights[line])):
        home = next((each for each in kept if _stands_in(line, each, boxes, slope)), None)
        if home is None:
            kept.append(list(line))
        else:
            home += line
    return [sorted(line, key=lambda i: boxes[i, 0] + boxes[i, 2]) for line in kept]


def _stands_in(line: list[int], taller: list[int], boxes: Boxes, slope: float) -> bool:
    """Whether all stand beside digits of a taller line, none above or below by half its width."""
    own, others = boxes[line, None], boxes[taller]
    shared = np.minimum(own[..., 2:], others[:, 2:]) - np.maximum(own[..., :2], others[:, :2])
    half = (own[..., 2:] - own[..., :2]) / 2
    stacked = bool(((shared[..., 0] > half[..., 0]) & (shared[..., 1] < half[..., 1])).any())
    return not stacked and all(nearest_of(box, others, slope) is not None for box in boxes[line])


def nearest_of(box: Boxes, others: Boxes, slope: float) -> int | None:
    """Which of the digits at the same height something small stands beside, if it does."""
    apart = np.maximum(np.maximum(others[:, 0] - box[2], box[0] - others[:, 2]), 0)
    heights = others[:, 3] - others[:, 1]
    down = slope * ((box[0] + box[2]) - (others[:, 0] + others[:, 2])) / 2
    middle = (box[1] + box[3]) / 2 - down
    level = np.abs(2 * middle - others[:, 1] - others[:, 3]) <= (1 + 2 * _LEVEL) * heights
    level &= apart <= 2 * heights
    return int(np.where(level, apart, np.inf).argmin()) if level.any() else None


def in_lines(digits: list[Found], marks: list[Found]) -> list[list[Found]]:
    """Digits in lines, and each mark beside the digit that it stands next to."""
    if not digits:
        return []
    boxes = np.array([each.glyph.box for each in digits], np.int64)
    slope = find_slope(boxes)
    lines = [[digits[i] for i in line] for line in find_lines(boxes, slope)]
    line_of = {id(each): line for line in lines for each in line}
    for each in marks:
        nearest = nearest_of(np.array(each.glyph.box), boxes, slope)
        if nearest is not None:
            line_of[id(digits[nearest])].append(each)
    return [
        _with_spaces(sorted(line, key=lambda each: each.glyph.box[0] + each.glyph.box[2]))
        for line in lines
    ]


def _with_spaces(line: list[Found]) -> list[Found]:
    """The same line; what stands further from the one before than digits of a number do says so."""
    heights = np.array(
        [each.glyph.box[3] - each.glyph.box[1] for each in line if not each.glyph.mark]
    )
    wide = _GAP * median(heights)
    spaced = line[:1]
    for before, each in pairwise(line):
        gap = each.glyph.box[0] - before.glyph.box[2]
        spaced.append(replace(each, glyph=replace(each.glyph, space_before=gap > wide)))
    return spaced

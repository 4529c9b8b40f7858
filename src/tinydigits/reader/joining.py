"""Strokes that do not touch, but belong to one digit.

Two regions belong together if one lies within the other's extent, or if one is less than a digit
by its height and they are close: above one another, or, closer still, side by side. What a digit's
height is, the regions beside them say, not the page: its lines may differ in size.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median
from tinydigits.reader.regions import first_of_each

Boxes = NDArray[np.int64]

# On 300 development pages of ten kinds (plain, slanted, of two sizes, forms, sums, shadows), of
# 2,594 digits as many are read rightly, within one, with PART 0.5 and 0.8, _FITS 1.15 (which
# invents five more digits) and 1.6, _BESIDE 0.04 and 0.16, FEW 2 and 5, _SPANS 1.8 and 3.5.
PART = 0.65  # of a digit's height; what is lower may be one of several strokes
_FITS = 1.35  # digit heights that one digit's strokes may span; two lines of digits span 2
_ABOVE = 0.14  # of both strokes' height, between a 5 and its bar; 0.08 to 0.22 read 72 pages alike
_BESIDE = 0.08  # digit heights, between two strokes side by side
FEW = 3  # regions; so few are one broken digit sooner than several
_SPANS = 2.5  # times the tallest of so few
_TALL = 4  # times the median height


def join_strokes(
    boxes: Boxes, broken: NDArray[np.int64] | None = None, few: int = FEW
) -> list[NDArray[np.int64]]:
    """Boxes (n, 4) of regions -> groups of their indices, each one digit's.

    Args:
        boxes: as above.
        broken: (n,) for each region the number of the fainter one that it is part of.
        few: no more regions than that are one broken digit sooner than several.
    """
    if len(boxes) == 1:
        return [np.array([0])]
    one, other = near_pairs(boxes)
    if not len(one):
        return [np.array([i]) for i in range(len(boxes))]
    scale = local_heights(boxes, one, other)
    a, b = boxes[one].astype(float), boxes[other].astype(float)
    across = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    down = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    width = np.stack([a[:, 2] - a[:, 0], b[:, 2] - b[:, 0]])
    height = np.stack([a[:, 3] - a[:, 1], b[:, 3] - b[:, 1]])
    narrower, lower = width.min(0), height.min(0)
    both_high, both_wide = height.sum(0) - down, width.sum(0) - across
    typical = np.maximum(scale[one], scale[other])

    within = (across >= 0.8 * narrower) & (down >= 0.8 * lower)
    alone = len(boxes) <= few
    part = (lower < PART * height.max(0)) | (lower < PART * typical) | alone
    fits = both_high < (_SPANS if alone else _FITS) * typical
    above = (across >= 0.4 * narrower) & (-down <= _ABOVE * both_high) & fits & part
    part = lower < PART * height.max(0)
    beside = (-across <= _BESIDE * typical) & (down >= 0.3 * lower) & (both_wide < 1.1 * both_high)
    linked = within | above | (beside & part & fits)
    if broken is not None:
        whole = _hulls(boxes, broken)[one]
        size = np.maximum(whole[:, 2] - whole[:, 0], whole[:, 3] - whole[:, 1])
        stacked = across >= 0.3 * narrower
        digit = np.where(stacked, (boxes[:, 3] - boxes[:, 1]).max(), typical)
        linked |= (broken[one] == broken[other]) & (lower < PART * digit) & (size < _FITS * digit)
    group = first_of_each(one[linked], other[linked], len(boxes))
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _hulls(boxes: Boxes, group: NDArray[np.int64]) -> Boxes:
    """For each box the hull of all of its group."""
    hulls = np.tile(np.array([1, 1, -1, -1]) * np.iinfo(np.int64).max, (group.max() + 1, 1))
    np.minimum.at(hulls[:, :2], group, boxes[:, :2])
    np.maximum.at(hulls[:, 2:], group, boxes[:, 2:])
    return hulls[group]


def near_pairs(boxes: Boxes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs that lie no farther apart across the page than the taller is high."""
    order = np.argsort(boxes[:, 0], kind="stable")
    left, right = boxes[order, 0], boxes[order, 2]
    height = boxes[order, 3] - boxes[order, 1]
    # One tall thing must not make all pairs of low ones worth a look: it looks for its own.
    usual = int(_TALL * median(height))
    reach = right + np.maximum(height, usual)
    last = np.searchsorted(left, reach, "right")
    counts = last - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), counts)
    second = first + 1 + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    tall = np.flatnonzero(height > usual)
    far = [np.flatnonzero(reach[:k] < left[k]) for k in tall]
    before = np.concatenate([*far, tall[:0]])
    of = np.repeat(tall, [len(each) for each in far])
    one, other = order[np.append(first, before)], order[np.append(second, of)]
    taller = np.maximum(*(boxes[each, 3] - boxes[each, 1] for each in (one, other)))
    near = boxes[other, 0] - boxes[one, 2] <= taller
    near &= boxes[other, 1] - boxes[one, 3] <= taller
    near &= boxes[one, 1] - boxes[other, 3] <= taller
    return one[near], other[near]


def local_heights(
    boxes: Boxes, one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each box the height of the tallest beside it, at most a height away, or its own."""
    down = np.minimum(boxes[one, 3], boxes[other, 3]) - np.maximum(boxes[one, 1], boxes[other, 1])
    heights = boxes[:, 3] - boxes[:, 1]
    beside = 2 * down >= np.minimum(heights[one], heights[other])
    tallest = heights.copy()
    np.maximum.at(tallest, one[beside], heights[other[beside]])
    np.maximum.at(tallest, other[beside], heights[one[beside]])
    return tallest

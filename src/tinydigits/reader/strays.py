"""What stands on a page by itself and is no writing: underlines, frames, dots, specks."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.glyph import hull
from tinydigits.reader.marks import SOLID, SPECK
from tinydigits.reader.regions import Regions, typical_height

Mask = NDArray[np.bool_]
Table = NDArray[np.int64]

_FLAT = 5  # times as wide as high, an underline
_LONGER = 1.1  # times as wide as what it underlines
# On 30 pages of dotted paper, dates and decimals with points, and photographs, 0.67 to 1 of the
# dots of paper are as far from their nearest as the median one, 0.2 to 0.5 of points and noise;
# of 30 pages with points one had six or more in even distances, none eight.
_DOT = 0.25  # of the highest thing, at most
_FEWEST, _MOST = 8, 1000
_EVEN = 0.6
_SPECK = 0.06  # of the typical height: smaller than a point of any line that is not much smaller


def strays(regions: Regions, shape: tuple[int, ...], left_out: Counter[str]) -> Mask:
    """Which regions of a page (height, width) are no writing; each is counted by what it is."""
    found = np.zeros(len(regions.areas), bool)
    for what, kind in (
        ("rule", _underlines),
        (SPECK, _lattice),
        ("frame", _frames),
        (SPECK, _specks),
    ):
        rest = np.flatnonzero(~found)
        if rest.size:
            new = kind(regions.boxes[rest], regions.areas[rest], shape)
            left_out[what] += int(new.sum())
            found[rest] = new
    return found


def _underlines(boxes: Table, areas: Table, shape: tuple[int, ...]) -> Mask:
    """A flat line below all else, and longer than that, though not long beside a digit's height."""
    size = boxes[:, 2:] - boxes[:, :2]
    flat: Mask = size[:, 0] > _FLAT * size[:, 1]
    if not flat.any():
        return flat
    rest = boxes[~flat & (2 * size[:, 1] >= size[~flat, 1].max(initial=0))]
    if not len(rest):
        return np.zeros(len(boxes), bool)
    left, _, right, bottom = hull(rest)
    return flat & (boxes[:, 1] >= bottom) & (size[:, 0] >= _LONGER * (right - left))


def _lattice(boxes: Table, areas: Table, shape: tuple[int, ...]) -> Mask:
    """The dots of dotted paper: many of one size, each as far from its nearest as the others."""
    if len(boxes) < _FEWEST:
        return np.zeros(len(boxes), bool)
    size = boxes[:, 2:] - boxes[:, :2]
    dots: Mask = size.max(1) <= _DOT * size[:, 1].max()
    dots &= (areas > SOLID * size.prod(1)) & (size.max(1) <= 2 * size.min(1))
    at = np.flatnonzero(dots)[:_MOST]
    if len(at) < _FEWEST:
        return np.zeros(len(boxes), bool)
    x, y = (boxes[at, :2] + boxes[at, 2:]).T / 2
    apart = np.hypot(x[:, None] - x, y[:, None] - y) + np.where(np.eye(len(at)), np.inf, 0)
    second = np.partition(apart, 1, axis=1)[:, 1]  # the two dots of a colon have one each
    even = np.abs(second - np.median(second)) <= 1 + 0.1 * np.median(second)
    return dots if even.mean() >= _EVEN else np.zeros(len(boxes), bool)


def _frames(boxes: Table, areas: Table, shape: tuple[int, ...]) -> Mask:
    """Regions that go round most of the picture and have others, not small, within."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    frames = np.zeros(len(boxes), bool)
    for i in np.flatnonzero(width * height > 0.4 * shape[0] * shape[1]):
        within = (boxes[:, :2] > boxes[i, :2]) & (boxes[:, 2:] < boxes[i, 2:])
        frames[i] = (within.all(1) & (height > 0.1 * height[i])).any()
    return frames


def _specks(boxes: Table, areas: Table, shape: tuple[int, ...]) -> Mask:
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(1)
    specks: Mask = sizes < max(_SPECK * typical_height(boxes, areas), 2)
    return specks

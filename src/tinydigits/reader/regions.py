"""Connected regions of a mask, by union of horizontal runs.

SciPy's `ndimage.label` does the same, but importing it takes longer than all else that reading
one picture needs; this takes NumPy only. The test's oracle is SciPy's.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Regions:
    """The 8-connected regions of a mask.

    Attributes:
        labels: int32 (height, width); 0 outside, 1 to n inside, in order of the first pixel.
        boxes: int64 (n, 4): left, top, right, bottom; right and bottom lie just outside.
        areas: int64 (n,), in pixels.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]


def find_regions(mask: NDArray[np.bool_]) -> Regions:
    """Label the 8-connected regions of a boolean mask (height, width)."""
    height, width = mask.shape
    stride = width + 1
    starts, ends = find_runs(mask)
    run_region = join_runs(starts, ends, stride)

    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.repeat(run_region + 1, ends - starts)

    rows = starts // stride
    columns = rows * stride
    count = int(run_region.max()) + 1 if len(starts) else 0
    boxes = np.empty((count, 4), np.int64)
    boxes[:, 0] = _extreme(np.minimum, run_region, starts - columns, count, width)
    boxes[:, 1] = _extreme(np.minimum, run_region, rows, count, height)
    boxes[:, 2] = _extreme(np.maximum, run_region, ends - columns, count, 0)
    boxes[:, 3] = _extreme(np.maximum, run_region, rows + 1, count, 0)
    areas = np.bincount(run_region, ends - starts, count).astype(np.int64)
    return Regions(labels, boxes, areas)


def find_runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each row's runs of True start and end, as flat indices into rows one pixel longer."""
    height, width = mask.shape
    stride = width + 1  # one empty column ends every row's last run
    flat = np.zeros(height * stride + 1, bool)
    flat[1:].reshape(height, stride)[:, :width] = mask
    change = np.flatnonzero(flat[1:] != flat[:-1])
    return change[::2], change[1::2]


def join_runs(starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int) -> NDArray[np.int64]:
    """The region of each run, 0 to n - 1, by order of its first run; corners join."""
    roots = first_of_each(*_contacts(starts, ends, stride), len(starts))
    return (np.cumsum(roots == np.arange(len(roots))) - 1)[roots]


def typical_height(
    boxes: NDArray[np.int64], weights: NDArray[np.int64] | NDArray[np.float64]
) -> float:
    """The height of the region in which, weighed by their areas, the median pixel of ink lies."""
    heights = boxes[:, 3] - boxes[:, 1]
    order = np.argsort(heights)
    running = np.cumsum(weights[order])
    return float(heights[order[np.searchsorted(running, running[-1] / 2)]])


def _contacts(
    starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (run, run in the next row) that touch, corners included."""
    first = np.searchsorted(ends, starts + stride, "left")
    last = np.searchsorted(starts, ends + stride, "right")
    counts = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return upper, np.repeat(first, counts) + offsets


def first_of_each(
    one: NDArray[np.int64], other: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """For each of `count` things the first of those it is linked to, by whatever way.

    Roots are hooked on smaller ones and paths halved.
    """
    parent = np.arange(count)
    while True:
        a, b = parent[one], parent[other]
        apart = a != b
        if not apart.any():
            return parent
        one, other = one[apart], other[apart]
        np.minimum.at(parent, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
        while ((above := parent[parent]) != parent).any():
            parent = above


def _extreme(pick: Any, group: Any, values: Any, count: int, initial: int) -> NDArray[np.int64]:
    result = np.full(count, initial, np.int64)
    pick.at(result, group, values)
    return result

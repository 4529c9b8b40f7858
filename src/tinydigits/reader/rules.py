"""The slope of a page's lines, and the removal of ruled lines and frames along them."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_SMALLEST = 100  # pixels; nothing shorter is taken for a ruled line
_STEEPEST = 0.12  # rise over run, about 7 degrees


def find_slope(mask: Mask) -> float:
    """The slope (down per pixel to the right) along which the ink lines up best.

    The projection along the right slope is the most uneven one (Postl 1986).
    """
    y, x = np.nonzero(mask)
    if not len(x) or x.max() - x.min() < _SMALLEST:
        return 0.0
    step = max(1, len(y) // 20_000)
    down, along = y[::step].astype(np.float64), x[::step] - x.mean()
    slope, reach = 0.0, _STEEPEST
    while reach * mask.shape[1] > 0.5:  # until the ends move by less than a pixel
        trials = slope + np.linspace(-reach, reach, 25)
        uneven = [_unevenness(down - trial * along) for trial in trials]
        uneven[12] *= 1.02  # a tie goes to the present slope
        slope, reach = float(trials[int(np.argmax(uneven))]), reach / 8
    return float(np.clip(slope, -_STEEPEST, _STEEPEST))


def _unevenness(heights: NDArray[np.float64]) -> float:
    counts = np.bincount((heights - heights.min()).astype(np.int64))
    return float((counts**2).sum())


def find_rules(mask: Mask, slope: float) -> Mask:
    """Mark the pixels of ruled lines, both ways, sparing the strokes that cross them."""
    return _horizontal_rules(mask, slope) | _horizontal_rules(mask.T, -slope).T


def _horizontal_rules(mask: Mask, slope: float) -> Mask:
    height, width = mask.shape
    if width < _SMALLEST:
        return np.zeros_like(mask)
    drop = np.rint(slope * (np.arange(width) - width / 2)).astype(int)
    margin = int(np.abs(drop).max()) + 2
    rows = np.arange(-margin, height + margin)[:, None] + drop
    inside = (rows >= 0) & (rows < height)
    level = np.take_along_axis(mask, np.clip(rows, 0, height - 1), 0) & inside
    found = np.zeros_like(level)
    for top, bottom in _bands(level.mean(1) > 0.45, thickest=max(2, 0.012 * width)):
        above, below = level[top - 2] | level[top - 3], level[bottom + 1] | level[bottom + 2]
        found[top - 1 : bottom + 1] = level[top - 1 : bottom + 1] & ~above & ~below
    result = np.zeros_like(mask)
    at = np.nonzero(found)
    result[rows[at], at[1]] = True
    return result


def _bands(rows: NDArray[np.bool_], thickest: float) -> list[tuple[int, int]]:
    """Runs of True no longer than `thickest`, with room for three rows on either side."""
    change = np.diff(np.concatenate([[False], rows, [False]]).astype(np.int8))
    runs = zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True)
    return [
        (int(a), int(b)) for a, b in runs if b - a <= thickest and a >= 3 and b + 3 <= len(rows)
    ]

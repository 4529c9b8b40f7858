"""The slope of a page's lines."""

import numpy as np
from numpy.typing import NDArray

STEEPEST = 0.12  # rise over run, about 7 degrees; handwriting itself leans no less
_SMALLEST = 40  # pixels; in anything narrower the ends of a line move by a pixel or two
_GAIN = 1.05  # ink that hardly lines up better along a slope lies level
_POINTS = 3  # sampled for each column: enough that a line one pixel thick is seen
_TRIALS = 13


def find_slope(mask: NDArray[np.bool_]) -> float:
    """The slope (down per pixel to the right) along which the ink lines up best.

    The projection along the right slope is the most uneven one (Postl 1986).
    """
    at = np.flatnonzero(mask)
    if not len(at):
        return 0.0
    at = at[:: max(1, len(at) // (_POINTS * max(mask.shape)))]
    down, along = (each.astype(np.float32) for each in np.divmod(at, mask.shape[1]))
    if np.ptp(along) < _SMALLEST:
        return 0.0
    along -= along.mean()
    slope, reach, level = 0.0, STEEPEST, 0.0
    while reach * mask.shape[1] > 0.5:  # until the ends move by less than a pixel
        trials = slope + np.linspace(-reach, reach, _TRIALS)
        uneven = _unevenness(down - trials[:, None].astype(np.float32) * along)
        level = level or float(uneven[_TRIALS // 2])
        uneven[_TRIALS // 2] *= 1.02  # a tie goes to the present slope
        slope, reach = float(trials[int(np.argmax(uneven))]), reach / (_TRIALS // 3)
    return float(np.clip(slope, -STEEPEST, STEEPEST)) if uneven.max() > _GAIN * level else 0.0


def _unevenness(heights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows of heights -> for each the sum of squares of its histogram by whole pixels."""
    rows = (heights - heights.min()).astype(np.int64)
    bins = int(rows.max()) + 1
    rows += bins * np.arange(len(rows))[:, None]
    counts = np.bincount(rows.ravel(), minlength=bins * len(rows)).reshape(len(rows), bins)
    return np.asarray((counts.astype(np.float64) ** 2).sum(1))

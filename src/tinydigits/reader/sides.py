"""What a row of boxes tells: sides that a digit hides, and where its digits' line lies.

A side that a digit leans on is no straight line by itself. But no digit is as high as a box, so
ink all the way from a box's top to its bottom is a side, whatever else touches it.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.rules import Rules, levelled
from tinydigits.reader.ruling import Mask, Table

RowsOfBoxes = NDArray[np.float64]

_FULL = 0.95  # of its length is ink
_ALIKE = 2  # pixels by which sides of one row differ in length, and in where they start
_THICKER = 2  # pixels, where the digit's ink is as straight
_APART = 0.5  # of the least distance between two sides
_LOWEST = 10  # pixels, of a row of boxes
_AS_LONG = 0.5  # as the longest level line, the top or bottom of a row
NO_ROWS: RowsOfBoxes = np.empty((0, 2))


def hidden_sides(mask: Mask, slope: float, rules: tuple[Rules, Rules]) -> Rules:
    """The upright rules, with those that they tell of.

    Args:
        mask: the page's ink.
        slope: of its lines.
        rules: the level and the upright ones found.
    """
    lines = rules[1].lines
    if len(rules[0].lines) < 2 or len(lines) < 2:
        return rules[1]
    length, thick = lines[:, 1] - lines[:, 0], lines[:, 3] - lines[:, 2]
    start = lines[:, 0] - slope * lines[:, 2]
    alike = np.abs(length[:, None] - length) <= _ALIKE
    alike &= np.abs(start[:, None] - start) <= _ALIKE
    row = alike[alike.sum(1).argmax()]
    if row.sum() < 2:
        return rules[1]
    size, start = round(np.median(length[row])), np.median(start[row])
    more = _spans(mask, slope, lines[row], float(start), size, round(np.median(thick[row])))
    return Rules(np.concatenate([lines, more]), True)


def _spans(mask: Mask, slope: float, sides: Table, start: float, size: int, thick: int) -> Table:
    """Columns that are ink all the way, from `start` on at the left and `size` pixels down."""
    level, margin = levelled(mask.T, -slope)
    columns = np.arange(sides[:, 2].min(), sides[:, 3].max())
    begins = np.rint(start + slope * columns).astype(int)
    inked = np.cumsum(np.pad(level, ((0, 0), (1, 0))), 1)
    ends = np.clip([begins, begins + size], 0, mask.shape[0])
    share = (inked[columns + margin, ends[1]] - inked[columns + margin, ends[0]]) / size
    firsts = np.sort(sides[:, 2])
    least = _APART * np.diff(firsts).min()
    change = np.diff(np.concatenate([[False], share >= _FULL, [False]]).astype(np.int8))
    found = []
    for first, last in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
        near = np.abs(columns[first] - firsts).min()
        if near >= least and last - first <= thick + _THICKER:
            found.append(
                (begins[first], begins[first] + size, columns[first], columns[last - 1] + 1)
            )
    return np.array(found, np.int64).reshape(-1, 4)


def rows_of_boxes(lines: Table, slope: float, width: int) -> RowsOfBoxes:
    """Tops and bottoms (n, 2) of rows of boxes between level rules, where the slope starts."""
    length = lines[:, 1] - lines[:, 0]
    long = lines[length >= _AS_LONG * length.max(initial=0)]
    edges = np.sort(long[:, 2:].mean(1)) - slope * width / 2
    rows = np.stack([edges[:-1], edges[1:]], axis=1)
    return rows[rows[:, 1] - rows[:, 0] >= _LOWEST]

"""Lines drawn over digits: MNIST-C's dotted line and zigzag (see `corruptions`)."""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
Plane = NDArray[np.float64]
Generator = np.random.Generator

_REACH = 2.3  # pixels from its middle to where a line ends
_WIDTH = _LENGTH = 2.0  # of a zigzag


def dotted_line(images: Images, rng: Generator) -> Plane:
    """A line from the left edge to the right, every other two columns of it left out."""
    kept = (np.arange(28) // 2) % 2 == 1
    ends = rng.integers(0, 27, (len(images), 2)).tolist()
    lines = np.stack([line(0, left, 27, right) for left, right in ends])
    return np.asarray(np.clip(images + lines * kept, 0, 1), float)


def zigzag(images: Images, rng: Generator) -> Plane:
    """A zigzag from column 2 to column 25, rising or falling by up to 5 rows."""
    starts, rises = rng.integers(0, 27, len(images)), rng.integers(-5, 5, len(images))
    ways = zip(starts.tolist(), rises.tolist(), strict=True)
    lines = np.stack([_zigzag(row, rise) for row, rise in ways])
    return np.asarray(np.clip(images + lines, 0, 1), float)


@cache
def line(left: float, start: float, right: float, end: float) -> Plane:
    """A soft line from (column, row) to (column, row), cut off above and below its columns."""
    if left == right:
        return np.zeros((28, 28))
    rows, columns = np.arange(28.0)[:, None], np.arange(28.0)
    middle = start + (end - start) / (right - left) * (columns - left)
    away = np.minimum(np.abs(rows - middle), _REACH - 1e-10)
    drawn: Plane = np.clip(np.log(1 - away / _REACH) + 1, 0, 1)
    drawn[:, : int(max(np.floor(left), 0))] = 0
    drawn[:, int(np.ceil(right)) :] = 0
    return drawn


@cache
def _zigzag(row: int, rise: int) -> Plane:
    first, last = 2.0, 25.0
    turn = np.arctan(rise / (last - first))
    length = (last - first) / np.cos(turn)
    teeth = int((length - _LENGTH) // (2 * _LENGTH)) + 1
    points = [(0.0, 0.0)]
    points += [((2 * i + 1) * _LENGTH, (-1) ** i * _WIDTH) for i in range(teeth)]
    whole = 2 * _LENGTH * (length // (2 * _LENGTH))
    if length != whole:
        points.append((length, points[-1][1] / (2 * (length - whole))))
    cosine, sine = np.cos(turn), np.sin(turn)
    turned = np.array(points) @ np.array([[cosine, sine], [-sine, cosine]]) + (first, row)
    pieces = [line(*a, *b) for a, b in pairwise(turned)]
    return np.asarray(np.sum(pieces, axis=0))

"""Maps in several scales -> the digits, marks and letters of a picture, each once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Plane
from tinydigits.reader.finder import HEATS, MARKS, Maps
from tinydigits.reader.glyph import Box

DIGIT, MARK, LETTER = range(HEATS)
Values = NDArray[np.float64]

# Of a centre: a digit or letter is weighed by `evidence.py` later, so it may be faint; a mark not.
_LEAST_HEAT = (0.1, 0.45)
# Pixels: heights of digits that a scale is asked for; it was taught 12 to 80 (pictures/training).
_LOW, _HIGH = 11.0, 84.0
_FLAT = 0.8  # of its width, as high as which a thing counts at least
BEST = (18.0, 56.0)  # heights that a scale shows best: chosen well within these
_MIDDLE = 0.4  # of the larger of two sizes: nearer to each other, they are one thing (chosen)


@dataclass(frozen=True, eq=False)
class Centre:
    """Something that was found, in pixels of the picture.

    Attributes:
        level: index of the maps that show it.
        kind: MARK, or DIGIT for what may be a digit or a letter.
        x, y: its centre.
        width, height: its size.
        heat: how sure the finder is that something of this kind is centred here, from 0 to 1.
        score: the heat, less where another scale would show it better.
        classes: float32 (21,), the finder's probabilities of what it is.
        turns: float32 (4,), of which way it is turned.
    """

    level: int
    kind: int
    x: float
    y: float
    width: float
    height: float
    heat: float
    score: float
    classes: Plane
    turns: Plane

    @property
    def mark(self) -> str:
        """The most probable mark."""
        return MARKS[int(self.classes[10 : 10 + len(MARKS)].argmax())]


def find_centres(levels: list[Maps]) -> list[Centre]:
    """All that is found at any of the scales, the surest first, the same thing once."""
    peaks = np.concatenate([_peaks(levels, level) for level in range(len(levels))])
    return [
        _centre(int(level), levels[int(level)], int(kind), int(row), int(column), heat, score)
        for level, kind, row, column, heat, score in _once(peaks, levels)
    ]


def _peaks(levels: list[Maps], level: int) -> Values:
    """Level, kind, row, column, heat and score of each centre (n, 6) that these maps show."""
    maps = levels[level]
    planes = np.stack([np.maximum(maps.heat[DIGIT], maps.heat[LETTER]), maps.heat[MARK]])
    heat = np.where(planes >= _highest_around(planes), planes, 0)
    kinds, rows, columns = np.nonzero(heat > np.reshape(_LEAST_HEAT, (2, 1, 1)))
    width, height = maps.sizes(rows, columns)
    tall = np.where(kinds == DIGIT, np.maximum(height, _FLAT * width), BEST[0])
    fits = (tall >= _LOW) | (level == 0)
    fits &= (tall <= _HIGH) | (level == len(levels) - 1)
    score = heat[kinds, rows, columns] * np.minimum(1, np.minimum(tall / BEST[0], BEST[1] / tall))
    each = np.full(len(kinds), level), kinds, rows, columns, heat[kinds, rows, columns], score
    return np.stack(each, 1)[fits]


def centre_of(box: Box, level: int, maps: Maps) -> Centre:
    """What the maps say of a digit that fills a box of the picture."""
    left, top, right, bottom = (edge * maps.scale for edge in box)
    row = min(int((top + bottom) / 8), maps.small.shape[0] - 1)
    column = min(int((left + right) / 8), maps.small.shape[1] - 1)
    return _centre(level, maps, DIGIT, row, column, float(maps.heat[DIGIT, row, column]), 0.0)


def _centre(
    level: int, maps: Maps, kind: int, row: int, column: int, heat: float, score: float
) -> Centre:
    width, height = maps.sizes(row, column)
    return Centre(
        level,
        kind,
        (4 * column + 2) / maps.scale,
        (4 * row + 2) / maps.scale,
        float(width) / maps.scale,
        float(height) / maps.scale,
        heat,
        score,
        maps.classes(row, column),
        maps.turns(row, column),
    )


def _highest_around(planes: Plane) -> Plane:
    """The highest value in 3 x 3 places, for each plane (n, height, width)."""
    padded = np.pad(planes, ((0, 0), (1, 1), (1, 1)))
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.maximum(np.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])


def _once(peaks: Values, levels: list[Maps]) -> Values:
    """Of centres that lie in the middle of each other, the one with the highest score."""
    peaks = peaks[np.argsort(-peaks[:, 5], kind="stable")]
    places, sizes = np.zeros((2, len(peaks), 2))
    for level, maps in enumerate(levels):
        own = peaks[:, 0] == level
        rows, columns = peaks[own, 2].astype(int), peaks[own, 3].astype(int)
        places[own] = (4 * np.stack([columns, rows], 1) + 2) / maps.scale
        sizes[own] = np.stack(maps.sizes(rows, columns), 1) / maps.scale
    gone = np.zeros(len(peaks), bool)
    kept = []
    for i in range(len(peaks)):
        if not gone[i]:
            kept.append(i)
            near = np.abs(places - places[i]) < _MIDDLE * np.maximum(sizes, sizes[i])
            gone |= near.all(1)
    return peaks[kept]

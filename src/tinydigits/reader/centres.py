"""Maps in several scales -> the digits, marks and letters of a picture, each once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Plane
from tinydigits.reader.finder import FAINT, HEATS, MARKS, Maps
from tinydigits.reader.glyph import Box

DIGIT, MARK, LETTER = range(HEATS)
Values = NDArray[np.float64]

# Chance of a mark: sooner one than not. What may be a digit is weighed later, and may be faint.
LEAST_MARK = 0.5
# Heights that a scale shows best, in pixels: chosen well within the 12 to 80 that it was taught.
BEST = (18.0, 56.0)
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
    peaks = np.concatenate([_peaks(maps, level) for level, maps in enumerate(levels)])
    return [
        _centre(int(level), levels[int(level)], int(kind), int(row), int(column), heat, score)
        for level, kind, row, column, heat, score in _once(peaks)[:, :6]
    ]


def _peaks(maps: Maps, level: int) -> Values:
    """Of each centre that these maps show: level, kind, row, column, heat, score, x, y, sizes."""
    planes = np.stack([np.maximum(maps.heat[DIGIT], maps.heat[LETTER]), maps.heat[MARK]])
    least = np.reshape((FAINT, LEAST_MARK), (2, 1, 1))
    kinds, rows, columns = np.nonzero((planes >= highest_around(planes)) & (planes > least))
    heat = planes[kinds, rows, columns]
    sizes = np.stack(maps.sizes(rows, columns), 1)
    tall = np.where(kinds == DIGIT, sizes[:, 1], BEST[0])
    score = heat * np.minimum(1, np.minimum(tall / BEST[0], BEST[1] / tall))
    places = 4 * np.stack([columns, rows], 1) + 2
    each = np.full(len(kinds), level), kinds, rows, columns, heat, score
    return np.column_stack([*each, places / maps.scale, sizes / maps.scale])


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


def highest_around(planes: NDArray[Any]) -> NDArray[Any]:
    """The highest value in 3 x 3 places, for each plane (n, height, width); none is negative."""
    count, height, width = planes.shape
    padded = np.zeros((count, height + 2, width + 2), planes.dtype)
    padded[:, 1:-1, 1:-1] = planes
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.asarray(np.maximum(np.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:]))


def _once(peaks: Values) -> Values:
    """Of centres that lie in the middle of each other, the one with the highest score."""
    peaks = peaks[np.argsort(-peaks[:, 5], kind="stable")]
    places, sizes = peaks[:, 6:8], peaks[:, 8:]
    gone = np.zeros(len(peaks), bool)
    kept = []
    for i in range(len(peaks)):
        if not gone[i]:
            kept.append(i)
            near = np.abs(places - places[i]) < _MIDDLE * np.maximum(sizes, sizes[i])
            gone |= near.all(1)
    return peaks[kept]

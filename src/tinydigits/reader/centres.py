"""Maps in several scales -> the digits, marks and letters of a picture, each once."""

from dataclasses import dataclass

import numpy as np

from tinydigits.reader.finder import HEATS, MARKS, Maps, Plane
from tinydigits.reader.glyph import Box

DIGIT, MARK, LETTER = range(HEATS)

# Of a centre: a digit or letter is weighed by `evidence.py` later, so it may be faint; a mark not.
_LEAST_HEAT = (0.1, 0.45)
# Pixels: heights of digits that a scale is asked for; it was taught 12 to 80 (pictures/training).
_LOW, _HIGH = 11.0, 84.0
_BEST = (18.0, 56.0)  # heights that a scale shows best: chosen well within these
_MIDDLE = 0.4  # of the larger of two sizes: nearer to each other, they are one thing (chosen)


@dataclass(frozen=True, eq=False)
class Centre:
    """Something that was found, in pixels of the picture.

    Attributes:
        level: index of the maps that show it.
        kind: DIGIT, MARK or LETTER.
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
    """All that is found at any of the scales, from fine to coarse, the same thing once."""
    return _once(
        [centre for level, maps in enumerate(levels) for centre in _peaks(levels, level, maps)]
    )


def _peaks(levels: list[Maps], level: int, maps: Maps) -> list[Centre]:
    planes = np.stack([np.maximum(maps.heat[DIGIT], maps.heat[LETTER]), maps.heat[MARK]])
    heat = np.where(planes >= _highest_around(planes), planes, 0)
    kinds, rows, columns = np.nonzero(heat > np.reshape(_LEAST_HEAT, (2, 1, 1)))
    finest, coarsest = level == 0, level == len(levels) - 1
    found = []
    for kind, row, column in zip(kinds.tolist(), rows.tolist(), columns.tolist(), strict=True):
        width, height = maps.size(row, column)
        tall = max(height, 0.8 * width)
        if kind == DIGIT and ((tall < _LOW and not finest) or (tall > _HIGH and not coarsest)):
            continue
        fit = min(1.0, tall / _BEST[0], _BEST[1] / tall) if kind == DIGIT else 1.0
        chance = float(planes[kind, row, column])
        found.append(_centre(level, maps, kind, row, column, chance, fit))
    return found


def centre_of(box: Box, level: int, maps: Maps) -> Centre:
    """What the maps say of a digit that fills a box of the picture."""
    left, top, right, bottom = (edge * maps.scale for edge in box)
    row = min(int((top + bottom) / 8), maps.small.shape[0] - 1)
    column = min(int((left + right) / 8), maps.small.shape[1] - 1)
    return _centre(level, maps, DIGIT, row, column, float(maps.heat[DIGIT, row, column]), 1.0)


def _centre(
    level: int, maps: Maps, kind: int, row: int, column: int, heat: float, fit: float
) -> Centre:
    width, height = maps.size(row, column)
    return Centre(
        level,
        kind,
        (4 * column + 2) / maps.scale,
        (4 * row + 2) / maps.scale,
        width / maps.scale,
        height / maps.scale,
        heat,
        heat * fit,
        maps.classes(row, column),
        maps.turns(row, column),
    )


def _highest_around(planes: Plane) -> Plane:
    """The highest value in 3 x 3 places, for each plane (n, height, width)."""
    padded = np.pad(planes, ((0, 0), (1, 1), (1, 1)))
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.maximum(np.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])


def _once(found: list[Centre]) -> list[Centre]:
    """Of what has its centre in the middle of another, the one with the higher score."""
    found = sorted(found, key=lambda centre: -centre.score)
    places = np.array([(each.x, each.y) for each in found]).reshape(-1, 2)
    sizes = np.array([(each.width, each.height) for each in found]).reshape(-1, 2)
    gone = np.zeros(len(found), bool)
    kept = []
    for i, centre in enumerate(found):
        if gone[i]:
            continue
        kept.append(centre)
        near = np.abs(places - places[i]) < _MIDDLE * np.maximum(sizes, sizes[i])
        gone |= near.all(1)
    return kept

"""Centres and ink -> glyphs: each pixel of ink goes to the centre that it points at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.centres import Centre
from tinydigits.reader.finder import Maps, Plane

_INK = 0.3  # from which on a pixel is ink
_FEWEST = 6  # pixels of a digit
_AWAY = 0.75  # sizes of a digit from its centre within which ink may be its own


@dataclass(frozen=True, eq=False)
class Cut:
    """The ink of one thing, in pixels of its scale.

    Attributes:
        amount: float32 (height, width), its ink and the soft edge around it.
        mine: bool (height, width), which pixels are surely its own.
        offset: left and top.
    """

    amount: Plane
    mine: NDArray[np.bool_]
    offset: tuple[int, int]


def cut_out(levels: list[Maps], centres: list[Centre]) -> list[Cut | None]:
    """The ink of each centre, all other ink removed; None where there is hardly any."""
    result: list[Cut | None] = [None] * len(centres)
    for level, maps in enumerate(levels):
        own = [i for i, each in enumerate(centres) if each.level == level]
        if own:
            owner = _owners(maps, centres)
            for i in own:
                result[i] = _glyph(maps, centres[i], owner, i)
    return result


def all_ink(maps: Maps) -> Cut | None:
    """All ink of a picture, as if it were one digit's."""
    ink = maps.ink.max(0)
    mine = ink > _INK
    if np.count_nonzero(mine) < _FEWEST:
        return None
    return _cut(ink, mine, _grown(mine), 0, 0)


def _cut(ink: Plane, mine: NDArray[np.bool_], seen: NDArray[np.bool_], left: int, top: int) -> Cut:
    """Without what is far from its ink."""
    rows, columns = np.flatnonzero(mine.any(1)), np.flatnonzero(mine.any(0))
    first, above = max(0, int(columns[0]) - 2), max(0, int(rows[0]) - 2)
    window = np.s_[above : rows[-1] + 3, first : columns[-1] + 3]
    amount = np.where(seen, ink, np.float32(0))[window]
    return Cut(amount, mine[window], (left + first, top + above))


def _owners(maps: Maps, centres: list[Centre]) -> NDArray[np.int32]:
    """For each pixel (height, width) whose ink it is, as an index of `centres`; -1 is nobody's."""
    nearest = _nearest(maps, centres)
    rows, columns = np.nonzero(maps.ink.max(0) > _INK)
    across, down = maps.offsets[:, rows // 2, columns // 2]
    row = np.clip((rows + 0.5 + down) / 2, 0, nearest.shape[0] - 1).astype(int)
    column = np.clip((columns + 0.5 + across) / 2, 0, nearest.shape[1] - 1).astype(int)
    owner = np.full(maps.ink.shape[1:], -1, np.int32)
    owner[rows, columns] = nearest[row, column]
    return owner


def _nearest(maps: Maps, centres: list[Centre]) -> NDArray[np.int32]:
    """For each place at half the size the centre it is nearest to, in sizes of that centre."""
    shape = maps.offsets.shape[1:]
    nearest = np.full(shape, -1, np.int32)
    least = np.full(shape, _AWAY**2, np.float32)
    for number, each in enumerate(centres):
        x, y = each.x * maps.scale / 2, each.y * maps.scale / 2
        wide, tall = max(each.width * maps.scale / 2, 3), max(each.height * maps.scale / 2, 3)
        top, bottom = max(0, int(y - _AWAY * tall)), min(shape[0], int(y + _AWAY * tall) + 2)
        left, right = max(0, int(x - _AWAY * wide)), min(shape[1], int(x + _AWAY * wide) + 2)
        if top >= bottom or left >= right:
            continue
        rows = ((np.arange(top, bottom, dtype=np.float32) + 0.5 - y) / tall) ** 2
        columns = ((np.arange(left, right, dtype=np.float32) + 0.5 - x) / wide) ** 2
        away = rows[:, None] + columns
        window = np.s_[top:bottom, left:right]
        nearer = away < least[window]
        least[window][nearer] = away[nearer]
        nearest[window][nearer] = number
    return nearest


def _glyph(
    maps: Maps, centre: Centre, owner: NDArray[np.int32], number: int
) -> Cut | None:
    """What of the ink is this centre's, and the soft edge around it."""
    reach = 1.6
    x, y, scale = centre.x * maps.scale, centre.y * maps.scale, maps.scale
    left = max(0, int(x - reach * centre.width * scale / 2 - 5))
    top = max(0, int(y - reach * centre.height * scale / 2 - 5))
    right = int(x + reach * centre.width * scale / 2 + 6)
    bottom = int(y + reach * centre.height * scale / 2 + 6)
    owned = owner[top:bottom, left:right]
    mine = owned == number
    if np.count_nonzero(mine) < _FEWEST:
        return None
    ink = maps.ink[:, top:bottom, left:right].max(0)
    edge = _grown(mine) & (owned == -1) & (ink <= _INK)
    return _cut(ink, mine, mine | edge, left, top)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask and all pixels beside it."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]

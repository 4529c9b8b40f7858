"""Centres and ink -> glyphs: each pixel of ink goes to the centre that it points at."""

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Bytes, Flags, Plane
from tinydigits.image.digit import LEAST_CONTRAST
from tinydigits.image.quantile import median
from tinydigits.reader.centres import Centre, highest_around
from tinydigits.reader.finder import FAINT, Maps
from tinydigits.reader.glyph import Glyph, edges

# Chosen bounds: where the finder is unsure, ink is rather kept than lost.
INK = 0.3  # from which on a pixel is ink
_FEWEST = 8  # pixels of a digit: less is a speck
_AWAY = 0.75  # sizes of a digit from its centre within which ink may be its own: half, and room


def cut_out(levels: list[Maps], centres: list[Centre]) -> list[Glyph | None]:
    """The ink of each centre, all other ink removed; None where there is hardly any."""
    result: list[Glyph | None] = [None] * len(centres)
    for level, maps in enumerate(levels):
        own = [i for i, each in enumerate(centres) if each.level == level]
        if own:
            owner = _owners(maps, centres)
            for i in own:
                result[i] = _glyph(maps, centres[i], owner, i)
    return result


def all_ink(maps: Maps) -> Glyph | None:
    """All ink of a picture, as if it were one digit's."""
    mine = maps.ink.max(0) > INK
    return _cut(maps, mine, highest_around(mine[None])[0], 0, 0)


def _owners(maps: Maps, centres: list[Centre]) -> NDArray[np.int32]:
    """For each pixel (height, width) the index of the centre whose ink it is, or -1."""
    nearest = _nearest(maps, centres)
    rows, columns = np.nonzero(maps.ink.max(0) > INK)
    across, down = maps.offsets[:, rows // 2, columns // 2]
    row = np.clip((rows + 0.5 + down) / 2, 0, nearest.shape[0] - 1).astype(int)
    column = np.clip((columns + 0.5 + across) / 2, 0, nearest.shape[1] - 1).astype(int)
    owner = np.full(maps.ink.shape[1:], -1, np.int32)
    owner[rows, columns] = nearest[row, column]
    return owner


def _nearest(maps: Maps, centres: list[Centre]) -> NDArray[np.int32]:
    """For each place at half the size the index of the centre nearest in its own sizes, or -1."""
    shape = maps.offsets.shape[1:]
    nearest = np.full(shape, -1, np.int32)
    least = np.full(shape, _AWAY**2, np.float32)
    for number, each in enumerate(centres):
        x, y = each.x * maps.scale / 2, each.y * maps.scale / 2
        wide, tall = each.width * maps.scale / 2, each.height * maps.scale / 2
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


def _glyph(maps: Maps, centre: Centre, owner: NDArray[np.int32], number: int) -> Glyph | None:
    """What of the ink is this centre's, and the soft edge around it."""
    x, y = centre.x * maps.scale, centre.y * maps.scale
    across, down = (4 + _AWAY * side * maps.scale for side in (centre.width, centre.height))
    left, right = max(0, int(x - across)), int(x + across) + 1
    top, bottom = max(0, int(y - down)), int(y + down) + 1
    owned = owner[top:bottom, left:right]
    mine = owned == number
    beside = highest_around(mine[None])[0] & (owned == -1)
    return _cut(maps, mine, mine | beside, left, top)


def _cut(maps: Maps, mine: Flags, seen: Flags, left: int, top: int) -> Glyph | None:
    """The ink that is seen, in a window that holds what is its own.

    It is as dark as the mean of what the finder says and of what the picture shows: the one knows
    what is ink, the other how dark it is.
    """
    if np.count_nonzero(mine) < _FEWEST:
        return None
    box = edges(mine, (left, top), maps.scale)
    first, above, last, below = edges(mine)
    first, above = max(0, first - 2), max(0, above - 2)
    window = np.s_[above : below + 2, first : last + 2]
    mine, seen = mine[window], seen[window]
    left, top = left + first, top + above
    window = np.s_[top : top + mine.shape[0], left : left + mine.shape[1]]
    ink = maps.ink[:, *window].max(0)
    amount = np.where(seen, np.sqrt(ink * _tones(maps.grey[window], ink, mine)), np.float32(0))
    return Glyph(box, amount, mine, (left, top), maps.scale)


def _tones(grey: Bytes, ink: Plane, mine: Flags) -> Plane:
    """How dark a picture is, in [0, 1] from its paper to the ink of what is `mine`."""
    dark = median(grey[mine & (ink >= median(ink[mine]))])
    around = grey[ink < FAINT]
    paper = median(around) if around.size else 255.0 * (dark < 128)
    contrast = dark - paper
    if abs(contrast) < LEAST_CONTRAST:  # with less, noise would be amplified
        contrast = LEAST_CONTRAST if contrast > 0 else -LEAST_CONTRAST
    return np.asarray(np.clip((grey - np.float32(paper)) / np.float32(contrast), 0, 1), np.float32)

"""A picture -> what the finder sees of it, in as many scales as it needs."""

import numpy as np
from PIL import Image

from tinydigits.arrays import Bytes
from tinydigits.reader.centres import BEST
from tinydigits.reader.finder import Finder, Maps

# With 256 for the first sudokus fall from 97.5 to 90.7 % and a set of two pages to none, and 1,000
# gains nothing. With 28 and 10 for the coarsest 70.5 instead of 72.5 % of archive digits are read.
_FIRST = 512  # pixels: the longer side of the largest scale that is always looked at,
_ENOUGH = 80  # and the same in a picture no larger than that, if it shows something, and none low;
# Chances from which on it does show something at all, and plainly: with 0.35 for the second, 71
# instead of 72.5 % of archive digits are read.
_SHOWN, _PLAIN = 0.35, 0.5
_LEAST = (20, 8)  # pixels: the longer and the shorter side of the coarsest
_TINY = 40  # pixels: a picture no larger than this is enlarged, too
# Of a chance that the next finer scale shows something better, in so many places at least, as a
# single one may be a speck. With 0.35 two of 14 pages of a thousand digits have one such place.
_SMALL, _SMALL_PLACES = 0.2, 2


def look(finder: Finder, grey: Bytes) -> list[Maps]:
    """Maps of a picture (height, width) from fine to coarse, a factor of 2 apart.

    The finer ones are looked at only where a coarser one shows digits too small for it.
    """
    pictures = [(1.0, grey)]
    while _halved(max(grey.shape)) >= _LEAST[0] and _halved(min(grey.shape)) >= _LEAST[1]:
        scale = pictures[-1][0] / 2
        grey = np.asarray(Image.fromarray(grey).reduce(2))
        pictures.append((scale, grey))
    if max(pictures[0][1].shape) <= _TINY:
        pictures.insert(0, (2.0, _twice(pictures[0][1])))
    small = max(pictures[0][1].shape) <= _FIRST
    enough = _ENOUGH if small else _FIRST
    levels: list[Maps] = []
    for scale, picture in reversed(pictures):
        if levels and max(picture.shape) > enough and not _wants_finer(levels[0], small):
            break
        levels.insert(0, finder.maps(picture, scale))
    return levels


def _halved(side: int) -> int:
    return -(-side // 2)


def _twice(grey: Bytes) -> Bytes:
    height, width = grey.shape
    size = 2 * width, 2 * height
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))


def _wants_finer(maps: Maps, small: bool) -> bool:
    """Whether a finer scale would show more; in small pictures also if what these show is low."""
    if (maps.small > _SMALL).sum() >= _SMALL_PLACES:
        return True
    heat = maps.heat.max(0)
    _, heights = maps.sizes(*np.nonzero(heat > _SHOWN))
    return small and bool(heat.max() < _PLAIN or heights.min() < BEST[0])

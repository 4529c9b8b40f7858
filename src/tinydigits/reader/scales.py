"""A picture -> what the finder sees of it, in as many scales as it needs."""

import numpy as np
from PIL import Image

from tinydigits.arrays import Bytes
from tinydigits.reader.centres import BEST
from tinydigits.reader.finder import STRIDE, Finder, Maps

# Pixels: the longer side of the largest scale that is always looked at. With 256 sudokus fall from
# 97.5 to 90.7 %, and 1,000 gains nothing.
FIRST = 512
# The same in a picture no larger than that, if it shows something, and none low. What is half as
# large is enlarged, not reduced. With a coarsest of 28 pixels 2 % of archive digits are lost.
_ENOUGH = 80
# Chances of a centre, faint and plain; 0.35 for both loses 1.5 % of archive digits, 0.5 of cheques.
_SHOWN, _PLAIN = 0.35, 0.5
# Of a chance that the next finer scale shows something better, in so many places at least, as a
# single one may be a speck. With 0.35 two of 14 pages of a thousand digits have one such place.
_SMALL, _SMALL_PLACES = 0.2, 2


def look(finder: Finder, grey: Bytes) -> list[Maps]:
    """Maps of a picture (height, width) from fine to coarse, a factor of 2 apart.

    The finer ones are looked at only where a coarser one shows digits too small for it.
    """
    pictures = [(1.0, grey)]
    while max(grey.shape) >= _ENOUGH / 2 and min(grey.shape) >= STRIDE:
        grey = np.asarray(Image.fromarray(grey).reduce(2))
        pictures.append((pictures[-1][0] / 2, grey))
    height, width = pictures[0][1].shape
    if max(height, width) <= _ENOUGH / 2:
        size = 2 * width, 2 * height
        twice = Image.fromarray(pictures[0][1]).resize(size, Image.Resampling.BICUBIC)
        pictures.insert(0, (2.0, np.asarray(twice)))
    small = max(height, width) <= FIRST
    enough = _ENOUGH if small else FIRST
    levels: list[Maps] = []
    for scale, picture in reversed(pictures):
        if levels and max(picture.shape) > enough and not _wants_finer(levels[0], small):
            break
        levels.insert(0, finder.maps(picture, scale))
    return levels


def _wants_finer(maps: Maps, small: bool) -> bool:
    """Whether a finer scale would show more; in small pictures also if what these show is low."""
    if (maps.small > _SMALL).sum() >= _SMALL_PLACES:
        return True
    heat = maps.heat.max(0)
    _, heights = maps.sizes(*np.nonzero(heat > _SHOWN))
    return small and bool(heat.max() < _PLAIN or heights.min() < BEST[0])

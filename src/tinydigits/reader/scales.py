"""A picture -> what the finder sees of it, in as many scales as it needs."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.reader.finder import Finder, Maps

# With 256 for the first sudokus fall from 97.5 to 90.7 % and a set of two pages to none, and 1,000
# gains nothing. With 40 and 16 for the coarsest half of the digits that fill 300 pixels are lost.
_FIRST = 512  # pixels: the longer side of the largest scale that is always looked at
_LEAST = (20, 8)  # pixels: the longer and the shorter side of the coarsest
_TINY = 40  # pixels: a picture no larger than this is enlarged, too
_SMALL = 0.35  # of a chance that there are digits which the next finer scale shows better,
_SMALL_PLACES = 2  # in so many places at least, as a single one may be a speck


def look(finder: Finder, grey: NDArray[np.uint8]) -> list[Maps]:
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
    levels: list[Maps] = []
    for scale, picture in reversed(pictures):
        if max(picture.shape) > _FIRST and levels and not _has_small(levels[0]):
            break
        levels.insert(0, finder.maps(picture, scale))
    return levels


def _halved(side: int) -> int:
    return -(-side // 2)


def _twice(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = grey.shape
    size = 2 * width, 2 * height
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))


def _has_small(maps: Maps) -> bool:
    return int((maps.small > _SMALL).sum()) >= _SMALL_PLACES

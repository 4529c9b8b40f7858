"""A picture that its ink fills -> smaller, with a margin of paper round it.

The finder is not sure of digits that touch the edge of their picture, nor of which tone is paper
where strokes are bold. With a margin it is: of bold drawn digits cropped to their ink it reads 98
instead of 65 %.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from tinydigits.arrays import Bytes
from tinydigits.image.digit import ink_of
from tinydigits.reader.finder import BLOCK, UNIT
from tinydigits.reader.glyph import Box, edges

_SIDE, _MARGIN = int(2 * UNIT), BLOCK  # pixels: 80 in all, which need not be filled up
FILLED = 0.85  # of its width or height: ink that spans so much fills a picture (chosen)
_NARROWEST = 8  # times as long as wide: no digit is so long (chosen)
_APART = 0.8  # of ink and paper, see `image.digit.Ink`: noise has 0.64, a gradient 0.75


def close_up(grey: Bytes) -> tuple[Bytes, Callable[[Box], Box]] | None:
    """A picture (height, width) so shown, and where its boxes lie; None if ink does not fill it.

    None, too, if it is narrower than any digit: stripes would look like one.
    """
    height, width = grey.shape
    factor = -(-max(grey.shape) // _SIDE)
    small = np.asarray(Image.fromarray(grey).reduce(factor))
    ink = ink_of(small) if max(grey.shape) <= _NARROWEST * min(grey.shape) else None
    if ink is None or ink.apart < _APART:
        return None
    left, top, right, bottom = edges(ink.amount > 0.5)
    if max((bottom - top) / small.shape[0], (right - left) / small.shape[1]) < FILLED:
        return None

    def back(box: Box) -> Box:
        left, top, right, bottom = ((edge - _MARGIN) * factor for edge in box)
        return max(0, left), max(0, top), min(width, right), min(height, bottom)

    return np.pad(small, _MARGIN, constant_values=round(ink.paper)), back

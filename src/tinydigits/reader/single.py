"""A picture that is one digit, whatever the finder would tell apart in it."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.digit import ink_of
from tinydigits.reader.finder import Finder
from tinydigits.reader.glyph import THRESHOLD, Box, Glyph, Lines, Look
from tinydigits.reader.scales import look


def find_single(finder: Finder, grey: NDArray[np.uint8]) -> Look[Lines]:
    """The whole picture as one digit; no line where it is blank."""
    glyph = single_glyph(finder, grey)
    return ([(yield [glyph])] if glyph else []), Counter()


def single_glyph(finder: Finder, grey: NDArray[np.uint8]) -> Glyph | None:
    """All ink that the finder sees in a picture (height, width), or what is not its border's tone.

    None if the picture is blank.
    """
    # Of 150 digits each of four kinds, in the finest scale 40 to 100 % are read rightly, in the
    # coarsest 95 to 100 %: there a digit that fills its picture is as large as those of training.
    maps = look(finder, grey)[-1]
    amount, scale, noise = maps.ink.max(0), maps.scale, 0.0
    if not (amount > THRESHOLD).any():
        ink = ink_of(grey)
        if ink is None:
            return None
        amount, scale, noise = ink.amount, 1.0, ink.noise
    return Glyph(_box(amount > THRESHOLD, scale, grey.shape), amount, (0, 0), noise)


def _box(inked: NDArray[np.bool_], scale: float, shape: tuple[int, ...]) -> Box:
    """The edges of what is inked, in pixels of the picture of that shape."""
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    left, top = int(columns[0] / scale), int(rows[0] / scale)
    right = min(shape[1], round((columns[-1] + 1) / scale))
    bottom = min(shape[0], round((rows[-1] + 1) / scale))
    return left, top, max(right, left + 1), max(bottom, top + 1)

"""A picture that is one digit, whatever the finder would tell apart in it."""

from collections import Counter

import numpy as np

from tinydigits.arrays import Bytes
from tinydigits.image.digit import ink_of
from tinydigits.reader.finder import Finder
from tinydigits.reader.found import whole_picture
from tinydigits.reader.glyph import Glyph, Lines, Look
from tinydigits.reader.scales import look

_INK = 0.4  # of a plain stroke: what is at least so dark is ink


def find_single(finder: Finder, grey: Bytes) -> Look[Lines]:
    """The whole picture as one digit; no line where it is blank."""
    glyph = single_glyph(finder, grey)
    return ([(yield [glyph])] if glyph else []), Counter()


def single_glyph(finder: Finder, grey: Bytes) -> Glyph | None:
    """All ink that the finder sees in a picture (height, width), or what is not its border's tone.

    None if the picture is blank.
    """
    whole = whole_picture(look(finder, grey))
    if whole is not None:
        return whole.glyph
    ink = ink_of(grey)
    if ink is None:
        return None
    mine = ink.amount > _INK
    rows, columns = np.flatnonzero(mine.any(1)), np.flatnonzero(mine.any(0))
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return Glyph(box, ink.amount, mine, (0, 0), noise=ink.noise)

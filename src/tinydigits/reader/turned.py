"""A page that lies on its side or on its head, as a scanner or a telephone may leave it."""

import numpy as np

from tinydigits.reader.glyph import Box
from tinydigits.reader.ink import Ink

QUARTERS = (1, 2, 3)  # turns by 90 degrees that may set a page upright


def turned(ink: Ink, quarters: int) -> Ink:
    """The ink turned counterclockwise by that many quarters of a full turn."""
    return Ink(np.ascontiguousarray(np.rot90(ink.amount, quarters)), ink.noise)


def before_turning(box: Box, quarters: int, shape: tuple[int, ...]) -> Box:
    """Where a box in a turned picture was before.

    Args:
        box: its edges in the turned picture.
        quarters: as for `turned`.
        shape: (height, width) of the picture before.
    """
    height, width = shape
    left, top, right, bottom = box
    if quarters == 1:
        return width - bottom, left, width - top, right
    if quarters == 2:
        return width - right, height - bottom, width - left, height - top
    return top, height - right, bottom, height - left

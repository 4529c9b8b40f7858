"""What may be one digit, cut out of its picture, and what the recogniser says of it."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from tinydigits.arrays import Flags, Plane

# Everywhere inside the reader a box is its edges: left, top, right, bottom in the picture's
# pixels, right and bottom just outside. `Digit.box`, which people see, is made in one place.
Box = tuple[int, int, int, int]

_LEAST_CHANCE = 0.101  # of a label, to be the most probable: each of ten has 0.1


def edges(mask: Flags, offset: tuple[int, int] = (0, 0), scale: float = 1.0) -> Box:
    """Where a mask that is not empty begins and ends, moved by an offset, then in that scale."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x, y = offset
    corners = columns[0] + x, rows[0] + y, columns[-1] + 1 + x, rows[-1] + 1 + y
    left, top, right, bottom = (round(float(each) / scale) for each in corners)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def shared_area(boxes: Plane, box: Plane) -> Plane:
    """The area that each of boxes (n, 4) shares with a box, (n,)."""
    least, most = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    return np.asarray(np.maximum(most - least, 0).prod(1), np.float32)


def area(boxes: Plane) -> Plane:
    """The areas of boxes (..., 4)."""
    return np.asarray((boxes[..., 2:] - boxes[..., :2]).prod(-1), np.float32)


@dataclass(frozen=True, eq=False)
class Glyph:
    """What may be one digit, or is surely a mark."""

    box: Box  # its edges in the picture
    # float32 (height, width), its ink and the soft edge round it, all other ink removed
    amount: Plane = field(repr=False)
    mine: Flags = field(repr=False)  # bool (height, width), which pixels are ink
    # left and top of these, in pixels of the scale in which they were cut out
    offset: tuple[int, int]
    scale: float = 1.0  # pixels there per pixel of the picture
    noise: float = 0.0  # standard deviation of the noise in `amount`
    # whether a gap wider than between the digits of one number precedes it
    space_before: bool = False
    mark: str = ""  # the mark that it surely is; empty for what may be a digit


@dataclass(frozen=True, eq=False)
class Found:
    """A glyph, what the recogniser saw of it, and what it said."""

    glyph: Glyph  # as it was cut out
    image: Plane  # float32 (28, 28) in [0, 1], ink 1; all 0 for a mark, which is not recognised
    probabilities: Plane  # float32 (10,) of the digits

    @property
    def sure(self) -> float:
        """The probability of its most probable label."""
        return float(self.probabilities.max())

    def with_chance(self, digits: Plane, chance: float) -> "Found":
        """The same, read as the most probable of digits (10,) with this probability.

        What is less probable than it was among digits, since it may be none, is mixed with ten
        equal shares. So its label stays the same.
        """
        label, chance = int(digits.argmax()), max(chance, _LEAST_CHANCE)
        most = float(digits[label])
        if chance < most:
            told = 0.1 + (digits - 0.1) * (chance - 0.1) / (most - 0.1)
        else:
            told = digits * (1 - chance) / max(1 - most, 1e-9)
            told[label] = chance
        return replace(self, probabilities=np.asarray(told, np.float32))


Lines = tuple[list[list[Found]], Counter[str]]  # and what was left out, by what it is
Result = TypeVar("Result")
# A generator that yields the glyphs that it wants recognised and is sent what the recogniser says
# of them. So whoever runs it may recognise the glyphs of many pictures at once.
Look = Generator[list[Glyph], list[Found], Result]

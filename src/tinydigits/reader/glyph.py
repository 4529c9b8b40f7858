"""What may be one digit, cut out of its picture, and what the recogniser says of it."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

# Everywhere inside the reader a box is its edges: left, top, right, bottom in the picture's
# pixels, right and bottom just outside. `Digit.box`, which people see, is made in one place.
Box = tuple[int, int, int, int]

THRESHOLD = 0.4  # of a plain stroke: what is at least so dark is ink


@dataclass(frozen=True)
class Glyph:
    """What may be one digit, or is surely a mark.

    Attributes:
        box: its edges in the picture.
        amount: float32 ink within the box and a margin round it, all other ink removed.
        offset: (left, top) of `amount` in the picture.
        noise: standard deviation of the noise in `amount`.
        space_before: whether a gap wider than between the digits of one number precedes it.
        mark: the mark that it surely is; empty for what may be a digit.
    """

    box: Box
    amount: Plane = field(repr=False)
    offset: tuple[int, int]
    noise: float
    space_before: bool = False
    mark: str = ""


@dataclass(frozen=True, eq=False)
class Found:
    """A glyph, what the recogniser saw of it, and what it said.

    Attributes:
        glyph: as it was cut out.
        image: float32 (28, 28) in [0, 1], ink 1; all 0 for a mark, which is not recognised.
        probabilities: float32 (10,) of the digits.
    """

    glyph: Glyph
    image: Plane
    probabilities: Plane

    @property
    def sure(self) -> float:
        """The probability of its most probable label."""
        return float(self.probabilities.max())


Lines = tuple[list[list[Found]], Counter[str]]  # and what was left out, by what it is
Result = TypeVar("Result")
# A generator that yields the glyphs that it wants recognised and is sent what the recogniser says
# of them. So whoever runs it may recognise the glyphs of many pictures at once.
Look = Generator[list[Glyph], list[Found], Result]

"""What a drawn picture is, and the register of kinds of them."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from PIL import Image

from pictures.judging.hands import Sources
from pictures.scene import Generator


@dataclass(frozen=True, eq=False)
class Page:
    """A drawn picture."""

    picture: Image.Image  # "L" or "RGB"
    # the text expected, a string per line, without spaces; marks as they are written
    # (`12/03/2024`); none if there is no digit
    lines: list[str]
    note: str = ""  # what it shows, where that isn't in the lines: the letter, say


@dataclass(frozen=True)
class Kind:
    """A kind of picture, any number of which can be drawn by seed."""

    name: str  # the function's
    family: str  # the module's
    title: str  # the row in the table
    seeds: int  # how many are drawn for the table; the last quarter of them is kept for the end
    needs: str  # the handwriting without which it can't be drawn: "", "pens" or "scanned"
    draw: "Draw"

    def page(self, sources: Sources, seed: int) -> Page:
        """Draw the picture of that seed, which no other kind's seeds have anything to do with."""
        return self.draw(sources, np.random.default_rng([crc32(self.name.encode()), seed]))


Draw = Callable[[Sources, Generator], Page]
KINDS: dict[str, Kind] = {}


def kind(title: str, seeds: int = 120, needs: str = "", name: str = "") -> Callable[[Draw], Draw]:
    """Register the function as a kind of picture, by its own name if none is given."""

    def register(draw: Draw) -> Draw:
        own, family = name or draw.__name__, draw.__module__.rsplit(".", 1)[-1]
        if own in KINDS:
            raise ValueError(f"two kinds are called {own}")
        KINDS[own] = Kind(own, family, title, seeds, needs, draw)
        return draw

    return register

"""A page being drawn, in layers, with the truth of which ink belongs to what.

Hands put ink on a scene, kinds of pages say where, and `photograph` makes a grey picture of it. The
layers stay apart, so that the truth is known to the pixel whatever the picture then looks like.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.finder import CLASSES
from tinydigits.reader.finder import MARKS as MARKS

Plane = NDArray[np.float32]
Generator = np.random.Generator
Some = TypeVar("Some")
Ink = TypeVar("Ink", Plane, NDArray[np.uint8])

LABELS = CLASSES
LETTER = "letter"  # of any alphabet, printed or written
ALIKE = "letter like a digit"  # is put on a scene as a letter
SIGN = "sign"  # %, $, ?, a tick: something written that is neither digit, mark nor letter

PENS = 4  # tones of ink that one page may have
WRITTEN, PRINTED, SECOND, STAMP = range(PENS)


@dataclass(frozen=True)
class Thing:
    """Something that stands on the page."""

    label: str  # one of `LABELS`
    ink: float  # the sum of its ink, before anything was cut off or covered
    height: float  # in pixels of the scene; of what is wider than high, 0.8 of its width
    alike: bool = False  # whether it is a letter that looks like a digit, as O does


class Scene:
    """A square page of `size` pixels.

    Attributes:
        digits, marks: ink (size, size) in [0, 1] of what is to be found.
        other: ink of letters, signs, scribbles, drawings.
        rules: what is printed as lines, boxes and dots, in [0, 1] of the rules' own tone.
        owner: uint16 (size, size): which thing the strongest ink is of, as an index; 0 is none.
        pen: uint8 (size, size): with which of `PENS` the strongest ink was written.
        things: by that index; the first is None.
        view: (top, left, bottom, right) of the part that a picture shows; None: all of it.
    """

    def __init__(self, size: int) -> None:
        """An empty page."""
        self.size = size
        self.digits, self.marks, self.other, self.rules = (
            np.zeros((size, size), np.float32) for _ in range(4)
        )
        self.owner = np.zeros((size, size), np.uint16)
        self.pen = np.zeros((size, size), np.uint8)
        self.things: list[Thing | None] = [None]
        self.view: tuple[int, int, int, int] | None = None

    def put(
        self, ink: Plane, top: float, left: float, label: str | None, pen: int = WRITTEN
    ) -> None:
        """Put ink (height, width) on the page, what lies beyond its edges cut off.

        Args:
            ink: in [0, 1], cropped to what it shows.
            top: the row of its first pixel; may lie outside, as may `left`.
            left: the column of its first pixel.
            label: one of `LABELS`, or `ALIKE`; None for what is no thing: scribbles, smudges.
            pen: which tone it has.
        """
        place, seen = self._window(ink, round(top), round(left))
        before = self.ink(place)
        stronger = (seen > before) & (seen > 0.1)
        self.pen[place][stronger] = pen
        self.owner[place][stronger] = len(self.things) if label else 0
        layer = self._layer(label)[place]
        np.maximum(layer, seen, out=layer)
        if label:
            height = max(ink.shape[0], 0.8 * ink.shape[1])
            alike = label == ALIKE
            label = LETTER if alike else label
            self.things.append(Thing(label, float(ink.sum()), height, alike))

    def _window(self, ink: Plane, top: int, left: int) -> tuple[tuple[slice, slice], Plane]:
        """The part of the page that ink falls on, and the part of the ink that falls there."""
        first, start = max(0, min(top, self.size)), max(0, min(left, self.size))
        last = max(0, min(top + ink.shape[0], self.size))
        end = max(0, min(left + ink.shape[1], self.size))
        return np.s_[first:last, start:end], ink[
            first - top : last - top, start - left : end - left
        ]

    def ink(self, place: tuple[slice, slice] = np.s_[:, :]) -> Plane:
        """All that is written there, whatever it is."""
        return np.maximum(np.maximum(self.digits[place], self.marks[place]), self.other[place])

    def _layer(self, label: str | None) -> Plane:
        if label is not None and label.isdigit():
            return self.digits
        return self.marks if label is not None and label in MARKS else self.other

    def free(self, ink: Plane, top: float, left: float) -> bool:
        """Whether next to none of the ink would fall on ink that is there."""
        place, seen = self._window(ink, round(top), round(left))
        return bool(np.minimum(seen, self.ink(place)).sum() <= 0.02 * ink.sum())

    def level(self, y: float, thick: float, start: float, end: float, tone: float = 1.0) -> None:
        """Print a level rule, its upper edge at y."""
        _rule(self.rules, y, thick, start, end, tone)

    def upright(self, x: float, thick: float, start: float, end: float, tone: float = 1.0) -> None:
        """Print an upright rule, its left edge at x."""
        _rule(self.rules.T, x, thick, start, end, tone)

    def box(
        self, top: float, left: float, bottom: float, right: float, thick: float, tone: float = 1.0
    ) -> None:
        """Print the four sides of a box, inside these edges."""
        self.level(top, thick, left, right, tone)
        self.level(bottom - thick, thick, left, right, tone)
        self.upright(left, thick, top, bottom, tone)
        self.upright(right - thick, thick, top, bottom, tone)

    def cover(self, covered: NDArray[np.bool_]) -> None:
        """Take away what lies under something else: the truth is what can be seen."""
        for layer in (self.digits, self.marks, self.other, self.rules):
            layer[covered] = 0
        self.owner[covered] = 0


def _rule(rules: Plane, at: float, thick: float, start: float, end: float, tone: float) -> None:
    size = len(rules)
    first, last = max(0, int(np.floor(at))), min(size, int(np.ceil(at + thick)))
    begin, finish = max(0, round(start)), min(size, round(end))
    if first >= last or begin >= finish:
        return
    row = np.arange(first, last)
    covered = np.clip(np.minimum(row + 1, at + thick) - np.maximum(row, at), 0, 1) * tone
    window = rules[first:last, begin:finish]
    np.maximum(window, np.asarray(covered, np.float32)[:, None], out=window)


def box_of(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Top, left, bottom, right of what is set; None if nothing is."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def cropped(ink: Ink, least: float = 0.0) -> Ink:
    """Ink cut to what is darker than `least`, of which there is some."""
    top, left, bottom, right = box_of(ink > least) or (0, 0, *ink.shape)
    return ink[top:bottom, left:right]


def one_of(things: Sequence[Some], rng: Generator) -> Some:
    """Any of some things."""
    return things[int(rng.integers(len(things)))]


def between(rng: Generator, low: float, high: float) -> float:
    """A number between the two whose logarithm is evenly spread, as sizes should be."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))

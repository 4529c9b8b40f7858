"""Hands that write digits, marks, letters and words: each of one style and one pen, or type."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from pictures.digits import Display, Forms, Pictured, Recorded, Typed, Way
from pictures.fonts import (
    advance,
    has_letter,
    hershey_strokes,
    is_typewriter,
    looks_written,
    printed,
)
from pictures.letters import form, forms, is_alike
from pictures.material import Material as Material
from pictures.pens import Drawn, Pen, Strokes, any_pen
from pictures.scene import ALIKE, LETTER, MARKS, SIGN, Generator, Plane, one_of
from pictures.strokes import (
    DIGITS,
    MARK_FORMS,
    ZEROS_TO_LINK,
    Form,
    Habit,
    any_bend,
    smooth,
)

_KINDS = {"mnist": 0.3, "pens": 0.22, "own": 0.34, "scans": 0.06, "bitmaps": 0.08}
_PRINTS = {"font": 0.68, "typewriter": 0.1, "segments": 0.09, "dots": 0.05, "outline": 0.04}
_PRINTS["stencil"] = 0.04
_LETTERING = {"own": 0.55, "hershey": 0.25, "font": 0.2}
_TYPED_MINUS = "-\N{MINUS SIGN}\N{EN DASH}"
_BROADEST_LETTER = 0.15  # of a pen: broader ones would fill them
_LINKED = ("00", "00", "00", "000", "000", "10", "20", "40", "60", "70", "80", "01")


def label_of(character: str) -> str:
    """Which of `LABELS` a character is, or `ALIKE`."""
    if character in DIGITS or character in MARKS:
        return character
    if is_alike(character):
        return ALIKE
    return LETTER if character.isalpha() else SIGN


class Hand:
    """One writer, or one printer, of one style.

    Attributes:
        pen: the width of its strokes, as a share of a digit's height.
        printed: whether it is type.
        kind: what its digits are made of.
        lean: how far it leans to the right, as the tangent of the angle.
        typeset: whether its digits stand as far apart as its type has them; else close together.
    """

    def __init__(self, material: Material, rng: Generator, *, printed: bool | None = None) -> None:
        """Any hand; with `printed`, one that writes (False) or type (True)."""
        self._material = material
        self.printed = bool(rng.random() < 0.12) if printed is None else printed
        self.kind = self._some_kind(rng)
        self._pen = any_pen(rng)
        self._bend = any_bend(self._pen, rng)
        self.lean = self._bend.slant
        self.typeset = self.printed and bool(rng.random() < 0.7)
        self._font = one_of(material.fonts, rng)
        self._digits = self._type(rng) if self.printed else self._writing(rng)
        self.pen = self._pen.width
        self._drops = {} if self.printed else _drops(rng)
        self._lettering = self._some_lettering(rng)
        self._hershey = str(rng.choice(material.hershey))
        self._minus = str(rng.choice(list(_TYPED_MINUS)))
        self._gap = rng.uniform(0.0, 0.16)
        self._forms: dict[str, tuple[Form, Habit]] = {}
        self._made: dict[str, list[tuple[float, Drawn]]] = {}

    def _some_kind(self, rng: Generator) -> str:
        if self.printed:
            return str(rng.choice(list(_PRINTS), p=list(_PRINTS.values())))
        there = {"own": True, "pens": bool(self._material.pens), **self._material.images}
        shares = np.array([share if there.get(kind) else 0 for kind, share in _KINDS.items()])
        return str(rng.choice(list(_KINDS), p=shares / shares.sum()))

    def _some_lettering(self, rng: Generator) -> str:
        if self.printed:
            return "font"
        kind = str(rng.choice(list(_LETTERING), p=list(_LETTERING.values())))
        if kind == "font" and rng.random() < 0.7:
            written = [font for font in self._material.fonts if looks_written(font)]
            self._font = one_of(written or self._material.fonts, rng)
        return kind

    def _writing(self, rng: Generator) -> dict[str, Way]:
        """For each digit a way; some hands make some digits as people elsewhere do."""
        images = None
        if self.kind in self._material.images:
            images = Pictured(self._material.images[self.kind], self._bend, rng)
            self._pen = Pen("ballpoint", images.pen, 0.2, 0.0, 0.1, False)
        strange = rng.choice([0.0, 0.25, 0.6], p=[0.4, 0.4, 0.2])
        writer = one_of(self._material.pens, rng) if self.kind == "pens" else {}
        ways: dict[str, Way] = {}
        for label in DIGITS:
            if rng.random() < strange or not (images or label in writer):
                ways[label] = Forms(self._material, label, self._pen, self._bend, rng)
            else:
                ways[label] = images or Recorded(writer[label], self._pen, self._bend, rng)
        return ways

    def _type(self, rng: Generator) -> dict[str, Way]:
        fonts = self._material.fonts
        if self.kind == "typewriter":
            fonts = [font for font in fonts if is_typewriter(font)] or fonts
        self._font = one_of(fonts, rng)
        self._pen = Pen("ballpoint", 0.12, 0.0, 0.0, 0.1, False)
        display = self.kind in ("segments", "dots")
        way = Display(self.kind, rng) if display else Typed(self.kind, self._font, rng)
        return dict.fromkeys(DIGITS, way)

    def digit(self, height: float, rng: Generator, label: str | None = None) -> tuple[str, Plane]:
        """A digit about `height` pixels high, any if no label is given: its label and its ink."""
        label = label if label is not None else str(rng.integers(10))
        return label, self._digit(label, height, rng).ink

    def _digit(self, label: str, height: float, rng: Generator) -> Drawn:
        return self._kept(label, height, rng, self._digits[label].digit)

    def _kept(
        self,
        character: str,
        height: float,
        rng: Generator,
        make: Callable[[str, float, Generator], Drawn],
    ) -> Drawn:
        """A character; once there are a few of that size, mostly one of them, which is quicker."""
        made = self._made.setdefault(character, [])
        alike = [each for tall, each in made if abs(tall - height) < 0.07 * height]
        if len(alike) > 1 and rng.random() < 0.3 * len(alike):
            return one_of(alike, rng)
        drawn = make(character, height, rng)
        drawn.ink.setflags(write=False)
        made.append((height, drawn))
        return drawn

    def typed(self, label: str, height: float, rng: Generator) -> tuple[Plane, float, float]:
        """A digit of a hand that is `typeset`.

        Returns:
            Its ink, its left edge from where it begins, and how far on the next one begins.
        """
        way = self._digits[label]
        assert isinstance(way, Typed | Display)
        drawn = way.digit(label, height, rng)
        return drawn.ink, drawn.left, way.advance(label, height)

    def foot(self, label: str, height: float, rng: Generator) -> float:
        """How far a digit of this hand hangs below the base line, in pixels.

        Some hands and some typefaces have figures that hang: 3, 4, 5, 7 and 9; a typewriter's types
        jump.
        """
        way = self._digits[label]
        if isinstance(way, Typed) and "onum" in way.features:
            return way.digit(label, height, rng).foot
        jump = rng.normal(0, 0.02) if self.kind == "typewriter" else 0.0
        return (self._drops.get(label, 0.0) + jump) * height

    def pair(self, height: float, rng: Generator) -> list[tuple[str, Plane, float, float]]:
        """Two or three digits written without lifting the pen, as zeros on cheques are.

        Returns:
            Of each: its label, its ink, its left edge from the first's and its foot below the base
            line, both in pixels.
        """
        labels, x, pen = str(rng.choice(_LINKED)), 0.0, self._pen
        written: list[Strokes] = []
        apart = pen.width + rng.uniform(-0.05, 0.25)
        for label in labels:
            strokes = self._strokes(label, rng)
            points = np.concatenate(strokes)
            x += -points[:, 0].min() if written else 0
            written.append([stroke + np.array([x, 0]) for stroke in strokes])
            x += points[:, 0].max() + apart
        for first, second in pairwise(written):
            _link(first, second, rng)
        inner = max(0.5, 1 - pen.width)
        drawn = [pen.draw([inner * stroke for stroke in each], height, rng) for each in written]
        start = min(each.left for each in drawn)
        return [
            (label, each.ink, each.left - start, each.foot)
            for label, each in zip(labels, drawn, strict=True)
        ]

    def _strokes(self, label: str, rng: Generator) -> Strokes:
        """A digit as strokes that may be linked, by a form of its own where this hand has none."""
        if label == "0":
            return self._written("0", one_of(ZEROS_TO_LINK, rng), rng)
        way = self._digits[label]
        if not isinstance(way, Forms | Recorded):
            way = self._digits[label] = Forms(self._material, label, self._pen, self._bend, rng)
        return way.strokes(rng)

    def mark(self, mark: str, height: float, rng: Generator) -> tuple[Plane, float]:
        """A mark, one of `MARKS`, beside digits of that height.

        Returns:
            Its ink, and how far its foot lies below the base line, in pixels.
        """
        drawn = self._mark(mark, height, rng)
        return drawn.ink, drawn.foot

    def _mark(self, mark: str, height: float, rng: Generator) -> Drawn:
        way = self._digits["0"]
        if isinstance(way, Display) and mark in way.marks:
            return way.digit(mark, height, rng)
        if self.printed:
            text = self._minus if mark == "-" and has_letter(self._font, self._minus) else mark
            typed = printed(text, self._font, height)
            if typed is not None:
                return typed
        return self._kept(mark, height, rng, self._written_mark)

    def _written_mark(self, mark: str, height: float, rng: Generator) -> Drawn:
        pen = self._pen
        if mark in ".:":
            pen = replace(pen, width=pen.width * rng.uniform(1.0, 1.8), uneven=0.0)
        return pen.draw(self._written(mark, MARK_FORMS[mark], rng), height, rng)

    def _written(self, character: str, a_form: Form, rng: Generator) -> Strokes:
        """Strokes of a form, by this hand's habit of it."""
        if character not in self._forms:
            self._forms[character] = a_form, Habit(rng, 0.12)
        own, habit = self._forms[character]
        return self._bend.bent(own(habit.again(rng)), rng)

    def _letter(self, text: str, height: float, rng: Generator) -> Drawn | None:
        if self._knows(text):
            return self._kept(text, height, rng, self._written_letter)
        font = self._font_for(text)
        return printed(text, font, height) if font else None

    def _knows(self, text: str) -> bool:
        """Whether this hand writes such letters, rather than to set them in a typeface."""
        if self._lettering == "hershey":
            return text.isascii() and bool(hershey_strokes(text, self._hershey))
        return self._lettering == "own" and bool(forms(text))

    def _written_letter(self, text: str, height: float, rng: Generator) -> Drawn:
        pen = replace(self._pen, width=min(self._pen.width, _BROADEST_LETTER))
        if self._lettering == "hershey":
            strokes = self._bend.bent(hershey_strokes(text, self._hershey), rng)
        else:
            strokes = self._written(text, form(text, int(rng.integers(6))), rng)
        return pen.draw(strokes, height, rng)

    def _font_for(self, text: str) -> Path | None:
        """This hand's typeface, or the first that has those letters."""
        fonts = [self._font, *self._material.fonts]
        return next((each for each in fonts if has_letter(each, text)), None)

    def word(
        self, text: str, height: float, rng: Generator
    ) -> list[tuple[Plane, float, float, str]]:
        """A word of letters, signs, marks and digits; a space parts two.

        Returns:
            Of each that shows: its ink, its x from the word's start and its foot below the base
            line, both in pixels, and its label.
        """
        pieces: list[tuple[Plane, float, float, str]] = []
        font = self._font_of(text)
        x = 0.0
        for character in text:
            if character == " ":
                x += 0.4 * height
                continue
            drawn = self._character(character, height, font, rng)
            if drawn is None:
                continue
            if font and (not character.isdigit() or isinstance(self._digits[character], Typed)):
                pieces.append((drawn.ink, x + drawn.left, drawn.foot, label_of(character)))
                x += advance(character, font, height)
                continue
            # The heads of leaning letters stand over the feet of those that follow.
            over = 0.5 * max(0.0, self._bend.slant) * len(drawn.ink)
            over = min(over, 0.35 * drawn.ink.shape[1])
            pieces.append((drawn.ink, x, drawn.foot, label_of(character)))
            x += drawn.ink.shape[1] - over + self._gap * height
        return pieces

    def _font_of(self, word: str) -> Path | None:
        """The typeface of a word: printers have one, and hands where they lack its letters."""
        letters = word.replace(" ", "")
        if all(each in DIGITS or each in MARKS or self._knows(each) for each in letters):
            return self._font if self._lettering == "font" else None
        return self._font_for(letters) or self._font

    def _character(
        self, character: str, height: float, font: Path | None, rng: Generator
    ) -> Drawn | None:
        if character in DIGITS:
            drawn = self._digit(character, height, rng)
            return replace(drawn, foot=self.foot(character, height, rng))
        if font:
            return printed(character, font, height) if has_letter(font, character) else None
        if character in MARKS:
            return self._mark(character, height, rng)
        return self._letter(character, height, rng)


def _drops(rng: Generator) -> dict[str, float]:
    """How far a writer's digits hang below the base line, as a share of the height."""
    if rng.random() < 0.85:
        return {}
    return {label: rng.uniform(0.05, 0.35) for label in "34579" if rng.random() < 0.7}


def _link(first: Strokes, second: Strokes, rng: Generator) -> None:
    """Join the end of one digit to the start of the next: a half of the way for each."""
    start, end = first[-1][-1], second[0][0]
    middle = (start + end) / 2 + np.array([0, rng.uniform(-0.12, 0.08)])
    way = smooth(np.stack([start, middle, end]))
    half = len(way) // 2 + 1
    first[-1] = np.concatenate([first[-1], way[1:half]])
    second[0] = np.concatenate([way[half - 1 : -1], second[0]])

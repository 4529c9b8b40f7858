"""Ways in which a hand makes digits: drawn forms, a writer's strokes, images, type, displays."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pictures.fonts import (
    advance,
    display_dots,
    dot_matrix,
    has_old_style,
    hershey_strokes,
    outlined,
    printed,
    seven_segments,
    stencilled,
)
from pictures.material import Images, Material
from pictures.pens import Drawn, Pen, Strokes, placed
from pictures.scene import Generator, Plane, between, cropped, one_of
from pictures.strokes import DIGITS, Bend, Habit, smooth


class Way(Protocol):
    """Makes digits, always in the same style."""

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        """A digit `height` pixels high."""


def standing(pen: Pen, strokes: Strokes, height: float, rng: Generator) -> Drawn:
    """Strokes with a pen, so that what is 1 high becomes `height` pixels with the pen's width."""
    points = np.concatenate(strokes)
    wide, high = np.ptp(points, axis=0)
    inner = max(0.5, 1 - pen.width) / max(1, high, wide / 1.4)
    return pen.draw([stroke * inner for stroke in strokes], height, rng)


class Forms:
    """One of a digit's forms, by one habit; now and then as engineers' letters (Hershey's)."""

    def __init__(
        self, material: Material, label: str, pen: Pen, bend: Bend, rng: Generator
    ) -> None:
        """Choose a form of `label`."""
        shares = np.array([share for _, share in DIGITS[label]])
        self._form = DIGITS[label][int(rng.choice(len(shares), p=shares / shares.sum()))][0]
        self._habit, self._pen, self._bend = Habit(rng), pen, bend
        engraved = hershey_strokes(label, str(rng.choice(material.hershey)))
        self._engraved = engraved if rng.random() < 0.06 else None

    def strokes(self, rng: Generator) -> Strokes:
        """The digit's strokes this time."""
        return self._bend.bent(self._engraved or self._form(self._habit.again(rng)), rng)

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        """As `Way.digit`."""
        return standing(self._pen, self.strokes(rng), height, rng)


class Recorded:
    """A digit as one writer wrote it on a tablet: a few of his."""

    def __init__(self, own: list[Strokes], pen: Pen, bend: Bend, rng: Generator) -> None:
        """Choose some of a writer's `own`."""
        self._own = [own[int(at)] for at in rng.integers(len(own), size=6)]
        self._pen, self._bend = pen, bend

    def strokes(self, rng: Generator) -> Strokes:
        """The digit's strokes this time."""
        return self._bend.bent(one_of(self._own, rng), rng)

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        """As `Way.digit`."""
        strokes = self.strokes(rng)
        if height > 50:
            strokes = [smooth(stroke) for stroke in strokes]
        return standing(self._pen, strokes, height, rng)


_EDGES = {"soft": 0.25, "crisp": 0.6, "pixels": 0.05, "bits": 0.1}


class Pictured:
    """Digits from images that look as if one hand had written them.

    Attributes:
        pen: how broad their strokes are, as a share of the height.
    """

    def __init__(self, images: Images, bend: Bend, rng: Generator) -> None:
        """Choose how they lean, how broad they are, and how they are enlarged."""
        _, looks = images.kin[str(rng.integers(10))]
        self._images = images
        self._lean, self._broad = looks[int(rng.integers(len(looks))), -2:]
        self._alike: dict[str, NDArray[np.int64]] = {}
        self._edges = str(rng.choice(list(_EDGES), p=list(_EDGES.values())))
        self._width, self._level = between(rng, 0.2, 1.2), rng.uniform(0.25, 0.65)
        self._bits = int(rng.integers(11, 24))
        self._smooth = rng.random() < 0.5
        further = rng.random() < 0.5
        self._slant = bend.slant if further else 0.0
        self._aspect = bend.aspect if further else 1.0
        self.pen = float(np.clip(self._broad, 0.04, 0.25))

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        """As `Way.digit`."""
        if label not in self._alike:
            self._alike[label] = self._images.alike(label, self._lean, self._broad, rng)
        own = self._alike[label]
        image = self._images.pixels[one_of(own, rng)]
        ink = self._enlarged(self._bent(image, rng), height, rng)
        return placed(ink, 0, -len(ink))

    def _bent(self, image: NDArray[np.uint8], rng: Generator) -> Image.Image:
        """An image, cropped and leaning further."""
        picture = Image.fromarray(cropped(image))
        slant = self._slant + float(rng.normal(0, 0.04))
        reach = abs(slant) * (picture.height - 1)
        if reach < 1:
            return picture
        size = (picture.width + int(np.ceil(reach)), picture.height)
        away = (1, slant, -reach if slant > 0 else 0, 0, 1, 0)
        return picture.transform(size, Image.Transform.AFFINE, away, Image.Resampling.BICUBIC)

    def _enlarged(self, picture: Image.Image, height: float, rng: Generator) -> Plane:
        scale = height / self._images.full
        high = max(3, round(picture.height * scale))
        wide = max(2, round(picture.width * scale * self._aspect * np.exp(rng.normal(0, 0.05))))
        kind = Image.Resampling.BICUBIC
        if self._edges == "bits" and height > 1.5 * self._bits:
            small = (max(2, round(wide * self._bits / high)), self._bits)
            picture = picture.resize(small, kind).point(lambda tone: 255 * (tone > 100))
        if self._edges in ("pixels", "bits") and scale > 1.5 and not self._smooth:
            kind = Image.Resampling.NEAREST
        ink = np.asarray(picture.resize((wide, high), kind), np.float32) / 255
        if self._edges == "crisp" and scale > 1.2:
            # An edge of the source is about 2 of its pixels wide.
            gain = max(
                min(2 / self._width, scale), 0.5 / self._level
            )  # or the ground would be grey
            ink = np.clip(0.5 + (ink - self._level) * gain, 0, 1)
        return ink


class Typed:
    """Digits of a typeface, perhaps outlined or cut as a stencil."""

    def __init__(self, kind: str, font: Path, rng: Generator) -> None:
        """Choose the figures: old-style ones or a slashed zero where the typeface has them."""
        self._kind, self._font = kind, font
        special = ("onum", "zero") if has_old_style(font) else ()
        self.features = tuple(each for each in special if rng.random() < 0.25)

    def advance(self, label: str, height: float) -> float:
        """How far it is from one digit to the next, in pixels."""
        return advance(label, self._font, height)

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        """As `Way.digit`; old-style figures are as much lower as they are."""
        drawn = printed(label, self._font, height, self.features)
        assert drawn is not None  # every font has digits
        if self._kind == "outline" and height >= 24:
            return Drawn(outlined(drawn.ink, 0.03 * height), drawn.left, drawn.foot)
        if self._kind == "stencil" and height >= 16:
            return Drawn(stencilled(drawn.ink, rng), drawn.left, drawn.foot)
        return drawn


_MARKS = {"dots": ".,:-+=/", "segments": ".,:-"}


class Display:
    """Digits of seven segments or of dots, and the marks that such a display has."""

    def __init__(self, kind: str, rng: Generator) -> None:
        """Choose the display."""
        self._dots, self.marks = kind == "dots", _MARKS[kind]
        self._thick, self._gap = rng.uniform(0.06, 0.16), rng.uniform(0.0, 0.04)
        self._slant = rng.uniform(0, 0.2) if rng.random() < 0.6 else 0.0
        self._dim = rng.uniform(0.03, 0.1) if rng.random() < 0.2 else 0.0
        self._dot, self._square = rng.uniform(0.6, 1.05), bool(rng.random() < 0.4)
        self._aspect = rng.uniform(0.42, 0.62)
        self._point = self._thick * rng.uniform(0.8, 1.5)
        self._apart = rng.uniform(0.1, 0.35)

    def advance(self, label: str, height: float) -> float:
        """How far one digit stands from the next, in pixels."""
        return height * ((5 / 7 if self._dots else self._aspect) + self._apart)

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        """As `Way.digit`; one of `marks` as well."""
        if label in ".,:" and not self._dots:
            return display_dots(label, height, self._point, self._square)
        if self._dots:
            return dot_matrix(label, height, self._dot if height > 20 else 1.0, self._square)
        return seven_segments(
            label, height, self._thick, self._gap, self._slant, self._dim, self._aspect
        )

"""Hands that write: each of one style and one pen, from what people wrote and from drawn forms.

What digits are made of: MNIST's training images, strokes of a tablet's pen, scans, bitmaps, forms
of many countries' schools drawn as strokes, typefaces, and displays.
"""

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pictures.fonts import (
    Part,
    advance,
    dot_matrix,
    hershey_fonts,
    hershey_strokes,
    is_typewriter,
    outlined,
    printed,
    seven_segments,
    stencilled,
    typefaces,
)
from pictures.pens import Drawn, Pen, Strokes, any_pen, placed, resampled
from pictures.scene import LETTER, MARKS, SIGN, Generator, Plane
from pictures.strokes import DIGITS, MARK_FORMS, Bend, Form, Habit, any_bend
from pictures.words import WORDS
from tinydigits.mnist.idx import read_idx_folder
from tinydigits.trust.handwriting import (
    PEN_FILE,
    SCANNED_FILE,
    is_development,
    read_pen_digits,
    read_scanned_digits,
)

BITMAP_FILE = "optdigits-orig.tra.gz"
_TRAINED = 50_000  # of MNIST's training images; the last 10,000 are kept for development
_KIN = 25  # images that one hand uses for a digit: those most like one of them


def read_bitmap_digits(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images (N, 32, 32), ink 255 on 0, and labels (N,), in the file's order.

    The file is UCI's "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998;
    CC BY 4.0) as it was scanned: 1,934 digits, each 32 rows of 0 and 1 and a row with its label.
    """
    with gzip.open(path, "rt") as file:
        rows = [line.strip() for line in file]
    rows = rows[next(at for at, row in enumerate(rows) if len(row) == 32) :]
    images = np.array([[list(map(int, row)) for row in rows[at : at + 32]]
                       for at in range(0, len(rows) - 32, 33)], np.uint8)  # fmt: skip
    labels = np.array([int(rows[at]) for at in range(32, len(rows), 33)])
    return images * np.uint8(255), labels


@dataclass(eq=False)
class Images:
    """Digits that are images (N, side, side), uint8, ink bright, whose hands are not known.

    Attributes:
        full: how many of their pixels a digit is high.
        kin: by label, the images' numbers and a few numbers (n, k) that tell how they look.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    full: int
    kin: dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]] = field(init=False)

    def __post_init__(self) -> None:
        """Look at all of them."""
        looks = _looks(self.pixels)
        numbers = [np.flatnonzero(self.labels == label) for label in range(10)]
        self.kin = {str(label): (own, looks[own]) for label, own in enumerate(numbers)}

    def alike(self, label: str, lean: float, rng: Generator) -> NDArray[np.int64]:
        """Numbers of images of one digit that one hand could have written, leaning like that."""
        numbers, looks = self.kin[label]
        some = rng.integers(len(numbers), size=40)
        seed = some[np.abs(looks[some, -1] - lean).argmin()]
        away = ((looks - looks[seed]) ** 2).sum(1)
        near = np.argpartition(away, min(_KIN, len(away) - 1))[:_KIN]
        return numbers[near]


def _looks(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Each image made coarse, and as the last number how far it leans."""
    count, side, _ = pixels.shape
    block = side // 7 if side % 7 == 0 else side // 8
    cells = side // block
    coarse = pixels.reshape(count, cells, block, cells, block).mean((2, 4), np.float32) / 255
    rows = np.linspace(1, -1, cells, dtype=np.float32)
    ink = coarse / np.maximum(coarse.sum((1, 2), keepdims=True), 1e-6)
    x = (ink * -rows).sum((1, 2))[:, None, None] + rows
    y = rows[:, None] - (ink * rows[:, None]).sum((1, 2))[:, None, None]
    lean = -(ink * x * y).sum((1, 2)) / np.maximum((ink * y * y).sum((1, 2)), 1e-6)
    return np.concatenate([coarse.reshape(count, -1), lean[:, None]], 1)


@dataclass(eq=False)
class Material:
    """What hands write from.

    Attributes:
        images: sets of digits that are images, by name: "mnist", "scans", "bitmaps".
        pens: by writer, by label, digits as strokes: 1 high, the base line at 0.
        fonts: files of typefaces.
        hershey: names of Hershey's fonts.
    """

    images: dict[str, Images]
    pens: list[dict[str, list[Strokes]]]
    fonts: list[Path]
    hershey: tuple[str, ...]

    @classmethod
    def load(cls, part: Part, data_dir: Path | None, handwriting: Path) -> "Material":
        """Read what there is; MNIST's images from `data_dir`, the others from `handwriting`."""
        images = {}
        if data_dir:
            (pixels, labels, _, _), _ = read_idx_folder(data_dir)
            own = np.s_[:_TRAINED] if part == "train" else np.s_[_TRAINED:]
            images["mnist"] = Images(pixels[own], labels[own].astype(np.int64), 20)
        for name, file, read, full in (
            ("scans", SCANNED_FILE, read_scanned_digits, 16),
            ("bitmaps", BITMAP_FILE, read_bitmap_digits, 32),
        ):
            if (handwriting / file).exists():
                images[name] = Images(*_part(*read(handwriting / file), part), full)
        pens = _pens(handwriting / PEN_FILE, part) if (handwriting / PEN_FILE).exists() else []
        return cls(images, pens, typefaces(part), hershey_fonts(part))


def _part(
    pixels: NDArray[np.uint8], labels: NDArray[np.int64], part: Part
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    third = np.array([is_development(number) for number in range(1, len(labels) + 1)])
    own = third if part == "development" else ~third
    return pixels[own], labels[own]


def _pens(path: Path, part: Part) -> list[dict[str, list[Strokes]]]:
    writers: dict[int, dict[str, list[Strokes]]] = {}
    for digit in read_pen_digits(path):
        if is_development(digit.writer) == (part == "development"):
            own = writers.setdefault(digit.writer, {})
            own.setdefault(str(digit.label), []).append(_unit(digit.strokes))
    return list(writers.values())


def _unit(strokes: Strokes) -> Strokes:
    """Strokes 1 high that stand on 0, with points no closer than they need be."""
    points = np.concatenate(strokes)
    low, span = points.min(0), np.ptp(points, axis=0)
    scale = 1 / max(span[1], span[0] / 1.5, 1e-6)
    return [resampled((stroke - low) * scale, 0.05) for stroke in strokes]


# --- hands ---

_KINDS = {"mnist": 0.3, "pens": 0.25, "own": 0.3, "scans": 0.07, "bitmaps": 0.08}
_PRINTS = {
    "font": 0.66, "typewriter": 0.1, "segments": 0.09, "dots": 0.05, "outline": 0.05,
    "stencil": 0.05,
}  # fmt: skip


class Hand:
    """One writer, or one printer, of one style.

    Attributes:
        pen: the width of its strokes, as a share of a digit's height.
        printed: whether it is type.
        kind: what its digits are made of.
    """

    def __init__(self, material: Material, rng: Generator, *, printed: bool | None = None) -> None:
        """Any hand; with `printed`, one that writes (False) or type (True)."""
        self._material = material
        self.printed = bool(rng.random() < 0.12) if printed is None else printed
        self.kind = self._kind(rng)
        self._pen, self._bend = any_pen(rng), any_bend(rng)
        self.pen = self._pen.width
        self._font = material.fonts[int(rng.integers(len(material.fonts)))]
        self._digits = self._type(rng) if self.printed else self._writing(rng)
        self._marks: dict[str, tuple[Form, Habit]] = {}
        self._letters = str(rng.choice(material.hershey))
        self._typed_letters = self.printed or rng.random() < 0.2

    def _kind(self, rng: Generator) -> str:
        if self.printed:
            return str(rng.choice(list(_PRINTS), p=list(_PRINTS.values())))
        there = {"own": True, "pens": bool(self._material.pens), **self._material.images}
        shares = np.array([share if there.get(kind) else 0 for kind, share in _KINDS.items()])
        return str(rng.choice(list(_KINDS), p=shares / shares.sum()))

    def _writing(self, rng: Generator) -> "_Writer":
        if self.kind in self._material.images:
            images = _ImageDigits(self._material.images[self.kind], self._bend, rng)
            self.pen = images.pen
            self._pen = Pen("ballpoint", images.pen, 0.1, 0.0, 0.1)
        strange = rng.choice([0.0, 0.25, 0.6], p=[0.4, 0.4, 0.2])  # how much of it has own forms
        writers: dict[str, _Writer] = {}
        for label in DIGITS:
            own = self.kind == "own" or rng.random() < strange
            if own:
                writers[label] = _Forms(label, self._pen, self._bend, rng)
            elif self.kind == "pens":
                writers[label] = _PenDigits(self._material, label, self._pen, self._bend, rng)
            else:
                writers[label] = images
        return _Mixed(writers)

    def _type(self, rng: Generator) -> "_Writer":
        fonts = self._material.fonts
        if self.kind == "typewriter":
            fonts = [font for font in fonts if is_typewriter(font)] or fonts
        self._font = fonts[int(rng.integers(len(fonts)))]
        self._pen = Pen("ballpoint", 0.12, 0.0, 0.0, 0.1)
        self.pen = 0.12
        return _Typed(self.kind, self._font, rng)

    def digit(self, height: float, rng: Generator, label: str | None = None) -> tuple[str, Plane]:
        """A digit about `height` pixels high, any if no label is given: its label and its ink."""
        label = label if label is not None else str(rng.integers(10))
        return label, self._digits.digit(label, height, rng).ink

    def mark(self, mark: str, height: float, rng: Generator) -> tuple[Plane, float]:
        """A mark, one of `MARKS`, beside digits of that height.

        Returns:
            Its ink, and how far its foot lies below the base line, in pixels.
        """
        if self.printed:
            typed = printed(mark, self._font, height)
            if typed is not None:
                return typed.ink, typed.foot
        if mark not in self._marks:
            self._marks[mark] = MARK_FORMS[mark], Habit(rng, 0.12)
        form, habit = self._marks[mark]
        pen = self._pen
        if mark in ".:":
            pen = Pen(pen.kind, pen.width * rng.uniform(1.0, 1.8), 0.0, pen.nib, pen.coarse)
        drawn = pen.draw(self._bend.bent(form(habit.again(rng)), rng), height, rng)
        return drawn.ink, drawn.foot

    def letter(self, text: str, height: float, rng: Generator) -> Plane | None:
        """One letter or sign beside digits of that height; None if this hand does not have it."""
        drawn = self._letter(text, height, rng)
        return drawn.ink if drawn else None

    def _letter(self, text: str, height: float, rng: Generator) -> Drawn | None:
        if self._typed_letters:
            return printed(text, self._font, height)
        strokes = hershey_strokes(text, self._letters) if text.isascii() else []
        if not strokes:
            return printed(text, self._font, height)
        pen = self._pen
        if pen.width > 0.16:
            pen = Pen(pen.kind, 0.16, pen.uneven, pen.nib, pen.coarse)
        return pen.draw(self._bend.bent(strokes, rng), height, rng)

    def word(
        self, text: str, height: float, rng: Generator
    ) -> list[tuple[Plane, float, float, str]]:
        """A word of letters, signs, marks and digits.

        Returns:
            Of each that shows: its ink, its x from the word's start and its foot below the base
            line, both in pixels, and its label.
        """
        pieces, x = [], 0.0
        gap = rng.uniform(0.02, 0.15) * height
        for character in text:
            if character == " ":
                x += 0.4 * height
                continue
            drawn = self._character(character, height, rng)
            if drawn is None:
                continue
            if self._typed_letters and not character.isdigit():
                pieces.append((drawn.ink, x + drawn.left, drawn.foot, label_of(character)))
                x += advance(character, self._font, height)
            else:
                pieces.append((drawn.ink, x, drawn.foot, label_of(character)))
                x += drawn.ink.shape[1] + gap
        return pieces

    def _character(self, character: str, height: float, rng: Generator) -> Drawn | None:
        if character in DIGITS:
            return self._digits.digit(character, height, rng)
        if character in MARKS and not self._typed_letters:
            ink, foot = self.mark(character, height, rng)
            return Drawn(ink, 0, foot)
        return self._letter(character, height, rng)

    def word_text(self, rng: Generator) -> str:
        """Some word."""
        return str(rng.choice(WORDS))


def label_of(character: str) -> str:
    """Which of `LABELS` a character is."""
    if character in DIGITS or character in MARKS:
        return character
    return LETTER if character.isalpha() else SIGN


class _Writer:
    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        raise NotImplementedError


class _Mixed(_Writer):
    """For each digit a way of its own."""

    def __init__(self, writers: dict[str, _Writer]) -> None:
        self._writers = writers

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        return self._writers[label].digit(label, height, rng)


class _Forms(_Writer):
    """A digit by a form and a habit."""

    def __init__(self, label: str, pen: Pen, bend: Bend, rng: Generator) -> None:
        forms = DIGITS[label]
        shares = np.array([share for _, share in forms])
        self._form = forms[int(rng.choice(len(forms), p=shares / shares.sum()))][0]
        self._habit, self._pen, self._bend = Habit(rng), pen, bend

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        strokes = self._bend.bent(self._form(self._habit.again(rng)), rng)
        return _standing(self._pen, strokes, height, rng)


def _standing(pen: Pen, strokes: Strokes, height: float, rng: Generator) -> Drawn:
    """Strokes with a pen, so that what is 1 high becomes `height` pixels with the pen's width."""
    points = np.concatenate(strokes)
    high, wide = np.ptp(points, axis=0)[1], np.ptp(points, axis=0)[0]
    inner = max(0.5, 1 - pen.width) / max(1, high, wide / 1.4)
    return pen.draw([stroke * inner for stroke in strokes], height, rng)


class _PenDigits(_Writer):
    """A digit as one writer wrote it on a tablet, a few of his."""

    def __init__(
        self, material: Material, label: str, pen: Pen, bend: Bend, rng: Generator
    ) -> None:
        writer = material.pens[int(rng.integers(len(material.pens)))]
        own = writer.get(label) or [hershey_strokes(label, "futural")]
        self._own = [own[int(at)] for at in rng.integers(len(own), size=6)]
        self._pen, self._bend = pen, bend

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        strokes = self._bend.bent(self._own[int(rng.integers(len(self._own)))], rng)
        return _standing(self._pen, strokes, height, rng)


class _ImageDigits(_Writer):
    """Digits from images that look as if one hand had written them."""

    def __init__(self, images: Images, bend: Bend, rng: Generator) -> None:
        self._images, self._bend = images, bend
        self._lean = float(rng.normal(0.15, 0.2))
        self._alike: dict[str, NDArray[np.int64]] = {}
        self._crisp = float(rng.choice([0, 0.3, 0.5, 1.0]))
        self._level = rng.uniform(0.3, 0.6)
        self._much = rng.random() < 0.5  # bend them beyond what they are
        self.pen = 0.12

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        if label not in self._alike:
            self._alike[label] = self._images.alike(label, self._lean, rng)
        own = self._alike[label]
        image = self._images.pixels[own[int(rng.integers(len(own)))]]
        ink = self._enlarged(image, height, rng)
        return placed(ink, 0, -len(ink))

    def _enlarged(self, image: NDArray[np.uint8], height: float, rng: Generator) -> Plane:
        scale = height / self._images.full
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        picture = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        size = (max(2, round(picture.width * scale)), max(3, round(picture.height * scale)))
        ink = np.asarray(picture.resize(size, Image.Resampling.BICUBIC), np.float32) / 255
        if self._crisp and scale > 1.5:
            # An edge of the source is about 2 of its pixels wide.
            ink = np.clip(0.5 + (ink - self._level) * min(2 / self._crisp, scale), 0, 1)
        return ink


class _Typed(_Writer):
    """Digits of a typeface or a display."""

    def __init__(self, kind: str, font: Path, rng: Generator) -> None:
        self._kind, self._font = kind, font
        self._thick, self._gap = rng.uniform(0.06, 0.16), rng.uniform(0.0, 0.04)
        self._slant = rng.uniform(0, 0.2) if rng.random() < 0.6 else 0.0
        self._dim = rng.uniform(0.05, 0.2) if rng.random() < 0.2 else 0.0
        self._dot, self._square = rng.uniform(0.55, 1.0), bool(rng.random() < 0.4)

    def digit(self, label: str, height: float, rng: Generator) -> Drawn:
        if self._kind == "segments":
            return seven_segments(label, height, self._thick, self._gap, self._slant, self._dim)
        if self._kind == "dots" and height >= 14:
            return dot_matrix(label, height, self._dot, self._square)
        drawn = printed(label, self._font, height)
        assert drawn is not None  # every font has digits
        if self._kind == "outline" and height >= 24:
            return Drawn(outlined(drawn.ink, 0.03 * height), drawn.left, drawn.foot)
        if self._kind == "stencil" and height >= 16:
            return Drawn(stencilled(drawn.ink, rng), drawn.left, drawn.foot)
        return drawn

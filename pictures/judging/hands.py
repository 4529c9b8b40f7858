"""Hands that write digits: MNIST's test images, scanned digits, and strokes drawn with a pen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pictures.material import Labelled, pen_digits, scanned_digits
from pictures.scene import Generator, Plane, cropped, one_of
from tinydigits.handwriting import PEN_FILE, SCANNED_FILE, PenDigit, Strokes


class Hand(Protocol):
    """Writes digits of one style.

    Attributes:
        pen: the width of its strokes, as a share of a digit's height.
    """

    pen: float

    def digit(self, height: float, rng: Generator) -> tuple[str, Plane]:
        """Any digit about `height` pixels high: its label and its ink in [0, 1], cropped to it."""


@dataclass(frozen=True, eq=False)
class ImageHand:
    """Digits from images (N, side, side), uint8, enlarged so that `full` pixels become `height`.

    `crisp` is how many pixels of the source its edges are wide after enlarging; 0 leaves them soft.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    full: int
    pen: float = 0.12
    crisp: float = 0.5

    def digit(self, height: float, rng: Generator) -> tuple[str, Plane]:
        """As `Hand.digit`."""
        index = int(rng.integers(len(self.images)))
        return str(self.labels[index]), enlarged(self.images[index], height / self.full, self.crisp)


def enlarged(image: NDArray[np.uint8], scale: float, crisp: float = 0.0) -> Plane:
    """An image cut to its ink and resized; with `crisp`, its edges made sharp again."""
    cut = Image.fromarray(cropped(image))
    size = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
    ink = np.asarray(cut.resize(size, Image.Resampling.BICUBIC), np.float32) / 255
    if crisp and scale > 2:
        # An edge of the source is about 2 of its pixels wide, 2 * scale here.
        ink = np.clip(0.5 + (ink - 0.45) * min(2 / crisp, scale), 0, 1)
    return cropped(ink, 0.1)


@dataclass(frozen=True, eq=False)
class PenHand:
    """Digits of one writer, drawn with one pen."""

    digits: list[PenDigit]
    pen: float

    def digit(self, height: float, rng: Generator) -> tuple[str, Plane]:
        """As `Hand.digit`."""
        digit = one_of(self.digits, rng)
        return str(digit.label), drawn(digit.strokes, self.pen, height)


def drawn(strokes: Strokes, pen: float, height: float) -> Plane:
    """Ink of pen strokes, cropped to it.

    Args:
        strokes: arrays (n, 2) of points, y upwards.
        pen: its width, as a share of `height`.
        height: of the line that the pen's centre draws, in pixels.
    """
    points = np.concatenate(strokes)
    low, span = points.min(0), np.ptp(points, axis=0)
    scale = height / max(span[1], span[0] / 2, 1e-6)
    return cropped(ink_of([(stroke - low) * scale for stroke in strokes], pen * height), 0.1)


def ink_of(strokes: Strokes, pen: float) -> Plane:
    """Ink of strokes whose points are in pixels, y upwards, drawn `pen` pixels wide, with room."""
    fine = 4 if pen < 60 else 2  # drawn larger, then reduced, for smooth edges
    points = np.concatenate(strokes)
    low, high, margin = points.min(0), points.max(0), pen / 2 + 2
    size = [int(np.ceil(n + 2 * margin)) * fine for n in high - low]
    picture = Image.new("L", (size[0], size[1]))
    draw = ImageDraw.Draw(picture)
    wide = max(1.0, pen * fine)
    for stroke in strokes:
        at = (np.stack([stroke[:, 0] - low[0], high[1] - stroke[:, 1]], 1) + margin) * fine
        line = [(float(x), float(y)) for x, y in at]
        draw.line(line, fill=255, width=round(wide), joint="curve")
        for x, y in line:
            draw.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=255)
    return np.asarray(picture.reduce(fine), np.float32) / 255


@dataclass(frozen=True, eq=False)
class Sources:
    """All handwriting there is here: MNIST's always, the others' where their files are."""

    mnist: Labelled  # test images (N, 28, 28) and labels
    pens: dict[int, list[PenDigit]]  # the development writers' digits, by writer; empty if not here
    scanned: Labelled | None  # the development part's images (N, 16, 16) and labels, or None

    def has(self, need: str) -> bool:
        """Say whether the handwriting of that name is here."""
        return not need or bool(getattr(self, need))

    def hand(self, rng: Generator) -> Hand:
        """Any hand: MNIST's in half of the cases, and of the rest two in three a pen's."""
        dice = rng.random()
        if dice < 1 / 3 and self.pens:
            return self.pen_hand(rng)
        if dice < 1 / 2 and self.scanned:
            return ImageHand(*self.scanned, full=16)
        return ImageHand(*self.mnist, full=20)

    def pen_hand(self, rng: Generator, low: float = 0.04, high: float = 0.14) -> PenHand:
        """Any writer with a pen of `low` to `high` of the height."""
        writer = list(self.pens)[int(rng.integers(len(self.pens)))]
        return PenHand(self.pens[writer], float(rng.uniform(low, high)))


def load_sources(mnist: Labelled, handwriting: Path | None) -> Sources:
    """MNIST's test set, given, and what the folder `handwriting` has."""
    pens: dict[int, list[PenDigit]] = {}
    scanned = None
    if handwriting and (handwriting / PEN_FILE).exists():
        for digit in pen_digits(handwriting / PEN_FILE, "development"):
            pens.setdefault(digit.writer, []).append(digit)
    if handwriting and (handwriting / SCANNED_FILE).exists():
        scanned = scanned_digits(handwriting / SCANNED_FILE, "development")
    return Sources(mnist, pens, scanned)

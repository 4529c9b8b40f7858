"""What hands write from: digits that people wrote, typefaces, Hershey's strokes.

MNIST's training images, never its test images; strokes of a tablet's pen, by writer; scans and
bitmaps. Part is kept for development: nothing is trained on it.
"""

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pictures.fonts import Part, hershey_fonts, typefaces
from pictures.pens import Strokes, resampled
from pictures.scene import Generator
from tinydigits.handwriting import (
    PEN_FILE,
    SCANNED_FILE,
    PenDigit,
    is_development,
    read_pen_digits,
    read_scanned_digits,
)

Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]  # images (N, height, width), labels (N,)
BITMAP_FILE = "optdigits-orig.tra.gz"
_TRAINED = 50_000  # of MNIST's training images; the last 10,000 are kept for development
_ASKED, _KIN = 600, 12  # of so many images, one hand has for a digit those most like one of them


def pen_digits(path: Path, part: Part) -> list[PenDigit]:
    """The digits of every third writer (3, 6, ..., 30) for development, or those of all others."""
    development = part == "development"
    return [each for each in read_pen_digits(path) if is_development(each.writer) == development]


def scanned_digits(path: Path, part: Part) -> Labelled:
    """Images (N, 16, 16), ink 255 on 0, and labels: every third for development, or all others."""
    return _of_part(read_scanned_digits(path), part)


def _of_part(digits: Labelled, part: Part) -> Labelled:
    third = np.array([is_development(number) for number in range(1, len(digits[1]) + 1)])
    own = third if part == "development" else ~third
    return digits[0][own], digits[1][own]


def bitmap_digits(path: Path, part: Part) -> Labelled:
    """Images (N, 32, 32), ink 255 on 0, and labels of a part as of `scanned_digits`.

    The file is UCI's "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998;
    CC BY 4.0) as it was scanned: 1,934 digits, each 32 rows of 0 and 1 and a row with its label.
    """
    with gzip.open(path, "rt") as file:
        rows = [line.strip() for line in file]
    rows = rows[next(at for at, row in enumerate(rows) if len(row) == 32) :]
    images = np.array([[list(map(int, row)) for row in rows[at : at + 32]]
                       for at in range(0, len(rows) - 32, 33)], np.uint8)  # fmt: skip
    labels = np.array([int(rows[at]) for at in range(32, len(rows), 33)])
    return _of_part((images * np.uint8(255), labels), part)


@dataclass(eq=False)
class Images:
    """Digits that are images (N, side, side), uint8, ink bright, whose hands are not known."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    full: int  # how many of their pixels a digit is high
    # by label, the images' numbers, and (n, k) numbers that tell how they look: the last but one
    # how far they lean, the last how broad their strokes are, as a share of `full`
    kin: dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]] = field(init=False)

    def __post_init__(self) -> None:
        """Look at all of them."""
        looks = np.concatenate([_coarse(self.pixels), _breadths(self.pixels, self.full)], 1)
        numbers = [np.flatnonzero(self.labels == label) for label in range(10)]
        self.kin = {str(label): (own, looks[own]) for label, own in enumerate(numbers)}

    def alike(self, label: str, lean: float, broad: float, rng: Generator) -> NDArray[np.int64]:
        """Numbers of images of one digit that one hand could have written, leaning like that."""
        numbers, looks = self.kin[label]
        some = rng.integers(len(numbers), size=_ASKED)
        seen = looks[some]
        apart = np.abs(seen[:60, -2] - lean) + 6 * np.abs(seen[:60, -1] - broad)
        away = ((seen - seen[apart.argmin()]) ** 2).sum(1)
        return numbers[some[np.argpartition(away, _KIN)[:_KIN]]]


def _coarse(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Each image made coarse, and as the last number how far it leans to the right."""
    count, side, _ = pixels.shape
    cells = 7 if side % 7 == 0 else 8
    block = side // cells
    coarse = pixels.reshape(count, cells, block, cells, block).mean((2, 4), np.float32) / 255
    places = np.linspace(-1, 1, cells, dtype=np.float32)
    ink = coarse / np.maximum(coarse.sum((1, 2), keepdims=True), 1e-6)
    x = places - (ink * places).sum((1, 2), keepdims=True)
    y = -places[:, None] + (ink * places[:, None]).sum((1, 2), keepdims=True)
    lean = (ink * x * y).sum((1, 2)) / np.maximum((ink * y * y).sum((1, 2)), 1e-6)
    return np.concatenate([coarse.reshape(count, -1), lean[:, None]], 1)


def _breadths(pixels: NDArray[np.uint8], full: int) -> NDArray[np.float32]:
    """How broad each image's strokes are, as a share of `full`: (N, 1)."""
    parts = [
        2 * part.sum((1, 2)) / np.maximum(_outline(part), 1)
        for part in np.array_split(pixels.astype(np.int16), 20)
    ]
    return (np.concatenate(parts)[:, None] / full).astype(np.float32)


def _outline(pixels: NDArray[np.int16]) -> NDArray[np.float64]:
    steps = np.abs(np.diff(pixels, axis=1)).sum((1, 2)) + np.abs(np.diff(pixels, axis=2)).sum(
        (1, 2)
    )
    return steps * np.pi / 4  # an edge at any angle counts up to twice in rows and columns


@dataclass(eq=False)
class Material:
    """What hands write from."""

    # sets of digits that are images, by name: "mnist", "scans", "bitmaps"
    images: dict[str, Images]
    # by writer, by label, digits as strokes: 1 high, the base line at 0
    pens: list[dict[str, list[Strokes]]]
    fonts: list[Path]  # files of typefaces
    hershey: tuple[str, ...]  # names of Hershey's fonts

    @classmethod
    def load(cls, part: Part, data_dir: Path | None, handwriting: Path | None) -> "Material":
        """Read MNIST's training images, and what there is of the other handwriting.

        Args:
            part: of the writers.
            data_dir: the folder with MNIST's files; the project's usual one, if none is given.
            handwriting: the folder with any of the other files.

        Raises:
            TinydigitsError: MNIST is not there and cannot be downloaded.
        """
        from tinydigits.mnist.data import load_data  # needs PyTorch, which reading files does not

        mnist = load_data("mnist", data_dir)
        pixels = mnist.train_images[:, 0].numpy()
        own = np.s_[:_TRAINED] if part == "train" else np.s_[_TRAINED:]
        images = {"mnist": Images(pixels[own], mnist.train_labels.numpy()[own], 20)}
        if handwriting is None:
            return cls(images, [], typefaces(part), hershey_fonts(part))
        for name, file, read, full in (
            ("scans", SCANNED_FILE, scanned_digits, 16),
            ("bitmaps", BITMAP_FILE, bitmap_digits, 32),
        ):
            if (handwriting / file).exists():
                images[name] = Images(*read(handwriting / file, part), full)
        pens = _pens(handwriting / PEN_FILE, part) if (handwriting / PEN_FILE).exists() else []
        return cls(images, pens, typefaces(part), hershey_fonts(part))


def _pens(path: Path, part: Part) -> list[dict[str, list[Strokes]]]:
    writers: dict[int, dict[str, list[Strokes]]] = {}
    for digit in pen_digits(path, part):
        own = writers.setdefault(digit.writer, {})
        own.setdefault(str(digit.label), []).append(_unit(digit.strokes))
    return list(writers.values())


def _unit(strokes: Strokes) -> Strokes:
    """Strokes 1 high that stand on 0, with points no closer than they need be."""
    points = np.concatenate(strokes)
    low, span = points.min(0), np.ptp(points, axis=0)
    scale = 1 / max(span[1], span[0] / 1.5, 1e-6)
    return [resampled((stroke - low) * scale, 0.05) for stroke in strokes]

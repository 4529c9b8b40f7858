"""Sets of drawn images (N, 28, 28) with their labels, kept in a folder so that a kill costs little.

A drawing's randomness comes from the set's seed and the drawing's number, and a set is drawn in
portions, each a file. The folder's name holds a digest of the code that drew: changed code draws
anew.
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import handwriting
import outliers
import pages
import tinydigits.reader
import touching
from handwriting import BROADEST, MIDDLE, THINNEST, Generator, Picture
from outliers import Material
from pictures.fonts import hershey_fonts, typefaces
from pictures.judging.sources import (
    PEN_FILE,
    SCANNED_FILE,
    Part,
    PenDigit,
    pen_digits,
    scanned_digits,
)
from tinydigits.files import atomic_path
from tinydigits.mnist.data import load_data
from touching import NO_DIGIT

_PORTION = 1000
_ONES = ("pens", "scans", "mnist")  # which digits touch, and which stand on pages
_BROADEST_ON_PAGES = 0.2  # of a digit's height, a pen
Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """Where digits lie, which part of them is meant, and where drawings are kept."""

    handwriting: Path
    data_dir: Path | None
    part: Part
    kept: Path


@dataclass(frozen=True)
class Drawings:
    """A set to draw: `count` drawings of a kind that `_Studio.draw` knows."""

    kind: str
    count: int
    seed: int


def draw(wanted: Drawings, place: Place) -> Iterator[tuple[Images, Labels]]:
    """The set in portions, in order; those that are kept already are read."""
    folder = place.kept / f"{place.part}-{_digest()}"
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, wanted.count, _PORTION)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(_portion, wanted, place, start, folder) for start in starts]
        for job in jobs:
            with np.load(job.result()) as kept:
                yield kept["images"], kept["labels"]


def _portion(wanted: Drawings, place: Place, start: int, folder: Path) -> Path:
    path = folder / f"{wanted.kind}-{wanted.seed}-{wanted.count}-{start}.npz"
    if not path.exists():
        studio, images, labels = _studio(place), [], []
        for number in range(start, min(start + _PORTION, wanted.count)):
            rng = np.random.default_rng([wanted.seed, number])
            for label, image in studio.seen(wanted.kind, number, rng):
                images.append(image)
                labels.append(label)
        with atomic_path(path) as part, part.open("wb") as file:
            np.savez_compressed(file, images=np.array(images), labels=np.array(labels, np.int64))
    return path


@dataclass(frozen=True, eq=False)
class _Studio:
    """All that drawings are made of."""

    pens: list[PenDigit]
    scans: tuple[Images, Labels]
    material: Material

    def seen(self, kind: str, number: int, rng: Generator) -> touching.Images:
        """What the network sees of a drawing, with labels; of touching digits, several parts."""
        if kind == "touching":
            count = 2 if rng.random() < 0.8 else 3
            kinds = [_ONES[int(rng.integers(len(_ONES)))] for _ in range(count)]
            drawn = [self.draw(one, int(rng.integers(2**31)), rng) for one in kinds]
            return touching.parted(drawn, rng)
        if kind == "pages":
            return pages.cut_from_page(self._by_one_hand(rng), rng)
        label, picture = self.draw(kind, number, rng)
        image = handwriting.as_seen(handwriting.held_up(picture, rng))
        return [] if image is None else [(label, image)]

    def _by_one_hand(self, rng: Generator) -> list[tuple[int, Picture]]:
        """Some digits of one kind, by one pen."""
        hand, pen = str(rng.choice(_ONES)), min(handwriting.some_pen(rng), _BROADEST_ON_PAGES)
        numbers = rng.integers(2**31, size=rng.integers(2, 7))
        return [self.draw(hand, int(number), rng, pen) for number in numbers]

    def draw(
        self, kind: str, number: int, rng: Generator, pen: float | None = None
    ) -> tuple[int, Picture]:
        """A digit of the kind, or something that is none: its label and its picture."""
        material = self.material
        if kind == "pens":
            digit = self.pens[number % len(self.pens)]
            return digit.label, handwriting.pen_digit(digit.strokes, rng, pen)
        if kind in ("thin pens", "bold pens"):
            digit = self.pens[number % len(self.pens)]
            pens = {"thin pens": (THINNEST, MIDDLE), "bold pens": (MIDDLE, BROADEST)}[kind]
            return digit.label, handwriting.plain_pen_digit(digit.strokes, pens, rng)
        if kind in ("scans", "mnist"):
            images, labels = self.scans if kind == "scans" else (material.images, material.labels)
            index = number % len(images)
            most = 200 if kind == "scans" else 110
            return int(labels[index]), handwriting.scanned_digit(images[index], rng, most)
        if kind == "printed":
            return number % 10, handwriting.printed_digit(number % 10, material.fonts, rng)
        if kind == "outliers":
            return NO_DIGIT, outliers.outlier(material, rng)
        return NO_DIGIT, getattr(outliers, kind)(material, rng)


@cache
def _studio(place: Place) -> _Studio:
    data = load_data("mnist", place.data_dir)
    images, labels = data.train_images[:, 0].numpy(), data.train_labels.numpy()
    held_out = slice(-10_000, None) if place.part == "development" else slice(0, -10_000)
    return _Studio(
        pen_digits(place.handwriting / PEN_FILE, place.part),
        scanned_digits(place.handwriting / SCANNED_FILE, place.part),
        Material(
            typefaces(place.part),
            hershey_fonts(place.part),
            images[held_out],
            labels[held_out],
        ),
    )


@cache
def _digest() -> str:
    """Of the sources that make a drawing what it is."""
    here, reader = Path(__file__).parent, Path(tinydigits.reader.__file__).parent
    sources = [*sorted(here.glob("*.py")), *sorted(reader.glob("*.py")), reader / "finder.onnx"]
    kept = [path for path in sources if path.name != "make.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in kept)).hexdigest()[:8]

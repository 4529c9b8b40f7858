"""Sets of drawn images (N, 28, 28) with their labels, kept in a folder so that a kill costs little.

A drawing's randomness comes from the set's seed and the drawing's number, and a set is drawn in
portions, each a file. The folder's name holds a digest of the code that drew and of the finder:
where they change, all is drawn anew.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import handwriting
import outliers
import pictures
import tinydigits
from cuts import NO_DIGIT, Images, cuts
from handwriting import BROADEST, MIDDLE, THINNEST, Generator, Picture
from pictures.fonts import Part
from pictures.material import PEN_FILE, Material, PenDigit, pen_digits
from pictures.training.crops import draw_crop
from tinydigits.files import atomic_path
from tinydigits.reader.finder import Finder

_PORTION = 500
_CROPS = 20_000_000  # the finder learns from crops of smaller seeds
_CUTTING = ("finder", "scales", "centres", "glyphs")  # of the reader
_NONE = 1 / 3  # as many as there are digits: at most so many things cut out that are none


@dataclass(frozen=True)
class Place:
    """Where digits lie and the finder, which part of them is meant, where drawings are kept."""

    handwriting: Path
    data_dir: Path | None
    finder: Path
    part: Part
    kept: Path


@dataclass(frozen=True)
class Drawings:
    """A set to draw: `count` drawings of a kind that `_Studio.seen` knows."""

    kind: str
    count: int
    seed: int


def draw(
    wanted: Drawings, place: Place, workers: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """The set in portions, in order; those that are kept already are read."""
    folder = place.kept / f"{place.part}-{_digest(place.finder)}"
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, wanted.count, _PORTION)
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_portion, wanted, place, start, folder) for start in starts]
        for job in jobs:
            with np.load(job.result()) as kept:
                yield kept["images"], kept["labels"]


def _portion(wanted: Drawings, place: Place, start: int, folder: Path) -> Path:
    end = min(start + _PORTION, wanted.count)
    path = folder / f"{wanted.kind}-{wanted.seed}-{start}-{end}.npz"
    if not path.exists():
        studio, found = _studio(place), []
        for number in range(start, end):
            rng = np.random.default_rng([wanted.seed, number])
            found += studio.seen(wanted.kind, number, rng)
        if wanted.kind == "cuts":
            found = fewer(found, np.random.default_rng([wanted.seed, start]))
        labels, images = zip(*found, strict=True)
        with atomic_path(path) as part, part.open("wb") as file:
            np.savez_compressed(file, images=np.array(images), labels=np.array(labels, np.int64))
    return path


def fewer(found: Images, rng: Generator) -> Images:
    """All digits, and a third as many of what is none, if there are more."""
    none = [number for number, (label, _) in enumerate(found) if label == NO_DIGIT]
    most = int(_NONE * (len(found) - len(none)))
    left_out = {none[at] for at in rng.permutation(len(none))[most:]}
    return [each for number, each in enumerate(found) if number not in left_out]


@dataclass(frozen=True, eq=False)
class _Studio:
    """All that drawings are made of."""

    pens: list[PenDigit]
    material: Material
    finder: Finder

    def seen(self, kind: str, number: int, rng: Generator) -> Images:
        """What the network sees of a drawing, with labels; of a page, many things."""
        if kind == "cuts":
            return cuts(self.finder, draw_crop(self.material, _CROPS + number))
        label, picture = self._draw(kind, number, rng)
        image = handwriting.as_seen(picture, rng)
        return [] if image is None else [(label, image)]

    def _draw(self, kind: str, number: int, rng: Generator) -> tuple[int, Picture]:
        """A digit of the kind, or something that is none: its label and its picture."""
        material = self.material
        if kind == "pens":
            digit = self.pens[number % len(self.pens)]
            return digit.label, handwriting.pen_digit(digit.strokes, rng)
        if kind in ("thin pens", "bold pens"):
            digit = self.pens[number % len(self.pens)]
            pens = {"thin pens": (THINNEST, MIDDLE), "bold pens": (MIDDLE, BROADEST)}[kind]
            return digit.label, handwriting.plain_pen_digit(digit.strokes, pens, rng)
        if kind in ("scans", "mnist"):
            digits = material.images[kind]
            index = number % len(digits.pixels)
            most = 200 if kind == "scans" else 110
            image = handwriting.scanned_digit(digits.pixels[index], rng, most)
            return int(digits.labels[index]), image
        if kind == "printed":
            return number % 10, handwriting.printed_digit(number % 10, material.fonts, rng)
        if kind == "outliers":
            return NO_DIGIT, outliers.outlier(material, rng)
        return NO_DIGIT, getattr(outliers, kind)(material, rng)


@cache
def _studio(place: Place) -> _Studio:
    return _Studio(
        pen_digits(place.handwriting / PEN_FILE, place.part),
        Material.load(place.part, place.data_dir, place.handwriting),
        Finder(place.finder),
    )


@cache
def _digest(finder: Path) -> str:
    """Of the finder and of the sources that make a drawing what it is."""
    here, package = Path(__file__).parent, Path(tinydigits.__file__).parent
    sources = [path for path in sorted(here.glob("*.py")) if path.name != "make.py"]
    sources += sorted(Path(pictures.__file__).parent.rglob("*.py"))
    sources += [package / "reader" / f"{name}.py" for name in _CUTTING]
    sources += [package / "image" / "normalise.py", finder]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]

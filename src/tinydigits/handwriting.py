"""Digits that other people wrote: pen strokes by writer, and scans, from two published files."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Bytes, Labels

Strokes = list[NDArray[np.float64]]

PEN_FILE = "pendigits-orig.tra.gz"
SCANNED_FILE = "usps-zip.train.gz"


@dataclass(frozen=True, eq=False)
class PenDigit:
    """A digit as a pen wrote it: its label, its writer (1 to 30), its strokes (n, 2), y upwards."""

    label: int
    writer: int
    strokes: Strokes


def read_pen_digits(path: Path) -> Iterator[PenDigit]:
    """Every digit of a file in UNIPEN's format whose comments are "label writer number".

    The file is UCI's "Pen-Based Recognition of Handwritten Digits" (Alpaydin and Alimoglu, 1996;
    CC BY 4.0) as it was recorded: 7,494 digits of 30 writers, whom its comments number.
    """
    label, writer = -1, 0
    strokes, stroke = Strokes(), list[list[float]]()
    with gzip.open(path, "rt", encoding="latin-1") as file:
        for line in file:
            if line.startswith(".SEGMENT"):
                if strokes:
                    yield PenDigit(label, writer, strokes)
                label, strokes = int(line.split('"')[1]), []
            elif line.startswith(".COMMENT"):
                writer = int(line.split()[2])
            elif line.startswith(".PEN_DOWN"):
                stroke = []
            elif line.startswith(".PEN_UP") and stroke:
                strokes.append(np.array(stroke))
            elif line.strip() and not line.startswith("."):
                stroke.append([float(part) for part in line.split()])
    if strokes:
        yield PenDigit(label, writer, strokes)


def read_scanned_digits(path: Path) -> tuple[Bytes, Labels]:
    """Images (N, 16, 16), ink 255 on 0, and labels (N,), in the file's order.

    The file is the U.S. Postal Service's zip codes, as Hastie, Tibshirani and Friedman's
    "Elements of Statistical Learning" has them: 7,291 digits, each a label and 256 greys.
    """
    with gzip.open(path) as file:
        table = np.loadtxt(file, dtype=np.float32)
    images = np.rint((table[:, 1:] + 1) * 127.5).astype(np.uint8)
    return images.reshape(-1, 16, 16), table[:, 0].astype(np.int64)


def is_development(number: int) -> bool:
    """Whether a writer or a scan, both counted from 1, was kept out of the reader's training.

    Every third was: the reader's temperature and thresholds were set on them.
    """
    return number % 3 == 0

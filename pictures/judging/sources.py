"""Where handwritten digits other than MNIST's come from, and which of them nothing is trained on.

Every third writer of the pen digits (3, 6, ..., 30) and every third scanned digit are the part
"development"; the rest, "train", may be trained on.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tinydigits.trust.handwriting import (
    PEN_FILE,
    SCANNED_FILE,
    PenDigit,
    Strokes,
    is_development,
    read_pen_digits,
    read_scanned_digits,
)

__all__ = [
    "PEN_FILE",
    "SCANNED_FILE",
    "Part",
    "PenDigit",
    "Strokes",
    "pen_digits",
    "read_pen_digits",
    "scanned_digits",
]

Part = Literal["train", "development"]


def pen_digits(path: Path, part: Part) -> list[PenDigit]:
    """The digits of the development writers, or those of all others."""
    development = part == "development"
    return [each for each in read_pen_digits(path) if is_development(each.writer) == development]


def scanned_digits(path: Path, part: Part) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images (N, 16, 16), ink 255 on 0, and labels (N,): every third one, or all others."""
    images, labels = read_scanned_digits(path)
    third = np.array([is_development(number) for number in range(1, len(labels) + 1)])
    own = third if part == "development" else ~third
    return images[own], labels[own]

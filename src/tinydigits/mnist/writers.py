"""Who wrote which image, and what that means for an accuracy's interval.

A writer's errors come together: images of the same hand are no independent trials, and intervals
that take them for such (Wilson's) are too narrow. QMNIST's labels (Yadav and Bottou, "Cold case:
the lost MNIST digits", 2019) name the writer of each of MNIST's images, in MNIST's order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tinydigits.errors import TinydigitsError
from tinydigits.files import naming

_MAGIC, _COLUMNS, _WRITER = 0x0C02, 8, 2  # IDX: int32 in two dimensions; a row's third value
_IMAGES = {"train": 60_000, "test": 10_000}


def read_writers(folder: Path, *, test: bool) -> NDArray[np.int64]:
    """The writer of each of MNIST's training, or test, images: (60,000,) or (10,000,).

    Args:
        folder: with qmnist-train-labels-idx2-int.gz and qmnist-test-labels-idx2-int.gz.
        test: whether the test images' writers are meant.

    Raises:
        TinydigitsError: the file is missing or not what it should be.
    """
    import gzip

    part = "test" if test else "train"
    path = folder / f"qmnist-{part}-labels-idx2-int.gz"
    if not path.is_file():
        raise TinydigitsError(f"{path} does not exist; it is part of QMNIST, with its labels")
    with naming(path):
        try:
            content = gzip.decompress(path.read_bytes())
        except (EOFError, gzip.BadGzipFile) as error:
            raise TinydigitsError(f"{path} is damaged or no gzip file") from error
    header = np.frombuffer(content[:12].ljust(12, b"\0"), ">i4")
    count = _IMAGES[part]
    if header[0] != _MAGIC or header[2] != _COLUMNS or header[1] < count:
        raise TinydigitsError(f"{path} holds no labels of QMNIST: expected {count:,} rows of 8")
    if len(content) != 12 + 4 * _COLUMNS * header[1]:
        raise TinydigitsError(f"{path} is cut off: expected {header[1]:,} rows of 8")
    rows = np.frombuffer(content, ">i4", offset=12).reshape(-1, _COLUMNS)
    return rows[:count, _WRITER].astype(np.int64)


@dataclass(frozen=True)
class ByWriter:
    """The 95 % interval of an accuracy (fractions), had other writers been asked."""

    writers: int
    low: float
    high: float


def interval_by_writer(wrong: Sequence[Sequence[int]], writers: NDArray[np.int64]) -> ByWriter:
    """The 95 % interval of the mean accuracy of some runs, had other writers been asked.

    The share of errors is a ratio of two sums over writers, and its standard error that of a ratio
    (Cochran, "Sampling techniques", 1977, section 6.4, for clusters of unequal size).

    Args:
        wrong: for each run the indices of the images read wrong.
        writers: of each image, (N,).

    Raises:
        TinydigitsError: there are no runs, or fewer than two writers.
    """
    _, numbers = np.unique(writers, return_inverse=True)
    if not wrong or numbers.max(initial=0) < 1:
        raise TinydigitsError("an interval by writer needs a run and two writers at least")
    images = np.bincount(numbers)
    every = np.concatenate([np.asarray(run, np.int64) for run in wrong])
    errors = np.bincount(numbers[every], minlength=len(images)) / len(wrong)
    share = errors.sum() / images.sum()
    spread = ((errors - share * images) ** 2).sum() * len(images) / (len(images) - 1)
    half = float(stats.t.ppf(0.975, len(images) - 1)) * math.sqrt(spread) / images.sum()
    return ByWriter(len(images), float(1 - share - half), float(min(1.0, 1 - share + half)))

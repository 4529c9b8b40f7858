"""Where digits are: a small fully convolutional network looks at the picture in several scales."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.arrays import Bytes, Plane
from tinydigits.errors import TinydigitsError
from tinydigits.reader.session import started

Places = int | NDArray[np.int64]

SHIPPED = Path(__file__).with_name("finder.onnx")
MARKS = "/-+=.,:()"
# What the finder tells things apart as: digits, marks, letters, other signs (%, $, a tick).
CLASSES = [*"0123456789", *MARKS, "letter", "sign"]
HEATS = 3  # kinds of centres: of digits, of marks, of letters and signs
# What the network was trained with: changed here, it has to be trained anew. Lengths in pixels.
STRIDE = 16  # a picture's sides are filled up to multiples of it, for four halvings
OFFSET = float(STRIDE)  # in one unit of an offset
UNIT = 2.0 * STRIDE  # whose logarithm counts as a size of 0
BLOCK = STRIDE // 2  # the tones nearby are measured by blocks,
_AROUND = 2  # and by so many more to either side
_EVEN = (0.03, 0.02)  # added to deviations, the picture's and those nearby: even paper stays even
_MOST = 5.0  # deviations from the mean, to either side
_LOGS = 2.0  # of sizes in units, to either side: 4 to 240 pixels; a point is smaller, and as good
# The network's outputs, and pixels from one of their places to the next.
_SEEN, _STEPS = ("ink", "offsets", "heat", "told"), (1, 2, 4, 4)
FAINT = 0.1  # of ink and of centres' chances: what has less is none (chosen)
# What is weighed, see `evidence.seen` and `evidence.weigh`.
FEATURES = (
    "one",
    "digit",  # log-odds of a digit's centre,
    "letter",  # of a letter's or a sign's,
    "mark",  # and of a mark's nearby
    "class",  # log-odds that the class told there is one of the digits
    "ink",  # the mean of its digit's ink
    "mark ink",
    "pointing",  # how far its ink's offsets point from its middle, in sizes
    "fit",  # how far its ink's width and height are from those told, in logs
    "size",  # log2 of its size in its scale, over 32 pixels
    "upright",  # the probability that it is not turned
    "read",  # log-odds of its digit, by recogniser and finder together
)


def inputs(grey: Bytes) -> Plane:
    """A picture (height, width) as the finder takes it: float32 (3, height, width).

    The first plane is standardised by the whole picture, the second by what is nearby, in blocks of
    8 pixels and two more to either side; the third is 1, where beyond the picture all are 0.
    """
    plane: Plane = grey.astype(np.float32) / np.float32(255)
    away = plane - plane.mean()
    deviation = np.sqrt(np.vdot(away, away) / away.size)
    mean, spread = _surroundings(plane)
    found = np.empty((3, *plane.shape), np.float32)
    np.divide(away, deviation + _EVEN[0], out=found[0])
    np.divide(plane - mean, spread + _EVEN[1], out=found[1])
    np.clip(found[:2], -_MOST, _MOST, out=found[:2])
    found[2] = 1
    return found


def _surroundings(plane: Plane) -> tuple[Plane, Plane]:
    """Mean and standard deviation around each pixel, straight lines between blocks' centres.

    A block at the far edges is what there is of it.
    """
    mean, square = _smooth(_blocks(np.stack([plane, plane * plane])))
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    return _enlarged(mean, plane.shape), _enlarged(spread, plane.shape)


def _blocks(planes: Plane) -> Plane:
    """The mean of each block of planes (n, height, width)."""
    for axis in (1, 2):
        length = planes.shape[axis]
        starts = np.arange(0, length, BLOCK)
        sizes = np.minimum(BLOCK, length - starts).astype(np.float32)
        sums = np.add.reduceat(planes, starts, axis)
        planes = sums / (sizes[:, None] if axis == 1 else sizes)
    return planes


def _smooth(blocks: Plane) -> Plane:
    """The mean of 5 x 5 blocks of each plane; beyond an edge the outermost counts again."""
    for axis in (1, 2):
        last = blocks.shape[axis] - 1
        index = np.arange(-_AROUND, _AROUND + 1)[:, None] + np.arange(last + 1)
        blocks = blocks.take(np.minimum(np.maximum(index, 0), last), axis).mean(axis)
    return blocks


def _enlarged(blocks: Plane, shape: tuple[int, ...]) -> Plane:
    size = blocks.shape[1] * BLOCK, blocks.shape[0] * BLOCK
    large = Image.fromarray(blocks).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(large)[: shape[0], : shape[1]]


@dataclass(frozen=True, eq=False)
class Maps:
    """What the finder sees in a picture at one scale, in pixels of that scale."""

    scale: float  # pixels here per pixel of the picture
    grey: Bytes  # uint8 (height, width), the picture
    ink: Plane  # float32 (2, height, width) in [0, 1]: ink of digits and of marks
    # float32 (2, height / 2, width / 2), x and y from ink to the centre of its digit
    offsets: Plane
    # float32 (3, height / 4, width / 4) in [0, 1]: centres of digits, marks and letters
    heat: Plane
    # float32 (height / 4, width / 4) in [0, 1]: digits too small to be seen at this scale
    small: Plane
    # float32 (27, height / 4, width / 4): of what is centred there the log of width and height, the
    # logits of `CLASSES`, and of 0 to 3 quarters of a turn anticlockwise
    told: Plane

    def sizes(self, rows: Places, columns: Places) -> tuple[Plane, Plane]:
        """Widths and heights of what is centred there."""
        widths, heights = UNIT * np.exp(np.clip(self.told[:2, rows, columns], -_LOGS, _LOGS))
        return widths, heights

    def classes(self, row: int, column: int) -> Plane:
        """Probabilities (21,) of what is centred there."""
        return _softmax(self.told[2 : 2 + len(CLASSES), row, column])

    def turns(self, row: int, column: int) -> Plane:
        """Probabilities (4,) of how it was turned."""
        return _softmax(self.told[2 + len(CLASSES) :, row, column])


@dataclass(frozen=True)
class Evidence:
    """How what speaks for a digit is weighed; see `evidence.py`.

    Attributes:
        mix: of the recogniser's and of the finder's log-probabilities of the ten digits.
        weights: of `FEATURES`.
        line: slope and shift of the log-odds that were weighed, to those that a reading reports.

    Raises:
        ValueError: there are not as many.
    """

    mix: tuple[float, ...]
    weights: tuple[float, ...]
    line: tuple[float, ...] = (1.0, 0.0)

    def __post_init__(self) -> None:
        lengths = len(self.mix), len(self.weights), len(self.line)
        if lengths != (2, len(FEATURES), 2):
            raise ValueError(f"{lengths} weights of the evidence")


class Finder:
    """The network, loaded once. It can be pickled.

    Attributes:
        evidence: the weights that belong to it.
    """

    def __init__(self, path: str | os.PathLike[str] = SHIPPED) -> None:
        """Load the shipped weights, or a file that weights/finder/export.py made.

        Raises:
            TinydigitsError: it is no such file.
            OSError: it cannot be read.
        """
        content = Path(path).read_bytes()
        try:
            self._load(content)
            self.maps(np.zeros((STRIDE, STRIDE), np.uint8), 1.0)
        except Exception as error:  # ONNX Runtime's errors have no common class of their own
            raise TinydigitsError(
                f"{path} is no finder; expected an ONNX file made by `make finder`"
            ) from error

    def _load(self, content: bytes) -> None:
        self._content, self._session = content, started(content)
        told = json.loads(self._session.get_modelmeta().custom_metadata_map["evidence"])
        self.evidence = Evidence(*(tuple(told[name]) for name in ("mix", "weights", "line")))

    def maps(self, grey: Bytes, scale: float) -> Maps:
        """Look at a picture (height, width) that is already in that scale."""
        sides = height, width = grey.shape
        filled = np.zeros((1, 3, *(-(-side // STRIDE) * STRIDE for side in sides)), np.float32)
        filled[0, :, :height, :width] = inputs(grey)
        ink, offsets, heat, told = (
            seen[0, :, : -(-height // step), : -(-width // step)]
            for seen, step in zip(self._session.run(_SEEN, {"x": filled}), _STEPS, strict=True)
        )
        return Maps(scale, grey, ink, OFFSET * offsets, heat[:HEATS], heat[HEATS], told)

    def __getstate__(self) -> bytes:
        return self._content

    def __setstate__(self, content: bytes) -> None:
        self._load(content)


def _softmax(logits: Plane) -> Plane:
    powers = np.exp(logits - logits.max(0))
    return np.asarray(powers / powers.sum(0), np.float32)

"""Digits that touch, parted as the reader parts them: what is a digit then, and what is none.

Two or three digits are drawn so that they meet, and every way to part them that the reader would
weigh is held against what was drawn. A part that is most of one digit and little of any other has
that digit's label; half a digit, or one and half another, is none. With stricter bounds (0.93 and
0.06, none from 0.85 or 0.2 on, one in every picture) the network doubts what is parted well enough:
80 instead of 86 % of touching pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from handwriting import Generator, Picture, finder, held_up, in_picture, some_margin
from tinydigits.image.normalise import normalise
from tinydigits.reader.glyph import THRESHOLD, Glyph
from tinydigits.reader.single import single_glyph
from tinydigits.reader.split import parts

NO_DIGIT = -1  # the label of what is none

_OWN = 0.85  # of a digit's ink, in a part that is that digit
_OTHERS = 0.15  # of any other digit's ink, at most
_CUT = 0.6  # of a digit's ink: a part with less is no longer that digit,
_TAKEN = 0.4  # nor is one with so much of another
_NONE = 0.3  # of the pictures also give a part that is none

Images = list[tuple[int, NDArray[np.uint8]]]
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """Digits in one picture: the ink of each (height, width), as if it were there alone."""

    labels: list[int]
    inks: list[Plane]

    def picture(self) -> Picture:
        """All of them, dark on white."""
        ink = np.max(self.inks, axis=0)
        return Image.fromarray(np.rint(255 * (1 - ink)).astype(np.uint8))

    def label(self, part: Glyph, cut: float = _CUT) -> int | None:
        """The digit that a part of the picture is, `NO_DIGIT`, or None where one can't say.

        A part with less than `cut` of every digit's ink is none.
        """
        inside, mask = _place(part)
        shares = np.array(
            [((ink[inside] > 0.5) & mask).sum() / max((ink > 0.5).sum(), 1) for ink in self.inks]
        )
        most = int(shares.argmax())
        others = float(np.delete(shares, most).max())
        if shares[most] >= _OWN and others <= _OTHERS:
            return self.labels[most]
        return NO_DIGIT if shares[most] < cut or others > _TAKEN else None

    def purity(self, part: Glyph) -> float:
        """The share of the part's ink that is any digit's, or right beside it."""
        inside, mask = _place(part)
        drawn = np.max([ink[inside] for ink in self.inks], axis=0) > 0.1
        return float((drawn & mask).sum() / mask.sum())


def _place(part: Glyph) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """Where in the picture a part lies, and which pixels there are its ink."""
    left, top = part.offset
    rows, columns = part.amount.shape
    return np.s_[top : top + rows, left : left + columns], part.amount > THRESHOLD


def parted(drawn: Sequence[tuple[int, Picture]], rng: Generator) -> Images:
    """What the network sees of digits that touch: each digit once, and perhaps a part that is none.

    Args:
        drawn: labels and pictures of single digits, dark on white.
        rng: the randomness.
    """
    row = _row(drawn, rng)
    glyph = single_glyph(finder(), np.asarray(held_up(row.picture(), rng)))
    if not glyph:
        return []
    glyph = in_picture(glyph)
    found: dict[int, list[Glyph]] = {}
    none = rng.random() < _NONE
    for part in parts(glyph, -np.inf, False)[1:]:
        label = row.label(part.glyph)
        if label is not None and (label != NO_DIGIT or none):
            found.setdefault(label, []).append(part.glyph)
    chosen = [(label, some[int(rng.integers(len(some)))]) for label, some in found.items()]
    return [
        (label, np.rint(255 * normalise(part.amount, part.noise)).astype(np.uint8))
        for label, part in chosen
    ]


def _row(drawn: Sequence[tuple[int, Picture]], rng: Generator) -> Row:
    """Digits beside each other, of about one height, each just touching the one before."""
    inks = [cropped(1 - np.asarray(picture, np.float32) / 255) for _, picture in drawn]
    height = len(inks[0])
    inks = [resized(ink, height * rng.uniform(0.85, 1.15)) for ink in inks]
    edge = round(some_margin(rng) * height)
    rows = height + 2 * edge
    wide = np.zeros((rows, sum(ink.shape[1] for ink in inks) + 2 * edge), np.float32)
    placed: list[Plane] = []
    x = edge
    for ink in inks:
        top = int(np.clip((rows - len(ink)) / 2 + rng.uniform(-0.08, 0.08) * height, 0, rows))
        if placed:
            x = _meeting(placed[-1], ink, top) - round(rng.uniform(0, 0.06) * height)
        x = max(x, 0)
        plane = np.zeros_like(wide)
        window = plane[top : top + len(ink), x : x + ink.shape[1]]
        window[:] = ink[: len(window), : window.shape[1]]
        placed.append(plane)
    end = int(np.flatnonzero(placed[-1].any(0))[-1]) + 1 + edge
    return Row([label for label, _ in drawn], [plane[:, :end] for plane in placed])


def _meeting(before: Plane, ink: Plane, top: int) -> int:
    """The column at which `ink` must start to touch what lies before it."""
    left = before[top : top + len(ink)] > 0.5
    right = ink[: len(left)] > 0.5
    both = left.any(1) & right.any(1)
    if not both.any():
        return int(np.flatnonzero(before.any(0))[-1]) + 1
    ends = left.shape[1] - left[:, ::-1].argmax(1)
    return int((ends - right.argmax(1))[both].max())


def cropped(ink: Plane) -> Plane:
    rows, columns = np.flatnonzero((ink > 0.1).any(1)), np.flatnonzero((ink > 0.1).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def resized(ink: Plane, height: float) -> Plane:
    size = (max(1, round(height * ink.shape[1] / len(ink))), max(1, round(height)))
    image = Image.fromarray(np.rint(255 * ink).astype(np.uint8))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC), np.float32) / 255

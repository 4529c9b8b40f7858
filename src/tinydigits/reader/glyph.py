"""What may be one digit, cut out of its page."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.ink import Ink
from tinydigits.reader.regions import Regions

Plane = NDArray[np.float32]

# Everywhere inside the reader a box is its edges: left, top, right, bottom in the picture's
# pixels, right and bottom just outside. `Digit.box`, which people see, is made in one place.
Box = tuple[int, int, int, int]

THRESHOLD = 0.4  # of a plain stroke: what is at least so dark is ink


@dataclass(frozen=True)
class Glyph:
    """What may be one digit, or is surely a mark.

    Attributes:
        box: its edges in the picture.
        amount: float32 ink within the box and a margin round it, all other ink removed.
        offset: (left, top) of `amount` in the picture.
        noise: standard deviation of the noise in `amount`.
        space_before: whether a gap wider than between the digits of one number precedes it.
        mark: the mark that it surely is; empty for what may be a digit.
        slanted: whether it is a straight stroke that leans, as a slash does and many a 1.
        small: whether it is much lower than its line, and so a digit only if read surely.
    """

    box: Box
    amount: Plane = field(repr=False)
    offset: tuple[int, int]
    noise: float
    space_before: bool = False
    mark: str = ""
    slanted: bool = False
    small: bool = False


def hull(boxes: NDArray[np.int64]) -> Box:
    """The box round all boxes (n, 4)."""
    left, top = boxes[:, :2].min(0)
    right, bottom = boxes[:, 2:].max(0)
    return int(left), int(top), int(right), int(bottom)


def cut_out(box: Box, members: NDArray[np.int64], ink: Ink, regions: Regions) -> Glyph:
    """Cut a group of regions out, with its soft edges but without its neighbours' ink."""
    left, top, right, bottom = box
    margin = 2 + max(right - left, bottom - top) // 20
    left, top = max(0, left - margin), max(0, top - margin)
    window = np.s_[top : bottom + margin, left : right + margin]
    labels = regions.labels[window]
    own = labels == members[0] + 1 if len(members) == 1 else np.isin(labels, members + 1)
    others = (labels > 0) & ~own
    crop = ink.amount[window]
    if others.any():
        crop = np.where(_grown(others) & ~own, 0, crop)
    return Glyph(box, np.ascontiguousarray(crop), (left, top), ink.noise)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask and all pixels within two of it, along rows and columns."""
    for _ in (0, 1):
        grown = mask.copy()
        for step in (1, 2):
            grown[step:] |= mask[:-step]
            grown[:-step] |= mask[step:]
        mask = grown.T
    return mask

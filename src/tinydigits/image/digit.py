"""A picture that one digit fills -> which of its tones is ink, and the digit as MNIST has it.

For pictures of single digits, as people sort them into folders, each judged by itself: any size,
any two tones, dark on light or light on dark. A page, uneven light or several digits are the
reader's work.
"""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Bytes, Plane
from tinydigits.image.normalise import BOX, SIDE, normalise
from tinydigits.image.quantile import median

LEAST_CONTRAST = 10  # of 255, between ink and paper; with less a picture is blank
_SPECK = 0.02  # of the ink; what stands apart with less is dust, or a corner of something else
_THIN = 1.0  # pixels of a stroke in MNIST's box of 20; thinner ones would fade
_THICKENED = 1.0  # of such a pixel, to which they are made at least as wide


@dataclass(frozen=True)
class Ink:
    """The ink of a picture."""

    amount: Plane  # float32 (height, width), 0 on paper and 1 where it is strongest
    noise: float  # standard deviation of the noise in `amount`
    dark: bool  # whether it is darker than its paper
    paper: float  # tone of the paper, from 0 to 255
    # How far ink and paper are apart: the share of the tones' variance that lies between the two,
    # from 0 to 1 (Otsu's measure of separability, 1979).
    apart: float


def ink_of(grey: Bytes) -> Ink | None:
    """Tell ink from paper; None if the picture is blank.

    Two tones are told apart by the threshold that parts them best (Otsu, "A threshold selection
    method from gray-level histograms", 1979). Paper is the one that most of the border shows: so
    it is for 98.9 % of MNIST's digits cropped to their ink, and all with any margin or bold pen.

    Args:
        grey: uint8 (height, width).
    """
    threshold, apart = _threshold(grey)
    bright = grey > threshold
    border = np.concatenate([bright[0], bright[-1], bright[1:-1, 0], bright[1:-1, -1]])
    dark = bool(border.mean() > 0.5)
    on_paper = bright if dark else ~bright
    if on_paper.all():
        return None
    paper = median(grey[on_paper])
    amount = grey.astype(np.float32) - np.float32(paper)
    if dark:
        amount = -amount
    strongest = float(amount.max())
    if strongest < LEAST_CONTRAST:
        return None
    noise = 1.4826 * median(np.abs(amount[on_paper]))  # the deviation, if it is normal
    return Ink(np.clip(amount / strongest, 0, None), noise / strongest, dark, paper, apart)


def as_mnist(grey: Bytes) -> tuple[Bytes, Ink | None]:
    """A picture of one digit as bytes (28, 28), ink 255 on 0; and the ink, None if it is blank.

    What is 28x28 keeps its pixels, inverted where paper is bright. Any other keeps its proportions
    and is brought into MNIST's box of 20x20, its centre of mass in the middle.

    Args:
        grey: uint8 (height, width).
    """
    ink = ink_of(grey)
    if grey.shape == (SIDE, SIDE):
        inverted = ink.dark if ink else grey.mean() >= 128
        return (255 - grey if inverted else grey), ink
    if ink is None:
        return np.zeros((SIDE, SIDE), np.uint8), None
    image = normalise(_thickened(_alone(np.maximum(ink.amount - 3 * ink.noise, 0))))
    return np.rint(255 * image).astype(np.uint8), ink


def _threshold(grey: Bytes) -> tuple[int, float]:
    """The tone up to which pixels are of the darker of two classes, by Otsu, and his measure."""
    counts = np.bincount(grey.ravel(), minlength=256).astype(float)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    weights = below * (below[-1] - below)
    between = (sums[-1] * below / below[-1] - sums) ** 2 / np.maximum(weights, 1)
    return int(between.argmax()), float(between.max()) / max(float(grey.var()), 1e-9)


def _alone(amount: Plane) -> Plane:
    """The box of the digit, without specks that stand apart from it above, below or beside."""
    for _ in range(2):  # what is beside may come to stand apart only once what is above is gone
        for _ in range(2):
            amount = _without_specks(amount).T
    return amount


def _without_specks(amount: Plane) -> Plane:
    """The rows of a digit: those with ink, but for bands with next to none of it."""
    ink = np.where(amount > 0.5, amount, 0).sum(1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ink > 0, [0]])))
    bands = [(a, b) for a, b in edges.reshape(-1, 2) if ink[a:b].sum() >= _SPECK * ink.sum()]
    if not bands:
        return amount
    top, bottom = bands[0][0], bands[-1][1]
    margin = 1 + (bottom - top) // BOX  # for the pale edge of its strokes
    return amount[max(0, top - margin) : bottom + margin]


def _thickened(amount: Plane) -> Plane:
    """The same digit, reduced so that strokes too thin for 28x28 do not fade but become wider."""
    inked = amount > 0.5
    edges = np.diff(inked, axis=0).sum() + np.diff(inked, axis=1).sum()
    width = 2 * inked.sum() / max(edges, 1)  # a stroke's area by its length, which has two edges
    shrink = max(amount.shape) / BOX
    block = int(_THICKENED * shrink)
    if width >= _THIN * shrink or block < 2:
        return amount
    rows, columns = (-(-side // block) * block for side in amount.shape)
    padded = np.zeros((rows, columns), np.float32)
    padded[: amount.shape[0], : amount.shape[1]] = amount
    blocks = padded.reshape(rows // block, block, columns // block, block)
    return np.asarray(blocks.max((1, 3)))

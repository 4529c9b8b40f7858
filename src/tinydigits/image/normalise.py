"""The ink of one digit -> 28x28 as MNIST has it.

MNIST's convention (LeCun, Cortes and Burges): the digit fits a 20x20 box with its proportions
kept, is anti-aliased, and lies with its centre of mass at the centre of 28x28, which is the
pixel (14, 14), counting from 0: their images average 14.0 both ways. The steps here are the
ones that tests/golden/README.md specifies, where vectors hold every other implementation to them.
"""

from functools import lru_cache

import numpy as np

from tinydigits.arrays import Plane
from tinydigits.image.quantile import quantile

SIDE = 28
BOX = 20


def normalise(amount: Plane, noise: float = 0.0) -> Plane:
    """Ink of one digit (height, width), paper 0, as the finder sees it -> (28, 28) in [0, 1].

    Args:
        amount: the ink; what belongs to anything else is 0.
        noise: standard deviation of the noise in `amount`.

    Returns:
        The image the network takes; all 0 if there is no ink.
    """
    tones = _stretched(amount, noise)
    core = _box(tones, 0.5)
    if core is None:
        return np.zeros((SIDE, SIDE), np.float32)
    # NIST's digits were black and white before they were reduced to MNIST's size.
    gain = max(1.0, max(core[1] - core[0], core[3] - core[2]) / BOX)
    tones = np.clip(0.5 + (tones - 0.5) * gain, 0, 1)
    box = _box(tones, min(0.5, 0.1 + 10 * noise)) or core
    tones = tones[box[0] : box[1], box[2] : box[3]]
    shrink = max(tones.shape) / BOX
    height, width = (max(1, round(n / shrink)) for n in tones.shape)
    small = _weights(tones.shape[0], height) @ tones @ _weights(tones.shape[1], width).T
    return _centred(small / max(float(small.max()), 1e-6))


def _stretched(amount: Plane, noise: float) -> Plane:
    """Contrast from just above the noise to plain ink -> [0, 1]."""
    low = 3 * noise
    strongest = amount[amount > 0.5 * amount.max(initial=0)]
    if strongest.size == 0:
        return np.zeros_like(amount)
    high = quantile(strongest, 0.6)
    return np.asarray(np.clip((amount - low) / max(high - low, 1e-3), 0, 1), np.float32)


def _box(tones: Plane, level: float) -> tuple[int, int, int, int] | None:
    """Top, bottom, left and right of what is darker than `level`."""
    inked = tones > level
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if rows.size == 0:
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


@lru_cache(256)
def _weights(source: int, target: int) -> Plane:
    """(target, source) weights that resample `source` pixels into `target`: a triangle filter.

    The triangle reaches one pixel of the coarser of the two to either side, so it interpolates
    when enlarging and averages when reducing.
    """
    scale = source / target
    centres = (np.arange(target) + 0.5) * scale
    distance = np.abs(np.arange(source) + 0.5 - centres[:, None]) / max(scale, 1)
    weights = np.maximum(1 - distance, 0)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _centred(small: Plane) -> Plane:
    """Place a digit of at most 20x20 by whole pixels, its centre of mass nearest pixel (14, 14)."""
    image = np.zeros((SIDE, SIDE), np.float32)
    mass = small.sum()
    start = []
    for axis, length in enumerate(small.shape):
        centre = (small.sum(1 - axis) * np.arange(length)).sum() / mass
        start.append(min(max(round(SIDE / 2 - centre), 0), SIDE - length))
    top, left = start
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image

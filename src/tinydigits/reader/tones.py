"""The tones of a picture: a view in which to weigh them, their noise, and what paper may have.

Tones are bytes: 0 is black, 255 white.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Tones = NDArray[np.uint8]

FAINTEST = 10  # ink differs from paper by at least this much, a 25th of black to white
NOISE_MARGIN = 5.0  # and by this many standard deviations of the noise
# Sides of the view: the least shows a stroke of MNIST's (2 to 3 of 28 pixels) 5 pixels wide; with
# 128 and 96 as many small digits are read rightly, in 1.4 and 1.1 times as long. The most bounds
# the time; a digit a tenth as high as the page is then 25 pixels high.
_LEAST_SIDE, _MOST_SIDE = 64, 256
_EVEN = 0.1  # of the contrast: paper that strays less than this is evenly lit
_SAMPLE = 20_000  # pixels by which noise is measured


@dataclass(frozen=True)
class View:
    """A picture in the size in which it is weighed.

    Attributes:
        tones: uint8 (height, width), smoothed if they were noisy.
        scale: its pixels for each of the picture's.
        noise: standard deviation of the noise in `tones`.
    """

    tones: Tones
    scale: float
    noise: float


@dataclass(frozen=True)
class Papers:
    """The tones of a picture as if it were evenly lit.

    Attributes:
        dark: the darker end, as paper.
        bright: the brighter end, as paper.
        flat: for each, whether paper of that tone is all alike.
        only: whether what is flat has one of these two tones.
    """

    dark: float
    bright: float
    flat: tuple[bool, bool]
    only: bool


def view(tones: Tones) -> View:
    """Make a picture smaller or larger by a whole factor, to a side of 128 to 256 pixels."""
    longer = max(tones.shape)
    factor = -(-longer // _MOST_SIDE)
    scale = max(1, round(_LEAST_SIDE / longer)) / factor
    if factor > 1:
        tones = np.asarray(Image.fromarray(tones).reduce(factor))
    elif scale > 1:
        size = (int(tones.shape[1] * scale), int(tones.shape[0] * scale))
        tones = np.asarray(Image.fromarray(tones).resize(size, Image.Resampling.BICUBIC))
    noise = noise_of(tones)
    if NOISE_MARGIN * noise > FAINTEST:
        tones, noise = smoothed(tones), noise * LEFT[0]
    return View(tones, scale, noise)


def papers(seen: View) -> Papers | None:
    """The tones that paper may have if it is evenly lit; None if nothing stands out from it.

    Shadows, slopes of light and second colours of paper give flat parts of a third tone; the edges
    of ink, however blurred, are not flat.
    """
    counts = np.bincount(seen.tones.ravel(), minlength=256)
    low, high = _quantile(counts, 0.001), _quantile(counts, 0.999)
    contrast = high - low
    if contrast < max(FAINTEST, NOISE_MARGIN * seen.noise):
        return None
    flat = _local_range(seen.tones) <= max(2 + NOISE_MARGIN * seen.noise, contrast / 16)
    counts = counts - np.bincount(seen.tones[~flat], minlength=256)
    middle = (low + high) // 2 + 1
    dark, bright = counts[:middle], counts[middle:]
    between = counts[low + contrast // 5 + 1 : high - contrast // 5].sum()
    return Papers(
        _quantile(dark, 0.5) if dark.any() else low,
        middle + _quantile(bright, 0.5) if bright.any() else high,
        (_spread(dark) <= _EVEN * contrast, _spread(bright) <= _EVEN * contrast),
        bool(between <= 0.02 * counts.sum()),
    )


# What n binomial smoothings leave of the standard deviation of white noise: the sum of the squared
# weights of (1, 2, 1)/4, convolved n times with itself.
LEFT = (6 / 16, 70 / 256, 924 / 4096)


def smoothed(tones: Tones) -> Tones:
    """Binomial 3x3 smoothing."""
    padded = np.pad(tones, 1, mode="edge").astype(np.uint16)
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    rows = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    return np.asarray((rows + 8) >> 4, np.uint8)


def noise_of(plane: NDArray[Any]) -> float:
    """Standard deviation of white noise: Immerkaer's mask (CVIU 64, 1996), made robust.

    The lower quartile of its absolute response stands for its spread, because strokes raise the
    rest.
    """
    if min(plane.shape) < 3:
        return 0.0
    step = 1 + plane.size // _SAMPLE
    rows = [plane[i : len(plane) - 2 + i : step] for i in range(3)]
    rows = [row.astype(np.int16) if row.dtype == np.uint8 else row for row in rows]
    bend = rows[0] - 2 * rows[1] + rows[2]
    response = np.abs(bend[:, :-2] - 2 * bend[:, 1:-1] + bend[:, 2:]).ravel()
    quarter = response.size // 4
    return float(np.sort(response)[quarter]) / (6 * 0.3186)


def _local_range(tones: Tones) -> Tones:
    """The largest less the smallest tone of the 3x3 pixels round each."""
    high, low = tones, tones
    for axis in (0, 1):
        high, low = _of_three(np.maximum, high, axis), _of_three(np.minimum, low, axis)
    return high - low


def _of_three(extreme: np.ufunc, tones: Tones, axis: int) -> Tones:
    """The extreme of each pixel and its two neighbours along an axis."""
    found = tones.copy()
    to, along = (found, tones) if axis == 0 else (found.T, tones.T)
    extreme(to[1:], along[:-1], out=to[1:])
    extreme(to[:-1], along[1:], out=to[:-1])
    return found


def _quantile(counts: NDArray[np.int64], share: float) -> int:
    running = counts.cumsum()
    return int(running.searchsorted(share * running[-1]))


def _spread(counts: NDArray[np.int64]) -> int:
    return _quantile(counts, 0.95) - _quantile(counts, 0.05) if counts.any() else 0

"""A grey picture -> ink: 0 where there is paper, about 1 where there is ink.

Which of the two tones is ink, how the light falls and how strong the noise is are found from the
picture itself. Ink is what is rarer, the picture's border counting as much as all that it
encloses, so that a thick digit cropped to its edges is not taken for paper.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]

FAINTEST = 0.04  # ink differs from paper by at least this part of black to white
NOISE_MARGIN = 5.0  # and by this many standard deviations of the noise
_EVEN_SIDE = 40  # a picture no larger than this is taken to be evenly lit
_SAMPLED_SIDE = 200  # tones are weighed on every n-th row and column, about so many in all
_CELLS = 48  # along the longer side of the coarse picture in which light is followed


@dataclass(frozen=True)
class Ink:
    """The ink of a picture.

    Attributes:
        amount: float32 (height, width); paper is near 0, a plain stroke near 1.
        noise: standard deviation of the noise that is left in `amount`.
    """

    amount: Plane
    noise: float


def find_ink(grey: Plane) -> Ink | None:
    """Separate ink from paper in a grey picture (height, width) in [0, 1].

    Returns:
        The ink, or None where nothing stands out from the paper.
    """
    amount = _evenly_lit(grey)
    noise = _noise(amount)
    level = _level(amount, noise)
    for _ in range(3):
        if level is None or noise < 0.07 * level or min(grey.shape) < _EVEN_SIDE:
            break
        amount = _smoothed(amount)
        noise = _noise(amount)
        level = _level(amount, noise)
    return None if level is None else Ink(amount / np.float32(level), noise / level)


def _level(amount: Plane, noise: float) -> float | None:
    """How strong plain ink is: the upper quartile of what stands out from noise."""
    plain = amount[amount > max(FAINTEST, NOISE_MARGIN * noise)]
    return float(np.percentile(plain, 75)) if plain.size else None


def _evenly_lit(grey: Plane) -> Plane:
    """Ink positive on paper 0, by the kind of light that leaves least beside the paper.

    Light is even or a quadratic surface; after either, broad shadows are removed.
    """
    coarse = _coarse(grey, _CELLS)
    even = np.full(grey.shape, np.median(coarse), np.float32)
    amount = _unshadowed(_upright_tones(grey - even))
    if max(grey.shape) <= _EVEN_SIDE:
        return amount
    sloping = _unshadowed(_upright_tones(grey - _enlarged(_surface(coarse), grey.shape)))
    left, left_sloping = (np.abs(_coarse(each, _CELLS)).sum() for each in (amount, sloping))
    return sloping if left_sloping < 0.7 * left else amount


def _upright_tones(difference: Plane) -> Plane:
    """Set the paper's tone to 0 and make ink positive."""
    step = max(1, max(difference.shape) // _SAMPLED_SIDE)
    sample = difference[::step, ::step]
    weights = np.ones(sample.shape, np.float32)
    border = np.zeros(sample.shape, bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    weights[border] = max(1.0, sample.size / border.sum() - 1)
    paper = _weighted_median(sample, weights)
    beside = sample - paper
    lopsided = (weights * beside * beside * beside).sum()  # a power of 3 is ten times slower
    return (difference - paper) * np.float32(1 if lopsided >= 0 else -1)


def _surface(coarse: Plane) -> Plane:
    """The quadratic surface nearest to the tones.

    Least absolute deviations by reweighting, so that ink, as long as it is rarer than paper,
    does not bend the surface.
    """
    terms = _quadratic(coarse.shape)
    values = coarse.ravel().astype(np.float64)
    residual = values - np.median(values)
    for _ in range(12):
        weighted = terms / np.maximum(np.abs(residual), 1e-3)[:, None]
        solution = np.linalg.lstsq(weighted.T @ terms, weighted.T @ values, rcond=None)[0]
        residual = values - terms @ solution
    return (terms @ solution).reshape(coarse.shape).astype(np.float32)


def _quadratic(shape: tuple[int, ...]) -> NDArray[np.float64]:
    y, x = (np.linspace(-1, 1, n) for n in shape)
    yy, xx = np.meshgrid(y, x, indexing="ij")
    return np.stack([np.ones_like(xx), xx, yy, xx * yy, xx * xx, yy * yy], axis=-1).reshape(-1, 6)


def _unshadowed(amount: Plane) -> Plane:
    """Subtract dark areas that are too broad to be strokes: shadows, hands, table edges.

    A grey opening, over a quarter of the longer side, keeps exactly what is broader than that.
    """
    if min(amount.shape) <= _EVEN_SIDE:
        return amount
    coarse = _coarse(amount, _CELLS)
    window = max(coarse.shape) // 4 | 1
    broad = _running(np.max, _running(np.min, coarse, window), window)
    if broad.max() - broad.min() < FAINTEST:
        return amount
    return amount - _enlarged(broad, amount.shape)


def _running(extreme: object, plane: Plane, window: int) -> Plane:
    for axis in (0, 1):
        pad = [(window // 2, window // 2) if a == axis else (0, 0) for a in (0, 1)]
        views = sliding_window_view(np.pad(plane, pad, mode="edge"), window, axis=axis)
        plane = extreme(views, axis=-1)  # type: ignore[operator]
    return plane


def _coarse(plane: Plane, cells: int) -> Plane:
    factor = -(-max(plane.shape) // cells)
    if factor == 1:
        return plane
    return np.asarray(Image.fromarray(plane).reduce(factor))


def _enlarged(coarse: Plane, shape: tuple[int, ...]) -> Plane:
    size = (shape[1], shape[0])
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR))


def _weighted_median(values: Plane, weights: Plane) -> np.float32:
    order = np.argsort(values, axis=None)
    running = np.cumsum(weights.ravel()[order])
    return np.float32(values.ravel()[order[np.searchsorted(running, running[-1] / 2)]])


def _noise(plane: Plane) -> float:
    """Standard deviation of white noise: Immerkaer's mask (CVIU 64, 1996), made robust.

    The lower quartile of its absolute response stands for its spread, because strokes raise the
    rest.
    """
    if min(plane.shape) < 3:
        return 0.0
    rows = plane[:-2] - 2 * plane[1:-1] + plane[2:]
    response = rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]
    return float(np.percentile(np.abs(response), 25)) / (6 * 0.3186)


def _smoothed(plane: Plane) -> Plane:
    """Binomial 3x3 smoothing, which leaves 3/8 of white noise."""
    padded = np.pad(plane, 1, mode="edge")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return np.asarray((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16, np.float32)

"""Canny's edges of images (J. Canny, "A computational approach to edge detection", 1986)."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_SIGMA, _LOW, _HIGH = 1.0, 0.1, 0.2  # scikit-image's defaults, which MNIST-C takes


def canny(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Edges 1 on 0 of images (N, height, width) in [0, 1].

    Blurred; then where the slope is steepest across an edge, and steeper than 0.2 or joined to
    such a place by steeper than 0.1 (of Sobel's sums of eight).
    """
    shape = images.shape[1:]
    weight = ndimage.gaussian_filter(np.ones(shape), _SIGMA, mode="constant")
    blurred = ndimage.gaussian_filter(
        np.asarray(images, float), (0, _SIGMA, _SIGMA), mode="constant"
    )
    smooth = blurred / (weight + np.finfo(float).eps)
    down, across = (_slope(smooth, axis) for axis in (1, 2))
    steepness = np.hypot(down, across)
    inside = np.pad(np.ones((shape[0] - 2, shape[1] - 2), bool), 1)
    ridge = inside & (steepness >= _LOW) & _steepest(steepness, down, across)
    joined = np.zeros((3, 3, 3), int)
    joined[1] = 1  # to the eight neighbours in the same image
    pieces, count = ndimage.label(ridge, joined)
    strong = np.zeros(count + 1)
    strong[pieces[ridge & (steepness >= _HIGH)]] = 1
    return np.asarray(strong[pieces])


def _slope(images: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Sobel's slope down (1) or across (2) each image."""
    found = ndimage.correlate1d(images, [-1, 0, 1], axis)
    return np.asarray(ndimage.correlate1d(found, [1, 2, 1], 3 - axis))


def _steepest(
    steepness: NDArray[np.float64], down: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where it is no less steep a step up and a step down the slope, between pixels."""
    larger = np.maximum(np.abs(down), np.abs(across))
    slopes = np.stack([np.zeros_like(down), down, across])
    steps = np.divide(slopes, larger, out=np.zeros_like(slopes), where=larger > 0)
    grid = np.indices(steepness.shape)
    beside = [
        ndimage.map_coordinates(steepness, grid + sign * steps, order=1, mode="constant")
        for sign in (-1, 1)
    ]
    return np.asarray((steepness >= beside[0]) & (steepness >= beside[1]))

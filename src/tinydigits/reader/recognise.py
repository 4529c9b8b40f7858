"""28x28 images -> calibrated probabilities of the ten digits: the one way from pixels to an answer.

Each image is seen in several views, and their probabilities are averaged. Away from MNIST people
write digits larger within their box, and leaning to the right more often than to the left; a
smaller view and one turned upright change next to nothing on MNIST and read a sixth of the wrong
pen strokes of other writers rightly (benchmarks/NOTES.md).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Plane
from tinydigits.reader.session import Session

VIEWS = ((1.0, 0.0), (0.85, 0.0), (1.0, 10.0))  # (size, degrees counterclockwise)


def recognise(session: Session, images: Plane) -> Plane:
    """Images (N, 28, 28) in [0, 1], ink 1 -> calibrated probabilities (N, 10).

    Raises:
        TinydigitsError: the model fails on them, or gives what are no log-probabilities.
    """
    return probabilities(view_log_probs(session, images), session.temperature)


def view_log_probs(session: Session, images: Plane) -> Plane:
    """Images (N, 28, 28) -> the model's log-probabilities of each view, (N, views, 10)."""
    seen = np.stack([view(images, size, turn) for size, turn in VIEWS], axis=1)
    return session.log_probs(seen.reshape(-1, *images.shape[1:])).reshape(*seen.shape[:2], 10)


def probabilities(log_probs: Plane, temperature: float) -> Plane:
    """Log-probabilities (N, views, 10) -> probabilities (N, 10): softmax, then the views' mean.

    Dividing by a temperature calibrates (Guo et al., "On calibration of modern neural networks",
    2017).
    """
    logits = log_probs / np.float32(temperature)
    powers = np.exp(logits - logits.max(2, keepdims=True))
    return np.asarray((powers / powers.sum(2, keepdims=True)).mean(1), np.float32)


def view(images: Plane, size: float, turn: float) -> Plane:
    """Scale and turn images (N, 28, 28) about their centre, by bilinear look-up."""
    if (size, turn) == (1.0, 0.0):
        return images
    corners, weights = _look_up(images.shape[1], size, turn)
    flat = images.reshape(len(images), images.shape[1] * images.shape[2])
    seen = np.einsum("nkp,kp->np", flat.take(corners, axis=1), weights)  # of four corners each
    return np.asarray(seen, np.float32).reshape(images.shape)


@cache
def _look_up(side: int, size: float, turn: float) -> tuple[NDArray[np.int64], Plane]:
    """For each pixel of a view, the four source pixels round it and their weights."""
    cosine, sine = np.cos(np.radians(turn)) / size, np.sin(np.radians(turn)) / size
    y, x = np.indices((side, side)).reshape(2, -1) - (side - 1) / 2
    row, column = (sine * x + cosine * y + (side - 1) / 2, cosine * x - sine * y + (side - 1) / 2)
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    corners, weights = [], []
    for down in (0, 1):
        for right in (0, 1):
            y, x = top + down, left + right
            inside = (y >= 0) & (y < side) & (x >= 0) & (x < side)
            weight = (1 - np.abs(row - y)) * (1 - np.abs(column - x)) * inside
            corners.append(np.clip(y, 0, side - 1) * side + np.clip(x, 0, side - 1))
            weights.append(weight)
    return np.array(corners), np.array(weights, np.float32)

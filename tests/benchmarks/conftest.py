"""Handwriting made up for the tests: each digit a zigzag of its own, so that nothing is needed."""

import numpy as np
import pytest

from pictures.judging import Sources
from pictures.judging.hands import drawn
from tinydigits.handwriting import PenDigit


def strokes(label: int) -> list[np.ndarray]:
    """A zigzag of label + 2 points."""
    points = [(20.0 + 60 * (turn % 2), 100.0 * turn / (label + 1)) for turn in range(label + 2)]
    return [np.array(points)]


@pytest.fixture(scope="session")
def sources() -> Sources:
    labels = np.arange(10)
    images = np.zeros((10, 28, 28), np.uint8)
    for label in labels:
        ink = drawn(strokes(int(label)), 0.1, 18)
        images[label, 4 : 4 + len(ink), 6 : 6 + ink.shape[1]] = np.uint8(255 * ink)
    pens = {3: [PenDigit(int(label), 3, strokes(int(label))) for label in labels]}
    return Sources((images, labels), pens, (images[:, 4:25, 6:22], labels))

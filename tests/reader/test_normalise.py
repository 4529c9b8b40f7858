"""MNIST's convention, on images made for it and on MNIST itself."""

from pathlib import Path

import numpy as np
import pytest

from tinydigits.image.normalise import normalise
from tinydigits.reader.reader import Reader

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("single", [False, True])
def test_golden_pictures_are_read(single: bool, reader: Reader) -> None:
    shown = {"plain": 7, "dark": 2, "clear": 9, "uneven": 4, "noisy": 2, "coloured": 7, "tiny": 4}
    read = {name: reader.read(GOLDEN / f"{name}.png", single=single).text for name in shown}
    assert read == {name: str(label) for name, label in shown.items()}


@pytest.mark.mnist
def test_mnist_itself_is_hardly_changed(mnist_test: tuple[np.ndarray, np.ndarray]) -> None:
    images = mnist_test[0][:1000].astype(np.float32) / 255
    seen = np.stack([normalise(image) for image in images])
    assert np.abs(seen - images).mean() < 0.01
    reader = Reader()
    before = reader.session.log_probs(images).argmax(1)
    after = reader.session.log_probs(seen).argmax(1)
    assert (before == after).mean() >= 0.995

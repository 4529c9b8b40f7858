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


def test_the_digit_fits_20x20_with_its_centre_of_mass_in_the_middle() -> None:
    bar = np.zeros((300, 200), np.float32)
    bar[50:250, 20:60] = bar[210:250, 20:160] = 1  # an L, 200 high and 140 wide
    image = normalise(bar)
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == 14
    y, x = np.indices(image.shape)
    assert abs((image * y).sum() / image.sum() - 14) <= 0.5
    assert abs((image * x).sum() / image.sum() - 14) <= 0.5


@pytest.mark.parametrize("size", [8, 20, 55, 400])
def test_any_size_gives_the_same_digit(size: int) -> None:
    plus = np.zeros((size, size), np.float32)
    thick = max(1, size // 8)
    plus[:, (size - thick) // 2 : (size + thick) // 2] = 1
    plus[(size - thick) // 2 : (size + thick) // 2] = 1
    image = normalise(plus)
    assert image.shape == (28, 28) and image.dtype == np.float32
    assert image.max() == 1 and image.min() == 0
    rows = np.flatnonzero(image.any(1))
    assert np.ptp(rows) == 19
    assert 50 < image.sum() < 140


def test_nothing_gives_an_empty_image() -> None:
    assert not normalise(np.zeros((30, 30), np.float32)).any()


@pytest.mark.mnist
def test_mnist_itself_is_hardly_changed(mnist_test: tuple[np.ndarray, np.ndarray]) -> None:
    images = mnist_test[0][:1000].astype(np.float32) / 255
    seen = np.stack([normalise(image) for image in images])
    assert np.abs(seen - images).mean() < 0.01
    reader = Reader()
    before = reader.session.log_probs(images).argmax(1)
    after = reader.session.log_probs(seen).argmax(1)
    assert (before == after).mean() >= 0.995

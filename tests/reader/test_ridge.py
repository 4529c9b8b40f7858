"""The crest of a gradient is no sure 1, a stroke is, in even light or not."""

import numpy as np
import pytest

from tinydigits.reader.glyph import Glyph
from tinydigits.reader.reader import Reader
from tinydigits.reader.ridge import is_ridge

Y, X = np.mgrid[-1:1:200j, -1:1:60j]


def slim(amount: np.ndarray) -> Glyph:
    """What is ink of a picture, between the columns 20 and 40."""
    amount = np.ascontiguousarray(amount[:, 20:40], np.float32)
    return Glyph((20, 0, 40, 200), amount, (20, 0), 0.0)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_crest_falls_on_at_both_sides(sign: int) -> None:
    ridge = 128 + sign * (50 * Y + 40 * X**2)
    assert is_ridge(ridge.astype(np.uint8), slim(1 - 5 * X**2))


@pytest.mark.parametrize("slope", [0, 50])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_soft_stroke_does_not(sign: int, slope: int) -> None:
    stroke = np.exp(-((X / 0.15) ** 2))
    assert not is_ridge((128 + slope * Y + sign * 70 * stroke).astype(np.uint8), slim(stroke))


def test_what_falls_on_at_one_side_only_may_be_a_stroke_in_a_gradient() -> None:
    stroke = np.exp(-((X / 0.15) ** 2))
    assert not is_ridge((128 + 100 * X - 5 * stroke).astype(np.uint8), slim(stroke))


def test_gradients_are_no_sure_digits(reader: Reader) -> None:
    rng = np.random.default_rng(0)
    read = []
    for _ in range(40):
        a, c = rng.uniform(20, 80), rng.choice([-1, 1]) * rng.uniform(20, 80)
        grey = 128 + a * Y + c * (X * X + Y * Y) / 2 + rng.normal(0, 2, X.shape)
        read += reader.read(np.clip(grey, 0, 255).astype(np.uint8)).digits
    assert read and all(digit.uncertain for digit in read)

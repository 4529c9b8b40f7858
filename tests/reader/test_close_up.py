"""A picture that its ink fills, with a margin of paper round it."""

import numpy as np
import pytest

from tests.reader.made import Draw, without_margins
from tinydigits.reader.close_up import close_up


def cut(draw: Draw, height: int) -> np.ndarray:
    return without_margins(draw("2", height=height, pen=height // 8))


@pytest.mark.parametrize("height", [16, 64, 65, 300])
@pytest.mark.parametrize("dark", [True, False])
def test_ink_that_fills_a_picture_gets_a_margin_of_its_paper(
    height: int, dark: bool, draw: Draw
) -> None:
    picture = cut(draw, height)
    close = close_up(picture if dark else 255 - picture)
    assert close
    grey, back = close
    assert max(grey.shape) <= 80
    margin = np.concatenate([grey[:8].ravel(), grey[-8:].ravel(), grey[:, :8].ravel()])
    assert (margin == (255 if dark else 0)).all()
    bottom, right = (side - 8 for side in grey.shape)
    assert back((8, 8, right, bottom)) == (0, 0, picture.shape[1], picture.shape[0])
    assert back((0, 0, 80, 80)) == (0, 0, picture.shape[1], picture.shape[0])


def test_a_digit_with_margins_needs_none(draw: Draw) -> None:
    assert close_up(np.pad(cut(draw, 60), 20, constant_values=255)) is None


def test_what_is_not_of_two_tones_gets_none() -> None:
    rng = np.random.default_rng(1)
    assert close_up(rng.integers(0, 256, (48, 40)).astype(np.uint8)) is None, "noise"
    slope = np.linspace(0, 255, 48).astype(np.uint8)
    assert close_up(np.repeat(slope[:, None], 40, axis=1)) is None, "a gradient"
    assert close_up(np.full((30, 30), 200, np.uint8)) is None, "blank"


def test_a_narrow_picture_gets_none_and_one_of_a_few_pixels_is_no_error() -> None:
    assert close_up(np.array([[7]], np.uint8)) is None and close_up(np.array([[0, 255]], np.uint8))
    bars = np.where(np.arange(400) % 50 < 25, 220, 30).astype(np.uint8)
    assert close_up(np.repeat(bars[:, None], 45, axis=1)) is None
    assert close_up(np.repeat(bars[:, None], 90, axis=1))

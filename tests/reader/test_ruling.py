"""Lines across the page are found however pale, and digits are none."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.ruling import find_ruling

Draw = Callable[..., Image.Image]


def ink_of(page: Image.Image) -> np.ndarray:
    return (1 - np.asarray(page, np.float32) / 255).astype(np.float32)


def squared(ink: np.ndarray, tone: float, slope: float) -> np.ndarray:
    y, x = np.indices(ink.shape)
    down = y - slope * (x - ink.shape[1] / 2)
    right = x + slope * (y - ink.shape[0] / 2)
    lines = (np.abs(down % 40 - 20) <= 1) | (np.abs(right % 40 - 20) <= 1)
    return np.maximum(ink, np.where(lines, np.float32(tone), 0)).astype(np.float32)


@pytest.mark.parametrize("tone", [0.2, 1.0])
@pytest.mark.parametrize("slope", [0.0, 0.03, -0.05])
def test_squares_of_any_tone_are_found_along_their_slope(
    draw: Draw, tone: float, slope: float
) -> None:
    ink = ink_of(draw("1471", "4710", height=50))
    found = find_ruling(squared(ink, tone, slope), 0.0)
    assert found.slope == pytest.approx(slope, abs=0.5 / ink.shape[1])
    for lines, side in ((found.level, ink.shape[0]), (found.upright, ink.shape[1])):
        assert abs(len(lines) - side / 40) <= 2
        assert (np.diff(lines[:, 2:]) <= 4).all()
    assert found.grid


def test_lines_without_uprights_are_no_grid(draw: Draw) -> None:
    ink = ink_of(draw("1471", "4710", height=50))
    ink[40::50] = np.maximum(ink[40::50], 0.3)
    found = find_ruling(ink, 0.0)
    assert len(found.level) >= 3 and not len(found.upright) and not found.grid


def test_digits_and_noise_are_no_lines(draw: Draw, rng: np.random.Generator) -> None:
    assert not len(find_ruling(ink_of(draw("7777777", "2222222", height=60)), 0.0).level)
    noise = rng.normal(0, 0.1, (200, 300)).astype(np.float32)
    assert not len(find_ruling(noise, 0.03).level)


def test_an_empty_page_has_none() -> None:
    for shape in ((1, 1), (3, 200), (200, 3)):
        assert not len(find_ruling(np.zeros(shape, np.float32), 0.0).level)


def test_a_frame_is_no_grid() -> None:
    ink = np.zeros((120, 200), np.float32)
    ink[15:18, 20:180] = ink[100:103, 20:180] = 1
    ink[15:103, 20:23] = ink[15:103, 177:180] = 1
    found = find_ruling(ink, 0.0)
    assert len(found.level) == len(found.upright) == 2 and not found.grid

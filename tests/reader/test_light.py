"""The background follows what is broad, however sharp its edge, and nothing narrow."""

import numpy as np
import pytest

from tinydigits.reader.light import background


def slow(tones: np.ndarray, window: int, extreme: object) -> np.ndarray:
    half = window // 2
    padded = np.pad(tones, half, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, (window, window))
    return extreme(views, axis=(2, 3))  # type: ignore[operator]


@pytest.mark.parametrize("window", [3, 7, 15])
@pytest.mark.parametrize("dark", [True, False])
def test_it_is_a_closing_or_an_opening(dark: bool, window: int, rng: np.random.Generator) -> None:
    tones = rng.integers(0, 256, (19, 31)).astype(np.uint8)
    first, second = (np.max, np.min) if dark else (np.min, np.max)
    expected = slow(slow(tones, window, first), window, second)
    assert (background(tones, window, dark=dark) == expected).all()


def test_a_slanted_shadow_stays_and_a_stroke_across_its_edge_goes() -> None:
    y, x = np.indices((120, 160))
    shadow = np.where(y > 0.6 * x, 110, 230).astype(np.uint8)
    page = shadow.copy()
    page[30:90, 70:76] = 20
    inside = np.s_[21:-21, 21:-21]  # at the picture's border an edge goes on straight
    assert (background(page, 21, dark=True) != shadow)[inside].sum() < 20  # steps of the slant


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 2)])
def test_windows_larger_than_the_picture_do_no_harm(shape: tuple[int, int]) -> None:
    tones = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    assert background(tones, 101, dark=True).shape == shape


def test_a_shadow_that_cuts_off_the_page_s_corner_stays_if_the_page_goes_on() -> None:
    y, x = np.indices((120, 160))
    shadow = np.where(x + y < 18, 110, 230).astype(np.uint8)
    assert (background(shadow, 21, dark=True, beyond=True) == shadow).all()
    assert (background(shadow, 21, dark=True) == 230).all()

"""The view, its noise, and whether a picture has two tones."""

import numpy as np
import pytest

from tinydigits.reader.tones import LEFT, noise_of, papers, smoothed, view


def digit(size: int) -> np.ndarray:
    page = np.full((size, size), 220, np.uint8)
    page[size // 5 : -size // 5, size // 3 : size // 2] = 40
    return page


@pytest.mark.parametrize("size", [12, 28, 60, 128, 200, 256, 257, 900])
def test_the_view_of_any_picture_is_of_like_size(size: int) -> None:
    seen = view(digit(size))
    assert 45 <= max(seen.tones.shape) <= 256
    assert seen.scale == pytest.approx(max(seen.tones.shape) / size, rel=0.02)


@pytest.mark.parametrize("size", [16, 28, 100, 400])
def test_two_tones_are_seen_at_any_size(size: int) -> None:
    found = papers(view(digit(size)))
    assert found is not None
    assert found.only and found.flat[True]
    assert found.bright == 220
    assert found.dark == pytest.approx(40, abs=10)  # enlarging overshoots within thin strokes


def test_a_shadow_is_a_third_tone() -> None:
    page = digit(200)
    page[:, 120:] = page[:, 120:] * 0.6
    found = papers(view(page))
    assert found is not None and not found.only


def test_sloping_light_is_not_flat() -> None:
    page = (digit(200) * np.linspace(0.7, 1, 200)).astype(np.uint8)
    found = papers(view(page))
    assert found is not None and not found.flat[1]


def test_an_even_picture_has_no_tones() -> None:
    assert papers(view(np.full((50, 70), 128, np.uint8))) is None


@pytest.mark.parametrize("shape", [(300, 300), (1000, 1200)])
def test_noise_is_measured_beside_strokes(shape: tuple[int, int], rng: np.random.Generator) -> None:
    page = 120 + rng.normal(0, 8, shape)
    page[50:90, 50:58] -= 90
    tones = np.clip(np.rint(page), 0, 255).astype(np.uint8)
    assert noise_of(tones) == pytest.approx(8, rel=0.1)


def test_smoothing_leaves_of_noise_what_it_says(rng: np.random.Generator) -> None:
    tones = np.clip(rng.normal(128, 20, (400, 400)), 0, 255).astype(np.uint8)
    for left in LEFT:
        tones = smoothed(tones)
        assert tones.std() == pytest.approx(20 * left, rel=0.05)

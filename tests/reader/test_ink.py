from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.ink import Candidate, choose, find_ink
from tinydigits.reader.strokes import Evidence

Draw = Callable[..., Image.Image]


def grey(picture: object) -> np.ndarray:
    return np.asarray(picture, np.float32) / 255


def test_both_polarities_give_the_same_ink(draw: Draw) -> None:
    page = grey(draw("472"))
    dark, light = find_ink(page), find_ink(1 - page)
    assert dark is not None and light is not None
    assert np.allclose(dark.amount, light.amount, atol=1e-3)
    assert np.allclose(dark.amount, 1 - page, atol=0.02)


@pytest.mark.parametrize("tilt", [0.3, -0.3])
def test_a_slope_of_light_is_removed(draw: Draw, tilt: float) -> None:
    page = grey(draw("472", "104"))
    light = 0.65 + tilt * np.linspace(-1, 1, page.shape[1], dtype=np.float32)
    ink = find_ink(light * (0.2 + 0.8 * page))
    assert ink is not None
    assert ink.amount[page > 0.99].max() < 0.25
    assert ink.amount[page < 0.01].min() > 0.4


def test_a_shadow_with_a_sharp_edge_is_not_ink(draw: Draw) -> None:
    page = grey(draw("472", "104", height=60))
    shadow = np.where(np.arange(page.shape[1]) < page.shape[1] // 3, 0.6, 1.0).astype(np.float32)
    ink = find_ink(shadow * (0.15 + 0.85 * page))
    assert ink is not None
    assert (ink.amount > 0.4)[page > 0.99].mean() < 0.02
    assert (ink.amount > 0.4)[page < 0.01].mean() > 0.95


def test_noise_is_measured(draw: Draw, rng: np.random.Generator) -> None:
    page = 0.2 + 0.6 * grey(draw("472", "104"))
    clean = find_ink(page)
    noisy = find_ink((page + rng.normal(0, 0.03, page.shape)).astype(np.float32))
    assert clean is not None and clean.noise < 0.002
    assert noisy is not None and noisy.noise == pytest.approx(0.03 / 0.6, rel=0.15)


@pytest.mark.parametrize("tone", [0.0, 0.5, 1.0])
def test_an_even_picture_has_no_ink(tone: float) -> None:
    assert find_ink(np.full((50, 70), tone, np.float32)) is None


def test_noise_alone_is_not_ink(rng: np.random.Generator) -> None:
    found = find_ink(np.clip(rng.normal(0.5, 0.1, (200, 200)), 0, 1).astype(np.float32))
    assert found is None or (found.amount > max(0.4, 4 * found.noise)).mean() < 0.001


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (2, 2)])
def test_the_smallest_pictures_do_no_harm(shape: tuple[int, int], rng: np.random.Generator) -> None:
    find_ink(rng.random(shape).astype(np.float32))


@pytest.mark.parametrize("size", [16, 28, 39, 41, 120])
@pytest.mark.parametrize("dark", [True, False])
def test_a_bold_digit_cropped_to_its_ink_is_ink(size: int, dark: bool, draw: Draw) -> None:
    page = draw("0", height=320, pen=80)
    ink = 255 - np.asarray(page)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    cropped = grey(page.crop(box).resize((round(size * 0.7), size), Image.Resampling.BOX))
    found = find_ink(cropped if dark else 1 - cropped)
    assert found is not None
    assert np.abs(found.amount - (1 - cropped)).mean() < 0.05


@pytest.mark.parametrize("angle", [0.3, 1.0, 2.5])
def test_a_slanted_shadow_neither_becomes_ink_nor_hides_any(angle: float, draw: Draw) -> None:
    page = grey(draw("472", "104", height=60, pen=6))
    y, x = np.indices(page.shape) - np.array(page.shape)[:, None, None] / 2
    shadow = np.where(x * np.cos(angle) + y * np.sin(angle) > 0, 0.5, 1.0)
    found = find_ink((shadow * (0.15 + 0.8 * page)).astype(np.float32))
    assert found is not None
    assert (found.amount > 0.4)[page > 0.99].mean() < 0.005
    assert (found.amount > 0.4)[page < 0.01].mean() > 0.98


def test_chalk_on_an_unevenly_lit_board(draw: Draw, rng: np.random.Generator) -> None:
    page = 1 - grey(draw("472", "104", height=60, pen=6))
    light = np.linspace(0.5, 1, page.shape[1])
    board = light * (0.15 + 0.6 * page) + rng.normal(0, 0.01, page.shape)
    found = find_ink(np.clip(board, 0, 1).astype(np.float32))
    assert found is not None
    assert (found.amount > 0.4)[page < 0.01].mean() < 0.005
    assert (found.amount > 0.4)[page > 0.99].mean() > 0.95


@pytest.mark.parametrize("down", [0.0, 0.4])
def test_a_gradient_is_not_ink(down: float) -> None:
    y, x = np.mgrid[0:1:200j, 0:1:300j]
    assert find_ink((0.2 + 0.5 * x + down * y * y / 2).astype(np.float32)) is None


def test_a_shadow_on_empty_paper_is_not_ink() -> None:
    y, x = np.indices((200, 300))
    assert find_ink(np.where(y > 0.4 * x + 20, 0.5, 0.9).astype(np.float32)) is None


@pytest.mark.parametrize("size", [20, 39, 41, 64, 256, 900])
def test_size_polarity_and_gamma_make_no_other_ink(size: int, draw: Draw) -> None:
    page = draw("2", height=200, pen=24)
    small = grey(page.resize((size, round(size * page.height / page.width)), Image.Resampling.BOX))
    for other in (small, 1 - small, (0.1 + 0.8 * small) ** 2, (0.1 + 0.8 * small) ** 0.5):
        found = find_ink(other.astype(np.float32))
        assert found is not None
        assert ((found.amount > 0.5) != (small < 0.5)).mean() < 0.02


def test_a_shadow_leaves_no_ink_where_it_meets_the_border(draw: Draw) -> None:
    page = grey(draw("472", "104", height=60, pen=6))
    y, x = np.indices(page.shape) - np.array(page.shape)[:, None, None] / 2
    shadow = np.where(np.sin((x * 0.8 + y * 0.6) / 30) > 0.3, 0.5, 1.0)
    found = find_ink((shadow * (0.15 + 0.8 * page)).astype(np.float32))
    assert found is not None
    border = np.ones(page.shape, bool)
    border[20:-20, 20:-20] = False
    assert (found.amount > 0.4)[border].sum() == 0
    assert (found.amount > 0.4)[page < 0.01].mean() > 0.98


@pytest.mark.parametrize("digit", ["0", "2"])
def test_a_digit_is_found_in_a_frame_with_more_and_thinner_lines(digit: str, draw: Draw) -> None:
    page = grey(draw(digit, height=60, pen=9))
    rows, columns = np.flatnonzero((page < 1).any(1)), np.flatnonzero((page < 1).any(0))
    digit_alone = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    page = np.pad(np.pad(digit_alone, 30, constant_values=1), 1, constant_values=0.2)
    page = np.pad(page, 15, constant_values=1)
    found = find_ink((np.linspace(0.5, 1, page.shape[1]) * (0.25 + 0.7 * page)).astype(np.float32))
    assert found is not None
    assert (found.amount > 0.4)[page > 0.99].mean() < 0.005
    assert (found.amount > 0.4)[page < 0.01].mean() > 0.98


def test_gaps_whose_paper_has_edges_lose_to_strokes_whose_paper_has_none() -> None:
    gaps = Candidate(False, None, 9, Evidence(70, 4, 1, 0.1, 1, 0), score=50, edges=300)
    strokes = Candidate(True, None, 9, Evidence(50, 4, 1, 0.1, 1, 0), score=35, edges=10)
    assert choose([gaps, strokes]) is strokes
    assert choose([replace(gaps, edges=10), strokes]) == replace(gaps, edges=10)


def test_what_leaves_the_picture_is_less_likely_ink_than_what_stands_in_it() -> None:
    digits = Candidate(True, None, 17, Evidence(150, 2, 0.7, 0.1, 1, 0), score=106, edges=0)
    bars = Candidate(True, None, 129, Evidence(300, 33, 1, 0.3, 1, 0.35), score=136, edges=0)
    assert choose([digits, bars]) is digits
    inside = replace(bars, evidence=replace(bars.evidence, border=0))
    assert choose([digits, inside]) is inside

"""Each corruption does what MNIST-C's published code says, and leaves the digit to be read."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from tinydigits.arrays import Images
from tinydigits.mnist.data import Data
from tinydigits.trust.corruptions import CORRUPTIONS, corrupt, line


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption_gives_bytes_and_the_same_ones_again(name: str, images: Images) -> None:
    before = images.copy()
    found = corrupt(images[:50], name)
    assert (found.shape, found.dtype) == ((50, 28, 28), np.float32)
    assert np.array_equal(np.rint(found * 255), (found * 255).round(3).round())
    assert 0 <= found.min() < found.max() <= 1
    assert np.array_equal(found, corrupt(images[:50], name))
    assert np.array_equal(images, before)
    assert (np.abs(found - images[:50]).max((1, 2)) > 0.1).all()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_digit_can_still_be_read(name: str, digits: Data, images: Images) -> None:
    """By its likeness to 300 digits corrupted alike: 81 % of clean ones are, by chance 10 %."""
    shown = corrupt(images, name)
    shown -= shown.mean((1, 2), keepdims=True)
    shown /= shown.std((1, 2), keepdims=True)
    flat, labels = shown.reshape(len(shown), -1), digits.train_labels.numpy()
    found = KNeighborsClassifier(1).fit(flat[:300], labels[:300]).predict(flat[300:])
    assert (found == labels[300:]).mean() > 0.45


def blank(ink: float = 0.0, count: int = 200) -> Images:
    return np.full((count, 28, 28), ink, np.float32)


def test_noise_has_the_published_strength() -> None:
    shot = corrupt(blank(0.6), "shot noise")
    assert np.isin(np.rint(shot * 255), [0, 85, 170, 255]).all()
    assert np.isclose((shot == 0).mean(), np.exp(-1.8), atol=0.01)  # Poisson, 3 photons times 0.6
    impulse = corrupt(blank(0.6), "impulse noise")
    assert np.isclose((impulse == 0).mean(), 0.085, atol=0.005)
    assert np.isclose((impulse == 1).mean(), 0.085, atol=0.005)


def test_glass_blur_runs_along_columns_and_keeps_pixels_near() -> None:
    lines = blank()
    lines[:, :, 14] = 1
    found = corrupt(lines, "glass blur")
    assert (found.mean(0).sum(1)[3:25] > 0.85).all()
    columns = found.sum((0, 1)) / found.sum()
    assert columns[12:17].sum() > 0.9
    assert columns[17:].sum() == 0  # two swaps, and no blurring across


def test_motion_blur_is_half_a_bell_to_one_side() -> None:
    point = blank()
    point[:, 14, 20] = 1
    found = corrupt(point, "motion blur")
    weights = np.exp(-(np.arange(21) ** 2) / 18)
    assert np.allclose(found[:, 14, 20], weights[0] / weights.sum(), atol=0.5 / 255)
    assert found[:, :, 21:].sum() == 0  # what lies to the right comes from the left
    rows = np.flatnonzero(found.sum((0, 2)))
    assert 6 <= rows.min() < 14 < rows.max() <= 22


def moments(image: Images) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The centre (row, column) of the ink and its second moments about it."""
    places = np.indices(image.shape).reshape(2, -1)
    weights = image.ravel() / image.sum()
    centre = places @ weights
    away = places - centre[:, None]
    return centre, (away * weights) @ away.T


def test_the_affine_ones_turn_lean_shrink_and_move_by_the_published_amounts() -> None:
    bar = blank(count=40)
    bar[:, 6:22, 13:15] = 1
    angles = []
    for image in corrupt(bar, "rotate"):
        second = moments(image)[1]
        angles.append(0.5 * np.arctan2(2 * second[0, 1], second[0, 0] - second[1, 1]))
    assert np.allclose(np.abs(angles), 0.4, atol=0.02)
    assert min(angles) < 0 < max(angles)
    leans = []
    for image in corrupt(bar, "shear"):
        second = moments(image)[1]
        leans.append(second[0, 1] / second[0, 0])
    assert np.allclose(np.abs(leans), np.sin(0.4), atol=0.02)
    assert min(leans) < 0 < max(leans)
    _, plain = moments(bar[0])
    centre, second = moments(corrupt(bar, "scale")[0])
    assert np.isclose(second[0, 0] / plain[0, 0], 0.7**2, atol=0.02)
    assert np.allclose(centre, 13.5, atol=0.01)
    moves = {tuple(np.rint(moments(each)[0] - 13.5)) for each in corrupt(bar, "translate")}
    assert moves == {(-3, -3), (-3, 3), (3, -3), (3, 3)}


def test_brightness_stripes_and_fog() -> None:
    ramp = np.tile(np.linspace(0, 1, 28, dtype=np.float32), (30, 28, 1))
    assert np.allclose(corrupt(ramp, "brightness"), np.minimum(ramp + 0.5, 1), atol=1 / 255)
    striped = corrupt(ramp, "stripe")
    assert np.allclose(striped[:, :, 7:21], ramp[:, :, 7:21], atol=1 / 255)
    assert np.allclose(striped[:, :, :7], 1 - ramp[:, :, :7], atol=1 / 255)
    assert np.allclose(striped[:, :, 21:], 1 - ramp[:, :, 21:], atol=1 / 255)
    fogged = corrupt(blank(1.0), "fog")  # (1 + 3 clouds) / 4, clouds from 0 to 1
    assert fogged.min() >= 0.25 - 1 / 255
    assert fogged.std((1, 2)).min() > 0.01
    near, far = (np.abs(fogged[:, :, s:] - fogged[:, :, :-s]).mean() for s in (1, 12))
    assert near < 0.7 * far  # clouds, not noise


def test_spatter_is_opaque_grey_splashes() -> None:
    ink, paper = corrupt(blank(1.0), "spatter"), corrupt(blank(0.0), "spatter")
    covered = ink < 1
    assert 0.05 < covered.mean() < 0.4
    assert np.array_equal(covered, paper > 0)
    assert np.isclose(ink[covered].min(), 63 / 255, atol=1 / 255)
    assert np.isclose(paper[covered].max(), 63 / 255, atol=1 / 255)


def test_lines_are_drawn_over_the_digit() -> None:
    dotted = corrupt(blank(), "dotted line")
    drawn = dotted.sum(1) > 0
    assert not drawn[:, (np.arange(28) // 2) % 2 == 0].any()
    assert drawn[:, 2:4].all()
    zigzag = corrupt(blank(), "zigzag")
    assert not zigzag[:, :, :2].any()
    assert not zigzag[:, :, 26:].any()
    middles = (zigzag * np.arange(28)[:, None]).sum(1) / np.maximum(zigzag.sum(1), 1e-6)
    turns = np.diff(np.sign(np.diff(middles[0, 3:25])))
    assert (turns != 0).sum() >= 4
    level = line(0, 10, 27, 10)
    assert np.array_equal(level[10, :27], np.ones(27))
    assert all(a > b for a, b in pairwise(level[10:13, 5]))
    assert not level[13:].any()

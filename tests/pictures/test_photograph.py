"""Pictures of pages: what the camera, the light and the desk do, and what they must not do."""

from typing import get_args

import numpy as np
import pytest

from pictures import desk, ink, light, paper, photos, texture
from pictures.camera import photograph
from pictures.paper import Ground
from pictures.scene import SIGN, Plane, Scene

SIZE = 96
KINDS: tuple[Ground, ...] = get_args(Ground)


def ring(height: int) -> Plane:
    """A nought."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : height * 0.7 * 1j]
    return np.float32(np.clip(4 - 16 * np.abs(np.hypot(y, x) - 0.8), 0, 1))


def page(height: int = 40) -> Scene:
    scene = Scene(SIZE)
    scene.put(ring(height), 20, 8, "0")
    scene.put(ring(height), 24, 55, "0")
    scene.put(ring(12), 75, 40, SIGN, ink.PRINTED)
    scene.level(70, 1.5, 0, SIZE)
    return scene


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_picture_and_truth(kind: Ground) -> None:
    for seed in range(15):
        pages = page(), page()
        one, other = (photograph(scene, kind, np.random.default_rng(seed)) for scene in pages)
        assert one.shape == (SIZE, SIZE) and one.dtype == np.uint8
        assert np.array_equal(one, other)
        assert np.array_equal(pages[0].owner, pages[1].owner)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
def test_what_the_truth_calls_ink_stands_out(kind: Ground) -> None:
    away = page().digits < 0.05
    faint = 0
    for seed in range(40):
        scene = page()
        grey = photograph(scene, kind, np.random.default_rng(seed)).astype(float)
        written = (scene.digits > 0.9) & (scene.owner == 1)
        if written.sum() < 100:
            continue
        rows, columns = np.flatnonzero(written.any(1)), np.flatnonzero(written.any(0))
        near = np.zeros_like(away)
        near[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        faint += abs(np.median(grey[written]) - np.median(grey[near & away])) < 3
    assert faint <= 1


def test_a_drawing_programs_tones_are_exact() -> None:
    scene, rng = page(), np.random.default_rng(0)
    tones = ink.tones("plain", rng)
    seen = ink.flat(scene, np.full((SIZE, SIZE), tones.paper, np.float32), tones, crisp=True)
    allowed = np.float32([tones.paper, tones.rules, *tones.pens])
    assert set(np.rint(255 * seen).ravel()) <= set(np.rint(255 * allowed))


def test_many_pictures_have_no_noise_at_all() -> None:
    """Few tones in them, that is: a page of flat tones has those of its strokes' edges."""
    few = [
        len(np.unique(photograph(page(), "plain", np.random.default_rng(seed)))) < 60
        for seed in range(60)
    ]
    assert np.mean(few) > 0.4


@pytest.mark.parametrize("thing", sorted(set(desk.THINGS), key=lambda thing: thing.__name__))
def test_what_is_covered_is_not_in_the_truth(thing: desk.Over) -> None:
    covered = 0
    for seed in range(30):
        scene = Scene(SIZE)
        scene.put(np.ones((SIZE, SIZE), np.float32), 0, 0, "8")
        before = np.full((SIZE, SIZE), 0.5, np.float32)
        after = thing(scene, before, 0.5, np.random.default_rng(seed))
        gone = scene.digits == 0
        assert np.array_equal(gone, scene.owner == 0)
        assert after.shape == before.shape and after.dtype == np.float32
        veiled = 0.65 * before + 0.35
        assert (after[~gone] <= veiled[~gone] + 1e-6).all()  # a shadow or a veil, nothing more
        covered += gone.any()
    assert covered > 5 or thing is desk._tape


@pytest.mark.parametrize("kind", light._KINDS)
def test_light_is_some_share_everywhere(kind: light.Light) -> None:
    for seed in range(10):
        lit = kind(SIZE, np.random.default_rng(seed))
        assert lit.shape == (SIZE, SIZE) and np.isfinite(lit).all()
        assert lit.min() > -0.01 and lit.max() < 1.8


def test_light_leaves_what_it_is_told_to_leave() -> None:
    for seed in range(100):
        assert light.any_light(SIZE, 0.6, np.random.default_rng(seed)).min() > 0.599


@pytest.mark.parametrize("of", [*texture.ALL, *paper.RELIEFS, *paper.SECURITY])
def test_textures_are_textures(of: texture.Texture) -> None:
    for seed in range(5):
        made = of(SIZE, np.random.default_rng(seed))
        assert made.shape == (SIZE, SIZE) and np.isfinite(made).all()
        assert np.abs(made).mean() < 2.5 and made.std() > 0


def test_photographs_are_found_and_inside_their_boxes() -> None:
    assert len(photos.photos()) >= 3  # of scikit-learn and Matplotlib
    for seed in range(20):
        part = photos.part(SIZE, np.random.default_rng(seed))
        assert part.shape == (SIZE, SIZE) and part.min() > -0.2 and part.max() < 1.2


def test_writing_beneath_a_stamp_keeps_its_pens_tone() -> None:
    scene = Scene(SIZE)
    scene.put(np.ones((60, 60), np.float32), 0, 0, None, ink.STAMP)
    scene.put(np.ones((20, 20), np.float32), 10, 10, "1")
    pens, cover = np.float32([0, 0, 0, 0.5]), np.float32([1, 1, 1, 0.5])
    tones = ink.Tones(1.0, pens, 0.0, cover, False)
    white = np.ones((SIZE, SIZE), np.float32)
    for seed in range(10):
        seen = ink.written(scene, white, tones, 20, np.random.default_rng(seed))
        assert np.median(seen[12:28, 12:28]) < np.median(seen[32:50, 32:50]) - 0.2

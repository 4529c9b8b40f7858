"""Kinds of training pictures draw what they say, the same for the same seed, and keep the truth."""

from pathlib import Path

import numpy as np
import pytest

from pictures import training
from pictures.fonts import hershey_fonts, typefaces
from pictures.hands import Hand
from pictures.material import Material
from pictures.scene import LABELS, Scene
from pictures.training import around, texts
from pictures.training.forms import _cross_out
from pictures.training.kinds import FAMILIES, Kind, load
from pictures.training.writing import ANY, Flow, Writer, brush, curve

KINDS = {kind.layout.__name__: kind for kind in load().values()}  # one ground of each


@pytest.fixture(scope="module")
def material() -> Material:
    """What needs no files: forms drawn as strokes, and typefaces."""
    return Material({}, [], typefaces("train"), hershey_fonts("train"))


def drawn(kind: Kind, material: Material, seed: int, size: int = 256) -> Scene:
    scene = Scene(size)
    kind.draw(scene, material, np.random.default_rng(seed))
    return scene


def writer(material: Material, flow: Flow, seed: int = 0) -> Writer:
    rng = np.random.default_rng(seed)
    return Writer(Scene(320), Hand(material, rng, printed=False), rng, flow)


def labels(scene: Scene) -> str:
    return "".join(thing.label for thing in scene.things if thing)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_draws_the_same_for_a_seed_and_keeps_the_truth(
    name: str, material: Material
) -> None:
    for seed, size in ((1, 256), (2, 352)):
        scene, again = (drawn(KINDS[name], material, seed, size) for _ in range(2))
        for layer in ("digits", "marks", "other", "rules", "owner", "pen"):
            assert np.array_equal(getattr(scene, layer), getattr(again, layer))
        assert scene.view == again.view
        for layer in (scene.digits, scene.marks, scene.other, scene.rules):
            assert layer.min() >= 0 and layer.max() <= 1
        assert scene.owner.max() < len(scene.things)
        assert all(thing.label in LABELS for thing in scene.things if thing)
        if scene.view:
            top, left, bottom, right = scene.view
            assert 0 <= top < bottom <= size and 0 <= left < right <= size


@pytest.mark.parametrize("name", [k for k, kind in KINDS.items() if kind.family == "nothing"])
def test_nothing_has_no_digit(name: str, material: Material) -> None:
    for seed in range(4):
        scene = drawn(KINDS[name], material, seed)
        assert not any(thing.label.isdigit() for thing in scene.things if thing)
        assert not scene.digits.any()


def test_a_bitmap_is_a_whole_digit_often_cut_to_its_ink(material: Material) -> None:
    tight = 0
    for seed in range(40):
        scene = drawn(KINDS["bitmap"], material, seed)
        assert scene.view is not None and labels(scene).isdigit() and len(labels(scene)) == 1
        top, left, bottom, right = scene.view
        ink = scene.digits[top:bottom, left:right]
        assert ink.sum() == pytest.approx(scene.digits.sum())
        bold = ink > 0.3
        tight += all(edge.any() for edge in (bold[0], bold[-1], bold[:, 0], bold[:, -1]))
    assert 15 <= tight <= 35


@pytest.mark.parametrize("name", ["with_neighbours", "cut_digit"])
def test_a_digit_cut_out_of_a_number_stays_whole_enough(name: str, material: Material) -> None:
    whole = 0
    for seed in range(30):
        scene = drawn(KINDS[name], material, seed)
        top, left, bottom, right = scene.view or (0, 0, 256, 256)
        seen = scene.owner[top:bottom, left:right]
        shares = [
            scene.digits[top:bottom, left:right][seen == number].sum() / thing.ink
            for number, thing in enumerate(scene.things)
            if thing and thing.label.isdigit()
        ]
        whole += max(shares) > 0.7
    assert whole >= 25


def test_a_small_doodle_is_no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[float] = []
    path = np.zeros((2, 2))
    monkeypatch.setattr(around, "oval", lambda *place: rings.append(place[2]) or path)
    for seed in range(200):
        around.shape(60, np.random.default_rng(seed))
    assert not rings
    for seed in range(200):
        around.shape(200, np.random.default_rng(seed))
    assert set(rings) == {200}


@pytest.mark.parametrize(
    "name", [k for k, kind in KINDS.items() if kind.family not in ("nothing", "singles")]
)
def test_the_others_have_digits_in_view_more_often_than_not(name: str, material: Material) -> None:
    scenes = [drawn(KINDS[name], material, seed) for seed in range(6)]
    views = [scene.view or (0, 0, 256, 256) for scene in scenes]
    seen = [s.digits[v[0] : v[2], v[1] : v[3]].any() for s, v in zip(scenes, views, strict=True)]
    assert sum(seen) >= 4


def test_weights_are_shares_of_families() -> None:
    kinds = load().values()
    for family, share in FAMILIES.items():
        own = sum(kind.weight for kind in kinds if kind.family == family)
        assert own == pytest.approx(share)
    assert sum(FAMILIES.values()) == pytest.approx(1), "what a family gains another must give"


def test_every_module_of_kinds_has_a_share() -> None:
    modules = Path(training.__path__[0]).glob("*.py")
    named = {path.stem for path in modules if "\n@kind(" in path.read_text(encoding="utf-8")}
    assert named == set(FAMILIES), "FAMILIES in kinds.py gives each module of kinds its share"


def test_a_text_becomes_its_characters(material: Material) -> None:
    write = writer(material, Flow())
    line = write.write("-12.5/7=(3)", 20, 10, 100)
    assert labels(write.scene) == "-12.5/7=(3)"
    lefts = [piece.left for piece in line.pieces]
    assert lefts == sorted(lefts) and line.width < 300
    assert write.scene.digits[60:140].sum() == write.scene.digits.sum()


def test_any_text_has_a_digit(material: Material) -> None:
    rng = np.random.default_rng(3)
    for text, _ in texts.COMMON:
        for _ in range(20):
            written = text(rng)
            assert text is texts.code or ANY in written or any(c.isdigit() for c in written)


def test_a_text_stands_amid_a_place(material: Material) -> None:
    write = writer(material, Flow(unsteady=0))
    write.write_amid("8", 40, 200, 150)
    rows, columns = np.nonzero(write.scene.digits > 0.2)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(150, abs=2)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(200, abs=2)


@pytest.mark.parametrize("seed", range(5))
def test_touching_digits_touch_and_stay_apart_as_things(material: Material, seed: int) -> None:
    write = writer(material, Flow(touch=1, overlap=0.05, unsteady=0), seed)
    write.write("3868", 40, 20, 100)
    ink = write.scene.digits > 0.3
    columns = np.flatnonzero(ink.any(0))
    assert np.diff(columns).max() <= 2
    assert len(np.unique(write.scene.owner[ink])) == 4


@pytest.mark.parametrize("seed", range(5))
def test_linked_zeros_are_zeros(material: Material, seed: int) -> None:
    write = writer(material, Flow(linked=1), seed)
    write.write("5000", 40, 20, 100)
    assert labels(write.scene) == "5000"
    columns = np.flatnonzero((write.scene.digits[:, 60:] > 0.3).any(0))
    owners = set(np.unique(write.scene.owner)) - {0}
    assert owners == {1, 2, 3, 4} and len(columns)


def test_what_is_crossed_out_is_no_digit(material: Material) -> None:
    write = writer(material, Flow())
    _cross_out(write, "123", 30, 20, 100)
    assert not write.scene.digits.any() and write.scene.other.any()
    assert labels(write.scene) == ""


def test_a_line_ends_at_the_edge(material: Material) -> None:
    write = writer(material, Flow())
    line = write.write(ANY * 200, 20, 100, 100)
    assert 220 <= line.width < 320


def test_a_brush_is_as_broad_as_told() -> None:
    ink, top, left = brush([np.array([[10.0, 20.0], [90.0, 20.0]])], 6)
    assert ink[:, len(ink[0]) // 2].sum() == pytest.approx(6, abs=0.7)
    assert (top, left) == (16, 6)


def test_a_curve_goes_through_its_points() -> None:
    points = np.array([[0.0, 0.0], [5.0, 9.0], [12.0, 3.0], [20.0, 8.0]])
    assert np.allclose(curve(points)[::8], points)

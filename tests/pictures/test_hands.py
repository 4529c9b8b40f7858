"""Hands write what they are asked for, keep to one style, and never mix training and judging."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from pictures.digits import Display, Typed
from pictures.fonts import advance, hershey_fonts, typefaces
from pictures.hands import Hand, label_of
from pictures.material import BITMAP_FILE, Images, Material
from pictures.pens import Pen
from pictures.scene import ALIKE, LETTER, MARKS, SIGN, Scene
from pictures.strokes import DIGITS, Habit
from pictures.training.writing import Writer

BALL = Pen("ballpoint", 0.1, 0.0, 0.0, 0.1, False)


@pytest.fixture(scope="module")
def material() -> Material:
    """Made up: forms drawn by other hands stand for images and for a writer's strokes."""
    images = np.zeros((60, 28, 28), np.uint8)
    labels = np.arange(60) % 10
    writer: dict = {}
    for at, label in enumerate(labels):
        rng = np.random.default_rng(at)
        strokes = DIGITS[str(label)][0][0](Habit(rng))
        writer.setdefault(str(label), []).append(strokes)
        ink = BALL.draw(strokes, 17, rng).ink[:24, :24]
        images[at, 4 : 4 + len(ink), 4 : 4 + ink.shape[1]] = np.uint8(255 * ink)
    mnist = Images(images, labels, 20)
    return Material({"mnist": mnist}, [writer], typefaces("train"), hershey_fonts("train"))


def hands(material: Material, count: int, **how: bool) -> list[Hand]:
    return [Hand(material, np.random.default_rng(seed), **how) for seed in range(count)]


@pytest.mark.parametrize("height", [8, 30, 150, 400])
def test_digits_are_as_high_as_asked_and_cropped(material: Material, height: int) -> None:
    for seed, hand in enumerate(hands(material, 40)):
        label, ink = hand.digit(height, np.random.default_rng(seed))
        assert label in DIGITS
        assert ink.min() >= 0 and ink.max() <= 1
        assert 0.4 * height - 2 <= max(ink.shape[0], 0.8 * ink.shape[1]) <= 1.35 * height + 2
        for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]):
            assert edge.max() > 0.1


def test_one_hand_is_more_like_itself_than_like_others(material: Material) -> None:
    def seven(hand: Hand, seed: int) -> np.ndarray:
        plane = np.zeros((60, 90), np.float32)
        ink = hand.digit(40, np.random.default_rng(seed), "7")[1][:60, :90]
        plane[: len(ink), : ink.shape[1]] = ink
        return ndimage.gaussian_filter(plane, 2)

    writers = hands(material, 30, printed=False)
    first, again = ([seven(hand, seed) for hand in writers] for seed in (1, 2))
    own = [np.abs(a - b).mean() for a, b in zip(first, again, strict=True)]
    others = [np.abs(a - b).mean() for a, b in zip(first, again[1:] + again[:1], strict=True)]
    assert np.mean(own) < 0.32 * np.mean(others)


def test_words_are_labelled_letter_by_letter(material: Material) -> None:
    for seed, hand in enumerate(hands(material, 20)):
        pieces = hand.word("No. 17%:", 30, np.random.default_rng(seed))
        assert [label for *_, label in pieces] == [LETTER, ALIKE, ".", "1", "7", SIGN, ":"]
        across = [x for _, x, _, _ in pieces]
        assert across == sorted(across)


@pytest.mark.parametrize("character", "OlßóО")
def test_letters_like_digits_are_known_as_such(character: str) -> None:
    assert label_of(character) == ALIKE
    assert label_of("n") == LETTER


def test_letters_no_hand_knows_are_set_in_a_typeface_that_has_them(material: Material) -> None:
    for seed, hand in enumerate(hands(material, 12)):
        pieces = hand.word("Цена", 30, np.random.default_rng(seed))
        assert len(pieces) == 4
        assert not hand.word("\N{HIRAGANA LETTER A}", 30, np.random.default_rng(seed))


def test_marks_stand_where_they_are_written(material: Material) -> None:
    feet: dict[str, list[float]] = {mark: [] for mark in MARKS}
    tops: dict[str, list[float]] = {mark: [] for mark in MARKS}
    for seed, hand in enumerate(hands(material, 40)):
        for mark in MARKS:
            ink, foot = hand.mark(mark, 40, np.random.default_rng(seed))
            feet[mark].append(foot)
            tops[mark].append(len(ink) - foot)
    assert np.median(tops["."]) < 12  # low, and small
    assert np.median(feet[","]) > 3  # hangs
    assert np.median(feet["-"]) < -8 and np.median(tops["-"]) < 34  # at half height
    assert np.median(tops["("]) > 36 and np.median(feet["("]) > -1


def test_a_display_has_points_of_its_own(material: Material) -> None:
    rng = np.random.default_rng(0)
    for kind in ("segments", "dots"):
        display = Display(kind, rng)
        point, colon, minus = (display.digit(mark, 70, rng) for mark in ".:-")
        assert point.foot == pytest.approx(0, abs=1) and len(point.ink) < 25
        assert np.diff(np.flatnonzero((colon.ink > 0.5).any(1))).max() > 8  # two dots apart
        assert minus.foot < -15 and minus.ink.shape[1] > 2 * len(minus.ink)


def test_typeset_digits_stand_as_far_apart_as_their_type_has_them(material: Material) -> None:
    font = next(path for path in material.fonts if path.name == "DejaVuSans.ttf")
    rng = np.random.default_rng(0)
    hand = next(h for h in hands(material, 40, printed=True) if h.typeset and h.kind == "font")
    hand._digits = dict.fromkeys(DIGITS, Typed("font", font, rng))
    line = Writer(Scene(300), hand, rng).line("1181", 40)
    lefts = [piece.left for piece in line.pieces]
    assert np.diff(lefts)[0] == pytest.approx(advance("1", font, 40))
    assert line.width == pytest.approx(advance("1181", font, 40), abs=2)


def test_linked_digits_hang_together(material: Material) -> None:
    for seed, hand in enumerate(hands(material, 25, printed=False)):
        pieces = hand.pair(40, np.random.default_rng(seed))
        plane = np.zeros((200, 400), bool)
        for label, ink, across, foot in pieces:
            assert label in DIGITS
            top, left = round(120 + foot) - len(ink), round(20 + across)
            plane[top : top + len(ink), left : left + ink.shape[1]] |= ink > 0.3
        joined = ndimage.label(ndimage.binary_dilation(plane, np.ones((3, 3))), np.ones((3, 3)))[0]
        sizes = np.bincount(joined.ravel())[1:]
        assert sizes.max() > 0.6 * sizes.sum()  # a slash or a bar may stand apart


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist")
def test_nothing_trains_that_is_kept_for_development(tmp_path: Path) -> None:
    assert not set(typefaces("train")) & set(typefaces("development"))
    assert not set(hershey_fonts("train")) & set(hershey_fonts("development"))
    with gzip.open(tmp_path / BITMAP_FILE, "wt") as file:
        file.write("6\n")  # how many there are, as in the real file
        for label in range(6):
            image = np.zeros((32, 32), int)
            image[4:28, 10 : 12 + label] = 1
            file.writelines("".join(map(str, row)) + "\n" for row in image)
            file.write(f" {label}\n")
    parts = {part: Material.load(part, None, tmp_path) for part in ("train", "development")}
    found = {part: loaded.images["bitmaps"].labels.tolist() for part, loaded in parts.items()}
    assert found == {"train": [0, 1, 3, 4], "development": [2, 5]}

"""What the finder cuts out of drawn pictures, and what it is called."""

import numpy as np
import pytest

from cuts import NO_DIGIT, cuts, what_it_is
from drawings import fewer
from pictures.fonts import hershey_fonts, typefaces
from pictures.material import Material
from pictures.scene import ALIKE, LABELS, Scene
from pictures.training.crops import SIDE, Crop, draw_crop
from pictures.training.kinds import Kind
from tests.weights.made import LETTER, SEVEN, TWO, Box, crop_of
from tinydigits.reader.centres import DIGIT, Centre
from tinydigits.reader.finder import Finder
from tinydigits.reader.recognise import recognise
from tinydigits.reader.session import Session


def window(box: Box) -> tuple[slice, slice]:
    left, top, right, bottom = (edge // 2 for edge in box)
    return np.s_[top:bottom, left:right]


def page() -> Crop:
    """A 7 and a 2 side by side, a letter, what is cut off, and ink that looks like a digit."""
    made = crop_of((SEVEN, "7"), (TWO, "2"), (LETTER, "letter"))
    made.unsure[window((10, 200, 30, 240))] = True
    made.alike[window((200, 200, 220, 240))] = True
    return made


def found(box: Box, ink: Box) -> int | None:
    """What is said of a centre with that box and that ink."""
    left, top, right, bottom = box
    none = np.zeros(0, np.float32)
    centre = Centre(
        0, DIGIT, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top,
        0.9, 0.9, none, none,
    )  # fmt: skip
    inked = np.zeros((SIDE // 2, SIDE // 2), bool)
    inked[window(ink)] = True
    return what_it_is(page(), centre, *np.nonzero(inked))


@pytest.mark.parametrize(
    ("box", "ink", "label"),
    [
        pytest.param(SEVEN, SEVEN, 7, id="a digit"),
        pytest.param((42, 44, 62, 84), SEVEN, 7, id="a digit whose box is a little off"),
        pytest.param(SEVEN, (40, 40, 60, 52), 7, id="a digit of which little is cut out"),
        pytest.param((40, 40, 60, 56), SEVEN, None, id="a box that is two fifths of a digit"),
        pytest.param((40, 40, 60, 50), (40, 40, 60, 50), NO_DIGIT, id="a piece of a digit"),
        pytest.param((40, 40, 60, 50), SEVEN, None, id="a digit's ink, in a box that is too small"),
        pytest.param((30, 10, 94, 110), (40, 40, 84, 80), NO_DIGIT, id="two digits"),
        pytest.param(LETTER, LETTER, NO_DIGIT, id="a letter"),
        pytest.param((200, 20, 230, 60), (200, 20, 230, 60), NO_DIGIT, id="a rule, or a scribble"),
        pytest.param((10, 200, 30, 240), (10, 200, 30, 240), None, id="what is cut off"),
        pytest.param((200, 200, 220, 240), (200, 200, 220, 240), None, id="what looks like one"),
    ],
)
def test_what_is_found_is_called_what_was_drawn(box: Box, ink: Box, label: int | None) -> None:
    assert found(box, ink) == label


def test_where_nothing_was_drawn_all_that_is_found_is_no_digit() -> None:
    blank = page()
    object.__setattr__(blank, "things", np.zeros((0, 5), np.float32))
    blank.owner[:] = 0
    centre = Centre(0, DIGIT, 50, 60, 20, 40, 0.9, 0.9, *np.zeros((2, 0), np.float32))
    assert what_it_is(blank, centre, np.arange(20, 40), np.full(20, 25)) == NO_DIGIT


@pytest.fixture(scope="module")
def material() -> Material:
    return Material({}, [], typefaces("train"), hershey_fonts("train"))


def test_letters_like_digits_are_letters_and_known_as_alike(material: Material) -> None:
    def layout(scene: Scene, *_: object) -> None:
        for left, label in ((20, "3"), (90, ALIKE), (160, "letter")):
            scene.put(np.ones((40, 30), np.float32), 100, left, label)

    crops = [
        draw_crop(material, seed, [Kind("three", "singles", 1.0, "plain", (40, 40), layout)])
        for seed in range(6)
    ]
    whole = [c for c in crops if not c.turn and len(c.things) == 3 and c.things[0, 3] > 35]
    assert whole
    for crop in whole:
        assert [LABELS[int(label)] for label in crop.things[:, 4]] == ["3", "letter", "letter"]
        assert np.array_equal(crop.alike, crop.owner == 2)


def test_digits_too_large_to_be_found_are_alike(material: Material) -> None:
    def layout(scene: Scene, *_: object) -> None:
        scene.put(np.ones((180, 60), np.float32), 30, 60, "1")

    crop = draw_crop(material, 1, [Kind("large", "singles", 1.0, "plain", (40, 40), layout)])
    assert not len(crop.things) and not crop.digits.any()
    assert crop.alike.sum() > 2000


def test_cut_digits_are_read_as_their_labels(material: Material) -> None:
    """With labels that lay beside their digits, one in ten would be read right."""
    finder, things = Finder(), []
    crops = [draw_crop(material, seed) for seed in range(40)]
    for crop in crops:
        things += cuts(finder, crop)
        assert not crop.turn or not cuts(finder, crop)
    drawn = sum(int((crop.things[:, 4] < 10).sum()) for crop in crops if not crop.turn)
    digits = [(label, image) for label, image in things if label != NO_DIGIT]
    assert 0.6 * drawn < len(digits) <= drawn
    assert len(things) > len(digits)
    assert all(image.shape == (28, 28) and image.any() for _, image in things)
    images = np.array([image for _, image in digits], np.float32) / 255
    labels = np.array([label for label, _ in digits])
    right = (recognise(Session(), images).argmax(1) == labels).mean()
    assert right > 0.7, "some are cut badly"


def test_what_is_none_is_a_third_of_the_digits_at_most() -> None:
    blank = np.zeros((28, 28), np.uint8)
    labels = [3, *[NO_DIGIT] * 10, 1, 4, *[NO_DIGIT] * 10, 1, 5, 9]
    kept = fewer([(label, blank) for label in labels], np.random.default_rng(0))
    assert [label for label, _ in kept if label != NO_DIGIT] == [3, 1, 4, 1, 5, 9]
    assert len(kept) == 6 + 2
    few = [(label, blank) for label in (7, NO_DIGIT, 2, 8)]
    assert fewer(few, np.random.default_rng(0)) == few

"""How the weights of the evidence are learned."""

from dataclasses import replace

import numpy as np
import pytest

from finder.calibrate import Things, drawn_label, fit, scaled, scored
from pictures.training.crops import SIDE, Crop
from tests.weights.made import LETTER, SEVEN, TWO, Box, crop_of
from tinydigits.reader.centres import DIGIT, Centre
from tinydigits.reader.evidence import PLAIN, reported, weigh
from tinydigits.reader.finder import FEATURES
from tinydigits.reader.found import Candidate
from tinydigits.reader.glyph import Glyph


def votes(labels: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Probabilities of which the right digit's is the highest where `right`."""
    found = rng.uniform(0, 0.4, (len(labels), 10)).astype(np.float32)
    found[right, labels[right]] = 1
    return np.asarray(found / found.sum(1, keepdims=True))


@pytest.fixture(scope="module")
def things() -> Things:
    """1,200 things: digits have hot centres, the recogniser is right sooner than the finder."""
    rng = np.random.default_rng(0)
    count = 1200
    digit = rng.random(count) < 0.6
    labels = rng.integers(0, 10, count)
    seen = rng.normal(0, 1, (count, 10)).astype(np.float32)
    seen[:, FEATURES.index("digit") - 1] += np.where(digit, 2, -2)
    return Things(
        np.arange(count) // 6,
        seen,
        votes(labels, rng.random(count) < 0.6, rng),
        votes(labels, digit & (rng.random(count) < 0.95), rng),
        np.where(digit, labels, -1),
    )


def test_digits_are_more_probable_than_what_is_none(things: Things) -> None:
    first = things.crop < 150
    evidence = fit(things, first)
    digits, chance = weigh(evidence, things.seen, things.classes, things.read)
    right = digits.argmax(1) == things.label
    assert chance[right & ~first].mean() > 0.85 and chance[~right & ~first].mean() < 0.2
    assert abs(chance[~first].mean() - right[~first].mean()) < 0.05, "it is calibrated"
    weights = dict(zip(FEATURES, evidence.weights, strict=True))
    noise = [abs(weights[name]) for name in FEATURES[2:-1]]
    assert weights["digit"] > 1 and weights["read"] > 0 and max(noise) < 0.6
    assert evidence.mix[0] > evidence.mix[1] > 0, "the recogniser is right sooner"


def test_what_was_fitted_counts_what_is_right_and_wrong(things: Things) -> None:
    every = np.ones(len(things.label), bool)
    drawn = int((things.label >= 0).sum()) + 100  # a hundred were not found
    row = scored(fit(things, every), things, every, drawn)
    assert row["drawn"] == drawn and row["found"] == drawn - 100
    levels = row["surer than"]
    assert levels["0.5"]["right"] > levels["0.9"]["right"] > levels["0.98"]["right"] > 0.1
    assert levels["0.98"]["wrong"] <= levels["0.9"]["wrong"] <= levels["0.5"]["wrong"] < 0.1
    assert levels["0.5"]["right"] < 0.95, "what was not found is not right"


def test_confidences_of_pages_are_the_shares_of_right_digits_there() -> None:
    rng = np.random.default_rng(3)
    chances = rng.uniform(0.3, 0.99, 4000)
    right = rng.random(4000) < chances**3  # less often than it was thought
    line = scaled(PLAIN, (chances, right))
    assert (line.mix, line.weights) == (PLAIN.mix, PLAIN.weights)
    told = np.array([reported(line, float(chance)) for chance in chances])
    for low, high in ((0.2, 0.4), (0.4, 0.7), (0.7, 0.9)):
        these = (told >= low) & (told < high)
        assert these.sum() > 100 and abs(told[these].mean() - right[these].mean()) < 0.06


def crop() -> Crop:
    """A 7 and a 2 side by side, a letter, and a place where nobody can say what it is."""
    made = crop_of((SEVEN, "7"), (TWO, "2"), (LETTER, "letter"))
    made.unsure[100:120, 5:15] = True
    return made


def candidate(box: Box) -> Candidate:
    none = np.zeros(0, np.float32)
    centre = Centre(0, DIGIT, 0, 0, 0, 0, 0.9, 0.9, none, none)
    glyph = Glyph(box, np.ones((1, 1), np.float32), np.ones((1, 1), bool), (0, 0))
    return Candidate(centre, glyph, none)


@pytest.mark.parametrize(
    ("box", "label"),
    [
        pytest.param(SEVEN, 7, id="a digit"),
        pytest.param((44, 44, 62, 82), 7, id="a digit whose box is a little off"),
        pytest.param(TWO, 2, id="its neighbour"),
        pytest.param((40, 40, 60, 50), -1, id="a piece of a digit"),
        pytest.param(LETTER, -1, id="a letter"),
        pytest.param((180, 100, 200, 140), -1, id="nothing"),
        pytest.param((10, 200, 30, 240), None, id="what is cut off, or looks like a digit"),
    ],
)
def test_what_is_found_has_the_label_that_was_drawn_there(box: Box, label: int | None) -> None:
    assert drawn_label(crop(), candidate(box)) == label


def test_places_in_a_part_of_a_crop_are_those_of_the_crop() -> None:
    part = replace(crop(), view=(30, 20, SIDE, SIDE))
    left, top, right, bottom = SEVEN
    assert drawn_label(part, candidate((left - 20, top - 30, right - 20, bottom - 30))) == 7


def test_a_digit_of_no_fit_size_is_a_digit_all_the_same() -> None:
    """The reader looks at several scales: one that is too large for a crop is found in another."""
    large = replace(crop(), beyond=np.array([(180, 120, 20, 40, 4)], np.float32))
    assert drawn_label(large, candidate((180 - 10, 100, 180 + 10, 140))) == 4


def test_a_crop_without_things_has_no_labels() -> None:
    assert drawn_label(replace(crop(), things=np.zeros((0, 5), np.float32)), candidate(SEVEN)) == -1

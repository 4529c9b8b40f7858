"""What speaks for a digit, and how it is weighed."""

from dataclasses import replace

import numpy as np
import pytest

from tests.reader.made import maps_of
from tinydigits.arrays import Plane
from tinydigits.reader.centres import find_centres
from tinydigits.reader.evidence import PLAIN, mixed, reported, seen, weigh
from tinydigits.reader.finder import FEATURES, Evidence, Finder, Maps
from tinydigits.reader.glyph import Found
from tinydigits.reader.glyphs import all_ink, cut_out

BOX = (40, 20, 64, 60)
LIKELY = dict.fromkeys(FEATURES, 0.0) | {
    "digit": 3.0, "letter": -5.0, "mark": -5.0, "class": 3.0, "ink": 0.9, "pointing": 0.05,
    "fit": 0.1, "upright": 0.99,
}  # fmt: skip
TOLD = FEATURES[1:-1]  # what `seen` gives


def told(maps: Maps, label: str = "7") -> dict[str, float]:
    """The features of the only thing on a page."""
    (centre,) = find_centres([maps])
    (glyph,) = cut_out([maps], [centre])
    assert glyph
    return dict(zip(TOLD, seen(maps, centre, glyph).tolist(), strict=True))


def probabilities(label: int, sure: float) -> Plane:
    found = np.full(10, (1 - sure) / 9, np.float32)
    found[label] = sure
    return found


def chance(evidence: Evidence, read: float = 0.9, **other: float) -> float:
    row = np.array([[(LIKELY | other)[name] for name in TOLD]], np.float32)
    digits = probabilities(7, 0.9)[None], probabilities(7, read)[None]
    return float(weigh(evidence, row, *digits)[1][0])


@pytest.fixture(scope="module")
def page() -> Maps:
    return maps_of((100, 120), [(BOX, "7")])


def test_of_a_plain_digit_all_is_as_told(page: Maps) -> None:
    facts = told(page)
    assert facts["digit"] == pytest.approx(np.log(9), abs=0.01)
    assert facts["letter"] == facts["mark"] == pytest.approx(np.log(0.002 / 0.998))
    assert facts["class"] > 3
    assert (facts["ink"], facts["mark ink"]) == (1, 0)
    assert facts["pointing"] < 0.02 and facts["fit"] < 0.01
    assert facts["size"] == pytest.approx(np.log2(40 / 32))
    assert facts["upright"] > 0.9


def test_each_feature_tells_of_its_own_fault(page: Maps) -> None:
    plain = told(page)
    shifted = page.offsets + np.array([12, 0], np.float32)[:, None, None]
    assert told(replace(page, offsets=shifted))["pointing"] == pytest.approx(12 / 40, abs=0.02)
    ink = page.ink.copy()
    ink[0] *= 0.5
    ink[1] = 0.4 * (ink[0] > 0)
    faint = told(replace(page, ink=ink))
    assert (faint["ink"], faint["mark ink"]) == pytest.approx((0.5, 0.4))
    cut = page.ink.copy()
    cut[:, 40:] = 0  # half as high as was told
    assert told(replace(page, ink=cut))["fit"] == pytest.approx(np.log(2), abs=0.01)
    heat = page.heat.copy()
    heat[2, 10, 13] = 0.7  # a letter's
    assert told(replace(page, heat=heat))["letter"] > plain["letter"] + 6
    lying = page.told.copy()
    lying[-4:] = 0
    assert told(replace(page, told=lying))["upright"] == pytest.approx(0.25)
    assert told(maps_of((100, 120), [(BOX, "letter")]))["class"] < 0


@pytest.mark.parametrize("evidence", [PLAIN, Finder().evidence], ids=["plain", "shipped"])
def test_better_evidence_is_more_probable(evidence: Evidence) -> None:
    plain = chance(evidence)
    assert chance(evidence, digit=-2.0) < plain < chance(evidence, digit=5.0)
    assert chance(evidence, read=0.4) < plain < chance(evidence, read=0.999)


def test_the_shipped_weights_know_what_is_no_digit() -> None:
    evidence = Finder().evidence
    plain = chance(evidence)
    for feature, worse in (("letter", 2.0), ("mark ink", 0.8), ("pointing", 0.4), ("fit", 1.0)):
        assert chance(evidence, **{feature: worse}) < plain, feature
    assert chance(evidence, digit=-3.0, letter=2.0, read=0.3) < 0.3
    assert chance(evidence, digit=5.0, read=0.999, ink=1.0) > 0.9


def test_plain_weights_take_heat_and_recogniser_alone() -> None:
    assert chance(PLAIN, ink=0.0, letter=5.0, fit=9.0) == chance(PLAIN)
    both = np.log(0.9 / 0.1)
    digits = mixed(PLAIN.mix, probabilities(7, 0.9)[None], probabilities(7, 0.9)[None])
    odds = both + np.log(digits.max() / (1 - digits.max()))
    assert chance(PLAIN, digit=both) == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-4)


def test_finder_and_recogniser_vote_together() -> None:
    seven, four = probabilities(7, 0.8)[None], probabilities(4, 0.8)[None]
    agreed, split = mixed((1.0, 0.5), seven, seven), mixed((1.0, 0.5), four, seven)
    assert agreed.sum() == pytest.approx(1) and split.sum() == pytest.approx(1)
    assert agreed[0, 7] > 0.9 > split[0, 7] > split[0, 4]
    assert mixed((1.0, 0.0), four, seven)[0, 7] == pytest.approx(0.8, abs=1e-4)
    none = np.zeros((1, 10), np.float32)
    assert np.isfinite(mixed((1.0, 0.5), none, seven)).all(), "a thing that is surely a letter"


@pytest.mark.parametrize("chance", [0.11, 0.26, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("second", [0.01, 0.3, 0.44])
def test_however_doubtful_a_digit_is_its_label_stays(chance: float, second: float) -> None:
    """What speaks against a digit speaks for none at all, not for the one that comes second."""
    digits = np.full(10, 0.01 / 8)
    digits[[4, 9]] = 0.99 - second, second
    glyph = all_ink(maps_of((80, 100), [(BOX, "4")]))
    assert glyph is not None
    found = Found(glyph, np.zeros((28, 28), np.float32), np.full(10, 0.1, np.float32))
    told = found.with_chance(digits, chance).probabilities
    assert told.argmax() == 4 and told[4] == pytest.approx(chance)
    assert told.sum() == pytest.approx(1) and told.min() >= 0
    assert told[9] == told[np.arange(10) != 4].max()


def test_what_is_reported_follows_the_line_of_the_finders_file() -> None:
    assert reported(PLAIN, 0.3) == pytest.approx(0.3)
    steep = replace(PLAIN, line=(2.0, 1.0))
    odds = np.log(0.3 / 0.7) * 2 + 1
    assert reported(steep, 0.3) == pytest.approx(1 / (1 + np.exp(-odds)))
    assert 0 < reported(steep, 0.0) < reported(steep, 1.0) < 1

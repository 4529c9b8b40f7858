"""What several looks at a picture found becomes each thing once."""

import numpy as np
import pytest

from tests.reader.made import found
from tinydigits.reader.fuse import _MISSED, fused

SEVEN, BESIDE = (40, 20, 64, 60), (66, 20, 90, 60)


def read(looks: list[list[tuple[tuple[int, int, int, int], float, int]]]) -> dict[int, float]:
    """Labels of what is fused, and how probable they are."""
    things = fused([[found(*each) for each in look] for look in looks])
    assert all(each.sure == each.probabilities.max() for each in things)
    return {int(each.probabilities.argmax()): each.sure for each in things}


def test_what_all_looks_see_is_as_probable_as_in_the_mean() -> None:
    moved = (42, 21, 66, 61)
    both = read([[(SEVEN, 0.9, 7), (BESIDE, 0.6, 4)], [(BESIDE, 0.8, 4), (moved, 0.5, 7)]])
    assert both == {7: pytest.approx(0.7), 4: pytest.approx(0.7)}


def test_what_a_look_misses_is_hardly_believed_there() -> None:
    (chance,) = read([[(SEVEN, 0.9, 7)], [], []]).values()
    assert chance == pytest.approx((0.9 + 2 * _MISSED) / 3)


def test_it_is_the_digit_for_which_most_speaks_in_the_surests_box() -> None:
    looks = [[found(SEVEN, 0.8, 7)], [found((41, 20, 65, 60), 0.7, 1)], [found(SEVEN, 0.7, 1)]]
    (one,) = fused(looks)
    assert one.glyph.box == SEVEN and int(one.probabilities.argmax()) == 1
    expected = np.mean([each.probabilities[1] for (each,) in looks])
    assert one.sure == pytest.approx(expected, abs=1e-6)


def test_two_that_one_look_sees_in_a_place_stay_two() -> None:
    inside = (40, 20, 64, 58)
    things = fused([[found(SEVEN, 0.9, 7), found(inside, 0.4, 1)], [found(SEVEN, 0.9, 7)]])
    assert [each.glyph.box for each in things] == [SEVEN, inside]


def test_nothing_is_nothing() -> None:
    assert fused([[], []]) == []

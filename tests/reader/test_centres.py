"""From maps to things, each once."""

from dataclasses import replace

import numpy as np
import pytest

from tests.reader.made import maps_of
from tinydigits.reader.centres import DIGIT, MARK, Centre, centre_of, find_centres
from tinydigits.reader.finder import Maps


def fainter(maps: Maps, heat: float) -> Maps:
    return replace(maps, heat=np.where(maps.heat > 0, np.float32(heat), 0))


def kinds(maps: list[Maps]) -> list[int]:
    return [each.kind for each in find_centres(maps)]


def test_a_digit_is_found_with_its_place_size_and_class() -> None:
    (centre,) = find_centres([maps_of((100, 120), [((40, 20, 64, 60), "7")])])
    assert centre.kind == DIGIT and centre.level == 0
    assert (centre.x, centre.y) == pytest.approx((52, 40), abs=3)
    assert (centre.width, centre.height) == pytest.approx((24, 40))
    assert centre.classes.argmax() == 7 and centre.classes.sum() == pytest.approx(1)
    assert centre.turns.argmax() == 0


def test_places_are_in_pixels_of_the_picture_at_any_scale() -> None:
    (centre,) = find_centres([maps_of((50, 60), [((20, 10, 32, 30), "7")], scale=0.5)])
    assert (centre.x, centre.y) == pytest.approx((52, 40), abs=6)
    assert (centre.width, centre.height) == pytest.approx((24, 40))


def test_what_two_scales_show_is_one_thing_at_the_scale_that_shows_it_best() -> None:
    fine = maps_of((200, 160), [((60, 40, 108, 120), "3")])  # 80 pixels high
    coarse = maps_of((100, 80), [((30, 20, 54, 60), "3")], scale=0.5)  # 40
    (centre,) = find_centres([fine, coarse])
    assert centre.level == 1 and centre.heat > 0.8
    assert centre.score == pytest.approx(0.9)
    (alone,) = find_centres([fine])
    assert alone.heat == pytest.approx(0.9) and alone.score < alone.heat


def test_neighbours_are_two_things() -> None:
    side_by_side = [((40, 20, 64, 60), "3"), ((64, 20, 88, 60), "3")]
    assert len(find_centres([maps_of((100, 120), side_by_side)])) == 2


def test_of_two_centres_in_the_middle_of_a_digit_the_hotter_is_kept() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7"), ((44, 30, 68, 70), "4")])
    heat = maps.heat.copy()
    heat[DIGIT, 12, 14] = 0.5  # the 4
    (centre,) = find_centres([replace(maps, heat=heat)])
    assert centre.classes.argmax() == 7


def test_a_mark_must_be_hotter_than_a_digit() -> None:
    page = maps_of((100, 120), [((20, 20, 44, 60), "7"), ((80, 40, 100, 44), "-")])
    assert sorted(kinds([page])) == [DIGIT, MARK]
    assert kinds([fainter(page, 0.3)]) == [DIGIT]
    assert kinds([fainter(page, 0.05)]) == []


def test_a_letter_is_found_as_what_may_be_a_digit() -> None:
    """Os are digits sometimes; what it is is weighed later."""
    (centre,) = find_centres([maps_of((100, 120), [((40, 20, 64, 60), "letter")])])
    assert centre.kind == DIGIT and centre.classes[:10].sum() < 0.1


@pytest.mark.parametrize(("height", "well"), [(100, False), (9, False), (40, True)])
def test_what_is_too_large_or_too_small_for_a_scale_counts_for_less(
    height: int, well: bool
) -> None:
    (centre,) = find_centres([maps_of((200, 200), [((40, 20, 60, 20 + height), "6")])])
    assert (centre.score == pytest.approx(centre.heat)) == well


def test_what_the_maps_say_of_a_box_is_what_they_say_at_its_middle() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7")], scale=0.5)
    centre: Centre = centre_of((80, 40, 128, 120), 0, maps)
    assert centre.classes.argmax() == 7 and centre.heat == pytest.approx(0.9)
    assert (centre.width, centre.height) == pytest.approx((48, 80))
    outside = centre_of((80, 40, 4000, 4000), 0, maps)
    assert outside.heat == 0

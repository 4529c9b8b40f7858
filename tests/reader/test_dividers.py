"""Upright lines go by their company; the stems of digits stay."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.dividers import find_dividers, teeth
from tinydigits.reader.regions import find_regions
from tinydigits.reader.rules import Rules

Draw = Callable[..., Image.Image]


def masked(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture) < 128


@pytest.mark.parametrize("thick", [1, 3, 7])
@pytest.mark.parametrize("drop", [0, 4])
def test_dividers_are_found_along_their_own_slope(draw: Draw, thick: int, drop: int) -> None:
    page = draw("4701", height=60, gap=0.8)
    canvas = ImageDraw.Draw(page)
    xs = (88, 165, 242)
    for i, x in enumerate(xs):
        top = 40 + drop * i
        canvas.line((x + drop, top, x, top + 90), fill=0, width=thick)
    found, slope = find_dividers(masked(page))
    assert len(found.lines) == 3
    assert slope == pytest.approx(drop / 77, abs=0.005)


def test_one_divider_surpasses_both_digits(draw: Draw) -> None:
    page = draw("47", height=60, gap=0.8)
    ImageDraw.Draw(page).line((88, 40, 88, 140), fill=0, width=3)
    assert len(find_dividers(masked(page))[0].lines) == 1
    page = draw("47", height=60, gap=0.8)
    ImageDraw.Draw(page).line((88, 40, 88, 118), fill=0, width=3)  # as a tall 1 stands
    assert not len(find_dividers(masked(page))[0].lines)


def test_stems_of_digits_are_no_dividers(draw: Draw) -> None:
    for text in ("4444", "1111", "7171", "11"):
        assert not len(find_dividers(masked(draw(text, height=60)))[0].lines)


def test_stems_that_a_loop_hangs_on_are_no_dividers() -> None:
    page = Image.new("L", (260, 140), 255)
    canvas = ImageDraw.Draw(page)
    for x in (30, 100, 170):
        canvas.ellipse((x, 42, x + 30, 68), outline=0, width=4)
        canvas.line((x + 31, 40, x + 31, 110), fill=0, width=5)
    assert not len(find_dividers(masked(page))[0].lines)


def test_teeth_stand_at_both_ends_of_a_rule() -> None:
    mask = np.zeros((100, 300), bool)
    for x in (20, 100, 180, 257):
        mask[60:78, x : x + 3] = True
    mask[30:78, 140:144] = True  # a 1
    regions = find_regions(mask)
    rule = Rules(np.array([[20, 260, 80, 83]]), False)
    assert teeth(regions, rule, 0.0, 300).tolist() == [False, True, True, True, True]
    shorter = Rules(np.array([[20, 200, 80, 83]]), False)
    assert not teeth(regions, shorter, 0.0, 300).any()

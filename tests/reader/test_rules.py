"""Rules are found by where they run and what they meet; digits' own straight strokes are none."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.erase import erase
from tinydigits.reader.regions import find_regions, typical_height
from tinydigits.reader.rules import find_rules
from tinydigits.reader.slope import find_slope

Draw = Callable[..., Image.Image]
Mask = np.ndarray


def masked(picture: Image.Image) -> Mask:
    return np.asarray(picture) < 128


def height_of(mask: Mask) -> float:
    regions = find_regions(mask)
    return typical_height(regions.boxes, regions.areas)


def without_rules(mask: Mask) -> Mask:
    slope = find_slope(mask)
    rules = find_rules(mask, slope, height_of(mask))
    _, left = erase(mask.astype(np.float32), mask, slope, rules)
    return left


def lined(page: Image.Image, slope: float) -> Mask:
    x = np.arange(page.width)
    mask = np.zeros((page.height, page.width), bool)
    for y in (62, 130, 200):
        rows = np.rint(y + slope * (x - page.width / 2)).astype(int)
        for thick in (0, 1):
            mask[np.clip(rows + thick, 0, page.height - 1), x] = True
    return mask


@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_rules_go_and_the_strokes_that_cross_them_stay(draw: Draw, slope: float) -> None:
    page = draw("1471074", "4710741", height=50)
    strokes, rules = masked(page), lined(page, slope)
    left = without_rules(strokes | rules)
    assert left[strokes].mean() > 0.97
    assert left[rules & ~strokes].mean() < 0.05


def test_upright_rules_go_too(draw: Draw) -> None:
    strokes = masked(draw("4072", "2704", height=50))
    grid = np.zeros_like(strokes)
    grid[::45] = grid[:, 22::45] = True
    left = without_rules(strokes | grid)
    assert left[strokes].mean() > 0.95
    assert left[grid & ~strokes].mean() < 0.05


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_boxes_that_share_their_sides_go(draw: Draw, width: int) -> None:
    page = draw("4701", height=60)
    strokes = masked(page)
    canvas = ImageDraw.Draw(page)
    for left in (21, 87, 153, 219):
        canvas.rectangle((left, 46, left + 66 + width - 1, 134), outline=0, width=width)
    left = without_rules(masked(page))
    assert left[strokes].mean() > 0.95
    assert (left & ~strokes).sum() < 20


def test_a_comb_goes(draw: Draw) -> None:
    page = draw("4072", height=60)
    strokes = masked(page)
    canvas = ImageDraw.Draw(page)
    canvas.line((20, 130, 290, 130), fill=0, width=3)
    for x in (21, 87, 153, 219, 285):
        canvas.line((x, 105, x, 130), fill=0, width=3)
    left = without_rules(masked(page))
    assert left[strokes].mean() > 0.97
    assert (left & ~strokes).sum() < 20


def test_digits_are_no_rules(draw: Draw) -> None:
    for picture in (draw("2222222222", pen=3), draw("1", height=300, pen=9), draw("7"), draw("11")):
        mask = masked(picture)
        assert (without_rules(mask) == mask).all()


def test_cropped_digits_are_no_rules() -> None:
    seven = np.zeros((100, 60), bool)
    seven[:6] = seven[:, 54:] = True
    one = np.ones((100, 8), bool)
    assert (without_rules(seven) == seven).all()
    assert (without_rules(one) == one).all()


def test_a_paler_rule_gives_back_the_strokes_along_it(draw: Draw) -> None:
    page = draw("2722", height=60)
    strokes = masked(page)
    amount = np.where(strokes, 1.0, 0.0).astype(np.float32)
    rows = np.s_[114:118]  # the feet of the 2s lie within the rule
    amount[rows] = np.maximum(amount[rows], 0.5)
    mask = amount > 0.4
    rules = find_rules(mask, 0.0, height_of(mask))
    assert (erase(amount, mask, 0.0, rules)[1] == strokes).mean() > 0.999

"""A row of boxes tells of the sides that digits hide, and that its digits are one line."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.reader import Reader
from tinydigits.reader.rules import Rules, find_rules
from tinydigits.reader.sides import hidden_sides, rows_of_boxes

Draw = Callable[..., Image.Image]
PITCH, THICK = 70, 4


def boxes(count: int) -> Image.Image:
    page = Image.new("L", (count * PITCH + 44, 150), 255)
    canvas = ImageDraw.Draw(page)
    for left in range(20, 20 + count * PITCH, PITCH):
        canvas.rectangle((left, 20, left + PITCH + THICK - 1, 129), outline=0, width=THICK)
    return page


def upright(page: Image.Image, slope: float = 0.0) -> tuple[Rules, Rules]:
    """The upright rules of a page, without and with those that are told of."""
    mask = np.asarray(page) < 128
    rules = find_rules(mask, slope, 60)
    return rules[1], hidden_sides(mask, slope, rules)


@pytest.mark.parametrize("degrees", [0, 2])
def test_a_side_that_a_stroke_leans_on_is_found(degrees: float) -> None:
    page = boxes(5)
    canvas = ImageDraw.Draw(page)
    side = 20 + 2 * PITCH
    canvas.rectangle((side, 40, side + 25, 105), fill=0)  # a bold stroke
    turned = page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255)
    without, told = upright(turned, np.tan(np.radians(degrees)))
    assert len(without.lines) == 5
    assert len(told.lines) == 6
    assert abs(told.lines[-1, 2:].mean() - side - THICK / 2) < 4


def test_a_stroke_that_is_less_than_a_box_high_is_no_side() -> None:
    page = boxes(5)
    ImageDraw.Draw(page).line([(195, 30), (195, 126)], fill=0, width=5)
    without, told = upright(page)
    assert len(without.lines) == len(told.lines) == 6


def test_rows_lie_between_level_rules() -> None:
    level = np.array([[20, 400, 20, 24], [20, 400, 126, 130], [20, 60, 70, 72]])
    assert rows_of_boxes(level, 0.1, 420).tolist() == [[22 - 21, 128 - 21]]
    assert not len(rows_of_boxes(level[:1], 0.0, 420))


def test_digits_high_and_low_in_their_boxes_are_one_line(draw: Draw, reader: Reader) -> None:
    page = np.asarray(boxes(5)).copy()
    for at, (digit, top) in enumerate(zip("40271", (66, 28, 66, 28, 66), strict=True)):
        one = np.asarray(draw(digit, height=50, pen=5))[48:104, 22:62]
        left = 32 + at * PITCH
        window = page[top : top + 56, left : left + 40]
        np.minimum(window, one, out=window)
    assert reader.read(Image.fromarray(page)).text == "40271"

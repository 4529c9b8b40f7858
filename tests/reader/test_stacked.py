"""What touches the line below is parted between the lines, and nothing else is."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.reader import Reader
from tinydigits.reader.regions import find_regions
from tinydigits.reader.stacked import part_lines

Draw = Callable[..., Image.Image]


def zeros(*boxes: tuple[int, int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("L", (300, 300), 255)
    canvas = ImageDraw.Draw(page)
    for box in boxes:
        canvas.ellipse(box, outline=0, width=5)
    return page, canvas


LINES = [(left, top, left + 34, top + 50) for top in (30, 110, 190) for left in (40, 180)]


@pytest.mark.parametrize("slope", [0.0, 0.05])
def test_a_stroke_through_three_lines_is_cut_between_them(slope: float) -> None:
    down = round(140 * slope)
    lines = [(a, b + down * (a > 100), c, d + down * (a > 100)) for a, b, c, d in LINES]
    page, canvas = zeros(*lines)
    canvas.line([(130, 25), (110, 245)], fill=0, width=5)
    regions = part_lines(find_regions(np.asarray(page) < 128), slope)
    assert len(regions.areas) == 9
    width = regions.boxes[:, 2] - regions.boxes[:, 0]
    bottoms = np.sort(regions.boxes[width < 20, 3])
    assert 80 < bottoms[0] < 120 + down
    assert 160 < bottoms[1] < 200 + down


def test_what_is_tall_beside_one_line_or_goes_round_two_stays_whole() -> None:
    page, canvas = zeros(*LINES[2:4])
    canvas.line([(130, 25), (110, 245)], fill=0, width=5)
    assert len(part_lines(find_regions(np.asarray(page) < 128), 0.0).areas) == 3
    page, canvas = zeros((180, 30, 215, 62), (180, 78, 215, 110))  # a broken digit beside a 1
    canvas.line([(130, 30), (120, 110)], fill=0, width=5)
    assert len(part_lines(find_regions(np.asarray(page) < 128), 0.0).areas) == 3
    page, canvas = zeros(*LINES)
    canvas.rectangle((10, 10, 290, 280), outline=0, width=4)
    assert len(part_lines(find_regions(np.asarray(page) < 128), 0.0).areas) == 7


def test_dates_whose_slashes_touch_are_read(draw: Draw, reader: Reader) -> None:
    page = np.full((200, 320), 255, np.uint8)
    for top, text in ((10, "40"), (88, "27")):
        for left, digit in zip((20, 220), text, strict=True):
            one = np.asarray(draw(digit, height=60, pen=5))[60:130, 20:90]
            page[top : top + 70, left : left + 70] = one
    picture = Image.fromarray(page)
    canvas = ImageDraw.Draw(picture)
    canvas.line([(170, 2), (140, 78)], fill=0, width=5)
    canvas.line([(146, 72), (116, 156)], fill=0, width=5)
    assert reader.read(picture).text == "4/0\n2/7"

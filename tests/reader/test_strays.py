"""What is no writing is told by its place among the rest."""

from collections import Counter

import numpy as np
from PIL import Image, ImageDraw

from tinydigits.reader.regions import find_regions
from tinydigits.reader.strays import strays


def found(page: Image.Image) -> tuple[int, Counter[str]]:
    """How many regions are left, and what was left out."""
    mask = np.asarray(page) < 128
    left_out: Counter[str] = Counter()
    gone = strays(find_regions(mask), mask.shape, left_out)
    return int((~gone).sum()), +left_out


def zero(page: Image.Image, left: int) -> None:
    ImageDraw.Draw(page).ellipse((left, 40, left + 40, 100), outline=0, width=5)


def test_dots_in_even_distances_go_and_points_stay() -> None:
    page = Image.new("L", (400, 200), 255)
    zero(page, 62)
    canvas = ImageDraw.Draw(page)
    for x in range(10, 400, 30):
        for y in (15, 130, 160):
            canvas.ellipse((x, y, x + 3, y + 3), fill=0)
    assert found(page) == (1, Counter({"speck": 39}))
    page = Image.new("L", (400, 200), 255)
    canvas = ImageDraw.Draw(page)
    for left in (30, 190):
        zero(page, left)
    for x in (80, 92, 118, 150, 160, 250, 270, 340, 385):
        canvas.ellipse((x, 95, x + 6, 101), fill=0)
    assert found(page) == (11, Counter())


def test_the_dots_of_colons_stay() -> None:
    page = Image.new("L", (400, 200), 255)
    canvas = ImageDraw.Draw(page)
    for left in (10, 100, 170, 300):
        zero(page, left)
    for left in (70, 150, 230, 260, 360):
        for top in (60, 80):
            canvas.ellipse((left, top, left + 6, top + 6), fill=0)
    assert found(page) == (14, Counter())


def test_a_line_below_a_digit_and_wider_than_it_is_a_rule() -> None:
    for above, left in ((False, 1), (True, 2)):
        page = Image.new("L", (120, 160), 255)
        zero(page, 40)
        row = 20 if above else 115
        ImageDraw.Draw(page).rectangle((30, row, 100, row + 3), fill=0)
        assert found(page)[0] == left


def test_frames_and_specks_go() -> None:
    page = Image.new("L", (200, 160), 255)
    zero(page, 60)
    canvas = ImageDraw.Draw(page)
    canvas.rectangle((4, 4, 195, 155), outline=0, width=3)
    canvas.rectangle((150, 60, 152, 62), fill=0)
    assert found(page) == (1, Counter({"frame": 1, "speck": 1}))

"""Pages as people write them: lines, spaces, marks, and what is no writing."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.reader import Reader

Draw = Callable[..., Image.Image]


def stroke(page: Image.Image, *points: tuple[float, float], pen: int = 5) -> None:
    ImageDraw.Draw(page).line(points, fill=0, width=pen, joint="curve")


def dot(page: Image.Image, x: float, y: float, size: int = 8) -> None:
    ImageDraw.Draw(page).ellipse((x, y, x + size, y + size), fill=0)


def test_lines_from_the_top_and_digits_from_the_left(draw: Draw, reader: Reader) -> None:
    reading = reader.read(draw("47012", "21", "7402"))
    assert reading.text == "47012\n21\n7402"
    lefts = [digit.box[0] for digit in reading.digits]
    assert lefts[:5] == sorted(lefts[:5]) and lefts[5:7] == sorted(lefts[5:7])


@pytest.mark.parametrize("angle", [-5, 5])
def test_a_turned_page_keeps_its_lines(draw: Draw, angle: float, reader: Reader) -> None:
    lines = "470127014470127014", "214702147214702147", "740274027740274027"
    turned = draw(*lines).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert reader.read(turned).text == "\n".join(lines)


def test_a_wide_gap_is_a_space(draw: Draw, reader: Reader) -> None:
    assert reader.read(draw("4702 471  27", gap=0.2)).text == "4702 471 27"


def test_specks_rules_and_frames_are_left_out(
    draw: Draw, rng: np.random.Generator, reader: Reader
) -> None:
    page = draw("4701", "2740", height=60)
    canvas = ImageDraw.Draw(page)
    for _ in range(40):
        x, y = (int(rng.integers(0, side)) for side in page.size)
        canvas.point((x, y), fill=0)
    canvas.rectangle((3, 3, page.width - 4, page.height - 4), outline=0, width=2)
    canvas.line((0, 170, page.width, 170), fill=0, width=2)
    assert reader.read(page).text == "4701\n2740"


def test_a_thick_frame_is_left_out(draw: Draw, reader: Reader) -> None:
    page = draw("4701", "2740", height=60)
    ImageDraw.Draw(page).rectangle((2, 2, page.width - 3, page.height - 3), outline=0, width=9)
    assert reader.read(page).text == "4701\n2740"


def test_strokes_of_one_digit_are_joined(draw: Draw, reader: Reader) -> None:
    page = Image.new("L", (220, 90), 255)
    page.paste(draw("4", height=55).crop((20, 45, 80, 120)), (120, 10))
    stroke(page, (35, 20), (32, 42), (50, 45), (52, 65), (28, 72))
    stroke(page, (42, 16), (62, 14))  # the bar of a 5, not touching
    assert reader.read(page).text == "54"


def test_pieces_that_hang_together_by_faint_ink_are_one_digit(draw: Draw, reader: Reader) -> None:
    page = np.asarray(draw("704", height=60)).copy()
    left, top, width, height = reader.read(page).digits[1].box
    band = page[top + 24 : top + height - 24, left : left + width]
    band[:] = 255 - np.rint(0.3 * (255 - band.astype(float)))
    assert reader.read(page).text == "704"


def test_pale_chalk_beside_bright_is_found(draw: Draw, reader: Reader) -> None:
    board = np.asarray(draw("4702", height=60, pen=6)).astype(float)
    strength = np.where(np.arange(board.shape[1]) < board.shape[1] / 2, 0.35, 1.0)
    chalk = 20 + 200 * strength * (1 - board / 255)
    assert reader.read(chalk.astype(np.uint8)).text == "4702"


def test_narrow_digits_close_together_are_not_joined(draw: Draw, reader: Reader) -> None:
    assert reader.read(draw("2111", height=60, gap=0.04)).text == "2111"


def test_a_row_of_dots_is_no_line(draw: Draw, reader: Reader) -> None:
    page = draw("4701", height=60)
    for x in (30, 70, 150, 160, 230):
        dot(page, x, 155, 7)
    assert reader.read(page).text == "4701"


@pytest.mark.parametrize("small", [20, 33, 50])
def test_small_lines_beside_large_ones_are_kept(draw: Draw, small: int, reader: Reader) -> None:
    large, low = draw("4701", height=100, pen=8), draw("27402", height=small, pen=3)
    page = Image.new("L", (large.width, large.height + low.height), 255)
    page.paste(low, (10, 0))
    page.paste(large, (0, low.height))
    assert reader.read(page).text == "27402\n4701"


def test_digits_of_two_heights_in_a_line(draw: Draw, reader: Reader) -> None:
    page, low = draw("47", height=120, pen=9), draw("20", height=32, pen=4)
    wide = Image.new("L", (page.width + low.width, page.height), 255)
    wide.paste(page, (0, 0))
    wide.paste(low.crop((10, 20, low.width, 80)), (page.width - 70, 160))
    assert reader.read(wide).text.replace(" ", "") == "4720"


def test_a_strip_along_an_edge_is_no_digit(draw: Draw, reader: Reader) -> None:
    page = draw("4701", "2740")
    ImageDraw.Draw(page).rectangle((0, 30, 3, 160), fill=0)
    assert reader.read(page).text == "4701\n2740"


def test_marks_between_digits(draw: Draw, reader: Reader) -> None:
    def between(*strokes: tuple[tuple[float, float], ...], points: tuple[int, ...] = ()) -> str:
        page = draw("47 02", height=60)
        for each in strokes:
            stroke(page, *each)
        for y in points:
            dot(page, 176, y)
        return reader.read(page).text

    assert between(((170, 90), (196, 90))) == "47-02"
    assert between(((165, 90), (197, 90)), ((181, 74), (181, 106))) == "47+02"
    assert between(((170, 130), (200, 50))) == "47/02"
    assert between(points=(112,)) == "47.02"
    assert between(points=(80, 110)) == "47:02"


def test_dots_of_the_paper_are_no_points(draw: Draw, reader: Reader) -> None:
    page = draw("4701", "2740", height=60)
    for x in range(12, page.width, 40):
        for y in range(20, page.height, 33):
            dot(page, x, y, 4)
    assert "." not in reader.read(page).text

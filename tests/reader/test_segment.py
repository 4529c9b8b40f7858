from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.ink import find_ink
from tinydigits.reader.segment import Glyph, segment, whole_picture

Draw = Callable[..., Image.Image]


def glyphs(picture: Image.Image) -> list[list[Glyph]]:
    ink = find_ink(np.asarray(picture.convert("L"), np.float32) / 255)
    return segment(ink) if ink else []


def counts(picture: Image.Image) -> list[int]:
    return [len(line) for line in glyphs(picture)]


def test_lines_from_the_top_and_glyphs_from_the_left(draw: Draw) -> None:
    lines = glyphs(draw("47012", "21", "7402"))
    assert [len(line) for line in lines] == [5, 2, 4]
    for line in lines:
        assert [glyph.box[0] for glyph in line] == sorted(glyph.box[0] for glyph in line)
    assert [line[0].box[1] // 80 for line in lines] == [0, 1, 2]


@pytest.mark.parametrize("angle", [-5, 5])
def test_a_turned_page_keeps_its_lines(draw: Draw, angle: float) -> None:
    page = draw("470127014470127014", "214702147214702147", "740274027740274027")
    turned = page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert counts(turned) == [18] * 3


def test_a_wide_gap_is_a_space(draw: Draw) -> None:
    (line,) = glyphs(draw("4702 471  27", gap=0.2))
    assert [glyph.space_before for glyph in line] == [i in (4, 7) for i in range(9)]


def test_specks_rules_and_frames_are_left_out(draw: Draw, rng: np.random.Generator) -> None:
    page = draw("4701", "2740", height=60)
    canvas = ImageDraw.Draw(page)
    for _ in range(40):
        x, y = (int(rng.integers(0, side)) for side in page.size)
        canvas.point((x, y), fill=0)
    canvas.rectangle((3, 3, page.width - 4, page.height - 4), outline=0, width=2)
    canvas.line((0, 170, page.width, 170), fill=0, width=2)
    assert counts(page) == [4, 4]


def test_a_thick_frame_is_left_out(draw: Draw) -> None:
    page = draw("4701", "2740", height=60)
    ImageDraw.Draw(page).rectangle((2, 2, page.width - 3, page.height - 3), outline=0, width=9)
    assert counts(page) == [4, 4]


def test_strokes_of_one_digit_are_joined() -> None:
    five = Image.new("L", (80, 90), 255)
    canvas = ImageDraw.Draw(five)
    canvas.line([(35, 20), (32, 42), (50, 45), (52, 65), (28, 72)], fill=0, width=5)
    canvas.line([(42, 16), (62, 14)], fill=0, width=5)  # the bar, not touching
    assert counts(five) == [1]
    (line,) = glyphs(five)
    assert line[0].box[1] < 16


def test_a_neighbours_ink_is_not_in_the_crop(draw: Draw) -> None:
    page = draw("77", height=60, gap=0.1)
    (line,) = glyphs(page)
    for glyph in line:
        left = glyph.offset[0]
        inked = np.flatnonzero((glyph.amount > 0.4).any(0)) + left
        assert inked.min() >= glyph.box[0] and inked.max() < glyph.box[2]


def test_a_dash_is_no_digit(draw: Draw) -> None:
    page = draw("4701", height=60)
    ImageDraw.Draw(page).line((310, 90, 340, 90), fill=0, width=5)
    assert counts(page) == [4]


def test_the_whole_picture_is_one_glyph(draw: Draw) -> None:
    ink = find_ink(np.asarray(draw("47"), np.float32) / 255)
    assert ink is not None
    glyph = whole_picture(ink)
    assert glyph is not None
    assert glyph.box[2] - glyph.box[0] > 50


def test_a_strip_along_an_edge_is_no_digit(draw: Draw) -> None:
    page = draw("4701", "2740")
    ImageDraw.Draw(page).rectangle((0, 30, 3, 160), fill=0)
    assert counts(page) == [4, 4]

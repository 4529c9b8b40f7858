from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.glyph import Glyph
from tinydigits.reader.ink import find_ink
from tinydigits.reader.joining import near_pairs
from tinydigits.reader.segment import segment, whole_picture

Draw = Callable[..., Image.Image]


def glyphs(picture: Image.Image) -> list[list[Glyph]]:
    ink = find_ink(np.asarray(picture.convert("L"), np.float32) / 255)
    return segment(ink).lines if ink else []


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


@pytest.mark.parametrize("faint, found", [(0.3, 3), (0.0, 4)])
def test_pieces_that_hang_together_by_faint_ink_are_one_digit(
    draw: Draw, faint: float, found: int
) -> None:
    page = np.asarray(draw("704", height=60)).copy()
    (line,) = glyphs(Image.fromarray(page))
    left, top, right, bottom = line[1].box
    band = page[top + 24 : bottom - 24, left:right]
    band[:] = 255 - np.rint(faint * (255 - band.astype(float)))
    assert sum(counts(Image.fromarray(page))) == found


def test_pale_chalk_beside_bright_is_found(draw: Draw) -> None:
    board = np.asarray(draw("4702", height=60, pen=6)).astype(float)
    strength = np.where(np.arange(board.shape[1]) < board.shape[1] / 2, 0.35, 1.0)
    chalk = 20 + 200 * strength * (1 - board / 255)
    assert counts(Image.fromarray(chalk.astype(np.uint8))) == [4]


def test_near_pairs_are_all_that_are_near(rng: np.random.Generator) -> None:
    for _ in range(30):
        corner, size = rng.integers(0, 500, (60, 2)), rng.integers(1, 12, (60, 2))
        size[rng.random(60) < 0.1] *= 9  # far higher than the others
        boxes = np.concatenate([corner, corner + size], axis=1)
        left, top, right, bottom = boxes.T
        taller = np.maximum(bottom - top, (bottom - top)[:, None])
        near = np.maximum(left, left[:, None]) - np.minimum(right, right[:, None]) <= taller
        near &= np.maximum(top, top[:, None]) - np.minimum(bottom, bottom[:, None]) <= taller
        found = np.sort(np.stack(near_pairs(boxes)), axis=0).T
        assert sorted(map(tuple, found)) == list(zip(*np.nonzero(np.triu(near, 1)), strict=True))


def test_a_neighbours_ink_is_not_in_the_crop() -> None:
    page = Image.new("L", (140, 100), 255)
    stroke(page, (60, 20), (30, 80), pen=6)
    stroke(page, (84, 20), (54, 80), pen=6)  # their boxes overlap
    (line,) = glyphs(page)
    assert len(line) == 2
    for glyph in line:
        inked = (glyph.amount > 0.4).sum()
        assert 0.4 < inked / (np.asarray(page) < 128).sum() < 0.6


def test_narrow_digits_close_together_are_not_joined(draw: Draw) -> None:
    assert counts(draw("111", height=60, gap=0.04)) == [3]


def test_a_row_of_dots_is_no_line(draw: Draw) -> None:
    page = draw("4701", height=60)
    for x in (30, 70, 150, 160, 230):
        ImageDraw.Draw(page).ellipse((x, 155, x + 7, 162), fill=0)
    assert counts(page) == [4]


def test_a_small_line_far_beside_a_large_one_is_a_line_of_its_own(draw: Draw) -> None:
    page, low = draw("47", height=120, pen=9), draw("2740", height=30, pen=3)
    wide = Image.new("L", (page.width + 400 + low.width, page.height), 255)
    wide.paste(page, (0, 0))
    wide.paste(low.crop((0, 30, low.width, 85)), (page.width + 350, 95))
    assert sorted(counts(wide)) == [2, 4]


def marks(picture: Image.Image) -> str:
    """The page's lines, a # for each glyph that may be a digit."""
    return "|".join("".join(glyph.mark or "#" for glyph in line) for line in glyphs(picture))


def stroke(page: Image.Image, *points: tuple[float, float], pen: int = 5) -> None:
    ImageDraw.Draw(page).line(points, fill=0, width=pen, joint="curve")


def test_a_dash_is_a_dash(draw: Draw) -> None:
    page = draw("47 01", height=60)
    stroke(page, (170, 90), (196, 90))
    assert marks(page) == "##-##"


def test_a_slash_leans_and_reaches_beyond_its_line(draw: Draw) -> None:
    page = draw("47 01", height=60)
    stroke(page, (170, 130), (200, 50))
    assert marks(page) == "##/##"


def test_a_leaning_one_no_higher_than_its_line_may_be_a_digit(draw: Draw) -> None:
    page = draw("47 01", height=60)
    stroke(page, (170, 118), (190, 62))
    assert marks(page) == "#####"
    assert [glyph.slanted for glyph in glyphs(page)[0]] == [False, False, True, False, False]
    alone = draw(" ", height=60)
    stroke(alone, (30, 100), (60, 30))
    assert marks(alone) == "#"


def test_a_point_stands_on_the_line_and_a_comma_hangs_below_it(draw: Draw) -> None:
    page = draw("47 01", height=60)
    ImageDraw.Draw(page).ellipse((176, 112, 184, 120), fill=0)
    assert marks(page) == "##.##"
    page = draw("47 01", height=60)
    stroke(page, (180, 114), (174, 134), pen=6)
    assert marks(page) == "##,##"


def test_two_points_are_a_colon(draw: Draw) -> None:
    page = draw("47 01", height=60)
    for y in (80, 110):
        ImageDraw.Draw(page).ellipse((176, y, 184, y + 8), fill=0)
    assert marks(page) == "##:##"


def test_a_plus_is_one(draw: Draw) -> None:
    page = draw("47 01", height=60)
    stroke(page, (165, 90), (197, 90))
    stroke(page, (181, 74), (181, 106))
    assert marks(page) == "##+##"


def test_points_are_not_sure_on_dotted_paper(draw: Draw) -> None:
    page = draw("4701", "2740", height=60)
    for x in range(12, page.width, 40):
        for y in range(20, page.height, 33):
            ImageDraw.Draw(page).ellipse((x, y, x + 4, y + 4), fill=0)
    assert "." not in marks(page)


def test_points_are_not_sure_on_dirty_paper(draw: Draw, rng: np.random.Generator) -> None:
    page = draw("47 01", "2740", height=60)
    canvas = ImageDraw.Draw(page)
    canvas.ellipse((176, 112, 184, 120), fill=0)
    assert "." in marks(page)
    for x, y in zip(rng.uniform(200, page.width, 30), rng.uniform(0, page.height, 30), strict=True):
        canvas.ellipse((x, y, x + 5, y + 5), fill=0)
    assert "." not in marks(page)


@pytest.mark.parametrize("small", [20, 33, 50])
def test_small_lines_beside_large_ones_are_kept(draw: Draw, small: int) -> None:
    large, low = draw("4701", height=100, pen=8), draw("27402", height=small, pen=3)
    page = Image.new("L", (large.width, large.height + low.height), 255)
    page.paste(low, (10, 0))
    page.paste(large, (0, low.height))
    assert counts(page) == [5, 4]


def test_digits_of_two_heights_in_a_line(draw: Draw) -> None:
    page = draw("47", height=120, pen=9)
    low = draw("20", height=32, pen=4)
    wide = Image.new("L", (page.width + low.width, page.height), 255)
    wide.paste(page, (0, 0))
    wide.paste(low.crop((10, 20, low.width, 80)), (page.width - 70, 160))
    assert counts(wide) == [4]


def test_what_is_left_out_is_counted(draw: Draw) -> None:
    page = draw("4701", height=60)
    for x in (40, 120, 210):
        ImageDraw.Draw(page).rectangle((x, 20, x + 2, 22), fill=0)
    ImageDraw.Draw(page).line((0, 150, page.width, 150), fill=0, width=2)
    ink = find_ink(np.asarray(page, np.float32) / 255)
    assert ink is not None
    assert segment(ink).left_out == {"speck": 3, "rule": 1}


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

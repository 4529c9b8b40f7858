"""Whose each pixel of ink is, and how dark it is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.reader.made import maps_of
from tinydigits.reader.centres import find_centres
from tinydigits.reader.finder import Maps
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.glyphs import all_ink, cut_out


def glyphs(*levels: Maps) -> list[Glyph]:
    """The glyphs of what is found, from the left."""
    found = cut_out(list(levels), find_centres(list(levels)))
    return sorted((each for each in found if each), key=lambda each: each.box[0])


def painted(maps: Maps, box: tuple[int, int, int, int], tone: int) -> Maps:
    grey = maps.grey.copy()
    grey[box[1] : box[3], box[0] : box[2]] = tone
    return replace(maps, grey=grey)


def test_touching_digits_part_where_their_ink_points() -> None:
    """One blob of ink, 48 pixels wide; its left half points left, its right half right."""
    left, right = (40, 20, 64, 60), (64, 20, 88, 60)
    one, other = glyphs(maps_of((100, 120), [(left, "7"), (right, "2")]))
    assert (one.box, other.box) == (left, right)
    assert one.mine.sum() == other.mine.sum() == 24 * 40
    assert one.amount[:, one.amount.shape[1] - 2 :].max() == 0, "the neighbour's ink is gone"


def test_what_points_at_nobody_is_nobodys_ink() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7")])
    ink = maps.ink.copy()
    ink[0, 85:95, 5:25] = 1  # a stroke far below that points nowhere
    (only,) = glyphs(replace(maps, ink=ink))
    assert only.box == (40, 20, 64, 60)


def test_broken_ink_that_points_at_one_centre_is_one_digit() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "5")])
    ink = maps.ink.copy()
    ink[:, 36:44] = 0
    (only,) = glyphs(replace(maps, ink=ink))
    assert only.box == (40, 20, 64, 60) and not only.mine[20].any()


@pytest.mark.parametrize("light", [False, True])
def test_tones_follow_the_picture(light: bool) -> None:
    """Where it is half as dark, the square root of a half remains: finder and picture decide."""
    maps = painted(maps_of((100, 120), [((40, 20, 64, 60), "7")]), (40, 48, 64, 60), 127)
    if light:
        maps = replace(maps, grey=255 - maps.grey)
    (glyph,) = glyphs(maps)
    amount = glyph.amount[glyph.mine].reshape(40, 24)
    np.testing.assert_allclose(amount[:28], 1, atol=0.01)
    np.testing.assert_allclose(amount[28:], np.sqrt(0.5), atol=0.01)


def test_faint_ink_is_as_dark_as_plain_ink() -> None:
    """10 of 255 grey levels are the whole range of what is written there."""
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7")])
    pale = replace(maps, grey=np.where(maps.grey == 0, 200, 210).astype(np.uint8))
    (plain,), (faint,) = glyphs(maps), glyphs(pale)
    np.testing.assert_allclose(faint.amount, plain.amount, atol=0.01)


def test_a_doubtful_pixel_is_fainter() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7")])
    ink = maps.ink.copy()
    ink[0, 50:60] *= 0.36
    (glyph,) = glyphs(replace(maps, ink=ink))
    amount = glyph.amount[glyph.mine].reshape(40, 24)
    np.testing.assert_allclose(amount[30:], 0.6, atol=0.01)


def test_the_soft_edge_around_ink_is_kept() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7")])
    ink, grey = maps.ink.copy(), maps.grey.copy()
    ink[0, 60, 40:64], grey[60, 40:64] = 0.2, 128  # too little for ink
    (glyph,) = glyphs(replace(maps, ink=ink, grey=grey))
    assert glyph.box == (40, 20, 64, 60)
    below = glyph.amount[60 - glyph.offset[1], 2:-2]
    np.testing.assert_allclose(below, np.sqrt(0.2 * 127 / 255), atol=0.02)


def test_a_speck_is_no_glyph() -> None:
    maps = maps_of((100, 120), [((40, 20, 64, 60), "7")])
    ink = np.zeros_like(maps.ink)
    ink[0, 40, 50:55] = 1
    assert cut_out([replace(maps, ink=ink)], find_centres([maps])) == [None]
    assert all_ink(replace(maps, ink=ink)) is None


def test_boxes_are_in_pixels_of_the_picture() -> None:
    (glyph,) = glyphs(maps_of((50, 60), [((20, 10, 32, 30), "7")], scale=0.5))
    assert glyph.box == (40, 20, 64, 60)
    assert glyph.scale == 0.5 and glyph.mine.sum() == 12 * 20
    assert glyph.offset == (18, 8), "two pixels of margin"


def test_ink_is_cut_at_the_scale_that_its_centre_was_found_at() -> None:
    fine = maps_of((100, 120), [((10, 20, 34, 60), "7")])
    coarse = maps_of((50, 60), [((30, 4, 54, 44), "4")], scale=0.5)
    small, large = glyphs(fine, coarse)
    assert (small.scale, small.box) == (1.0, (10, 20, 34, 60))
    assert (large.scale, large.box) == (0.5, (60, 8, 108, 88))


def test_all_ink_is_one_glyph_of_digits_and_marks() -> None:
    maps = maps_of((100, 120), [((20, 20, 44, 60), "7"), ((80, 40, 100, 46), "-")])
    whole = all_ink(maps)
    assert whole and whole.box == (20, 20, 100, 60)
    assert whole.mine.sum() == 24 * 40 + 20 * 6

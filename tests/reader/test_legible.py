"""Which glyphs are taken for digits, and which marks stand by them."""

from collections import Counter
from dataclasses import replace

import numpy as np

from tinydigits.reader.glyph import Glyph
from tinydigits.reader.legible import Found, doubted, legible, with_slashes


def found(sure: float, mark: str = "", space: bool = False) -> Found:
    """A glyph read with this confidence, or a mark."""
    image = np.zeros((28, 28), np.float32)
    glyph = Glyph((0, 0, 9, 9), image, (0, 0), 0.0, space_before=space, mark=mark)
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[4] = sure
    return Found(glyph, image, probabilities)


def test_what_is_alone_in_its_line_beside_others_must_be_surer() -> None:
    page, left_out = [[found(0.99)] * 4, [found(0.5)], [found(0.7)]], Counter[str]()
    assert [len(line) for line in legible(page, left_out, (200, 200))] == [4, 0, 1]
    assert +left_out == {"no digit": 1}
    assert [len(line) for line in legible(page[1:], Counter(), (200, 200))] == [1, 1]


def test_what_is_as_high_as_the_sure_digits_of_its_line_is_read_as_well_as_it_can_be() -> None:
    def kept(line: list[Found]) -> int:
        return len(legible([line], Counter(), (200, 200))[0])

    assert kept([found(0.99), found(0.25), found(0.99)]) == 3
    assert kept([found(0.99), found(0.15), found(0.99)]) == 2
    assert kept([found(0.99), found(0.25), found(0.25)]) == 1, "most are not sure"
    high = found(0.25)
    high = replace(high, glyph=replace(high.glyph, box=(0, 0, 9, 12)))
    assert kept([found(0.99), high, found(0.99)]) == 2, "a slash is higher"


def test_marks_apart_from_the_digits_of_their_line_are_left_out() -> None:
    comma, digit, apart = found(0.1, ","), found(0.99), found(0.99, space=True)
    left_out = Counter[str]()
    line = [comma, apart, comma, digit, comma, found(0.1, ",", space=True)]
    (kept,) = legible([line], left_out, (200, 200))
    assert kept == line[1:5] and +left_out == {"mark": 2}
    (kept,) = legible([[comma, digit]], left_out, (200, 200))
    assert kept == [comma, digit]
    assert legible([[comma, comma]], left_out, (200, 200)) == [[]]


def test_an_unsure_slanted_stroke_is_a_slash_among_slashes() -> None:
    def slanted(sure: float) -> Found:
        one = found(sure)
        return replace(one, glyph=replace(one.glyph, slanted=True))

    line = [slanted(0.5), found(0.5), slanted(0.5), slanted(0.99), found(0.99), slanted(0.5)]
    slash = found(0.1, "/")
    (marked,) = with_slashes([[*line, slash, found(0.99)]])
    assert [each.glyph.mark for each in marked] == ["", "", "/", "", "", "/", "/", ""]
    assert with_slashes([line]) == [line], "no other is one"
    page = [[found(0.99), *[slanted(0.5)] * 3, slash, *[found(0.99)] * 4]]
    (read,) = doubted(with_slashes(page))
    assert read[-1].sure < 0.98, "unsure strokes speak against the page, marks or not"

"""What of all that was found is written down."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.reader.made import Draw, found, maps_of, without_margins
from tinydigits.arrays import Bytes, Plane
from tinydigits.reader import found as found_module
from tinydigits.reader.centres import find_centres
from tinydigits.reader.evidence import PLAIN, seen
from tinydigits.reader.finder import Finder, Maps
from tinydigits.reader.found import (
    Candidate,
    _apart,
    _doubtful,
    _left_out,
    _lies,
    _marks,
    _side_by_side,
    candidates,
    resized_back,
    turned_back,
    whole_picture,
)
from tinydigits.reader.glyphs import cut_out
from tinydigits.reader.reader import Reader

SEVEN, FOUR = (40, 20, 64, 60), (90, 20, 114, 60)


def maybe(maps: Maps) -> list[Candidate]:
    centres = find_centres([maps])
    return candidates([maps], centres, cut_out([maps], centres))


def turned(quarter: int, heat: float = 0.9) -> Candidate:
    """A candidate that says so about which way it is turned."""
    (each,) = maybe(maps_of((100, 120), [(SEVEN, "7")]))
    turns = np.full(4, 0.02, np.float32)
    turns[quarter] = 0.94
    return replace(each, centre=replace(each.centre, turns=turns, heat=heat))


def test_digits_and_letters_may_be_digits_and_marks_may_not() -> None:
    page = maps_of((100, 200), [(SEVEN, "7"), (FOUR, "letter"), ((150, 36, 170, 44), "-")])
    page = replace(page, ink=np.maximum(page.ink, page.ink[::-1]))  # of a digit, all of it
    assert [each.glyph.box for each in maybe(page)] == [SEVEN, FOUR]
    assert all(np.array_equal(e.seen, seen(page, e.centre, e.glyph)) for e in maybe(page))


def test_what_has_no_ink_of_digits_is_none() -> None:
    page = maps_of((100, 120), [(SEVEN, "7")])
    assert not maybe(replace(page, ink=page.ink[::-1].copy()))


def test_a_mark_is_written_down_where_it_is_sure() -> None:
    page = maps_of((100, 200), [(SEVEN, "7"), ((150, 36, 170, 44), "-")])
    centres = find_centres([page])
    (mark,) = _marks(centres, cut_out([page], centres))
    assert mark.glyph.mark == "-" and mark.glyph.box == (150, 36, 170, 44)
    faint = [replace(each, heat=0.46) for each in centres]
    assert not _marks(faint, cut_out([page], faint))


def test_the_less_probable_of_two_in_one_place_is_dropped() -> None:
    seven, one = found((40, 20, 64, 60), 0.8, 7), found((44, 22, 60, 58), 0.6, 1)
    beside, doubtful = found((66, 20, 90, 60), 0.5, 4), found((120, 20, 140, 60), 0.2, 9)
    assert _apart([one, doubtful, beside, seven]) == [seven, beside]
    overlapping = found((56, 20, 80, 60), 0.7, 3)
    assert _apart([seven, overlapping]) == [seven, overlapping], "a third of each is little"


def test_what_no_digit_that_is_read_covers_is_left_out() -> None:
    page = maps_of((100, 200), [(SEVEN, "7"), (FOUR, "letter"), ((150, 20, 174, 60), "2")])
    page = replace(page, ink=np.maximum(page.ink, page.ink[::-1]))  # of a digit, all of it
    seen = maybe(page)
    assert _left_out(seen, []) == {"no digit": 2, "letter": 1}
    both = [[found((40, 20, 52, 60)), found((52, 20, 64, 60))], [found((150, 20, 160, 60))]]
    assert _left_out(seen, both) == {"letter": 1, "no digit": 1}, "of the 2 a part is read"
    assert _left_out(seen, [[found(SEVEN, mark="-")]]) == {"no digit": 2, "letter": 1}


def test_a_picture_is_doubtful_where_its_digits_are_not_sure() -> None:
    sure, unsure = found(SEVEN, 0.99), found(FOUR, 0.9)
    assert all(_doubtful(PLAIN, few) for few in ([], [unsure], [sure, unsure]))
    assert not _doubtful(PLAIN, [sure])
    assert not _doubtful(replace(PLAIN, line=(3.0, 0.0)), [unsure]), "it is reported as sure"


def test_a_picture_as_one_digit_is_seen_at_the_scale_that_suits_it() -> None:
    large = (20, 20, 120, 180)  # 160 pixels high, 40 at a quarter
    things = [(large, "0"), ((10, 10, 60, 90), "0"), ((5, 5, 30, 45), "0")]
    levels = [maps_of((200 // 2**i, 160 // 2**i), [each], 0.5**i) for i, each in enumerate(things)]
    whole = whole_picture(levels)
    assert whole and whole.glyph.scale == 0.25 and whole.glyph.box == large
    assert whole_picture([maps_of((200, 160), [])]) is None


def test_a_page_lies_if_most_of_its_digits_say_so() -> None:
    assert not _lies([turned(0)] * 4) and not _lies([turned(2)] * 4)
    assert _lies([turned(1)] * 4) and _lies([turned(3)] * 4)
    assert not _lies([turned(1, heat=0.2), turned(0)]), "the hotter counts for more"
    assert not _lies([])


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_three_digits_are_read_whichever_way_their_page_lies(
    turn: int, draw: Draw, reader: Reader
) -> None:
    assert reader.read(draw("472").rotate(turn, expand=True)).text == "472"


@pytest.mark.parametrize("turn", [90, 270])
def test_a_page_on_its_side_is_not_read_upside_down(turn: int, draw: Draw, reader: Reader) -> None:
    lines = "100701", "011001", "100110"
    assert reader.read(draw(*lines).rotate(turn, expand=True)).text == "\n".join(lines)


def test_two_digits_side_by_side_are_no_parts_of_one() -> None:
    one, three, flag = found((0, 12, 7, 45)), found((18, 0, 38, 48)), found((18, 0, 38, 20))
    over = found((5, 0, 38, 48))
    assert _side_by_side([one, three]) and _side_by_side([three, one])
    assert not _side_by_side([one, flag]), "a stroke of the other"
    assert not _side_by_side([one, over]), "they overlap"
    assert not _side_by_side([one]) and not _side_by_side([one, three, found((40, 0, 60, 48))])


def letter(canvas: ImageDraw.ImageDraw, name: str, x: int, base: int) -> None:
    """An a, c, or d of a broad pen."""
    ring = x, base - 36, x + 34, base
    if name == "c":
        canvas.arc(ring, 45, 315, fill=0, width=6)
        return
    canvas.ellipse(ring, outline=0, width=6)
    canvas.line((x + 34, base - (62 if name == "d" else 36), x + 34, base + 2), fill=0, width=6)


def test_letters_do_not_turn_a_page_upside_down(draw: Draw, reader: Reader) -> None:
    page = Image.new("L", (400, 330), 255)
    canvas = ImageDraw.Draw(page)
    for base, letters, digit in ((90, "acd", "2"), (190, "cda", "4"), (290, "dca", "7")):
        for at, name in enumerate(letters):
            letter(canvas, name, 30 + 70 * at, base)
        for above in (12, 26):
            canvas.line((240, base - above, 274, base - above), fill=0, width=5)
        page.paste(draw(digit, height=60, pen=6).crop((20, 50, 80, 130)), (310, base - 66))
    assert [each for each in reader.read(page).text if each in "247"] == list("247")


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_turned_page_lie_where_its_digits_are(quarters: int) -> None:
    page: Plane = np.zeros((100, 160), np.float32)
    page[30:70, 110:134] = 1
    rows, columns = np.nonzero(np.rot90(page, quarters))
    box = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
    assert turned_back(quarters, page.shape)(box) == (110, 30, 134, 70)


def test_boxes_of_a_resized_page_lie_where_its_digits_are() -> None:
    assert resized_back(0.5, 1.25)((55, 25, 67, 75)) == (110, 20, 134, 60)
    assert resized_back(2.0, 2.0)((9, 9, 10, 10)) == (4, 4, 5, 5), "never empty"


def looked_at(picture: Image.Image) -> list[tuple[int, int]]:
    """The sizes in which a picture is looked at, each once."""
    finder, shapes = Finder(), list[tuple[int, int]]()
    see = finder.maps

    def maps(grey: Bytes, scale: float) -> Maps:
        if scale == 1:
            shapes.append(grey.shape)
        return see(grey, scale)

    finder.maps = maps  # type: ignore[method-assign]
    Reader(finder=finder).read(picture)
    return sorted(set(shapes))


def hatched() -> Image.Image:
    """Three digits that are hardly seen under slanting lines."""
    page = Image.new("L", (150, 90), 235)
    canvas = ImageDraw.Draw(page)
    for x, digit in ((20, "4"), (60, "7"), (100, "2")):
        canvas.text((x, 25), digit, 40, ImageFont.load_default(44))
    for x in range(-90, 240, 8):
        canvas.line((x, 0, x + 90, 90), 90, width=3)
    return page


def test_only_what_is_not_clear_is_looked_at_in_other_sizes(draw: Draw, reader: Reader) -> None:
    assert looked_at(draw("472", height=40).crop((0, 0, 150, 90))) == [(90, 150)]
    sizes = [(76, 126), (90, 120), (90, 150), (90, 188), (108, 180)]
    assert looked_at(hatched()) == sizes
    assert reader.read(hatched()).text == "472"


@pytest.mark.parametrize(("bound", "value"), [("_LARGEST", 90 * 150 - 1), ("_MOST", -1)])
def test_what_would_take_seconds_is_looked_at_in_its_own_size_only(
    bound: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_module, bound, value)
    assert looked_at(hatched()) == [(90, 150)]


@pytest.mark.parametrize("dark", [True, False])
def test_a_bold_digit_without_margins_is_read_and_its_box_is_the_picture(
    dark: bool, draw: Draw, reader: Reader
) -> None:
    """Its paper is less than its ink, and the finder takes the one for the other."""
    cut = without_margins(draw("4", height=200, pen=60))
    (digit,) = reader.read(cut if dark else 255 - cut).digits
    assert digit.label == 4
    assert np.abs(np.subtract(digit.box, (0, 0, *cut.shape[::-1]))).max() <= 8

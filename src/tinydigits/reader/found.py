"""A picture -> its digits and marks, in lines."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.centres import MARK, Centre, centre_of, find_centres
from tinydigits.reader.evidence import seen, weigh
from tinydigits.reader.finder import Finder, Maps, Plane
from tinydigits.reader.glyph import Box, Found, Glyph, Lines, Look
from tinydigits.reader.glyphs import all_ink, cut_out
from tinydigits.reader.rows import in_lines
from tinydigits.reader.scales import look
from tinydigits.reader.split import part

# All of these are chosen bounds; what decides between them is weighed by `evidence.py`.
LEAST = 0.25  # probability from which on something is written down as a digit, if a doubtful one
_LEAST_INK = 0.1  # mean ink of digits: with less, it is no candidate, and saves the recogniser work
_SURE_MARK = 0.5  # probability from which on a mark is written down: it is so sooner than not
_BEST = 40.0  # pixels: a picture that is one digit is looked at as near this size as there is
_FEW = 6  # candidates: in a picture with more, nobody wrote a single digit
_OVER = 0.8  # of the smaller of two digits' boxes: if they share more, they are one
# Of the surest digit of a page: a line with none so sure is left out. In a real set of 49 digits
# among words 110 are invented without this, 83 at 0.5 and 74 at 0.7; one right digit goes, too.
_LINE = 0.6
# Of a picture's width or height: ink that spans so much fills it. What the recogniser then says is
# believed, but never sure: bitmaps of 16 pixels 80 -> 87 % right, and of 61 letters none more read.
_FILLED = 0.85
_BELIEVED = 0.9
_UPRIGHT = 1.2  # times as many digits must be read turned as upright: pages are mostly upright
_FEWEST, _DOUBTFUL = 4, 0.93  # digits, and mean probability below which they may be upside down


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be a digit.

    Attributes:
        centre: where the finder sees it.
        glyph: its ink.
        seen: what speaks for it, see `evidence.seen`.
    """

    centre: Centre
    glyph: Glyph
    seen: Plane


@dataclass(frozen=True, eq=False)
class _Page:
    """What is read on a page.

    Attributes:
        lines: its digits and marks.
        left_out: what was not read.
        digits: how many digits are probably right.
        quarters: the turns, anticlockwise, after which it may be upright.
    """

    lines: list[list[Found]]
    left_out: Counter[str]
    digits: float
    quarters: tuple[int, ...]


def find_digits(finder: Finder, grey: NDArray[np.uint8]) -> Look[Lines]:
    """The digits and marks of a picture, in lines, and what was left out.

    A picture that seems to lie on its side, or upside down, is looked at in these ways, too, and is
    taken to lie so if clearly more digits are then read.
    """
    best = yield from _page(finder, grey)
    for quarters in best.quarters:
        other = yield from _page(finder, np.ascontiguousarray(np.rot90(grey, quarters)))
        if other.digits > _UPRIGHT * best.digits:
            best = replace(other, lines=_turned_back(other.lines, quarters, grey.shape))
    return best.lines, best.left_out


def _page(finder: Finder, grey: NDArray[np.uint8]) -> Look[_Page]:
    levels = look(finder, grey)
    centres = find_centres(levels)
    glyphs = cut_out(levels, centres)
    maybe = candidates(levels, centres, glyphs)
    whole = whole_picture(levels) if len(maybe) <= _FEW else None
    everything = [*maybe, whole] if whole else maybe
    looked = yield [each.glyph for each in everything]
    told = _told(finder, everything, looked)
    digits = _apart((yield from part(told[: len(maybe)])))
    if whole:
        one = _meant(told[-1], looked[-1], grey.shape) if len(digits) <= 1 else told[-1]
        if _is_one(one, digits):
            digits = [one]
    lines = _likely(in_lines(digits, _marks(centres, glyphs)))
    return _Page(lines, _left_out(maybe, told), _right(digits), _turns(maybe, digits))


def candidates(
    levels: list[Maps], centres: list[Centre], glyphs: list[Glyph | None]
) -> list[Candidate]:
    """What may be digits: all but marks whose ink is that of digits, in part at least."""
    found = []
    for centre, glyph in zip(centres, glyphs, strict=True):
        if glyph is not None and centre.kind != MARK:
            maps = levels[centre.level]
            if maps.ink[0][glyph.window][glyph.mine].mean() >= _LEAST_INK:
                found.append(Candidate(centre, glyph, seen(maps, centre, glyph)))
    return found


def whole_picture(levels: list[Maps]) -> Candidate | None:
    """All ink of a picture as one digit, in the scale that shows it best."""
    best: tuple[float, int, Glyph] | None = None
    for level, maps in enumerate(levels):
        glyph = all_ink(maps)
        if glyph is not None:
            away = abs(float(np.log(max(glyph.mine.shape) / _BEST)))
            if best is None or away < best[0]:
                best = away, level, glyph
    if best is None:
        return None
    _, level, glyph = best
    centre = centre_of(glyph.box, level, levels[level])
    return Candidate(centre, glyph, seen(levels[level], centre, glyph))


def _told(finder: Finder, maybe: list[Candidate], looked: list[Found]) -> list[Found]:
    """What the recogniser says and what the finder says, together."""
    if not maybe:
        return []
    digits, chance = weigh(
        finder.evidence,
        np.stack([each.seen for each in maybe]),
        np.stack([each.centre.classes[:10] for each in maybe]),
        np.stack([each.probabilities for each in looked]),
    )
    return [each.with_chance(*own) for each, *own in zip(looked, digits, chance, strict=True)]


def _apart(found: list[Found]) -> list[Found]:
    """Those that may be digits, without what lies on one more probable."""
    found = sorted((each for each in found if each.sure >= LEAST), key=lambda each: -each.sure)
    boxes = np.array([each.glyph.box for each in found]).reshape(-1, 4)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    gone = np.zeros(len(found), bool)
    for i in range(len(found)):
        if not gone[i]:
            least = np.maximum(boxes[:, :2], boxes[i, :2])
            most = np.minimum(boxes[:, 2:], boxes[i, 2:])
            shared = np.maximum(most - least, 0).prod(1)
            gone[i + 1 :] |= (shared > _OVER * np.minimum(area, area[i]))[i + 1 :]
    return [each for each, drop in zip(found, gone, strict=True) if not drop]


def _meant(whole: Found, looked: Found, shape: tuple[int, ...]) -> Found:
    """A picture that its ink fills was meant as a digit, if the recogniser reads it as one."""
    left, top, right, bottom = whole.glyph.box
    filled = max((right - left) / shape[1], (bottom - top) / shape[0])
    chance = _BELIEVED * looked.sure
    if filled < _FILLED or chance <= whole.sure:
        return whole
    return looked.with_chance(looked.probabilities, chance)


def _is_one(whole: Found, digits: list[Found]) -> bool:
    """Whether all ink of a picture is one digit sooner than each of the two or fewer found."""
    return whole.sure >= LEAST and (
        not digits or (len(digits) <= 2 and whole.sure > max(each.sure for each in digits))
    )


def _likely(lines: list[list[Found]]) -> list[list[Found]]:
    """Without lines in which nothing is nearly as sure as the surest digit of the page."""
    sure = [max(each.sure for each in line if not each.glyph.mark) for line in lines]
    return [line for line, own in zip(lines, sure, strict=True) if own >= _LINE * max(sure)]


def _left_out(maybe: list[Candidate], told: list[Found]) -> Counter[str]:
    """What has the ink of digits, but was not taken for any."""
    return Counter(
        "letter" if each.centre.classes[-2:].sum() > 0.5 else "no digit"
        for each, own in zip(maybe, told, strict=False)
        if own.sure < LEAST
    )


def _right(digits: list[Found]) -> float:
    """How many are probably right; one that is as probably wrong counts as none."""
    return sum(max(0.0, 2 * each.sure - 1) for each in digits)


def _turns(maybe: list[Candidate], digits: list[Found]) -> tuple[int, ...]:
    """The quarters by which a page has to be turned, perhaps, to be upright."""
    turns = np.array([each.centre.turns for each in maybe]).reshape(-1, 4)
    odds = np.log(turns[:, 1] + turns[:, 3]) - np.log(turns[:, 0] + turns[:, 2])
    if float((odds * [each.centre.heat for each in maybe]).sum()) > 0:
        return 1, 3
    sure = [each.sure for each in digits]
    return (2,) if len(sure) >= _FEWEST and float(np.mean(sure)) < _DOUBTFUL else ()


def _turned_back(
    lines: list[list[Found]], quarters: int, shape: tuple[int, ...]
) -> list[list[Found]]:
    """Lines with their boxes on the page as it was, before it was turned.

    Args:
        lines: what was read after the page had been turned anticlockwise.
        quarters: how often it had been turned.
        shape: the page's height and width before.
    """

    def turned(box: Box) -> Box:
        left, top, right, bottom = box
        if quarters == 1:
            return shape[1] - bottom, left, shape[1] - top, right
        if quarters == 2:
            return shape[1] - right, shape[0] - bottom, shape[1] - left, shape[0] - top
        return top, shape[0] - right, bottom, shape[0] - left

    return [
        [replace(each, glyph=replace(each.glyph, box=turned(each.glyph.box))) for each in line]
        for line in lines
    ]


def _marks(centres: list[Centre], glyphs: list[Glyph | None]) -> list[Found]:
    """The marks that are surely such."""
    nothing, any_digit = np.zeros((28, 28), np.float32), np.full(10, 0.1, np.float32)
    return [
        Found(replace(glyph, mark=centre.mark), nothing, any_digit)
        for centre, glyph in zip(centres, glyphs, strict=True)
        if centre.kind == MARK
        and glyph is not None
        and centre.heat * float(centre.classes[10:].max()) >= _SURE_MARK
    ]

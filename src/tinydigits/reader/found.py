"""A picture -> its digits and marks, in lines."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinydigits.arrays import Bytes, Plane
from tinydigits.reader.centres import MARK, Centre, centre_of, find_centres
from tinydigits.reader.close_up import FILLED, close_up
from tinydigits.reader.evidence import reported, seen, weigh
from tinydigits.reader.finder import Evidence, Finder, Maps
from tinydigits.reader.glyph import Box, Found, Glyph, Lines, Look
from tinydigits.reader.glyphs import all_ink, cut_out
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.rows import in_lines
from tinydigits.reader.scales import look
from tinydigits.reader.split import part

# All of these are chosen bounds; what decides between them is weighed by `evidence.py`.
LEAST = 0.25  # probability from which on something is written down as a digit, if a doubtful one
_LEAST_INK = 0.1  # mean ink of digits: with less, it is no candidate, and saves the recogniser work
_SURE_MARK = 0.5  # probability from which on a mark is written down: it is so sooner than not
_BEST = 40.0  # pixels: a picture that is one digit is looked at as near this size as there is
_OVER = 0.8  # of the smaller of two digits' boxes: if they share more, they are one
# Of the surest digit of a page: a line with none so sure is left out. In a real set of 49 digits
# among words 110 are invented without this, 83 at 0.5 and 74 at 0.7; one right digit goes, too.
_LINE = 0.6
# Of what the recogniser says of ink that fills its picture: it is believed, but never sure. Bitmaps
# of 16 pixels 80 -> 87 % right, and of 61 letters none more read.
_BELIEVED = 0.9
_UPRIGHT = 1.2  # times as many digits must be read turned as upright: pages are mostly upright
_FEWEST, _DOUBTFUL = 4, 0.93  # digits, and mean probability below which they may be upside down


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be a digit."""

    centre: Centre  # where the finder sees it
    glyph: Glyph  # its ink
    seen: Plane  # what speaks for it, see `evidence.seen`


@dataclass(frozen=True, eq=False)
class _Page:
    """What is read on a page."""

    lines: list[list[Found]]  # its digits and marks
    left_out: Counter[str]  # what was not read
    digits: list[Found]  # its digits, before lines without any that is nearly sure were left out
    quarters: tuple[int, ...]  # the turns, anticlockwise, after which it may be upright


def find_digits(finder: Finder, grey: Bytes) -> Look[Lines]:
    """The digits and marks of a picture, in lines, and what was left out.

    A picture that seems to lie on its side, or upside down, is looked at in these ways, too, and is
    taken to lie so if clearly more digits are then read. A picture that ink fills is looked at with
    a margin, too, and is one digit if that is then surer.
    """
    best = yield from _page(finder, grey)
    for quarters in best.quarters:
        other = yield from _page(finder, np.ascontiguousarray(np.rot90(grey, quarters)))
        if _right(other.digits) > _UPRIGHT * _right(best.digits):
            best = replace(other, lines=_placed(other.lines, turned_back(quarters, grey.shape)))
    close = close_up(grey) if _doubtful(finder.evidence, best.digits) else None
    if close:
        other = yield from _page(finder, close[0])
        if len(other.digits) == 1 and _sure(other.digits) > _sure(best.digits):
            best = replace(other, lines=_placed(other.lines, close[1]))
    return [[_reported(finder, each) for each in line] for line in best.lines], best.left_out


def _reported(finder: Finder, found: Found) -> Found:
    if found.glyph.mark:
        return found
    return found.with_chance(found.probabilities, reported(finder.evidence, found.sure))


def _page(finder: Finder, grey: Bytes) -> Look[_Page]:
    levels = look(finder, grey)
    centres = find_centres(levels)
    glyphs = cut_out(levels, centres)
    maybe = candidates(levels, centres, glyphs)
    told = _told(finder, maybe, (yield [each.glyph for each in maybe]))
    digits = _apart((yield from part(told)))
    whole = whole_picture(levels) if _doubtful(finder.evidence, digits) else None
    if whole:
        looked = yield [whole.glyph]
        one = _told(finder, [whole], looked)[0]
        one = _meant(one, looked[0], grey.shape) if len(digits) <= 1 else one
        if one.sure >= LEAST and one.sure > _sure(digits):
            digits = [one]
    lines = _likely(in_lines(digits, _marks(centres, glyphs)))
    return _Page(lines, _left_out(maybe, told), digits, _turns(maybe, digits))


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
    if filled < FILLED or chance <= whole.sure:
        return whole
    return looked.with_chance(looked.probabilities, chance)


def _doubtful(evidence: Evidence, digits: list[Found]) -> bool:
    """Whether two or fewer were found, none or not surely: a picture may be one digit instead."""
    return len(digits) <= 2 and reported(evidence, _sure(digits)) < MIN_CONFIDENCE


def _sure(digits: list[Found]) -> float:
    """How probable it is in the mean that they are right; 0 where there are none."""
    return float(np.mean([each.sure for each in digits])) if digits else 0.0


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


def turned_back(quarters: int, shape: tuple[int, ...]) -> Callable[[Box], Box]:
    """Boxes on a page (height, width) that was turned anticlockwise -> where they lay before."""
    height, width = shape

    def back(box: Box) -> Box:
        left, top, right, bottom = box
        if quarters == 1:
            return width - bottom, left, width - top, right
        if quarters == 2:
            return width - right, height - bottom, width - left, height - top
        return top, height - right, bottom, height - left

    return back


def _placed(lines: list[list[Found]], place: Callable[[Box], Box]) -> list[list[Found]]:
    """The same, each box where `place` says."""
    return [
        [replace(each, glyph=replace(each.glyph, box=place(each.glyph.box))) for each in line]
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

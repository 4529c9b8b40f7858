"""A picture -> its digits and marks, in lines."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinydigits.arrays import Bytes, Plane
from tinydigits.image.digit import ink_of
from tinydigits.reader.centres import LEAST_MARK, MARK, Centre, centre_of, find_centres
from tinydigits.reader.close_up import FILLED, close_up
from tinydigits.reader.evidence import reported, seen, weigh
from tinydigits.reader.finder import FAINT, FEATURES, UNIT, Evidence, Finder, Maps
from tinydigits.reader.glyph import Box, Found, Glyph, Lines, Look, edges
from tinydigits.reader.glyphs import INK, all_ink, cut_out
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.rows import in_lines
from tinydigits.reader.scales import FIRST, look
from tinydigits.reader.split import BELIEVED, part

LEAST = 0.25  # probability from which on something is written down as a digit (chosen)
# Of the surest digit of a page: a line with none so sure is left out. In a real set of 49 digits
# among words 110 are invented without this, 83 at 0.5 and 74 at 0.7; one right digit goes, too.
_LINE = 0.6
_OVER = 0.8  # of the smaller of two boxes: one digit; 0.6 loses two points on touching lines
# What is seen changes a little with where it stands on the network's grid of 16 pixels. With the
# mean of these four, of 1,321 real digits in small pictures 1,166 instead of 1,151 are read and 174
# instead of 189 invented; with two there are 8 fewer.
_SHIFTS = (0, 4, 8, 12)
_AS_HIGH = 2 / 3  # of the higher of two: they are two digits (chosen)
# Times as many digits must be read turned, as pages are mostly upright; not if three or more say
# that they lie on their side, which the finder can tell, unlike half a turn (chosen).
_UPRIGHT = 1.2
# Mean probability from which on a page may be upside down. Of 60 drawn ones all have more; letters,
# of which some look like digits that way up, have less.
_UPSIDE_DOWN = 0.88


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

    A picture that seems to lie on its side is looked at turned, too, and so is one of three digits
    or more that are not surely read: upside down. It is taken to lie so if more digits are then
    read, upside down clearly more, and surely. A small one that is not surely read is looked at
    several times. A picture of fewer digits may be one: where ink fills it, it is looked at with a
    margin, too, and is one digit if that is then surer.
    """
    evidence, best, lies = finder.evidence, (yield from _page(finder, grey)), 0
    turned: list[tuple[_Page, int]] = []
    for quarters in best.quarters:
        turned.append(((yield from _page(finder, _turned(grey, quarters))), quarters))
    if turned:
        other, quarters = max(turned, key=lambda each: _right(each[0].digits))
        known = quarters != 2 and len(other.digits) > 2
        times = 1 if known else _UPRIGHT
        legible = quarters != 2 or _sure(other.digits) > _UPSIDE_DOWN
        if legible and _right(other.digits) > times * _right(best.digits):
            best, lies = other, quarters
    if max(grey.shape) <= FIRST and _doubtful(evidence, best.digits):
        best = yield from _page(finder, _turned(grey, lies), _SHIFTS)
    best = replace(best, lines=_placed(best.lines, turned_back(lies, grey.shape)))
    few = len(best.digits) <= 2
    if few and _doubtful(evidence, best.digits) and (close := close_up(grey)):
        other = yield from _page(finder, close[0])
        one = len(other.digits) == 1 and not _side_by_side(best.digits)
        if one and _sure(other.digits) > _sure(best.digits):
            best = replace(other, lines=_placed(other.lines, close[1]))
    told = [
        [each.with_chance(each.probabilities, reported(evidence, each.sure)) for each in line]
        for line in best.lines
    ]
    return told, best.left_out


def find_single(finder: Finder, grey: Bytes) -> Look[Lines]:
    """The whole picture as one digit; no line where it is blank."""
    glyph = single_glyph(finder, grey)
    return ([(yield [glyph])] if glyph else []), Counter()


def single_glyph(finder: Finder, grey: Bytes) -> Glyph | None:
    """All ink that the finder sees in a picture (height, width), or what is not its border's tone.

    None if the picture is blank.
    """
    whole = whole_picture(look(finder, grey))
    if whole is not None:
        return whole.glyph
    ink = ink_of(grey)
    if ink is None:
        return None
    mine = ink.amount > INK
    return Glyph(edges(mine), ink.amount, mine, (0, 0), noise=ink.noise)


def _page(finder: Finder, grey: Bytes, shifts: Sequence[int] = (0,)) -> Look[_Page]:
    levels = look(finder, grey, shifts)
    centres = find_centres(levels)
    glyphs = cut_out(levels, centres)
    maybe = candidates(levels, centres, glyphs)
    told = _told(finder, maybe, (yield [each.glyph for each in maybe]))
    believed = sum(each.sure >= LEAST for each in told)
    digits = _apart((yield from part(told, believed)))
    doubtful = _doubtful(finder.evidence, digits)
    upside_down = (2,) if doubtful and len(digits) > 2 else ()
    whole = whole_picture(levels) if doubtful and len(digits) <= 2 else None
    if whole:
        looked = yield [whole.glyph]
        one = _told(finder, [whole], looked)[0]
        one = _meant(one, looked[0], grey.shape) if len(digits) <= 1 else one
        if one.sure >= LEAST and one.sure > _sure(digits) and not _side_by_side(digits):
            digits = [one]
    lines = _likely(in_lines(digits, _marks(centres, glyphs)))
    quarters = (1, 3) if _lies(maybe) else upside_down
    return _Page(lines, _left_out(maybe, told), digits, quarters)


def candidates(
    levels: list[Maps], centres: list[Centre], glyphs: list[Glyph | None]
) -> list[Candidate]:
    """What may be digits: all but marks whose ink is that of digits, in part at least."""
    found = []
    for centre, glyph in zip(centres, glyphs, strict=True):
        if glyph is not None and centre.kind != MARK:
            known = seen(levels[centre.level], centre, glyph)
            if known[FEATURES.index("ink") - 1] >= FAINT:  # "one" is not seen
                found.append(Candidate(centre, glyph, known))
    return found


def whole_picture(levels: list[Maps]) -> Candidate | None:
    """All ink of a picture as one digit, in the scale that shows it best."""
    glyphs = [(level, glyph) for level, maps in enumerate(levels) if (glyph := all_ink(maps))]
    if not glyphs:
        return None
    level, glyph = min(glyphs, key=lambda each: abs(np.log(max(each[1].mine.shape) / UNIT)))
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
    chance = BELIEVED * looked.sure
    if filled < FILLED or chance <= whole.sure:
        return whole
    return looked.with_chance(looked.probabilities, chance)


def _doubtful(evidence: Evidence, digits: list[Found]) -> bool:
    """Whether digits are not surely right, in the mean, or there are none."""
    return reported(evidence, _sure(digits)) < MIN_CONFIDENCE


def _sure(digits: list[Found]) -> float:
    """How probable it is in the mean that they are right; 0 where there are none."""
    return float(np.mean([each.sure for each in digits])) if digits else 0.0


def _side_by_side(digits: list[Found]) -> bool:
    """Whether there are two, one right of the other and about as high: no parts of one digit."""
    if len(digits) != 2:
        return False
    (left, top, right, bottom), other = (each.glyph.box for each in digits)
    low, high = sorted((bottom - top, other[3] - other[1]))
    return (right <= other[0] or other[2] <= left) and low > _AS_HIGH * high


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


def _lies(maybe: list[Candidate]) -> bool:
    """Whether a page seems to lie on its side."""
    turns = np.array([each.centre.turns for each in maybe]).reshape(-1, 4)
    odds = np.log(turns[:, 1] + turns[:, 3]) - np.log(turns[:, 0] + turns[:, 2])
    return bool((odds * [each.centre.heat for each in maybe]).sum() > 0)


def _turned(grey: Bytes, quarters: int) -> Bytes:
    return np.ascontiguousarray(np.rot90(grey, quarters))


def turned_back(quarters: int, shape: tuple[int, ...]) -> Callable[[Box], Box]:
    """Boxes on a page (height, width) that was turned anticlockwise -> where they lay before."""

    def back(box: Box) -> Box:
        left, top, right, bottom = box
        for turn in range(quarters, 0, -1):
            width = shape[turn % 2]  # of the page before that turn
            left, top, right, bottom = width - bottom, left, width - top, right
        return left, top, right, bottom

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
        and centre.heat * float(centre.classes[10:].max()) >= LEAST_MARK
    ]

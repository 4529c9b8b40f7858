"""A picture -> its digits and marks, in lines."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from tinydigits.arrays import Bytes, Plane
from tinydigits.image.digit import ink_of
from tinydigits.reader.centres import LEAST_MARK, MARK, Centre, centre_of, find_centres
from tinydigits.reader.close_up import FILLED, close_up
from tinydigits.reader.evidence import reported, seen, weigh
from tinydigits.reader.finder import FAINT, FEATURES, UNIT, Evidence, Finder, Maps
from tinydigits.reader.fuse import fused
from tinydigits.reader.glyph import (
    Box,
    Found,
    Glyph,
    Lines,
    Look,
    area,
    edges,
    shared_area,
)
from tinydigits.reader.glyphs import INK, all_ink, cut_out
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.rows import in_lines
from tinydigits.reader.scales import look
from tinydigits.reader.split import BELIEVED, part

LEAST = 0.25  # probability from which on something is written down as a digit (chosen)
# Of the surest digit of a page: a line with none so sure is left out. In a real set of 49 digits
# among words 110 are invented without this, 83 at 0.5 and 74 at 0.7; one right digit goes, too.
_LINE = 0.6
_OVER = 0.8  # of the smaller of two boxes: one digit; 0.6 loses two points on touching lines
# What is less probable to be right in the mean is looked at again, in pictures of these widths and
# heights over its own. Development pictures, digits right, wrong or invented, texts whole: 9,452,
# 228 and 1,116 at one look; 9,477, 195, 1,144 at these five; 9,485, 192, 1,150 at ten (chosen).
_CLEAR = 0.95
_SIZES = ((0.8, 1.0), (1.25, 1.0), (0.84, 0.84), (1.2, 1.2))
# Where more looks would take seconds, at this many pixels of the finest scale or things that are no
# digits, as in noise, one is enough. Real pages above it: 1,915 instead of 1,910 digits (chosen).
_LARGEST, _MOST = 2**19, 40
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
class _Seen:
    """What a look at a page shows."""

    levels: list[Maps]
    maybe: list[Candidate]
    marks: list[Found]
    parts: list[Found]  # what is said of what may be digits; what touches is parted

    @property
    def digits(self) -> list[Found]:
        """What is sooner a digit than not, each once."""
        return _apart(self.parts)


def find_digits(finder: Finder, grey: Bytes) -> Look[Lines]:
    """The digits and marks of a picture, in lines, and what was left out.

    One that is not clear is looked at again, a little narrower, wider, smaller and larger. A
    picture of fewer than three digits may be one: where ink fills it, it is looked at with a
    margin, too, and is one digit if that is then surer.
    """
    page, lies = yield from _upright(finder, grey)
    turned = _turned(grey, lies)
    parts = yield from _or_one(finder, page, turned.shape)
    digits = _apart(parts)
    unclear = _chance(finder.evidence, digits) < _CLEAR
    others, pixels = len(parts) - len(digits), page.levels[0].grey.size
    if unclear and parts and others <= _MOST and pixels <= _LARGEST:
        looks = [parts]
        for across, down in _SIZES:
            looks.append((yield from _resized(finder, turned, across, down)))
        digits = _apart(fused(looks))
    lines, place = _likely(in_lines(digits, page.marks)), turned_back(lies, grey.shape)
    if len(digits) <= 2 and _doubtful(finder.evidence, digits) and (close := close_up(grey)):
        near = yield from _see(finder, close[0])
        other = _apart((yield from _or_one(finder, near, close[0].shape)))
        one = len(other) == 1 and not _side_by_side(digits)
        if one and _sure(other) > _sure(digits):
            page, lines, place = near, _likely([other]), close[1]
    told = [[_reported(finder.evidence, each) for each in line] for line in _placed(lines, place)]
    return told, _left_out(page.maybe, lines)


def _upright(finder: Finder, grey: Bytes) -> Look[tuple[_Seen, int]]:
    """What a picture shows the right way up, and the quarters by which it was turned for that.

    One that seems to lie on its side is looked at turned, too, and so is one of three digits or
    more that are not surely read: upside down. It is taken to lie so if more digits are then read,
    upside down clearly more, and surely.
    """
    best = yield from _see(finder, grey)
    digits = best.digits
    if _lies(best.maybe):
        quarters = [1, 3]
    else:
        quarters = [2] if len(digits) > 2 and _doubtful(finder.evidence, digits) else []
    turned = []
    for turn in quarters:
        turned.append(((yield from _see(finder, _turned(grey, turn))), turn))
    if not turned:
        return best, 0
    other, turn = max(turned, key=lambda each: _right(each[0].digits))
    known = turn != 2 and len(other.digits) > 2
    legible = turn != 2 or _sure(other.digits) > _UPSIDE_DOWN
    better = _right(other.digits) > (1 if known else _UPRIGHT) * _right(digits)
    return (other, turn) if legible and better else (best, 0)


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


def _see(finder: Finder, grey: Bytes) -> Look[_Seen]:
    """Look at a page once."""
    levels = look(finder, grey)
    centres = find_centres(levels)
    glyphs = cut_out(levels, centres)
    maybe = candidates(levels, centres, glyphs)
    told = _told(finder, maybe, (yield [each.glyph for each in maybe]))
    parts = yield from part(told, sum(each.sure >= LEAST for each in told))
    return _Seen(levels, maybe, _marks(centres, glyphs), parts)


def _resized(finder: Finder, grey: Bytes, across: float, down: float) -> Look[list[Found]]:
    """What may be digits where a picture (height, width) is so much wider and higher."""
    height, width = grey.shape
    size = round(across * width), round(down * height)
    resized = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))
    seen = yield from _see(finder, resized)
    parts = yield from _or_one(finder, seen, resized.shape)
    return _placed([parts], resized_back(size[0] / width, size[1] / height))[0]


def resized_back(across: float, down: float) -> Callable[[Box], Box]:
    """Boxes of a picture that was made so much wider and higher -> where they lay before."""

    def back(box: Box) -> Box:
        left, top, right, bottom = (
            round(edge / factor) for edge, factor in zip(box, (across, down) * 2, strict=True)
        )
        return left, top, max(right, left + 1), max(bottom, top + 1)

    return back


def _or_one(finder: Finder, seen: _Seen, shape: tuple[int, ...]) -> Look[list[Found]]:
    """What may be digits of a picture, or where they are two at most: all its ink, if surer."""
    digits = seen.digits
    if len(digits) > 2 or not _doubtful(finder.evidence, digits):
        return seen.parts
    whole = whole_picture(seen.levels)
    if whole is None:
        return seen.parts
    looked = yield [whole.glyph]
    one = _told(finder, [whole], looked)[0]
    one = _meant(one, looked[0], shape) if len(digits) <= 1 else one
    surer = one.sure >= LEAST and one.sure > _sure(digits)
    return [one] if surer and not _side_by_side(digits) else seen.parts


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
    boxes = _boxes(found)
    areas = area(boxes)
    gone = np.zeros(len(found), bool)
    for i in range(len(found)):
        if not gone[i]:
            over = shared_area(boxes, boxes[i]) > _OVER * np.minimum(areas, areas[i])
            gone[i + 1 :] |= over[i + 1 :]
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
    return _chance(evidence, digits) < MIN_CONFIDENCE


def _chance(evidence: Evidence, digits: list[Found]) -> float:
    """How probable it is in the mean that they are right, as a reading reports it."""
    return reported(evidence, _sure(digits))


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


def _reported(evidence: Evidence, found: Found) -> Found:
    """The same, as probable as a reading reports it."""
    return found.with_chance(found.probabilities, reported(evidence, found.sure))


def _likely(lines: list[list[Found]]) -> list[list[Found]]:
    """Without lines in which nothing is nearly as sure as the surest digit of the page."""
    sure = [max(each.sure for each in line if not each.glyph.mark) for line in lines]
    return [line for line, own in zip(lines, sure, strict=True) if own >= _LINE * max(sure)]


def _left_out(maybe: list[Candidate], lines: list[list[Found]]) -> Counter[str]:
    """What may be digits, but is not read: less than half of its box lies in those of digits."""
    read = _boxes([each for line in lines for each in line if not each.glyph.mark])
    left_out = Counter[str]()
    for each in maybe:
        box = np.array(each.glyph.box, np.float32)
        if 2 * shared_area(read, box).sum() < area(box):
            left_out["letter" if each.centre.classes[-2:].sum() > 0.5 else "no digit"] += 1
    return left_out


def _boxes(found: list[Found]) -> Plane:
    return np.array([each.glyph.box for each in found], np.float32).reshape(-1, 4)


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

"""A picture -> its digits, in looks: at the page as it lies, from its sides, as one digit.

A look is a generator: it yields the glyphs that it wants read and is sent what the network says of
them. So whoever takes the looks may read the glyphs of many pictures at once.
"""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.digit import ink_of
from tinydigits.reader.glyph import THRESHOLD, Glyph
from tinydigits.reader.ink import Ink, find_ink, is_small
from tinydigits.reader.joining import FEW
from tinydigits.reader.legible import (
    MIN_CONFIDENCE,
    Found,
    doubted,
    doubtful,
    legible,
    may_be_digit,
    with_slashes,
)
from tinydigits.reader.ridge import is_ridge
from tinydigits.reader.second_look import evenly_lit, otherwise_lit
from tinydigits.reader.segment import fills, segment, whole_picture
from tinydigits.reader.sheet import sheet_alone
from tinydigits.reader.split import Part, best_way, may_touch, parts
from tinydigits.reader.turned import QUARTERS, before_turning, turned

# A picture of which nothing is legible is looked at again, as one digit. At 0.4 and 0.8, 98.7
# and 98.2 % of scanned digits of 96 pixels are read rightly, and a digit in 12 and 11 % of scenes.
_LEAST_WHOLE = 0.5
_ONE_PIECE = 0.5  # of its ink; a texture's stripes have 0.1 to 0.3
_CROPPED = 0.05  # the doubt if only the second look finds ink: that it is none, so never surely one
_RIDGE = 0.05  # the same where a 1 may be a ridge
# Of 78 pages lying on their head the mean confidence was 0.957 at most as they lay, and once turned
# at least 0.04 more; of 1,100 upright ones as sure when turned, at most 0.036 more, but for three
# that read badly either way (NOTES.md, "Turned pages").
_FEWEST_TURNED = 4  # digits
_MOST_AGAIN = 1000  # regions; with more, a picture is not worth a look in other lights
_MOST_ILLEGIBLE = 200  # things without a digit among them are noise, whichever way they lie
_SURE_UPRIGHT = 0.965
_SURE_TURNED = 0.9
_SURE_GLANCE = 0.8  # before what touches is parted, which may take most of the time
_SURER = 0.04
_SURE_SMALL = 0.9  # else a small picture is read as shaded, too, and the surer reading counts
# Of what may touch, in heights of it, so about as many digits, at 5 to 20 ms each; with more that
# reads badly a page is hardly one of digits.
_MOST_PARTED = 60.0

Lines = tuple[list[list[Found]], Counter[str]]  # and what was left out, by what it is
Result = TypeVar("Result")
Look = Generator[list[Glyph], list[Found], Result]


def look_at(grey: NDArray[np.uint8], single: bool) -> Look[Lines]:
    """The digits and marks of a picture, in lines, and what was left out.

    Args:
        grey: (height, width), as `Picture.grey`.
        single: take the whole picture to be one digit.
    """
    ink = find_ink(grey)
    if single:
        return (yield from _whole(grey, ink)), Counter()
    lines, left_out = yield from _page(ink)
    if is_small(grey.shape) and _least_sure(lines) < _SURE_SMALL:
        other = yield from _page(find_ink(grey, even=False))
        if _least_sure(other[0]) > _least_sure(lines):
            lines, left_out = other
    if not is_small(grey.shape) and _worth(lines, left_out) < 1:
        alone = sheet_alone(grey)
        if alone is not None:
            other = yield from _page(find_ink(alone), _MOST_AGAIN)
            if _worth(*other) > _worth(lines, left_out) and _shapes(other[0]) >= _shapes(lines):
                lines, left_out = other
    if not any(lines) and not is_small(grey.shape):
        for ink_otherwise in otherwise_lit(grey):
            other = yield from _upright(ink_otherwise, most=_MOST_AGAIN)
            if sum(map(len, other[0])) > 1 and _least_sure(other[0]) >= _SURE_SMALL:
                return other
    if not any(lines):  # cropped, it may be in pieces, or look like a form
        lines = (yield from _again(grey, ink)) or lines
    return _no_sure_ridge(lines, grey), left_out


def _worth(lines: list[list[Found]], left_out: Counter[str]) -> float:
    """How much of what was found is sure digits: 1 if all is."""
    maybe = [each for line in lines for each in line if not each.glyph.mark]
    return sum(map(_is_sure, maybe)) / max(1, len(maybe) + left_out["no digit"])


def _shapes(lines: list[list[Found]]) -> int:
    """How many digits are sure, 1s aside: so are edges, and the grain of a desk."""
    return sum(
        _is_sure(each) and each.probabilities.argmax() != 1 for line in lines for each in line
    )


def _is_sure(found: Found) -> bool:
    return not found.glyph.mark and found.sure >= MIN_CONFIDENCE


def _no_sure_ridge(lines: list[list[Found]], grey: NDArray[np.uint8]) -> list[list[Found]]:
    """The same lines, but a lone 1 is never sure that may be the crest of a gradient."""
    found = [each for line in lines for each in line]
    if len(found) == 1 and found[0].probabilities.argmax() == 1 and is_ridge(grey, found[0].glyph):
        return [[doubtful(found[0], _RIDGE)]]
    return lines


def _page(ink: Ink | None, most: float = np.inf) -> Look[Lines]:
    """A page; if it holds several things that make no digits as it lies, from its other sides."""
    lines, left_out = yield from _upright(ink, most=most)
    maybe = [found for line in lines for found in line if not found.glyph.mark]
    things = len(maybe) + left_out["no digit"]  # neither marks nor rules say which way it lies
    if things == 1 and _least_sure(lines) < _SURE_SMALL:  # not one in pieces, but perhaps several
        several, rest = yield from _upright(ink, few=0, most=FEW)
        if sum(map(len, several)) > 1 and _least_sure(several) >= _SURE_SMALL:
            return several, rest
    sure = _sureness(lines)
    noise = not maybe and things > _MOST_ILLEGIBLE
    if ink is None or things < _FEWEST_TURNED or noise or sure >= _SURE_UPRIGHT:
        return lines, left_out
    surest = max(_SURE_TURNED, sure + _SURER)
    for quarters in QUARTERS:
        side = turned(ink, quarters)
        glance, _ = yield from _upright(side, most_parted=0)
        if _sureness(glance) < _SURE_GLANCE:
            continue
        other, other_left_out = yield from _upright(side)
        if _sureness(other) >= surest:
            surest = _sureness(other)
            lines = _before_turning(other, quarters, ink.amount.shape)
            left_out = other_left_out
    return lines, left_out


def _upright(
    ink: Ink | None, most_parted: float = _MOST_PARTED, few: int = FEW, most: float = np.inf
) -> Look[Lines]:
    """A page as it lies; `few` and `most` as in `segment`."""
    if ink is None:
        return [], Counter()
    page = segment(ink, few, most)
    looked = iter((yield [glyph for line in page.lines for glyph in line]))
    lines = with_slashes([list(islice(looked, len(line))) for line in page.lines])
    if sum(_to_part(each) for line in lines for each in line) <= most_parted:
        alone = sum(map(len, lines)) == 1
        for line in lines:
            line[:] = yield from _parted(line, alone)
    return legible(doubted(lines), page.left_out, ink.amount.shape), page.left_out


def _to_part(found: Found) -> float:
    """How many heights a glyph is wide that may be several digits; 0 if it may not."""
    left, top, right, bottom = found.glyph.box
    return (right - left) / (bottom - top) if may_touch(found.glyph, found.sure) else 0.0


def _whole(grey: NDArray[np.uint8], ink: Ink | None) -> Look[list[list[Found]]]:
    """The whole picture as one digit; where no ink is told from light, by its two tones."""
    glyph = (whole_picture(ink) if ink else None) or _two_tones(grey)
    return [(yield [glyph] if glyph else [])]


def _two_tones(grey: NDArray[np.uint8]) -> Glyph | None:
    """All that is not the border's tone."""
    ink = ink_of(grey)
    if ink is None:
        return None
    inked = ink.amount > THRESHOLD
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return Glyph(box, ink.amount, (0, 0), ink.noise)


def _again(grey: NDArray[np.uint8], ink: Ink | None) -> Look[list[list[Found]]]:
    """The surest reading of the picture as one digit, cropped to its ink perhaps."""
    whole = whole_picture(ink, _ONE_PIECE) if ink else None
    cropped = [whole_picture(each, _ONE_PIECE) for each in evenly_lit(grey)]
    filling = [each for each in cropped if each and fills(each, grey.shape)]
    found = yield [whole, *filling] if whole else filling
    first = len(found) - len(filling)
    found = found[:first] + [doubtful(each, _CROPPED) for each in found[first:]]
    best = max(found, key=lambda each: each.sure, default=None)
    return [[best]] if best and best.sure >= _LEAST_WHOLE else []


def _parted(line: list[Found], alone: bool) -> Look[list[Found]]:
    """The same line, with digits in the place of each glyph that reads better as several."""
    candidates = [_candidates(whole, alone) for whole in line]
    looked = iter((yield [part.glyph for own in candidates for part in own[1:]]))
    result = []
    for whole, own in zip(line, candidates, strict=True):
        if len(own) < 2:
            result.append(whole)
            continue
        found = [whole, *islice(looked, len(own) - 1)]
        sure = [float(np.log(each.probabilities.max())) for each in found]
        chosen, odds = best_way(own, sure, alone)
        # Between digits a pair that touches is likely; alone it may be a letter as well.
        doubt = 1 / (1 + np.exp(odds)) if alone and len(chosen) > 1 else 0.0
        result += [doubtful(found[i], doubt) for i in chosen]
    return result


def _candidates(whole: Found, alone: bool) -> list[Part]:
    """The digits that a glyph may be made of, itself first; none if it is surely one."""
    if whole.glyph.mark or not may_touch(whole.glyph, whole.sure):
        return []
    return parts(whole.glyph, float(np.log(whole.sure)), alone)


def _sureness(lines: list[list[Found]]) -> float:
    """The mean confidence of a page's digits; 0 if they are too few to tell which way it lies."""
    sure = [found.sure for line in lines for found in line if may_be_digit(found.glyph)]
    return float(np.mean(sure)) if len(sure) >= _FEWEST_TURNED else 0.0


def _least_sure(lines: list[list[Found]]) -> float:
    """The least confidence of a page's digits; 0 without digits."""
    return min((each.sure for line in lines for each in line if not each.glyph.mark), default=0.0)


def _before_turning(
    lines: list[list[Found]], quarters: int, shape: tuple[int, ...]
) -> list[list[Found]]:
    """The same digits, with their boxes where they are in the picture as it came."""
    return [
        [
            replace(
                each, glyph=replace(each.glyph, box=before_turning(each.glyph.box, quarters, shape))
            )
            for each in line
        ]
        for line in lines
    ]

"""A picture -> its digits and marks by the finder, in lines."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.centres import LETTER, MARK, Centre, find_centres
from tinydigits.reader.finder import Finder, Maps, Plane
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.glyphs import cut_out
from tinydigits.reader.legible import Found
from tinydigits.reader.looks import Lines, Look
from tinydigits.reader.rows import find_lines, find_slope, nearest_of
from tinydigits.reader.scales import look

_OWN = 0.2  # weight of the finder's own vote beside the recogniser's
_LEAST = 0.2  # heat times probability, of what is written down as a digit
_SURE_MARK = 0.5
_GAP = 1.1  # heights of digits: a wider gap parts numbers


def find_digits(finder: Finder, grey: NDArray[np.uint8]) -> Look[Lines]:
    """The digits and marks of a picture, in lines, and what was left out."""
    levels = look(finder, grey)
    centres = find_centres(levels)
    cut = cut_out(levels, centres)
    pairs = [
        (centre, _glyph(centre, levels[centre.level], *own))
        for centre, own in zip(centres, cut, strict=True)
        if own is not None
    ]
    left_out = Counter(letter=sum(each.kind == LETTER for each in centres))
    left_out["no ink"] = len(centres) - len(pairs) - left_out["letter"]
    looked = yield [glyph for _, glyph in pairs]
    found = []
    for (centre, _), each in zip(pairs, looked, strict=True):
        if centre.kind == MARK:
            if centre.heat * float(centre.classes[10:].max()) >= _SURE_MARK:
                found.append(each)
            else:
                left_out["mark"] += 1
            continue
        told = _told(centre, each)
        if centre.heat * told.sure >= _LEAST:
            found.append(told)
        else:
            left_out["no digit"] += 1
    return _in_lines(found), left_out


def _glyph(centre: Centre, maps: Maps, amount: Plane, offset: tuple[int, int]) -> Glyph:
    ink = amount > 0.3
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    edges = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) + 2 * offset
    left, top, right, bottom = (int(each) for each in np.rint(edges / maps.scale))
    box = left, top, max(right, left + 1), max(bottom, top + 1)
    return Glyph(box, amount, offset, 0.0, mark=centre.mark if centre.kind == MARK else "")


def _told(centre: Centre, found: Found) -> Found:
    """What the recogniser says and what the finder says, together."""
    own = centre.classes[:10] / max(float(centre.classes[:10].sum()), 1e-9)
    both = (1 - _OWN) * found.probabilities + _OWN * own
    digit = min(1.0, centre.heat / 0.5)
    return replace(found, probabilities=np.asarray(digit * both + (1 - digit) / 10, np.float32))


def _in_lines(found: list[Found]) -> list[list[Found]]:
    """Digits in lines, and each mark beside the digit that it stands next to."""
    digits = [each for each in found if not each.glyph.mark]
    if not digits:
        return []
    boxes = np.array([each.glyph.box for each in digits], np.int64)
    slope = find_slope(boxes)
    lines = [[digits[i] for i in line] for line in find_lines(boxes, slope)]
    owners = {id(each): line for line in lines for each in line}
    for each in found:
        if each.glyph.mark:
            nearest = nearest_of(np.array(each.glyph.box), boxes, slope)
            if nearest is not None:
                owners[id(digits[nearest])].append(each)
    return [_with_spaces(sorted(line, key=_middle)) for line in lines]


def _middle(found: Found) -> int:
    return found.glyph.box[0] + found.glyph.box[2]


def _with_spaces(row: list[Found]) -> list[Found]:
    """The same line; what stands further from the one before than digits of a number do says so."""
    heights = [each.glyph.box[3] - each.glyph.box[1] for each in row if not each.glyph.mark]
    wide = _GAP * float(np.median(heights))
    spaced = row[:1]
    for before, each in pairwise(row):
        gap = each.glyph.box[0] - before.glyph.box[2]
        spaced.append(replace(each, glyph=replace(each.glyph, space_before=gap > wide)))
    return spaced

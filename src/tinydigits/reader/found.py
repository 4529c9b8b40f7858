"""A picture -> its digits and marks by the finder, in lines."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.centres import MARK, Centre, find_centres
from tinydigits.reader.evidence import seen, weigh
from tinydigits.reader.finder import Finder, Maps, Plane
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.glyphs import Cut, all_ink, cut_out
from tinydigits.reader.legible import Found
from tinydigits.reader.looks import Lines, Look
from tinydigits.reader.rows import find_lines, find_slope, nearest_of
from tinydigits.reader.scales import look

_LEAST = 0.3  # probability of what is written down as a digit
_LEAST_INK = 0.1  # of digits, of what may be one
_SURE_MARK = 0.5
_GAP = 1.1  # heights of digits: a wider gap parts numbers
_FEW = 2  # digits of a picture that may be one


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


def find_digits(finder: Finder, grey: NDArray[np.uint8]) -> Look[Lines]:
    """The digits and marks of a picture, in lines, and what was left out."""
    levels = look(finder, grey)
    centres = find_centres(levels)
    cut = cut_out(levels, centres)
    maybe = candidates(levels, centres, cut)
    marks = [
        _mark(centre, levels[centre.level], own)
        for centre, own in zip(centres, cut, strict=True)
        if centre.kind == MARK and own is not None
    ]
    whole = _whole(levels) if len(maybe) <= 3 * _FEW else None
    looked = yield [each.glyph for each in [*maybe, *([whole] if whole else [])]]
    told = _told(finder, [*maybe, *([whole] if whole else [])], looked)
    left_out: Counter[str] = Counter()
    found = [each for each in told[: len(maybe)] if each.sure >= _LEAST]
    if whole and len(found) <= _FEW and told[-1].sure > max([_LEAST, *(each.sure for each in found)]):
        found = [told[-1]]
    left_out["no digit"] = len(maybe) - len(found)
    return _in_lines(found, marks), left_out


def candidates(
    levels: list[Maps], centres: list[Centre], cut: list[Cut | None]
) -> list[Candidate]:
    """What has ink of digits."""
    found = []
    for centre, own in zip(centres, cut, strict=True):
        if own is None or centre.kind == MARK:
            continue
        maps = levels[centre.level]
        each = seen(maps, centre, own.offset, own.mine)
        if each[4] >= _LEAST_INK:
            found.append(Candidate(centre, _glyph(maps, own), each))
    return found


def _whole(levels: list[Maps]) -> Candidate | None:
    """All ink of a picture as one digit, in the scale that shows it best."""
    chosen = None
    for level, maps in enumerate(levels):
        own = all_ink(maps)
        if own is None:
            continue
        rows, columns = np.flatnonzero(own.mine.any(1)), np.flatnonzero(own.mine.any(0))
        tall, wide = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
        if chosen is None or abs(np.log(max(tall, wide) / 40)) < chosen[0]:
            x, y = own.offset[0] + columns[0] + wide / 2, own.offset[1] + rows[0] + tall / 2
            row, column = int(y / 4), int(x / 4)
            row, column = min(row, maps.small.shape[0] - 1), min(column, maps.small.shape[1] - 1)
            scale = maps.scale
            width, height = maps.size(row, column)
            centre = Centre(
                level, 0, x / scale, y / scale, width / scale, height / scale,
                float(maps.heat[0, row, column]), 0.0, maps.classes(row, column), maps.turns(row, column),
            )
            chosen = abs(np.log(max(tall, wide) / 40)), centre, maps, own
    if chosen is None:
        return None
    _, centre, maps, own = chosen
    return Candidate(centre, _glyph(maps, own), seen(maps, centre, own.offset, own.mine))


def _glyph(maps: Maps, own: Cut, mark: str = "") -> Glyph:
    rows, columns = np.flatnonzero(own.mine.any(1)), np.flatnonzero(own.mine.any(0))
    edges = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) + 2 * own.offset
    left, top, right, bottom = (int(each) for each in np.rint(edges / maps.scale))
    box = left, top, max(right, left + 1), max(bottom, top + 1)
    return Glyph(box, own.amount, own.offset, 0.0, mark=mark)


def _mark(centre: Centre, maps: Maps, own: Cut) -> Found | None:
    if centre.heat * float(centre.classes[10:].max()) < _SURE_MARK:
        return None
    nothing = np.zeros((28, 28), np.float32)
    return Found(_glyph(maps, own, centre.mark), nothing, np.full(10, 0.1, np.float32))


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
    found = []
    for each, own, sure in zip(looked, digits, chance, strict=True):
        label = int(own.argmax())
        others = own.copy()
        others[label] = 0
        told = others * (1 - sure) / max(others.sum(), 1e-9)
        told[label] = max(sure, 0.1)
        found.append(replace(each, probabilities=np.asarray(told / told.sum(), np.float32)))
    return found


def _in_lines(found: list[Found], marks: list[Found | None]) -> list[list[Found]]:
    """Digits in lines, and each mark beside the digit that it stands next to."""
    if not found:
        return []
    boxes = np.array([each.glyph.box for each in found], np.int64)
    slope = find_slope(boxes)
    lines = [[found[i] for i in line] for line in find_lines(boxes, slope)]
    owners = {id(each): line for line in lines for each in line}
    for each in marks:
        if each is not None:
            nearest = nearest_of(np.array(each.glyph.box), boxes, slope)
            if nearest is not None:
                owners[id(found[nearest])].append(each)
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

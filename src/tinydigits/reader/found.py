"""A picture -> its digits and marks by the finder, in lines."""

from collections import Counter
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be a digit, and what speaks for it."""

    glyph: Glyph
    centre: Centre
    features: Plane
    classes: Plane


def candidates(finder: Finder, grey: NDArray[np.uint8]) -> list[Candidate]:
    levels = look(finder, grey)
    centres = find_centres(levels)
    cut = cut_out(levels, centres)
    found = []
    for centre, own in zip(centres, cut, strict=True):
        if own is None or centre.kind == MARK:
            continue
        maps = levels[centre.level]
        features = _features(maps, centre, *own)
        if features[4] < 0.1:
            continue
        found.append(Candidate(_glyph(centre, maps, own[0], own[1]), centre, features, centre.classes[:10]))
    return found


def _logit(chance: float) -> float:
    chance = min(max(chance, 0.002), 0.998)
    return float(np.log(chance / (1 - chance)))


def _features(maps: Maps, centre: Centre, amount: Plane, offset: tuple[int, int], mine: NDArray[np.bool_]) -> Plane:
    row, column = int(centre.y * maps.scale / 4), int(centre.x * maps.scale / 4)
    near = maps.heat[:, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].max((1, 2))
    classes = centre.classes
    rows, columns = np.nonzero(mine)
    rows, columns = rows + offset[1], columns + offset[0]
    ink = maps.ink[:, rows, columns].mean(1)
    away = maps.offsets[:, rows // 2, columns // 2]
    x, y = columns + 0.5 + away[0], rows + 0.5 + away[1]
    size = max(centre.height, centre.width) * maps.scale
    wide, tall = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    cx, cy = (columns.max() + columns.min() + 1) / 2, (rows.max() + rows.min() + 1) / 2
    pointing = float(np.hypot(x - cx, y - cy).mean()) / max(wide, tall)
    shift = max(abs(cx - centre.x * maps.scale), abs(cy - centre.y * maps.scale)) / max(wide, tall)
    fits = abs(np.log(tall / max(centre.height * maps.scale, 2))) + abs(np.log(max(wide, 4) / max(centre.width * maps.scale, 4)))
    edge = float(min(columns.min(), rows.min()) <= 0) + float(columns.max() >= maps.ink.shape[2] - 1 or rows.max() >= maps.ink.shape[1] - 1)
    return np.array([
        _logit(float(near[0])), _logit(float(near[2])), _logit(float(near[1])),
        _logit(float(classes[:10].sum())), float(ink[0]), float(ink[1]), pointing, shift, fits,
        np.log2(max(wide, tall) / 28), wide / tall, edge, centre.turns[0],
    ], np.float32)


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

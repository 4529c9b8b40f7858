"""A picture -> its digits and marks by the finder, in lines."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.centres import MARK, Centre, find_centres
from tinydigits.reader.evidence import seen, weigh
from tinydigits.reader.finder import Finder, Maps, Plane
from tinydigits.reader.glyph import THRESHOLD, Glyph
from tinydigits.reader.glyphs import Cut, all_ink, cut_out
from tinydigits.reader.legible import Found
from tinydigits.reader.looks import Lines, Look
from tinydigits.reader.rows import find_lines, find_slope, nearest_of
from tinydigits.reader.scales import look
from tinydigits.reader.split import Part, best_way, may_touch, parts

_LEAST = 0.3  # probability of what is written down as a digit
_LEAST_INK = 0.1  # of digits, of what may be one
_SURE_MARK = 0.5
_GAP = 1.1  # heights of digits: a wider gap parts numbers
_UPRIGHT = 1.2  # times as many digits on its side as upright show that a page lies there
_SHARED = float(__import__("os").environ.get("SHARED", 0.8))
_NO_PARTS = float(__import__("os").environ.get("NOPARTS", 0.9))
_PARTED = 0.9
_FEWEST_TURNED = 4
_DOUBTFUL = 0.8
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
    """The digits and marks of a picture, in lines, and what was left out.

    A picture that seems to lie on its side is looked at from both sides, too, and the reading with
    the most digits is taken.
    """
    best = yield from _page(finder, grey)
    sides = (1, 3) if best.lying > 0 else (2,) if best.doubtful else ()
    for quarters in sides:
        other = yield from _page(finder, np.rot90(grey, quarters))
        if other.digits > _UPRIGHT * best.digits:
            best = replace(other, lines=_turned_back(other.lines, quarters, grey.shape))
    return best.lines, best.left_out


@dataclass(frozen=True, eq=False)
class _Page:
    """What is read on a page.

    Attributes:
        lines: its digits and marks.
        left_out: what was not read.
        digits: how many digits are probably right.
        lying: the log-odds that the page lies on its side.
        doubtful: whether it reads as badly as one that is upside down.
    """

    lines: list[list[Found]]
    left_out: Counter[str]
    digits: float
    lying: float
    doubtful: bool


def _page(finder: Finder, grey: NDArray[np.uint8]) -> Look[_Page]:
    levels = look(finder, grey)
    centres = find_centres(levels)
    cut = cut_out(levels, centres)
    maybe = candidates(levels, centres, cut)
    marks = [
        _mark(centre, levels[centre.level], own)
        for centre, own in zip(centres, cut, strict=True)
        if centre.kind == MARK and own is not None
    ]
    whole = [each for each in [_whole(levels)] if each] if len(maybe) <= 3 * _FEW else []
    looked = yield [each.glyph for each in [*maybe, *whole]]
    told = _told(finder, [*maybe, *whole], looked)
    told = [*(yield from _parted(maybe, told[: len(maybe)], levels)), *told[len(maybe) :]]
    count = len(told) - len(whole)
    found = _apart([each for each in told[:count] if each.sure >= _LEAST])
    if whole and len(found) <= _FEW:
        found = max([found, told[-1:]], key=lambda some: np.mean([_LEAST, *(e.sure for e in some)]) if len(some)!=1 else some[0].sure)
        found = [each for each in found if each.sure >= _LEAST]
    left_out = Counter({"no digit": max(0, len(maybe) - len(found))})
    turns = np.array([each.centre.turns for each in maybe]).reshape(-1, 4)
    odds = np.log(turns[:, 1] + turns[:, 3]) - np.log(turns[:, 0] + turns[:, 2])
    lying = float((odds * [each.centre.heat for each in maybe]).sum())
    doubtful = len(found) >= _FEWEST_TURNED and float(np.mean([each.sure for each in found])) < _DOUBTFUL
    return _Page(_in_lines(found, marks), left_out, sum(max(0.0, 2 * each.sure - 1) for each in found), lying, doubtful)


def _parted(maybe: list[Candidate], told: list[Found], levels: list[Maps]) -> Look[list[Found]]:
    """The same, with several in the place of what reads better as digits that touch."""
    choices: list[list[Part]] = []
    for one, each in zip(maybe, told, strict=True):
        scale = levels[one.centre.level].scale
        left, top, right, bottom = (round(edge * scale) for edge in each.glyph.box)
        glyph = replace(each.glyph, box=(left, top, max(right, left + 1), max(bottom, top + 1)))
        touching = (glyph.amount > THRESHOLD).any() and each.sure < _NO_PARTS and may_touch(glyph, each.sure)
        choices.append(parts(glyph, float(np.log(each.sure)), False) if touching else [])
    looked = iter((yield [part.glyph for own in choices for part in own[1:]]))
    result = []
    for one, each, own in zip(maybe, told, choices, strict=True):
        found = [each, *islice(looked, max(0, len(own) - 1))]
        chosen = best_way(own, [float(np.log(part.sure)) for part in found], False)[0] if len(own) > 1 else [0]
        scale = levels[one.centre.level].scale
        for i in chosen:
            if i == 0:
                result.append(each)
                continue
            box = tuple(round(edge / scale) for edge in found[i].glyph.box)
            sure = _PARTED * found[i].probabilities + (1 - _PARTED) / 10
            result.append(replace(found[i], glyph=replace(found[i].glyph, box=box), probabilities=sure))
    return result


def _apart(found: list[Found]) -> list[Found]:
    """Without what lies on something more probable."""
    found = sorted(found, key=lambda each: -each.sure)
    boxes = np.array([each.glyph.box for each in found]).reshape(-1, 4)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    gone = np.zeros(len(found), bool)
    for i in range(len(found)):
        if not gone[i]:
            wide = np.minimum(boxes[:, 2], boxes[i, 2]) - np.maximum(boxes[:, 0], boxes[i, 0])
            tall = np.minimum(boxes[:, 3], boxes[i, 3]) - np.maximum(boxes[:, 1], boxes[i, 1])
            shared = np.maximum(wide, 0) * np.maximum(tall, 0)
            gone[i + 1 :] |= (shared > _SHARED * np.minimum(area, area[i]))[i + 1 :]
    return [each for each, drop in zip(found, gone, strict=True) if not drop]


def _turned_back(
    lines: list[list[Found]], quarters: int, shape: tuple[int, ...]
) -> list[list[Found]]:
    """Where a page of that shape shows what was found on it turned by quarters anticlockwise."""

    def turned(found: Found) -> Found:
        left, top, right, bottom = found.glyph.box
        box = (
            (shape[1] - bottom, left, shape[1] - top, right)
            if quarters == 1
            else (shape[1] - right, shape[0] - bottom, shape[1] - left, shape[0] - top)
            if quarters == 2
            else (top, shape[0] - right, bottom, shape[0] - left)
        )
        return replace(found, glyph=replace(found.glyph, box=box))

    return [[turned(found) for found in line] for line in lines]


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

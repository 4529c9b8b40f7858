"""The things of one line -> which are marks, by their shapes, places and company.

A mark is told from its own shape and place first (`marks`). Then company counts: low things of one
height side by side are digits written small, a bracket has a mate, a slash stands between digits,
and in a form with a place for each digit nothing is a mark that is not printed large.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median
from tinydigits.reader.glyph import THRESHOLD, Glyph
from tinydigits.reader.marks import SLANTED, SOLID, SPECK, Place, bowed, small_mark, tall_mark

Mask = NDArray[np.bool_]
Table = NDArray[np.int64]

_NEAREST = 4  # digits that say how high a line is here
_SMALL = 0.5  # of its line's height: lower, and it must be read surely to be a digit
_NOTHING = 0.2  # of its line's height: no digit is so low, unless its neighbour is as well
_LIKE = 0.7  # of each other's height, neighbours that are written alike
_BOWED = 0.2  # of their heights, both brackets of a pair together
_PRINTED = 1.3  # of its line's height: a slash or bracket between the places of a form


@dataclass(frozen=True)
class _Seen:
    """A thing of a line: where it stands, and its ink within its box."""

    place: Place
    ink: Mask

    @property
    def solid(self) -> float:
        return float(self.ink.mean())


def mark(line: list[Glyph], tall: Table, slope: float, cells: bool) -> list[Glyph]:
    """Say which glyphs of a line are marks, and which of the others are small.

    Args:
        line: glyphs from left to right.
        tall: the indices of those as high as digits.
        slope: of the page's lines.
        cells: whether they stand in a form, in a place for each digit.
    """
    if len(line) < 2:  # nothing is a mark by itself
        return line
    boxes = np.array([glyph.box for glyph in line])
    seen = [_seen(at, boxes, tall, glyph, slope) for at, glyph in enumerate(line)]
    kinds = [_kind(thing) if thing else "" for thing in seen]
    alike = _alike(boxes)
    for at, thing in enumerate(seen):
        if (
            thing
            and alike[at]
            and kinds[at] in (".", ",", SPECK)
            and thing.place.height > _NOTHING / 2
        ):
            kinds[at] = ""
            alike[at] = thing.solid < SOLID
        elif thing and cells:
            kinds[at] = _in_a_cell(kinds[at], thing.place.height)
    kinds = _brackets(kinds, seen)
    typical = median(boxes[tall, 3] - boxes[tall, 1])
    small = (boxes[:, 3] - boxes[:, 1] < _SMALL * typical) & ~alike
    each = zip(line, kinds, small, strict=True)
    marked = [
        replace(g, mark=kind.replace(SLANTED, ""), small=bool(low), slanted=kind == SLANTED)
        for g, kind, low in each
    ]
    return _paired(_between(marked))


def _seen(at: int, boxes: Table, tall: Table, glyph: Glyph, slope: float) -> _Seen | None:
    """A thing beside the digits of its line; None if there are no others."""
    others = tall[tall != at]
    if not len(others):
        return None
    left, top, right, bottom = boxes[at]
    centres = (boxes[others, 0] + boxes[others, 2]) / 2
    nearest = others[np.argsort(np.abs(centres - (left + right) / 2))[:_NEAREST]]
    down = slope * ((left + right) / 2 - (boxes[nearest, 0] + boxes[nearest, 2]) / 2)
    digit_top = median(boxes[nearest, 1] + down)
    height = max(median(boxes[nearest, 3] + down) - digit_top, 1.0)
    place = Place(
        (bottom - top) / height,
        (right - left) / height,
        (top - digit_top) / height,
        (bottom - digit_top) / height,
    )
    ink = glyph.amount[top - glyph.offset[1] :, left - glyph.offset[0] :] > THRESHOLD
    return _Seen(place, ink[: bottom - top, : right - left])


def _kind(thing: _Seen) -> str:
    kind = small_mark(thing.place, thing.solid)
    if not kind and thing.place.height < _NOTHING:
        return SPECK
    return kind or tall_mark(thing.place, thing.ink)


def _alike(boxes: Table) -> Mask:
    """Low things whose neighbour in the line, not above or below them, is as high."""
    height = boxes[:, 3] - boxes[:, 1]
    low = height < _SMALL * height.max()
    beside = boxes[1:, 0] >= boxes[:-1, 2] - 1
    ratio = np.minimum(height[1:], height[:-1]) / np.maximum(height[1:], height[:-1])
    pairs = beside & (ratio >= _LIKE) & low[1:] & low[:-1]
    found: Mask = np.append(pairs, False) | np.append(False, pairs)
    return found


def _in_a_cell(kind: str, height: float) -> str:
    if kind in ("/", "(", ")"):
        return kind if height >= _PRINTED else ""
    return SPECK if kind in (".", ",", "-") else ""


def _brackets(kinds: list[str], seen: list[_Seen | None]) -> list[str]:
    """Brackets come in pairs, bowed from each other, with something between; others are none."""
    free = [
        thing if thing and kind in ("", SLANTED, "(", ")") else None
        for kind, thing in zip(kinds, seen, strict=True)
    ]
    opening, closing = ([bowed(side, t.place, t.ink) if t else 0.0 for t in free] for side in "()")
    result = ["" if kind in ("(", ")") else kind for kind in kinds]
    at = 0
    while at < len(result):
        closed = [
            other
            for other in range(at + 2, len(result))
            if opening[at] and closing[other] and opening[at] + closing[other] >= _BOWED
        ]
        if closed:
            result[at], result[closed[0]] = "(", ")"
        at = closed[0] + 1 if closed else at + 1
    return result


def _between(line: list[Glyph]) -> list[Glyph]:
    """A slash stands between digits; at either end of a line it is a 1."""
    ends = [i for i in (0, len(line) - 1) if line[i].mark == "/"]
    return [replace(glyph, mark="") if i in ends else glyph for i, glyph in enumerate(line)]


def _paired(line: list[Glyph]) -> list[Glyph]:
    """Two dots above one another become a colon, two dashes an equals sign."""
    result: list[Glyph] = []
    for glyph in line:
        before = result[-1] if result else None
        pair = {before.mark, glyph.mark} if before and _overlap(before, glyph) else set()
        if before and "." in pair and pair <= {".", ",", SPECK} and _like(before, glyph):
            result[-1] = replace(before, mark=":")
        elif before and pair == {"-"}:
            result[-1] = replace(before, mark="=")
        else:
            result.append(glyph)
    return result


def _overlap(one: Glyph, other: Glyph) -> bool:
    return one.box[0] < other.box[2] and other.box[0] < one.box[2]


def _like(one: Glyph, other: Glyph) -> bool:
    sizes = [glyph.box[2] - glyph.box[0] + glyph.box[3] - glyph.box[1] for glyph in (one, other)]
    return max(sizes) <= 2 * min(sizes)

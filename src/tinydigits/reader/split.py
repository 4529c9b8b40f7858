"""Digits that touch: where one glyph may be parted, and which way of parting reads best."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinydigits.arrays import Flags
from tinydigits.reader.glyph import Found, Glyph, Look, edges

# Of what the recogniser alone says so much is believed, as the finder does not vouch for it. So no
# part is surer, and a digit that is has none looked for. Ink that fills its picture, believed
# entirely, makes sure digits of letters; bitmaps of 16 pixels read 87 instead of 80 % by it.
BELIEVED = 0.9
_SLANTS = (-0.4, -0.2, 0.0, 0.2, 0.4)  # run over rise: hands lean up to about 22 degrees
_MOST_CUTS = 20  # measured: 12 are too few where five digits meet, 88.5 instead of 90.8 % right
_DOUBTED = 20  # of what is hardly believed may be parted: noise has hundreds, 10 s of work (chosen)
_NARROWEST = 0.1  # heights between two cuts, and of what is left beside them: chosen

# Log-odds by which a way of parting is judged, beside the confidence of what it reads. Measured on
# drawn touching digits (benchmarks/NOTES.md, "Touching digits").
_PER_CUT = 0.25  # with 1, and less ink cut, 33 instead of 105 of 120 digits in pairs were right
_PER_INK = 0.6  # for cutting ink as long as the glyph is high; 0.3, 1.0 read 91, 88 % of pairs
_WIDEST = 0.85  # heights of a digit; for each height beyond it, 2 is taken off
# Beside others a glyph is one digit sooner than several: of 536 partings of touching digits 25 gain
# less than this, of 77 on pages, forms and dates where nothing touches 61.
_ONE = 0.5


@dataclass(frozen=True)
class Cut:
    """A slanted line through a glyph: x + slant * (y - middle) = position."""

    position: float
    slant: float
    ink: float  # length of ink crossed, in heights of the glyph


@dataclass(frozen=True)
class Part:
    """What lies between two cuts; a glyph's ends count as its first and last cut."""

    first: int
    second: int
    glyph: Glyph
    cost: float  # of the cut at its left


def part(told: list[Found], believed: int) -> Look[list[Found]]:
    """The same, with several in the place of each that reads better as digits that touch.

    What has not been recognised counts as sure, so a way of which all has been is the best.

    Args:
        told: what was found.
        believed: how many of them may be digits; of the rest only some are parted.
    """
    worth = sorted(filter(may_touch, told), key=lambda each: -each.sure)[: believed + _DOUBTED]
    known = [{0: each} for each in worth]
    choices = [parts(each.glyph, float(np.log(each.sure))) for each in worth]
    while True:
        ways = [
            best_way(
                own, [float(np.log(each[i].sure)) if i in each else 0 for i in range(len(own))]
            )
            for own, each in zip(choices, known, strict=True)
        ]
        unknown = [(n, i) for n, way in enumerate(ways) for i in way if i not in known[n]]
        if not unknown:
            break
        looked = yield [choices[n][i].glyph for n, i in unknown]
        for (n, i), found in zip(unknown, looked, strict=True):
            known[n][i] = found
    parted = {
        id(own[0]): [own[i].with_chance(own[i].probabilities, BELIEVED * own[i].sure) for i in way]
        for own, way in zip(known, ways, strict=True)
        if way != [0]
    }
    return [each for whole in told for each in parted.get(id(whole), [whole])]


def may_touch(found: Found) -> bool:
    """Whether something reads badly enough, for its width, to be more than one digit."""
    height, width = _size(found.glyph)
    return found.sure < BELIEVED and 2 * width > height


def parts(glyph: Glyph, sure: float) -> list[Part]:
    """The parts of a glyph that may be digits; the whole is the first.

    Args:
        glyph: the whole.
        sure: the log-probability of the digit that it was read as.

    Returns:
        What lies between cuts that may pay: those that cost more than the whole lacks to be a sure
        digit cannot, whatever lies beside them.
    """
    lacking = _too_wide(glyph) - sure - _ONE
    if lacking <= _PER_CUT:
        return [Part(0, 1, glyph, 0.0)]
    cuts = [cut for cut in _cuts(glyph) if _cost(cut) < lacking]
    prices = [0.0, *(_cost(cut) for cut in cuts), 0.0]
    end = len(cuts) + 1
    found = [Part(0, end, glyph, 0.0)]
    shape = glyph.amount.shape
    beyond = [np.ones(shape, bool), *(_beyond(shape, cut) for cut in cuts), np.zeros(shape, bool)]
    for first in range(end):
        for second in range(first + 1, end + 1):
            price = prices[first] + prices[second]
            if (first, second) == (0, end) or price >= lacking:
                continue
            part = _within(glyph, beyond[first] & ~beyond[second])
            if part is not None and price + _too_wide(part) < lacking:
                part = replace(part, space_before=glyph.space_before and not first)
                found.append(Part(first, second, part, prices[first]))
    return found


def _cost(cut: Cut) -> float:
    return _PER_CUT + _PER_INK * cut.ink


def best_way(candidates: Sequence[Part], sure: Sequence[float]) -> list[int]:
    """The most plausible row of parts that make up the whole.

    Args:
        candidates: as `parts` gives them.
        sure: for each, the log-probability of the digit it was read as.

    Returns:
        The indices of the chosen parts, from left to right.
    """
    whole = sure[0] - _too_wide(candidates[0].glyph) + _ONE
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, []), candidates[0].second: (whole, [0])}
    for index in sorted(range(1, len(candidates)), key=lambda i: candidates[i].first):
        part = candidates[index]
        if part.first not in best:
            continue
        score = sure[index] - _too_wide(part.glyph) - part.cost
        total = best[part.first][0] + score
        if part.second not in best or total > best[part.second][0]:
            best[part.second] = (total, [*best[part.first][1], index])
    return best[candidates[0].second][1]


def _size(glyph: Glyph) -> tuple[int, int]:
    """Height and width of its ink."""
    left, top, right, bottom = edges(glyph.mine)
    return bottom - top, right - left


def _too_wide(glyph: Glyph) -> float:
    height, width = _size(glyph)
    return 2 * max(0.0, width / height - _WIDEST)


def _cuts(glyph: Glyph) -> list[Cut]:
    """The cuts, from left to right, that cross the least ink."""
    mask = glyph.mine
    height, width = _size(glyph)
    y, x = np.nonzero(mask)
    start = int(x.min())
    candidates = []
    for slant in _SLANTS:
        position = x + slant * (y - mask.shape[0] / 2)
        lowest = int(np.floor(position.min()))
        counts = np.bincount((position - lowest).astype(int))
        ink = np.convolve(counts, [0.25, 0.5, 0.25], "same") / height
        middle = np.arange(len(ink)) + lowest + 0.5
        usable = middle > start + _NARROWEST * height
        usable &= middle < start + width - _NARROWEST * height
        candidates += [
            Cut(float(m), slant, float(c)) for c, m in zip(ink[usable], middle[usable], strict=True)
        ]
    chosen: list[Cut] = []
    for cut in sorted(candidates, key=lambda cut: (cut.ink, abs(cut.slant))):
        if all(abs(cut.position - other.position) > _NARROWEST * height for other in chosen):
            chosen.append(cut)
    return sorted(chosen[:_MOST_CUTS], key=lambda cut: cut.position)


def _beyond(shape: tuple[int, ...], cut: Cut) -> Flags:
    """What lies at a cut's right in a picture of that shape."""
    rows = np.arange(shape[0])[:, None] - shape[0] / 2
    return np.asarray(np.arange(shape[1]) + cut.slant * rows >= cut.position)


def _within(glyph: Glyph, inside: Flags) -> Glyph | None:
    """What of a glyph lies inside; None where it is too small for a digit."""
    columns = np.flatnonzero(inside.any(0))
    if not columns.size:
        return None
    first, last = int(columns[0]), int(columns[-1]) + 1
    inside = inside[:, first:last]
    mine = glyph.mine[:, first:last] & inside
    part = replace(
        glyph,
        amount=np.where(inside, glyph.amount[:, first:last], np.float32(0)),
        mine=mine,
        offset=(glyph.offset[0] + first, glyph.offset[1]),
    )
    if not mine.any() or 2 * _size(part)[0] < _size(glyph)[0]:
        return None
    return replace(part, box=edges(mine, part.offset, part.scale))

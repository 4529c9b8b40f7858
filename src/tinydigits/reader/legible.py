"""What the network says of glyphs, and which of them it takes for digits."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.glyph import Glyph

MIN_CONFIDENCE = 0.98  # a digit read with less is marked uncertain
# From so many digits on they are judged together: with these shares of them read with less, the
# doubt whether they are digits at all is 0 and 1.
FEWEST_TOGETHER = 3
ILLEGIBLE_SHARES = (0.3, 0.8)

# Below these it is taken for no digit (0.3 to 0.5 were measured: benchmarks/NOTES.md, "Layout").
_LEAST_CONFIDENCE = 0.4
_LEAST_SMALL = 0.8  # half as high as its line, it may be a mark
# The only thing of a picture that was cropped round it: with 0.2 to 0.4 six MNIST and scanned
# digits of 16 to 40 pixels are read, five of them rightly, of 2,800 in all.
_LEAST_CROPPED = 0.2
_CROPPED_SIDE = 40  # pixels
# As high as the sure digits of its line, where most are sure.
_LEAST_AMONG = 0.2
_FEWEST_SURE, _SHARE_SURE = 2, 0.6
_AS_HIGH = (0.75, 1.2)  # times their median; a slash is higher
# From so many things on a page on, one that is alone in its line is as likely the edge of a shadow:
# of 45 photographed pages with the shadow of bars 8 had such a digit, 0.46 to 0.57 sure.
_STRAY = 5
_LEAST_STRAY = 0.6

Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Found:
    """A glyph, what the network saw of it and said; a mark is not looked at."""

    glyph: Glyph
    image: Plane
    probabilities: Plane

    @property
    def sure(self) -> float:
        """The probability of its most probable label."""
        return float(self.probabilities.max())


def may_be_digit(glyph: Glyph) -> bool:
    """Whether it is no mark by itself; how sure it is of speaks for its page, or against it."""
    return not glyph.mark or glyph.slanted


def with_slashes(lines: list[list[Found]]) -> list[list[Found]]:
    """Where a page has slashes, a slanted stroke between others that is no sure 1 is one more."""
    if not any(found.glyph.mark == "/" for line in lines for found in line):
        return lines
    return [line[:1] + [_slash(found) for found in line[1:-1]] + line[1:][-1:] for line in lines]


def _slash(found: Found) -> Found:
    unsure = found.glyph.slanted and found.sure < MIN_CONFIDENCE
    return replace(found, glyph=replace(found.glyph, mark="/")) if unsure else found


def legible(
    lines: list[list[Found]], left_out: Counter[str], shape: tuple[int, ...]
) -> list[list[Found]]:
    """Without what the network takes for no digit, and without marks that stand by no digit.

    Args:
        lines: what was found.
        left_out: what is left out is counted here.
        shape: the picture's.
    """
    cropped = sum(map(len, lines)) == 1 and max(shape) <= _CROPPED_SIDE
    plain = _LEAST_CROPPED if cropped else _LEAST_CONFIDENCE
    result = []
    for line in lines:
        kept = []
        stray = len(line) == 1 and sum(map(len, lines)) >= _STRAY
        low, high = _heights(line)
        for found in line:
            least = _LEAST_SMALL if found.glyph.small else _LEAST_STRAY if stray else plain
            if low <= _height(found) <= high:
                least = min(least, _LEAST_AMONG)
            if found.glyph.mark or found.sure >= least:
                kept.append(found)
            else:
                left_out["mark" if found.glyph.small else "no digit"] += 1
        standing = _without_stray_marks(kept)
        left_out["mark"] += len(kept) - len(standing)
        result.append(standing)
    return result


def _heights(line: list[Found]) -> tuple[float, float]:
    """How low and how high a digit of this line is; none is, where few things are sure."""
    maybe = [found for found in line if not found.glyph.mark]
    sure = [_height(found) for found in maybe if found.sure >= MIN_CONFIDENCE]
    if len(sure) < max(_FEWEST_SURE, _SHARE_SURE * len(maybe)):
        return np.inf, -np.inf
    typical = float(np.median(sure))
    return _AS_HIGH[0] * typical, _AS_HIGH[1] * typical


def _height(found: Found) -> int:
    return found.glyph.box[3] - found.glyph.box[1]


def _without_stray_marks(line: list[Found]) -> list[Found]:
    """A line without the marks before its first digit and after its last that stand apart."""
    digits = [i for i, found in enumerate(line) if not found.glyph.mark]
    if not digits:
        return []
    first, last = digits[0], digits[-1]
    while first and not line[first].glyph.space_before:
        first -= 1
    while last + 1 < len(line) and not line[last + 1].glyph.space_before:
        last += 1
    return line[first : last + 1]


def doubted(lines: list[list[Found]]) -> list[list[Found]]:
    """Spread doubt over a page: one that is illegible for a good part is no page of digits.

    The network is sure of many a letter. That the letters beside it do not read as digits tells;
    the probability that the page is of digits falls from 1 to 0 as the share of its glyphs that
    read badly rises from the lower of `ILLEGIBLE_SHARES` to the higher, and without digits, all
    labels are alike.
    """
    found = [each for line in lines for each in line if may_be_digit(each.glyph)]
    if len(found) < FEWEST_TOGETHER:
        return lines
    illegible = np.mean([each.sure < MIN_CONFIDENCE for each in found])
    doubt = float(np.interp(illegible, ILLEGIBLE_SHARES, (0, 1)))
    return [[doubtful(each, doubt) for each in line] for line in lines]


def doubtful(found: Found, doubt: float) -> Found:
    """The same, if it is no digit, and so any, with that probability."""
    share = np.float32(doubt)
    return replace(found, probabilities=(1 - share) * found.probabilities + share / 10)

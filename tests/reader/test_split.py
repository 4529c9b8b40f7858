from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.glyph import Glyph
from tinydigits.reader.reader import Reader
from tinydigits.reader.split import Part, best_way, leading_on, may_touch, parts

Draw = Callable[..., Image.Image]


def touching(draw: Draw) -> Image.Image:
    """A 2 whose foot runs into a 7, and a 4 by itself."""
    page = np.full((180, 260), 255, np.uint8)
    for digit, left in (("2", 0), ("7", 44), ("4", 120)):
        one = np.asarray(draw(digit, height=60, pen=5))[:, :120]
        window = page[:, left : left + one.shape[1]]
        np.minimum(window, one, out=window)
    page[114:118, 60:94] = 0
    return Image.fromarray(page)


def pair(page: Image.Image) -> Glyph:
    """The 2 and the 7 as one glyph."""
    amount = 1 - np.asarray(page, np.float32)[:, :110] / 255
    rows, columns = np.flatnonzero(amount.any(1)), np.flatnonzero(amount.any(0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return Glyph(box, amount, (0, 0), 0.0)


def test_touching_digits_are_parted_and_read(draw: Draw, reader: Reader) -> None:
    assert reader.read(touching(draw)).text == "274"


def test_single_digits_are_not_parted(draw: Draw, reader: Reader) -> None:
    for digit in "01247":
        assert reader.read(draw(digit, height=60, pen=5)).text == digit


def test_parts_cover_the_whole(draw: Draw) -> None:
    glyph = pair(touching(draw))
    assert may_touch(glyph, 0.5)
    found = parts(glyph, -np.inf, alone=False)
    assert found[0].glyph is glyph
    end = found[0].second
    for left in (part for part in found if part.first == 0 and part.second < end):
        for right in (p for p in found if p.first == left.second and p.second == end):
            both = np.zeros_like(glyph.amount)
            for part in (left.glyph, right.glyph):
                start = part.offset[0] - glyph.offset[0]
                both[:, start : start + part.amount.shape[1]] += part.amount
            assert np.allclose(both, glyph.amount)


def test_the_best_way_is_the_most_plausible_row() -> None:
    glyph = Glyph((0, 0, 10, 20), np.zeros((20, 10), np.float32), (0, 0), 0.0)
    row = [Part(0, 3, glyph, 0.0), Part(0, 1, glyph, 0.0), Part(1, 3, glyph, 1.0)]
    row += [Part(0, 2, glyph, 0.0), Part(2, 3, glyph, 1.0)]
    for sure, alone, chosen, odds in (
        ([-2.5, -0.1, -0.2, -0.5, -0.1], False, [1, 2], 0.7),
        ([-1.7, -0.1, -0.2, -0.5, -0.1], False, [0], 0),  # it gains 0.4, too little
        ([-0.1, -0.1, -0.2, -0.5, -0.1], False, [0], 0),
        ([-2.5, -0.1, -5, -0.5, -0.1], False, [3, 4], 0.4),
        ([-2, -0.1, -0.2, -0.5, -0.1], True, [0], 0),
        ([-3, -0.1, -0.2, -0.5, -0.1], True, [1, 2], 0.9),
    ):
        assert best_way(row, sure, alone) == (chosen, pytest.approx(odds))


def test_cuts_that_cannot_pay_are_not_tried(draw: Draw) -> None:
    glyph = pair(touching(draw))
    assert len(parts(glyph, 0.0, alone=True)) == 1, "it is surely one digit"
    everything = parts(glyph, -np.inf, alone=False)
    counts = [len(parts(glyph, sure, alone=True)) for sure in (-0.6, -0.7, -9.0)]
    assert 1 < counts[0] < counts[1] < counts[2] == len(everything)
    # Whatever the parts were read as, the same way is the best.
    rng = np.random.default_rng(2)
    for whole in np.linspace(-2.3, 0, 30):
        sure = dict(zip(map(_ends, everything), -(rng.random(len(everything)) ** 6), strict=True))
        sure[_ends(everything[0])] = float(whole)
        best = [
            [_ends(found[i]) for i in best_way(found, [sure[_ends(p)] for p in found], True)[0]]
            for found in (everything, parts(glyph, float(whole), alone=True))
        ]
        assert best[0] == best[1]


def test_parts_that_lead_nowhere_are_not_read() -> None:
    glyph = Glyph((0, 0, 10, 20), np.zeros((20, 10), np.float32), (0, 0), 0.0)
    ends = [(0, 5), (0, 1), (0, 2), (1, 3), (2, 4), (3, 4), (3, 5)]
    found = leading_on([Part(*each, glyph, 0.0) for each in ends])
    assert [(part.first, part.second) for part in found] == [(0, 5), (0, 1), (1, 3), (3, 5)]


def _ends(part: Part) -> bytes:
    return part.glyph.amount.tobytes()

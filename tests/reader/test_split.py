"""Digits that touch: where they are cut, and which way of cutting is chosen."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.reader.made import Draw
from tinydigits.reader.glyph import Found, Glyph
from tinydigits.reader.reader import Reader
from tinydigits.reader.split import Part, best_way, may_touch, part, parts

BLANK = np.zeros((28, 28), np.float32)
WHOLE = Glyph((0, 0, 10, 20), np.ones((20, 10), np.float32), np.ones((20, 10), bool), (0, 0))


def touching(draw: Draw) -> Image.Image:
    """A 2 whose foot runs into a 7, and a 4 by itself."""
    page = np.full((180, 260), 255, np.uint8)
    for digit, left in (("2", 0), ("7", 42), ("4", 120)):
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
    return Glyph(box, amount, amount > 0.3, (0, 0))


def read(glyph: Glyph, sure: float, label: int = 7) -> Found:
    """As if the recogniser had been so sure of that digit."""
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[label] = sure
    return Found(glyph, BLANK, probabilities)


def test_touching_digits_are_parted_and_read(draw: Draw, reader: Reader) -> None:
    assert reader.read(touching(draw)).text == "274"


def test_what_is_doubtful_and_wide_enough_may_be_several(draw: Draw) -> None:
    both = pair(touching(draw))
    assert may_touch(read(both, 0.5))
    assert not may_touch(read(both, 0.95)), "it is sure"
    narrow = replace(WHOLE, mine=WHOLE.mine[:, :9])
    assert not may_touch(read(narrow, 0.5)), "it is no wider than half its height"


def test_parts_cover_the_whole(draw: Draw) -> None:
    glyph = pair(touching(draw))
    found = parts(glyph, -np.inf)
    assert found[0].glyph is glyph
    end, ways = found[0].second, 0
    for left in (p for p in found if p.first == 0 and p.second < end):
        for right in (p for p in found if p.first == left.second and p.second == end):
            both = np.zeros_like(glyph.amount)
            for own in (left.glyph, right.glyph):
                start = own.offset[0] - glyph.offset[0]
                both[:, start : start + own.amount.shape[1]] += own.amount
            assert np.allclose(both, glyph.amount)
            ways += 1
    assert ways > 3


def test_the_best_way_is_the_most_plausible_row() -> None:
    row = [Part(0, 3, WHOLE, 0.0), Part(0, 1, WHOLE, 0.0), Part(1, 3, WHOLE, 1.0)]
    row += [Part(0, 2, WHOLE, 0.0), Part(2, 3, WHOLE, 1.0)]
    for sure, chosen in (
        ([-2.5, -0.1, -0.2, -0.5, -0.1], [1, 2]),
        ([-1.7, -0.1, -0.2, -0.5, -0.1], [0]),  # parting gains 0.4, too little
        ([-0.1, -0.1, -0.2, -0.5, -0.1], [0]),
        ([-2.5, -0.1, -5, -0.5, -0.1], [3, 4]),
    ):
        assert best_way(row, sure) == chosen


def test_a_glyph_that_is_wider_than_digits_is_sooner_several() -> None:
    wide = replace(WHOLE, mine=np.ones((20, 30), bool), amount=np.ones((20, 30), np.float32))
    sure = [-1.2, -0.4, -0.4]
    for whole, chosen in ((WHOLE, [0]), (wide, [1, 2])):
        row = [Part(0, 2, whole, 0.0), Part(0, 1, WHOLE, 0.0), Part(1, 2, WHOLE, 0.5)]
        assert best_way(row, sure) == chosen
    row = [Part(0, 2, wide, 0.0), Part(0, 1, WHOLE, 0.0), Part(1, 2, wide, 0.5)]
    assert best_way(row, sure) == [0], "a part that is as wide is no digit either"


def test_cuts_that_cannot_pay_are_not_tried(draw: Draw) -> None:
    glyph = pair(touching(draw))
    everything = parts(glyph, -np.inf)
    counts = [len(parts(glyph, sure)) for sure in (0.0, -0.3, -0.6, -9.0)]
    assert 1 <= counts[0] < counts[1] < counts[2] < counts[3] == len(everything)
    # Whatever the parts were read as, the same way is the best.
    rng = np.random.default_rng(2)
    for whole in np.linspace(-2.3, 0, 30):
        sure = dict(zip(map(_ends, everything), -(rng.random(len(everything)) ** 6), strict=True))
        sure[_ends(everything[0])] = float(whole)
        best = [
            [_ends(found[i]) for i in best_way(found, [sure[_ends(p)] for p in found])]
            for found in (everything, parts(glyph, float(whole)))
        ]
        assert best[0] == best[1]


def test_what_reads_better_in_parts_is_parted_in_its_place_and_doubted(draw: Draw) -> None:
    both = read(pair(touching(draw)), 0.35)
    before, after = read(WHOLE, 0.99, 1), read(WHOLE, 0.98, 4)
    steps = part([before, both, after])
    asked = next(steps)
    own = parts(both.glyph, float(np.log(both.sure)))
    assert len(asked) == len(own) - 1, "the sure ones are not looked at again"
    halves = next(
        (one, other)
        for one, left in enumerate(own)
        for other, right in enumerate(own)
        if (left.first, right.first, right.second) == (0, left.second, own[0].second)
    )
    answers = [read(glyph, 0.98 if i in halves else 0.12) for i, glyph in enumerate(asked, 1)]
    with pytest.raises(StopIteration) as done:
        steps.send(answers)
    found = done.value.value
    assert found[0] is before and found[-1] is after
    assert [each.glyph.box for each in found[1:-1]] == [own[i].glyph.box for i in halves]
    assert [each.sure for each in found[1:-1]] == pytest.approx([0.9 * 0.98] * 2, rel=1e-3)


def test_no_parts_of_a_sure_digit_are_looked_at(draw: Draw) -> None:
    wide = pair(touching(draw))
    assert next(part([read(wide, 0.95)])) == []
    assert len(next(part([read(wide, 0.85)]))) > 0


def test_what_reads_worse_in_parts_stays(draw: Draw) -> None:
    both = read(pair(touching(draw)), 0.85)
    steps = part([both])
    asked = next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send([read(glyph, 0.3) for glyph in asked])
    assert done.value.value == [both]


def _ends(part: Part) -> bytes:
    return part.glyph.amount.tobytes()

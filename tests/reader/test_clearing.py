"""What is left of a page without its rules."""

from collections import Counter
from collections.abc import Callable

import numpy as np
from PIL import Image

from tinydigits.reader.clearing import without_rules
from tinydigits.reader.erase import left_of_rules
from tinydigits.reader.ink import Ink
from tinydigits.reader.regions import find_regions
from tinydigits.reader.rules import NO_RULES, Rules

Draw = Callable[..., Image.Image]


def test_the_rim_of_a_rule_goes_with_it(draw: Draw) -> None:
    amount = 1 - np.asarray(draw("472", "104", height=60, pen=6), np.float32) / 255
    digits = len(find_regions(amount > 0.5).areas)
    amount[160:163, 10:-10] = 1
    for start in (30, 90, 140):
        amount[157, start : start + 15] = 1
    left_out: Counter[str] = Counter()
    page = without_rules(Ink(amount, 0.0), left_out)
    assert left_out["rule"] == 1
    assert len(page.regions.areas) == digits
    assert not page.ink.amount[155:165].any()


def test_a_stroke_along_a_rule_and_a_slim_thing_elsewhere_stay() -> None:
    mask = np.zeros((100, 200), bool)
    mask[20:60, 20:28] = mask[20:60, 100:108] = True  # digits
    mask[80:86, 20:50] = True  # as thick as they are, on the rule
    mask[80, 60:90] = True  # its rim
    mask[40, 60:90] = True  # elsewhere
    rule = Rules(np.array([[10, 190, 82, 84]]), False)
    found = left_of_rules(find_regions(mask), 0.0, (rule, NO_RULES))
    assert list(np.flatnonzero(found)) == [4]


def test_what_has_more_rules_than_a_form_is_no_page(draw: Draw) -> None:
    amount = np.zeros((900, 900), np.float32)
    digits = 1 - np.asarray(draw("472", height=60, pen=6), np.float32) / 255
    amount[: digits.shape[0], : digits.shape[1]] = digits
    for lines in (80, 160):
        amount[200:] = 0
        amount[200 : 200 + 4 * lines : 4, 10:890] = 1
        left_out: Counter[str] = Counter()
        page = without_rules(Ink(amount, 0.0), left_out)
        assert left_out["rule"] == lines and len(page.regions.areas) == (3 if lines == 80 else 0)

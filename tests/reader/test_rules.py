from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.rules import find_rules, find_slope

Draw = Callable[..., Image.Image]


def ruled(slope: float, height: int = 300, width: int = 500) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    x = np.arange(width)
    for y in (60, 130, 200, 270):
        rows = np.rint(y + slope * (x - width / 2)).astype(int)
        for thick in (0, 1):
            mask[np.clip(rows + thick, 0, height - 1), x] = True
    return mask


@pytest.mark.parametrize("slope", [0.0, 0.04, -0.06])
def test_the_slope_of_ruled_lines_is_found(slope: float) -> None:
    assert find_slope(ruled(slope)) == pytest.approx(slope, abs=0.003)


@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_rules_go_and_the_strokes_that_cross_them_stay(slope: float) -> None:
    rules = ruled(slope)
    strokes = np.zeros_like(rules)
    strokes[100:160, 240:246] = True
    mask = rules | strokes
    left = mask & ~find_rules(mask, find_slope(mask))
    assert left[strokes].all()
    assert left[~strokes].sum() < 0.05 * rules.sum()


def test_vertical_rules_go_too() -> None:
    mask = ruled(0.0).T.copy()
    assert not (mask & ~find_rules(mask, 0.0)).any()


def test_digits_are_no_rules(draw: Draw) -> None:
    for picture in (draw("2222222222", pen=3), draw("1", height=300, pen=9)):
        mask = np.asarray(picture) < 128
        assert not find_rules(mask, 0.0).any()

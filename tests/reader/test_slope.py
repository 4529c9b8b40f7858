import numpy as np
import pytest

from tinydigits.reader.slope import find_slope


def ruled(slope: float) -> np.ndarray:
    mask = np.zeros((300, 500), bool)
    x = np.arange(500)
    for y in (60, 130, 200, 270):
        rows = np.rint(y + slope * (x - 250)).astype(int)
        mask[np.clip(rows, 0, 299), x] = True
    return mask


@pytest.mark.parametrize("slope", [0.0, 0.04, -0.06])
def test_the_slope_of_ruled_lines_is_found(slope: float) -> None:
    assert find_slope(ruled(slope)) == pytest.approx(slope, abs=0.003)


def test_what_is_small_or_nothing_is_level() -> None:
    assert find_slope(np.zeros((50, 50), bool)) == 0
    assert find_slope(np.eye(30, dtype=bool)) == 0

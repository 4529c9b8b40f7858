"""Pictures that are taken to be one digit."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.reader import Reader

Draw = Callable[..., Image.Image]


@pytest.mark.parametrize("height", [20, 60, 300])
@pytest.mark.parametrize("dark", [True, False])
def test_the_digit_and_its_box_at_any_size(
    height: int, dark: bool, draw: Draw, reader: Reader
) -> None:
    picture = np.asarray(draw("2", height=height, pen=max(2, height // 10)))
    (digit,) = reader.read(picture if dark else 255 - picture, single=True).digits
    assert digit.label == 2
    left, top, width, height_found = digit.box
    rows, columns = np.flatnonzero((picture < 128).any(1)), np.flatnonzero((picture < 128).any(0))
    slack = 2 + height // 12
    assert (left, top) == pytest.approx((columns[0], rows[0]), abs=slack)
    assert (width, height_found) == pytest.approx((np.ptp(columns), np.ptp(rows)), abs=2 * slack)


def test_several_digits_are_one(draw: Draw, reader: Reader) -> None:
    (digit,) = reader.read(draw("47"), single=True).digits
    assert digit.box[2] > 50


def test_a_blank_picture_is_none(reader: Reader) -> None:
    for tone in (0, 90, 255):
        reading = reader.read(np.full((60, 40), tone, np.uint8), single=True)
        assert (reading.text, reading.digits) == ("", [])

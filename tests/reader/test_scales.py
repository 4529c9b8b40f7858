"""In how many scales a picture is looked at."""

import numpy as np
import pytest
from PIL import Image

from tests.reader.made import Draw
from tinydigits.reader.finder import Finder
from tinydigits.reader.reader import Reader
from tinydigits.reader.scales import look


def scales(finder: Finder, picture: Image.Image | np.ndarray) -> list[float]:
    return [maps.scale for maps in look(finder, np.asarray(picture))]


def on_paper(digits: Image.Image, side: int) -> Image.Image:
    page = Image.new("L", (side, side), 255)
    page.paste(digits, ((side - digits.width) // 2, (side - digits.height) // 2))
    return page


@pytest.mark.parametrize(
    ("height", "pen", "wanted"), [(180, 20, [0.25, 0.125]), (22, 3, [1.0, 0.5, 0.25, 0.125])]
)
def test_a_small_picture_is_looked_at_as_finely_as_its_digits_need(
    height: int, pen: int, wanted: list[float], draw: Draw, reader: Reader
) -> None:
    assert scales(reader.finder, on_paper(draw("4", height=height, pen=pen), 300)) == wanted


def test_where_nothing_is_seen_all_scales_are_looked_at(reader: Reader) -> None:
    assert scales(reader.finder, np.full((300, 300), 240, np.uint8)) == [1.0, 0.5, 0.25, 0.125]


def test_a_large_picture_is_looked_at_up_to_512_pixels(draw: Draw, reader: Reader) -> None:
    page = on_paper(draw("4", height=700, pen=60), 1000)
    assert scales(reader.finder, page) == [0.5, 0.25, 0.125, 0.0625, 0.03125]


def test_a_tiny_picture_is_enlarged(reader: Reader) -> None:
    assert scales(reader.finder, np.full((28, 28), 240, np.uint8)) == [2.0, 1.0]

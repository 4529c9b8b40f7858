"""One digit that fills its picture: ink told from paper, and MNIST's form."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.image.digit import as_mnist, ink_of

SEVEN = [(10, 5), (90, 5), (40, 95)]  # of 100


def seven(width: int, height: int, pen: int, margin: int = 0) -> np.ndarray:
    """Black on white, within a margin."""
    picture = Image.new("L", (width + 2 * margin, height + 2 * margin), 255)
    points = [(margin + x * width / 100, margin + y * height / 100) for x, y in SEVEN]
    ImageDraw.Draw(picture).line(points, 0, pen, joint="curve")
    return np.asarray(picture)


def check(image: np.ndarray) -> None:
    """A 7 as MNIST would have it: in a box of 20, centred, its strokes plain."""
    assert image.shape == (28, 28) and image.dtype == np.uint8
    rows, columns = np.flatnonzero(image.max(1) > 100), np.flatnonzero(image.max(0) > 100)
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    y, x = np.indices(image.shape)
    assert abs((image * y).sum() / image.sum() - 14) < 0.6
    assert abs((image * x).sum() / image.sum() - 14) < 0.6
    assert image.max() == 255 and np.median(image[image > 60]) > 150
    assert 20 < (image > 100).sum() < 200
    assert (image[rows[0] : rows[0] + 2].max(0) > 100).sum() >= 8  # its bar
    assert (image[rows[-1]] > 100).sum() <= 6  # its foot


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize(
    ("width", "height", "pen", "margin"),
    [
        *((20, 30, 4, 2), (50, 80, 8, 0), (50, 80, 8, 60), (300, 400, 40, 20)),
        *((900, 900, 1, 50), (900, 900, 3, 50), (600, 900, 12, 50)),  # thinner than MNIST's pixels
    ],
)
def test_any_size_margin_pen_and_polarity(
    width: int, height: int, pen: int, margin: int, inverted: bool
) -> None:
    picture = seven(width, height, pen, margin)
    image, ink = as_mnist(255 - picture if inverted else picture)
    assert ink and ink.dark != inverted
    check(image)


SPOILS: dict[str, Callable[[np.ndarray, np.random.Generator], None]] = {
    "a dark corner": lambda a, _: a.__setitem__(np.s_[:2, :2], 0),
    "dust below": lambda a, _: a.__setitem__(np.s_[-3:-1, 60:62], 40),
    "noise": lambda a, rng: a.__iadd__(rng.normal(0, 12, a.shape)),
    "a lamp beside it": lambda a, _: a.__imul__(np.linspace(0.75, 1, a.shape[1])),
    "low contrast": lambda a, _: a.__imul__(0.1),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_is_not_the_digit_moves_and_hides_nothing(
    spoil: str, rng: np.random.Generator
) -> None:
    picture = seven(60, 90, 9, 20).astype(float)
    SPOILS[spoil](picture, rng)
    check(as_mnist(np.clip(picture, 0, 255).astype(np.uint8))[0])


def test_its_own_form_keeps_its_pixels(rng: np.random.Generator) -> None:
    paper = seven(24, 24, 3, 2) == 255
    pixels = np.where(paper, 0, rng.integers(120, 256, paper.shape)).astype(np.uint8)
    np.testing.assert_array_equal(as_mnist(pixels)[0], pixels)
    np.testing.assert_array_equal(as_mnist(255 - pixels)[0], pixels)


@pytest.mark.parametrize("size", [(28, 28), (90, 60), (1, 1)])
@pytest.mark.parametrize("tone", [0, 3, 252, 255])
def test_a_blank_picture_is_known_as_one(size: tuple[int, int], tone: int) -> None:
    picture = np.full(size, tone, np.uint8)
    picture[::2] += 1 if tone < 128 else 0  # less than can be seen
    assert ink_of(picture) is None
    image, ink = as_mnist(picture)
    assert ink is None and image.max() <= 4

"""Small pictures, and pictures cropped to the ink of one digit."""

import numpy as np
import pytest
from PIL import Image

from tests.reader.made import Draw, without_margins
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.recognise import recognise

DIGITS = "01247"


def cropped(digit: str, height: int, draw: Draw, pen: int = 14) -> Image.Image:
    """A digit without margins, as a scanner of so many pixels a height would see it."""
    page = Image.fromarray(without_margins(draw(digit, height=100, pen=pen)))
    width = max(2, round(height * page.width / page.height))
    return page.resize((width, height), Image.Resampling.BOX)


def test_noise_and_soft_edges_in_a_small_picture_are_no_light(draw: Draw, reader: Reader) -> None:
    rng, right = np.random.default_rng(3), 0
    for trial in range(20):
        digit = DIGITS[trial % 5]
        page = draw(digit, height=100, pen=12).resize((30, 56), Image.Resampling.BICUBIC)
        grey = 80 + 0.4 * np.asarray(page) + rng.normal(0, 7, (56, 30))
        right += reader.read(np.clip(grey, 0, 255).astype(np.uint8)).text == digit
    assert right >= 19


@pytest.mark.parametrize("digit", "0247")
@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("height", [16, 96, 300])
def test_digits_cropped_to_their_ink_are_read(
    digit: str, height: int, dark: bool, draw: Draw, reader: Reader
) -> None:
    small = np.asarray(cropped(digit, 16, draw))
    picture = Image.fromarray(small if dark else 255 - small)
    size = (height * picture.width // 16, height)
    assert reader.read(picture.resize(size, Image.Resampling.BICUBIC)).text == digit


def test_a_bar_without_paper_is_read_but_never_surely(draw: Draw, reader: Reader) -> None:
    bar = np.full((96, 24), 40, np.uint8)
    bar[:20, :6] = bar[-20:, -6:] = 230  # two corners of paper
    (digit,) = reader.read(bar).digits
    assert digit.label == 1
    assert 0.5 < digit.confidence < MIN_CONFIDENCE and digit.uncertain


def test_stripes_are_not_one_digit(reader: Reader) -> None:
    stripes = np.where(np.arange(400) % 50 < 25, 220, 30).astype(np.uint8)
    assert not reader.read(np.repeat(stripes[:, None], 45, axis=1)).digits


def test_in_a_small_picture_a_stroke_is_no_rule(
    mnist_test: tuple[np.ndarray, np.ndarray], reader: Reader
) -> None:
    reading = reader.read(mnist_test[0][6543])  # a 4 whose bar is straight, and apart from a stem
    assert reading.text == "4" and not reading.left_out


def test_a_doubtful_digit_is_read_where_a_picture_was_cropped_round_it(
    mnist_test: tuple[np.ndarray, np.ndarray], reader: Reader
) -> None:
    images, _ = mnist_test
    sure = recognise(reader.session, images.astype(np.float32) / 255).max(1)
    hardly = images[np.flatnonzero((sure > 0.2) & (sure < 0.4))]
    cropped = [reader.read(image).digits for image in hardly]
    assert len(hardly) and all(digit.uncertain for digits in cropped for digit in digits)
    apart = [reader.read(np.pad(image, 20)).digits for image in hardly]
    assert sum(map(len, cropped)) > sum(map(len, apart))


def test_a_small_picture_in_uneven_light_is_read(draw: Draw, reader: Reader) -> None:
    shade = np.linspace(0.15, 1, 44)[:, None]
    for digit in DIGITS:
        page = draw(digit, height=100, pen=12).resize((36, 44), Image.Resampling.BOX)
        grey = (30 + 0.85 * np.asarray(page)) * shade
        reading = reader.read(np.clip(grey, 0, 255).astype(np.uint8))
        assert reading.text == digit

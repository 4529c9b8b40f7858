import numpy as np

from tests.reader.made import Draw
from tinydigits.reader.draw import draw_reading
from tinydigits.reader.reader import Reader


def test_boxes_and_what_the_network_saw_are_drawn(draw: Draw, reader: Reader) -> None:
    page = draw("4721")
    reading = reader.read(page)
    drawn = np.asarray(draw_reading(page, reading)).astype(int)
    bare = np.asarray(draw_reading(page, type(reading)("", []))).astype(int)
    greenish = (drawn[..., 1] > drawn[..., 0] + 50) | (drawn[..., 0] > drawn[..., 2] + 100)
    assert greenish.sum() > 500
    assert drawn.shape[0] > bare.shape[0]
    tile = drawn[bare.shape[0] - 20 :, 24:108, 0]
    assert (tile == 0).mean() > 0.3, "the first digit's 28x28, black for the most part"


def test_any_picture_can_be_drawn(reader: Reader, rng: np.random.Generator) -> None:
    for shape in [(1, 1), (3, 700), (2000, 30)]:
        picture = rng.integers(0, 256, shape).astype(np.uint8)
        assert draw_reading(picture, reader.read(picture)).width >= 480

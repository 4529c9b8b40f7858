"""Pictures drawn for the reader's tests: pen strokes whose digit is beyond doubt."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.reader.made import Draw
from tinydigits.mnist.idx import holds_idx, read_idx_folder
from tinydigits.reader.reader import Reader

SHAPES = {
    "0": [(50, 0), (15, 20), (5, 50), (15, 80), (50, 100), (85, 80), (95, 50), (85, 20), (50, 0)],
    "1": [(55, 0), (50, 100)],
    "2": [(15, 30), (25, 8), (55, 0), (78, 20), (70, 45), (45, 68), (10, 95), (90, 93)],
    "4": [(60, 0), (10, 60), (90, 60), (62, 60), (66, 22), (60, 100)],
    "7": [(10, 3), (88, 3), (62, 45), (45, 100)],
}


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Lines of digits in black on white: draw("470", "12") is a page of two lines."""

    def draw_lines(*lines: str, height: int = 40, pen: int = 4, gap: float = 0.5) -> Image.Image:
        step = round(height * (0.6 + gap))
        size = (max(map(len, lines)) * step + height, len(lines) * 2 * height + height)
        picture = Image.new("L", size, 255)
        canvas = ImageDraw.Draw(picture)
        for row, line in enumerate(lines):
            for column, digit in enumerate(line):
                if digit == " ":
                    continue
                left, top = height // 2 + column * step, height + row * 2 * height
                points = [
                    (left + 0.6 * height * x / 100, top + height * y / 100)
                    for x, y in SHAPES[digit]
                ]
                canvas.line(points, fill=0, width=pen, joint="curve")
        return picture

    return draw_lines


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def mnist_test() -> tuple[np.ndarray, np.ndarray]:
    """MNIST's test images, uint8 (10000, 28, 28), and labels, read without torch."""
    folder = Path(os.environ.get("TINYDIGITS_DATA", "data"))
    if not holds_idx(folder):
        pytest.skip("MNIST is not here: set TINYDIGITS_DATA to a folder with its four files")
    (_, _, images, labels), _ = read_idx_folder(folder)
    return images, labels

"""The C in docs/microcontroller.md, compiled and run: images from a touch screen and a camera."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from integers_kit import Bytes, Compile, needed
from numpy.typing import NDArray

from tinydigits.mnist.data import Data
from tinydigits.mnist.integers.quantise import Integers, quantise, scores
from tinydigits.mnist.model import Net

PAGE = Path(__file__).parents[3] / "docs" / "microcontroller.md"
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsanitize=address,undefined")
TOUCH = """
#include <stdio.h>
#include "touch.h"
static touch_point points[1000];
int main(void) {
    static uint8_t image[784];
    int count = (int)fread(points, sizeof points[0], 1000, stdin);
    touch_image(points, count, image);
    return fwrite(image, 1, 784, stdout) != 784;
}
"""
CAMERA = """
#include <stdio.h>
#include "camera.h"
int main(void) {
    static camera state;
    uint8_t row[112], image[784];
    int y;
    for (;;) {
        for (y = 0; y < 112; y++) {
            if (fread(row, 1, 112, stdin) != 112) return 0;
            camera_row(&state, y, row);
        }
        camera_image(&state, image);
        fwrite(image, 1, 784, stdout);
    }
}
"""
# Lines on a grid of 2 by 4, x and y; a list of points for each stroke.
STROKES = {
    0: [[(1, 0), (0.2, 0.6), (0, 2), (0.2, 3.4), (1, 4), (1.8, 3.4), (2, 2), (1.8, 0.6), (1, 0)]],
    1: [[(1, 0), (1, 4)]],
    2: [[(0, 0.8), (0.5, 0), (1.5, 0), (2, 0.8), (1.7, 1.8), (0, 4), (2, 4)]],
    3: [[(0, 0.4), (1, 0), (1.9, 0.7), (1, 1.8), (2, 3), (1, 4), (0, 3.5)]],
    4: [[(0.3, 0), (0, 2), (2, 2)], [(1.6, 0.3), (1.6, 4)]],
    5: [[(2, 0), (0.3, 0), (0.1, 1.7), (1.3, 1.6), (2, 2.7), (1.2, 4), (0, 3.7)]],
    7: [[(0, 0), (2, 0), (0.9, 4)]],
    8: [[(1, 2), (0.1, 1), (1, 0), (1.9, 1), (1, 2), (0, 3), (1, 4), (2, 3), (1, 2)]],
}


def code(name: str, folder: Path) -> None:
    """Write the block of the page that begins with this name."""
    blocks = re.findall(r"```c\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if block.startswith(f"/* {name}")]
    (folder / name).write_text(block, encoding="utf-8")


def program(name: str, main: str, folder: Path, compiled: Compile) -> Path:
    code(name, folder)
    (folder / "main.c").write_text(main, encoding="utf-8")
    return compiled(needed("gcc"), *FLAGS, folder / "main.c")


def images_of(program: Path, content: bytes) -> Bytes:
    done = subprocess.run([program], input=content, capture_output=True)
    assert not done.returncode and not done.stderr, done.stderr
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, 28, 28)


def centre(image: Bytes) -> NDArray[np.float64]:
    """Centre of mass, (row, column), of pixels counted from 0."""
    return np.array([(image.sum(1 - axis) * np.arange(28)).sum() / image.sum() for axis in (0, 1)])


@pytest.fixture(scope="module")
def shipped(mnist: Data, best: Net) -> Integers:
    return quantise(best, mnist.train_images[:300])


@pytest.fixture(scope="module")
def touch(tmp_path_factory: pytest.TempPathFactory, compiled: Compile) -> Path:
    return program("touch.h", TOUCH, tmp_path_factory.mktemp("touch"), compiled)


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory, compiled: Compile) -> Path:
    return program("camera.h", CAMERA, tmp_path_factory.mktemp("camera"), compiled)


@pytest.mark.mnist
def test_a_touch_screens_points_are_read(shipped: Integers, touch: Path) -> None:
    read = []
    for digit, strokes in STROKES.items():
        for scale, left, top in ((12, 3, 250), (45, 120, 30)):
            points: list[tuple[int, int]] = []
            for stroke in strokes:
                points += [(round(left + scale * x), round(top + scale * y)) for x, y in stroke]
                points.append((-1, 0))
            (image,) = images_of(touch, np.array(points, np.int16).tobytes())
            assert np.abs(centre(image) - 14).max() < 0.4
            ink = np.argwhere(image > 100)
            assert 18 <= (np.ptp(ink, axis=0) + 1).max() <= 21
            read.append((digit, int(scores(shipped, image[None]).argmax())))
    assert sum(digit != found for digit, found in read) == 0, read


def test_a_dot_and_nothing_at_all_are_images(touch: Path) -> None:
    assert not images_of(touch, b"").any()
    (dot,) = images_of(touch, np.array([[50, 60]], np.int16).tobytes())
    assert np.abs(centre(dot) - 14).max() < 0.1 and dot.max() == 255 and not dot[:12].any()


@pytest.mark.mnist
def test_a_cameras_rows_are_read(mnist: Data, shipped: Integers, camera: Path) -> None:
    """300 test images as ink of 150 tones on paper with noise, off the middle."""
    rng = np.random.default_rng(0)
    images, labels = mnist.test_images[:300, 0].numpy(), mnist.test_labels[:300].numpy()
    moved = np.roll(images, (1, -2), (1, 2)).repeat(4, 1).repeat(4, 2)
    frames = 205 - moved * 0.6 + rng.normal(0, 6, moved.shape)
    content = np.clip(frames, 0, 255).astype(np.uint8).tobytes()
    found = images_of(camera, content)
    for image, original in zip(found, images, strict=True):
        assert np.abs(centre(image) - centre(original)).max() < 1.5
    errors = (scores(shipped, found).argmax(1) != labels).sum()
    assert errors <= 6


def test_blank_paper_is_a_blank_image(camera: Path) -> None:
    frames = np.random.default_rng(0).integers(190, 200, (1, 112, 112), np.uint8)
    assert not images_of(camera, frames.tobytes()).any()

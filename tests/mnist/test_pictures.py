from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.pictures import read_class_folders


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Two images per class, whose ink tells class and place."""
    for digit in range(10):
        folder = tmp_path / str(digit)
        folder.mkdir()
        for place in range(2):
            pixels = np.zeros((28, 28), np.uint8)
            pixels[4:24, 8:20] = 100 + 10 * digit + place
            Image.fromarray(pixels).save(folder / f"{'ba'[place]}.png")
    return tmp_path


def replaced(classes: Path, image: Image.Image, name: str = "a.png") -> np.ndarray:
    """What is read for `image` when it is the first of class 4."""
    (classes / "4" / "a.png").unlink()
    image.save(classes / "4" / name)
    return read_class_folders(classes)[0][8]


STROKE = np.zeros((28, 28), np.uint8)  # a 7, of many tones
STROKE[5, 7:21] = np.arange(130, 256, 9)
STROKE[6:24, 12:15] = np.add.outer(np.arange(18) * 10, [60, 70, 80])


@pytest.mark.parametrize(
    ("image", "name"),
    [
        (Image.fromarray(STROKE).convert("RGB"), "a.bmp"),
        (Image.merge("LA", (Image.new("L", (28, 28)), Image.fromarray(STROKE))), "a.png"),
        (Image.fromarray(STROKE.astype(np.uint16) * 64), "a.png"),
        (Image.fromarray(STROKE.astype(np.uint16) * 257), "a.tif"),
        (Image.fromarray(STROKE / np.float32(255)), "a.tif"),
    ],
    ids=["colour", "ink on nothing", "14 bits", "16 bits", "floats"],
)
def test_files_are_decoded_as_the_reader_decodes_them(
    classes: Path, image: Image.Image, name: str
) -> None:
    np.testing.assert_allclose(replaced(classes, image, name), STROKE, atol=1)


def test_bytes_that_are_only_0_and_1_are_black_and_white(classes: Path) -> None:
    bits = (STROKE > 100).astype(np.uint8)
    np.testing.assert_array_equal(replaced(classes, Image.fromarray(bits)), 255 * bits)


def test_images_come_in_natural_order(classes: Path) -> None:
    for number in (10, 9):
        Image.new("L", (28, 28), number).save(classes / "0" / f"a{number}.png")
    images, _ = read_class_folders(classes)
    assert [int(image[0, 0]) for image in images[1:3]] == [9, 10]


def test_what_is_not_an_image_is_named(classes: Path) -> None:
    sound = (classes / "4" / "a.png").read_bytes()
    flipped = bytearray(sound)
    flipped[45] ^= 255
    for content in (b"", b"notes", b"P5 2! 28 255", sound[:50], bytes(flipped)):
        path = classes / "4" / "b.png"
        path.write_bytes(content)
        with pytest.raises(TinydigitsError, match=f"{path}: cannot be read as an image; replace"):
            read_class_folders(classes)


def test_a_picture_of_which_a_part_is_missing_teaches_nothing(classes: Path) -> None:
    path = classes / "4" / "b.bmp"
    Image.new("L", (60, 60), 255).save(path)
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(
        TinydigitsError, match=r"b\.bmp: cannot be read as .*the picture is damaged"
    ):
        read_class_folders(classes)


def test_a_folder_too_many_or_too_few_is_named(classes: Path) -> None:
    def refused(place: str, sentence: str) -> None:
        with pytest.raises(TinydigitsError, match=f"{classes / place}: {sentence}"):
            read_class_folders(classes)

    for name, sentence in (("4/more", "cannot be read as an image"), ("10", "is not a class")):
        (classes / name).mkdir()
        refused(name, sentence)
        (classes / name).rmdir()
    for path in (classes / "7").iterdir():
        path.unlink()
    refused("7", "this class folder is empty")
    (classes / "7").rmdir()
    refused("7", "this class folder is missing")

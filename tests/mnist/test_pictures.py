from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.pictures import read_class_folders


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Two images per class, whose pixels tell class and place."""
    for digit in range(10):
        folder = tmp_path / str(digit)
        folder.mkdir()
        for place in range(2):
            pixels = np.full((28, 28), 10 * digit + place, np.uint8)
            Image.fromarray(pixels).save(folder / f"{'ba'[place]}.png")
    return tmp_path


def test_reads_every_class_in_the_order_of_names(classes: Path) -> None:
    images, labels = read_class_folders(classes)
    assert images.shape == (20, 28, 28)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(labels, np.repeat(np.arange(10), 2))
    # a.png was written second.
    np.testing.assert_array_equal(images[:, 5, 5], [10 * (i // 2) + 1 - i % 2 for i in range(20)])


def replaced(classes: Path, image: Image.Image, name: str = "a.png") -> np.ndarray:
    """What is read for `image` when it is the first of class 4."""
    (classes / "4" / "a.png").unlink()
    image.save(classes / "4" / name)
    return read_class_folders(classes)[0][8]


RAMP = np.add.outer(np.arange(28), np.arange(28)).astype(np.uint8) * 4


def test_an_image_of_the_right_size_is_taken_as_it_is(classes: Path) -> None:
    np.testing.assert_array_equal(replaced(classes, Image.fromarray(RAMP)), RAMP)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA"])
def test_grey_in_other_modes(classes: Path, mode: str) -> None:
    image = Image.fromarray(RAMP).convert(mode)
    np.testing.assert_allclose(replaced(classes, image), RAMP, atol=1)


def test_other_formats(classes: Path) -> None:
    read = replaced(classes, Image.fromarray(RAMP), "a.jpg")
    assert np.abs(read.astype(int) - RAMP).mean() < 3
    (classes / "4" / "a.jpg").unlink()
    Image.fromarray(RAMP).save(classes / "4" / "a.bmp")
    np.testing.assert_array_equal(read_class_folders(classes)[0][8], RAMP)


def test_sixteen_bits_are_not_cut_off(classes: Path) -> None:
    read = replaced(classes, Image.fromarray(RAMP.astype(np.uint16) * 257))
    np.testing.assert_array_equal(read, RAMP)


def test_transparent_is_white_paper(classes: Path) -> None:
    pixels = np.zeros((28, 28, 4), np.uint8)  # black and transparent everywhere
    pixels[10:20, 12:15, 3] = 255  # except for a stroke
    read = replaced(classes, Image.fromarray(pixels))
    assert (read[10:20, 12:15] == 0).all()
    assert (read == 255).sum() == 784 - 30


def test_another_size_is_fitted_in_proportion(classes: Path) -> None:
    pixels = np.full((112, 56), 200, np.uint8)  # light paper, twice as high as wide
    pixels[40:72, 20:36] = 30
    read = replaced(classes, Image.fromarray(pixels))
    assert read.shape == (28, 28)
    assert (read[:, [0, 6, 21, 27]] == 200).all()  # the sides are paper too
    rows, columns = np.nonzero(read < 100)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (8, 4)


def test_the_camera_s_orientation_is_applied(classes: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image = Image.fromarray(RAMP)
    (classes / "4" / "a.png").unlink()
    image.save(classes / "4" / "a.png", exif=exif)
    np.testing.assert_array_equal(read_class_folders(classes)[0][8], RAMP[::-1, ::-1])


def test_images_come_in_natural_order(classes: Path) -> None:
    for number in (10, 9):
        Image.new("L", (28, 28), number).save(classes / "0" / f"a{number}.png")
    images, _ = read_class_folders(classes)
    assert [int(image[0, 0]) for image in images[1:3]] == [9, 10]


def test_litter_is_passed_over(classes: Path) -> None:
    (classes / "4" / ".DS_Store").write_bytes(b"x")
    (classes / "4" / "Thumbs.db").write_bytes(b"x")
    (classes / ".git").mkdir()
    (classes / "README.txt").write_text(
        "beside the classes, not among the images", encoding="utf-8"
    )
    assert len(read_class_folders(classes)[0]) == 20


def test_what_is_not_an_image_is_named(classes: Path) -> None:
    sound = (classes / "4" / "a.png").read_bytes()
    flipped = bytearray(sound)
    flipped[45] ^= 255
    for content in (b"", b"notes", b"P5 2! 28 255", sound[:50], bytes(flipped)):
        path = classes / "4" / "b.png"
        path.write_bytes(content)
        with pytest.raises(TinydigitsError, match=f"{path}: cannot be read as an image; replace"):
            read_class_folders(classes)


def test_an_image_too_large_for_the_memory_is_named(
    classes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)  # Pillow refuses from twice this on
    with pytest.raises(TinydigitsError, match=r"a\.png: cannot be read as an image"):
        read_class_folders(classes)


def test_a_folder_among_the_images_is_named(classes: Path) -> None:
    (classes / "4" / "more").mkdir()
    with pytest.raises(TinydigitsError, match="4/more: cannot be read as an image"):
        read_class_folders(classes)


def test_a_class_that_is_missing_or_empty_is_named(classes: Path) -> None:
    for path in (classes / "7").iterdir():
        path.unlink()
    with pytest.raises(TinydigitsError, match=f"{classes / '7'}: this class folder is empty"):
        read_class_folders(classes)
    (classes / "7").rmdir()
    with pytest.raises(TinydigitsError, match=f"{classes / '7'}: this class folder is missing"):
        read_class_folders(classes)


def test_an_eleventh_class_is_named(classes: Path) -> None:
    (classes / "10").mkdir()
    with pytest.raises(TinydigitsError, match=f"{classes / '10'}: is not a class"):
        read_class_folders(classes)

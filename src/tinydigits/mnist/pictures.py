"""Class folders of image files -> arrays in MNIST's form."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError
from tinydigits.files import natural

if TYPE_CHECKING:
    from PIL import Image

CLASSES = tuple("0123456789")

# What file managers leave behind without being asked.
_LITTER = ("thumbs.db", "desktop.ini")


def read_class_folders(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read the image files in folders 0 to 9: images (N, 28, 28) and labels (N,), sorted by name.

    Raises:
        TinydigitsError: a class is missing or empty, another folder lies beside them, or a class
            folder holds something that is not an image.
    """
    for entry in sorted(folder.iterdir(), key=natural):
        if entry.is_dir() and entry.name not in CLASSES and not entry.name.startswith("."):
            raise TinydigitsError(
                f"{entry}: is not a class, expected the folders 0 to 9; rename or remove it"
            )
    images = []
    labels = []
    for digit in CLASSES:
        paths = _files(folder / digit)
        images += [_read_image(path) for path in paths]
        labels += [int(digit)] * len(paths)
    return np.stack(images), np.array(labels)


def _files(folder: Path) -> list[Path]:
    """The files to read in a class folder, hidden ones and litter left out."""
    if not folder.is_dir():
        raise TinydigitsError(f"{folder}: this class folder is missing; make it, with its images")
    entries = sorted(folder.iterdir(), key=natural)
    paths = [p for p in entries if p.name[0] != "." and p.name.lower() not in _LITTER]
    if not paths:
        raise TinydigitsError(f"{folder}: this class folder is empty; put its images there")
    return paths


def _read_image(path: Path) -> NDArray[np.uint8]:
    """Read one image as grey (28, 28), fitted in proportion if its size is another."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as file:
            image = _grey(ImageOps.exif_transpose(file))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise TinydigitsError(
            f"{path}: cannot be read as an image; replace or remove it"
        ) from error
    if image.size != (28, 28):
        # What is left over at the sides gets the colour of the paper, which a corner shows.
        paper = int(np.asarray(image)[0, 0])
        image = ImageOps.pad(image, (28, 28), color=paper)
    return np.asarray(image)


def _grey(image: "Image.Image") -> "Image.Image":
    """Bring any mode to 8-bit grey; what is transparent is white paper."""
    from PIL import Image

    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if image.mode.startswith("I"):  # 16 bits, which convert("L") would cut off at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("L")

"""Class folders of image files -> arrays in MNIST's form."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError
from tinydigits.files import natural
from tinydigits.image.digit import as_mnist
from tinydigits.image.formats import FOLDER, Skipped, is_litter, why_skipped
from tinydigits.image.picture import Picture, open_picture
from tinydigits.image.pillow import DAMAGED

CLASSES = tuple("0123456789")

_NAMED = 5  # blank pictures at most; the others are counted


@dataclass
class Found:
    """What must be known of the pictures of class folders."""

    count: int = 0  # how many there are
    inverted: int = 0  # how many show dark ink on light paper, and were inverted
    blank: list[str] = field(default_factory=list)  # those that show nothing
    # What lay among them, or in them, and was not read
    skipped: Skipped = field(default_factory=Skipped)

    def note(self, name: str) -> str:
        """Sentences for a person who trains on the data set of this name; "" if none is needed."""
        notes = []
        if self.inverted:
            notes.append(
                f"{self.inverted:,} of the {self.count:,} images of {name} are dark on light and "
                "were inverted: ink is bright here."
            )
        if self.blank:
            more = ", …" if len(self.blank) > _NAMED else ""
            names = ", ".join(self.blank[:_NAMED]) + more
            notes.append(f"{len(self.blank):,} are blank: {names}.")
        if skipped := str(self.skipped):
            notes.append(f"{skipped[0].upper()}{skipped[1:]}.")
        return " ".join(notes)


def read_class_folders(
    folder: Path, found: Found | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read the image files in folders 0 to 9: images (N, 28, 28) and labels (N,), in natural order.

    Ink is 255 on 0, whatever it was in each file; what `found` is to know is added to it.

    Raises:
        TinydigitsError: a class is missing or empty, another folder lies beside them, or a class
            folder holds a folder, or an image that is damaged or has several pages.
    """
    found = found or Found()
    for entry in sorted(folder.iterdir(), key=natural):
        if entry.is_dir() and entry.name not in CLASSES and not is_litter(entry.name):
            raise TinydigitsError(
                f"{entry}: is not a class, expected the folders 0 to 9; rename or remove it"
            )
    images = []
    labels = []
    for digit in CLASSES:
        paths = _files(folder / digit, found)
        images += [_read_image(path, found) for path in paths]
        labels += [int(digit)] * len(paths)
    return np.stack(images), np.array(labels)


def _files(folder: Path, found: Found) -> list[Path]:
    """The pictures in a class folder."""
    if not folder.is_dir():
        raise TinydigitsError(f"{folder}: this class folder is missing; make it, with its images")
    paths = []
    for path in sorted(folder.iterdir(), key=natural):
        reason = why_skipped(path)
        if reason and reason != FOLDER:
            found.skipped.add(reason, _short(path))
        else:
            paths.append(path)
    if not paths:
        raise TinydigitsError(f"{folder}: this class folder is empty; put its images there")
    return paths


def _read_image(path: Path, found: Found) -> NDArray[np.uint8]:
    picture = _open(path)
    image, ink = as_mnist(picture.grey)
    found.count += 1
    if ink is None:
        found.blank.append(_short(path))
    elif ink.dark:
        found.inverted += 1
    for reason in picture.left_out:
        found.skipped.add(reason, _short(path))
    return image


def _open(path: Path) -> Picture:
    """Whole pictures only: half a digit would teach something else."""
    try:
        picture = open_picture(path)
        if DAMAGED in picture.left_out:
            raise TinydigitsError("the picture is damaged")
        return picture
    except (OSError, TinydigitsError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise TinydigitsError(
            f"{path}: cannot be read as an image; replace or remove it ({reason})"
        ) from error


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"

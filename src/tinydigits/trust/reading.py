"""Pictures through the reader: what a stranger gets who hands them over."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.reader.many import read_many
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Digit, Reading

Progress = Callable[[int, int], None]  # done, in all


def silent(done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Answer:
    """What was read in a picture."""

    text: str  # the digits, such as "7" or "" or "11"; marks and spaces are left out
    sure: tuple[bool, ...]  # of each of them, whether it is sure, that is at the reader's threshold

    def is_digit(self, label: int) -> bool:
        """Whether it is this digit and no other."""
        return self.text == str(label)


def answer(digits: Sequence[Digit]) -> Answer:
    """The answer that some digits are."""
    text = "".join(str(digit.label) for digit in digits)
    return Answer(text, tuple(not digit.uncertain for digit in digits))


def read_pictures(
    reader: Reader, pictures: Sequence[Image.Image], on_picture: Progress = silent
) -> list[Answer]:
    """Read pictures; see `read_files`."""
    return read_files(reader, [_bytes(picture) for picture in pictures], on_picture)


def read_files(
    reader: Reader, sources: Sequence[str | bytes], on_file: Progress = silent
) -> list[Answer]:
    """Read files with all that the reader does, in as many processes as are worth it.

    Args:
        reader: what to read with.
        sources: paths, or the files' bytes; the pages of a file are one answer.
        on_file: called with the files done and in all.

    Raises:
        TinydigitsError: a file is no picture, or a process was killed.
        OSError: a file cannot be read.
    """
    found = []
    for pages in read_many(reader, sources):
        digits = list[Digit]()
        for page in pages:
            if not isinstance(page, Reading):
                raise page
            digits += page.digits
        found.append(answer(digits))
        on_file(len(found), len(sources))
    return found


def as_picture(image: NDArray[np.floating]) -> Image.Image:
    """An image (height, width) in [0, 1], ink 1, as a picture, light on dark as it is."""
    return Image.fromarray(np.rint(image * 255).astype(np.uint8))


def _bytes(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "BMP")
    return buffer.getvalue()

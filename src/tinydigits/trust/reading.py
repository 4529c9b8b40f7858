"""Pictures through the reader: what a stranger gets who hands them over."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.reader.many import read_many
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Reading

Progress = Callable[[int, int], None]  # done, in all


def silent(done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Answer:
    """What was read in a picture."""

    text: str  # the digits, such as "7" or "" or "11"; marks and spaces are left out
    sure: int  # how many of them are sure, that is at the reader's threshold

    def is_digit(self, label: int) -> bool:
        """Whether it is this digit and no other."""
        return self.text == str(label)


def read_pictures(
    reader: Reader, pictures: Sequence[Image.Image], on_picture: Progress = silent
) -> list[Answer]:
    """Read pictures with all that the reader does, in as many processes as are worth it.

    Raises:
        TinydigitsError: a process was killed.
    """
    found = []
    for (outcome,) in read_many(reader, [_bytes(picture) for picture in pictures]):
        if not isinstance(outcome, Reading):
            raise outcome
        digits = outcome.digits
        text = "".join(str(digit.label) for digit in digits)
        found.append(Answer(text, sum(not digit.uncertain for digit in digits)))
        on_picture(len(found), len(pictures))
    return found


def as_picture(image: NDArray[np.floating]) -> Image.Image:
    """An image (height, width) in [0, 1], ink 1, as a picture, light on dark as it is."""
    return Image.fromarray(np.rint(image * 255).astype(np.uint8))


def _bytes(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "BMP")
    return buffer.getvalue()

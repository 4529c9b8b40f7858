"""Files that Pillow decodes, and as much as can be of those that are damaged or cut short."""

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tinydigits.arrays import Flags
from tinydigits.errors import TinydigitsError
from tinydigits.image.limits import MAX_PAGES, MAX_PIXELS, check_size
from tinydigits.image.png import START as PNG_START
from tinydigits.image.png import repaired

MOVING, DAMAGED = "later frames of a moving picture", "damaged part of a file"

_TERMINAL = Lock()  # where libtiff's messages go belongs to the whole process
_NEW_SUBFILE, _REDUCED, _MASK = 254, 1, 4  # of TIFF: a page's kind, and two that are no page
_END_OF_JPEG = b"\xff\xd9"
_UNDECODED_JPEG = 128  # middle grey; other decoders leave 0
_LEAST = 0.5  # of the rows: a page cut off higher up says nothing
_LAST_ROWS = 16  # JPEG's blocks are so high: in as many rows the decoder may have stopped


class PillowFile:
    """A file of one of Pillow's formats: a picture, or a TIFF's pages.

    Attributes:
        count: how many pages.
        left_out: why not all of the file is read, if so.
    """

    def __init__(self, data: bytes, kind: str, name: str, draft: tuple[int, int]) -> None:
        """Look at the header; `draft` is the least size of which JPEG may be decoded smaller.

        Raises:
            TinydigitsError: it is no such file, too large or damaged.
        """
        self._data, self._kind, self._name, self._draft = data, kind, name, draft
        self.left_out: list[str] = []
        if kind == "PNG":
            self._data, moves, damaged = repaired(data)
            self.left_out += [MOVING] * moves + [DAMAGED] * damaged
        elif kind == "ICO":
            _check_icons(data, name)
        self._image = self._open(self._data)
        if kind == "ICO":
            self._image.load()  # only then its size is known
        self._frames = _pages(self._image) if kind == "TIFF" else [0]
        self.count = len(self._frames)
        if kind in ("GIF", "WEBP", "AVIF") and getattr(self._image, "is_animated", False):
            self.left_out.append(MOVING)

    def image(self, number: int) -> Image.Image:
        """A page, decoded but not yet upright.

        Raises:
            TinydigitsError: it is too large.
            Exception: whatever Pillow raises where nothing can be decoded.
        """
        image = self._at(number)
        check_size(*image.size, self._name)
        image.draft("RGB", self._draft)
        with _silent_libtiff(self._kind):
            try:
                image.load()
                return image
            except Exception as error:
                part = self._part(image, error)
        _fill_up(part, _UNDECODED_JPEG if self._kind == "JPEG" else 0)
        if DAMAGED not in self.left_out:
            self.left_out.append(DAMAGED)
        return part

    def size(self, number: int) -> tuple[int, int]:
        """Width and height of a page in pixels as it is stored."""
        return self._at(number).size

    def close(self) -> None:
        """Nothing is held."""

    def _at(self, number: int) -> Image.Image:
        if self._kind == "TIFF":
            self._image.seek(self._frames[number])
        return self._image

    def _open(self, data: bytes) -> Image.Image:
        try:
            return Image.open(io.BytesIO(data), formats=[self._kind])
        except UnidentifiedImageError as error:
            raise TinydigitsError(
                f"{self._name}: the picture is damaged (begins like {self._kind}, but is none)"
            ) from error
        except Image.DecompressionBombError as error:
            raise TinydigitsError(
                f"{self._name}: the picture is too large; at most {MAX_PIXELS // 10**6} million "
                "pixels are read, so reduce it first"
            ) from error

    def _part(self, image: Image.Image, error: Exception) -> Image.Image:
        """What was decoded before an error, which is raised again if that is nothing."""
        if self._kind == "JPEG":
            image = self._open(self._data + _END_OF_JPEG)  # the decoder then fills up the rest
            image.draft("RGB", self._draft)
        elif image.info.get("interlace") or (self._kind == "GIF" and _interlaced(image)):
            raise error  # its rows lie among others that are missing
        else:
            image.tile = []  # type: ignore[attr-defined]  # there is nothing to come
        try:
            image.load()
        except Exception:
            raise error from None
        return image


def _fill_up(image: Image.Image, tone: int) -> None:
    """Give what the decoder left in `tone`, at the end or the beginning, the paper's colour.

    Raises:
        ValueError: that is more than half of the picture.
    """
    pixels = np.asarray(image)
    height = len(pixels)
    empty = (pixels == tone).reshape(*pixels.shape[:2], -1).all(2)
    top, bottom = _run(empty.all(1)), height - _run(empty.all(1)[::-1])
    if bottom - top < _LEAST * height:
        raise ValueError("less than half of it can be decoded")
    paper = _usual(pixels[top:bottom], image.mode)
    for row in (*range(top), *range(bottom, height)):
        image.paste(paper, (0, row, image.width, row + 1))
    # It may have stopped halfway in the last rows; BMP is stored from below.
    last = range(max(top, bottom - _LAST_ROWS), bottom) if bottom < height else range(0)
    first = range(top, min(top + _LAST_ROWS, bottom)) if top else range(0)
    for row in (*first, *last):
        image.paste(paper, (image.width - _run(empty[row, ::-1]), row, image.width, row + 1))


def _usual(pixels: NDArray[Any], mode: str) -> Any:
    """The colour of most pixels, which is paper's, as Pillow takes it."""
    if mode == "P":  # whose numbers are names
        return int(np.bincount(pixels.ravel()).argmax())
    if mode == "1":
        return 255 * int(pixels.mean() > 0.5)
    colour = np.median(pixels.reshape(-1, *pixels.shape[2:]), axis=0)
    if colour.ndim:
        return tuple(map(int, colour))
    return float(colour) if mode == "F" else int(colour)


def _run(flags: Flags) -> int:
    """How many are true from the first on."""
    return len(flags) if flags.all() else int(flags.argmin())


def _interlaced(gif: Image.Image) -> bool:
    tiles = gif.tile  # type: ignore[attr-defined]
    return bool(tiles and tiles[0].args[1])


def _pages(image: Image.Image) -> list[int]:
    """The frames of a TIFF that are pages, not small copies of one or masks."""
    frames = []
    for frame in range(4 * MAX_PAGES):
        try:
            image.seek(frame)
        except EOFError:
            break
        except Exception:  # a page that is damaged, which is said where it is read
            frames.append(frame)
            break
        kind = image.tag_v2.get(_NEW_SUBFILE, 0)  # type: ignore[attr-defined]
        if not (isinstance(kind, int) and kind & (_REDUCED | _MASK)):
            frames.append(frame)
        if len(frames) > MAX_PAGES:
            break
    return frames or [0]


def _check_icons(data: bytes, name: str) -> None:
    """Refuse an icon by what its pictures say of their size, which its header need not."""
    for entry in range(6, 6 + 16 * int.from_bytes(data[4:6], "little"), 16):
        at = int.from_bytes(data[entry + 12 : entry + 16], "little")
        header = data[at : at + 24].ljust(24, b"\0")
        png = header.startswith(PNG_START)
        sides = struct.unpack(">II", header[16:]) if png else struct.unpack("<ii", header[4:12])
        check_size(abs(sides[0]), abs(sides[1]), name)


@contextmanager
def _silent_libtiff(kind: str) -> Iterator[None]:
    """Keep the complaints about damaged files that libtiff writes to the terminal by itself."""
    if kind != "TIFF":
        yield
        return
    with _TERMINAL, open(os.devnull, "wb") as nowhere:
        terminal = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)

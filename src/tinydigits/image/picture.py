"""Any picture a person may hand over -> one plane of grey, with every limit checked first.

The byte count is checked before a file is read and the pixel count before a pixel is decoded;
only the formats that `formats` knows by their first bytes are tried. A file may have pages; of a
moving picture only the first frame is read.
"""

import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.arrays import Bytes, Plane
from tinydigits.errors import TinydigitsError
from tinydigits.image.colour import grey
from tinydigits.image.formats import HEAD, NAMES, kind_of
from tinydigits.image.limits import MAX_BYTES, check_pages, check_size
from tinydigits.image.pillow import PillowFile

WORKING_SIDE = 1600  # longer side, in pixels, to which a larger picture is reduced
_SMALL_PIXELS = 4_000_000  # larger pictures are decoded one at a time, to bound the memory
# White of pictures of more than 8 bits, which say nothing of it: of 8, 10, 12, 14 and 16 bits.
_WHITES = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
_NEARLY = 0.99
_LEAST_RANGE = 1 / 32  # of black to white; a picture of numbers with less is stretched

_LARGE = Lock()
_ORIENTATION = 0x0112  # the EXIF tag
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow has to say of damaged files is said by our own sentence.
logging.getLogger("PIL").addHandler(logging.NullHandler())

Source = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | NDArray[Any]
)


@dataclass(frozen=True)
class Picture:
    """One upright picture."""

    grey: Bytes  # uint8 (height, width), 0 is black and 255 white, at most `WORKING_SIDE` a side
    # (width, height) of the original in pixels, after the rotation its EXIF data asks for
    size: tuple[int, int]
    # What of the file was not read, if anything: later frames, what is damaged
    left_out: tuple[str, ...] = ()


class _File(Protocol):
    """What holds one or several pages."""

    count: int
    left_out: list[str]

    def size(self, number: int) -> tuple[int, int]: ...

    def image(self, number: int) -> Image.Image: ...

    def close(self) -> None: ...


class Pages:
    """The pages of a file that is open; a picture has one.

    Attributes:
        name: of the file, for a person.
        count: how many pages.
    """

    def __init__(self, name: str, file: _File) -> None:
        self.name, self.count, self._file = name, file.count, file

    def check_single(self) -> None:
        """Refuse several pages where one picture is expected.

        Raises:
            TinydigitsError: there are several.
        """
        if self.count > 1:
            raise TinydigitsError(
                f"{self.name}: has {self.count} pages, where one picture is expected; read them "
                "with `tinydigits read`, or Reader.read_pages"
            )

    def picture(self, number: int) -> Picture:
        """A page, counted from 0.

        Raises:
            TinydigitsError: it is too large or damaged.
        """
        image, size = self._upright(number)
        return Picture(grey(image), size, tuple(self._file.left_out))

    def colour(self, number: int) -> tuple[Image.Image, float]:
        """A page as RGB on white paper, and its pixels for each of the original's.

        Raises:
            TinydigitsError: it is too large or damaged.
        """
        image, (original, _) = self._upright(number)
        if image.mode == "F":
            image = Image.fromarray((255 * np.asarray(image)).astype(np.uint8))
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(paper, rgba).convert("RGB"), image.width / original

    def _upright(self, number: int) -> tuple[Image.Image, tuple[int, int]]:
        """A page as L, RGB, RGBA or F (in [0, 1]), reduced, and its size before that."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd metadata is no reason to fail
                width, height = self._file.size(number)
                check_size(width, height, self.name)
                with _LARGE if width * height > _SMALL_PIXELS else nullcontext():
                    image, turned = _decoded(self._file, number)
        except TinydigitsError:
            raise
        except Exception as error:  # hostile bytes can make a decoder raise anything
            sentence = " ".join(str(error).split())
            page = f", page {number + 1}" if self.count > 1 else ""
            raise TinydigitsError(
                f"{self.name}{page}: the picture is damaged ({sentence})"
            ) from error
        return image, ((height, width) if turned else (width, height))


@contextmanager
def open_pages(source: Source) -> Iterator[Pages]:
    """Open a path, bytes, a file object, a PIL image or an array, for the time of a `with`.

    An array is (height, width) or (height, width, 1, 3 or 4): booleans, integers or floats.

    Raises:
        TinydigitsError: it is empty, too large, damaged, encrypted, of another format, or of one
            that needs the extra `files`.
        OSError: the path or file cannot be read.
    """
    name = _name(source)
    file = _open(source, name)
    try:
        check_pages(file.count, name)
        yield Pages(name, file)
    finally:
        file.close()


def open_picture(source: Source) -> Picture:
    """Read a picture, or the only page of a file: see `open_pages`.

    Raises:
        TinydigitsError: as `open_pages`, or there are several pages.
        OSError: as `open_pages`.
    """
    with open_pages(source) as pages:
        pages.check_single()
        return pages.picture(0)


def _name(source: Source) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return "the array" if isinstance(source, np.ndarray) else "the picture"


def _open(source: Source, name: str) -> _File:
    """Whatever was given -> a file whose header has been read."""
    if isinstance(source, np.ndarray):
        return _Given(_from_array(source))
    if isinstance(source, Image.Image):
        return _Given(source)
    data = _read_bytes(source, name)
    kind = kind_of(data[:HEAD])
    if kind is None:
        raise TinydigitsError(f"{name}: not a picture; expected {NAMES}")
    if kind == "PDF":
        from tinydigits.image.pdf import PdfFile

        return PdfFile(data, name)
    if kind == "HEIF":
        from tinydigits.image.heif import HeifFile

        return HeifFile(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own, lower limit comes right after
        try:
            return PillowFile(data, kind, name, (WORKING_SIDE, WORKING_SIDE))
        except TinydigitsError:
            raise
        except Exception as error:
            raise TinydigitsError(f"{name}: the picture is damaged ({error})") from error


class _Given:
    """An image that is there already, as a file of one page."""

    count = 1

    def __init__(self, image: Image.Image) -> None:
        self._image, self.left_out = image, list[str]()

    def size(self, number: int) -> tuple[int, int]:
        return self._image.size

    def image(self, number: int) -> Image.Image:
        self._image.load()
        return self._image

    def close(self) -> None:
        pass


def _read_bytes(source: Any, name: str) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, str | os.PathLike):
        data = _file_bytes(source, name)
    else:
        try:
            data = source.read(MAX_BYTES + 1)
        except (AttributeError, ValueError, TypeError) as error:  # a closed file's is a ValueError
            raise TinydigitsError(
                f"{name}: a {type(source).__name__} that cannot be read as a picture; expected a "
                "path, bytes, an open binary file, a PIL image or an array"
            ) from error
        if not isinstance(data, bytes):
            raise TinydigitsError(f"{name}: the file gives text; open it in binary mode, 'rb'")
    if not data:
        raise TinydigitsError(f"{name}: the file is empty (0 bytes); expected a picture")
    if len(data) > MAX_BYTES:
        raise TinydigitsError(
            f"{name}: the file is too large; at most {MAX_BYTES // 2**20} MiB are read"
        )
    return data


def _file_bytes(path: str | os.PathLike[str], name: str) -> bytes:
    if not name or "\0" in name:
        raise TinydigitsError(f"{name!r} is no file name; name a picture")
    # A pipe or a device could keep us waiting for ever.
    if not stat.S_ISREG(os.stat(path).st_mode):
        kind = "a folder" if os.path.isdir(path) else "no regular file"
        raise TinydigitsError(f"{name}: is {kind}; expected a picture")
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def _from_array(array: NDArray[Any]) -> Image.Image:
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    colour = array.ndim == 3 and array.shape[2] in (3, 4)
    if not (array.ndim == 2 or colour) or array.size == 0 or array.dtype.kind not in "buif":
        raise TinydigitsError(
            f"the array: shape {array.shape} of {array.dtype} is no picture; expected numbers of "
            "shape (height, width) or (height, width, 3 or 4)"
        )
    check_size(array.shape[1], array.shape[0], "the array")
    if array.dtype == np.uint8 and array.max() > 1:
        return Image.fromarray(np.ascontiguousarray(array))
    unit = _unit(array)
    return Image.fromarray(unit if not colour else (255 * unit + 0.5).astype(np.uint8))


def _unit(array: NDArray[Any]) -> Plane:
    """Numbers of any type -> float32 in [0, 1], by the range that they take up.

    White is what 8, 10, 12, 14 or 16 bits hold at most, whichever is the least that they fit into;
    where they use less than a quarter of that, or nearly all, their own largest. Numbers below 0,
    or that differ by less than a byte could show, are stretched to all of the range. What is
    infinite, or too large for float32, counts as the largest of the rest; no number as 0.
    """
    with np.errstate(over="ignore"):
        values = array.astype(np.float32)
    finite = values[np.isfinite(values)] if array.dtype.kind == "f" else values
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    values = np.nan_to_num(values, copy=False, nan=0.0, posinf=high, neginf=low)
    white = next((white for white in (1.0, *_WHITES) if high <= white), high)
    if low < 0 or (white > 255 and 0 < high - low < _LEAST_RANGE * white):
        return (values - low) / max(high - low, 1e-9)
    own = 4 * high < white or high > _NEARLY * white  # 255 in the upper 8 of 10 bits is white, too
    return values / (max(high, 1e-9) if own else white)


def _decoded(file: _File, number: int) -> tuple[Image.Image, bool]:
    """The upright page, and whether it lay on its side."""
    image = file.image(number)
    orientation = image.getexif().get(_ORIENTATION, 1)
    plain = _plain(image)
    if orientation != 1:  # exif_transpose would copy it all the same
        method = _UPRIGHT.get(orientation)
        plain = plain.transpose(method) if method is not None else plain
    return _reduced(plain), orientation in (5, 6, 7, 8)


def _plain(image: Image.Image) -> Image.Image:
    """Bring into one of L, RGB, RGBA or F (in [0, 1])."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_unit(np.asarray(image)))
    if image.mode == "L" and not image.has_transparency_data:
        # Bytes that are only 0 and 1 are black and white.
        return image.point([0, *[255] * 255]) if image.getextrema() == (0, 1) else image
    if image.mode == "RGBA" or (image.mode == "RGB" and not image.has_transparency_data):
        return image  # convert would copy it all the same
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode == "LAB":  # which Pillow converts into nothing
        return image.getchannel("L")
    return image.convert("L" if image.mode == "1" else "RGB")


def _reduced(image: Image.Image) -> Image.Image:
    if max(image.size) <= WORKING_SIDE:
        return image
    ratio = WORKING_SIDE / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=1.5)

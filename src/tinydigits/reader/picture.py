"""Any picture a person may hand over -> one plane of grey, with every limit checked first.

The byte count is checked before a file is read and the pixel count before a pixel is decoded;
only the formats named below are tried, and of a moving picture only the first frame is read.
"""

import io
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from tinydigits.errors import TinydigitsError
from tinydigits.reader.colour import grey

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"})
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 40_000_000
WORKING_SIDE = 1600  # longer side, in pixels, to which a larger picture is reduced
_SMALL_PIXELS = 4_000_000  # larger pictures are decoded one at a time, to bound the memory

_LARGE = Lock()
_TERMINAL = Lock()  # where libtiff's messages go belongs to the whole process
_ORIENTATION = 0x0112  # the EXIF tag

# What Pillow has to say of damaged files is said by our own sentence.
logging.getLogger("PIL").addHandler(logging.NullHandler())

Source = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | NDArray[Any]
)
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """One upright picture.

    Attributes:
        grey: uint8 (height, width), 0 is black and 255 white, at most `WORKING_SIDE` a side.
        size: (width, height) of the original in pixels, after the rotation its EXIF data asks for.
    """

    grey: NDArray[np.uint8]
    size: tuple[int, int]


def open_picture(source: Source) -> Picture:
    """Read a picture from a path, bytes, a file object, a PIL image or an array.

    An array is (height, width) or (height, width, 1, 3 or 4): booleans, integers or floats.

    Raises:
        TinydigitsError: the picture is empty, too large, damaged or of another format.
        OSError: the path or file cannot be read.
    """
    name = _name(source)
    image = _open(source, name)
    width, height = image.size
    turn = _LARGE if width * height > _SMALL_PIXELS else nullcontext()
    try:
        with turn, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is no reason to fail
            image, turned = _decoded(image)
    except Exception as error:  # hostile bytes can make a decoder raise anything
        raise TinydigitsError(f"{name}: the picture is damaged ({error})") from error
    return Picture(grey(image), (height, width) if turned else (width, height))


def colour_picture(source: Source) -> Image.Image:
    """Open a picture as `open_picture` does, but as RGB on white paper, to be drawn upon.

    Raises:
        TinydigitsError: as `open_picture`.
        OSError: as `open_picture`.
    """
    image, _ = _decoded(_open(source, _name(source)))
    if image.mode == "F":
        image = Image.fromarray((255 * np.asarray(image)).astype(np.uint8))
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _name(source: Source) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return "the array" if isinstance(source, np.ndarray) else "the picture"


def _open(source: Source, name: str) -> Image.Image:
    """Whatever was given -> a PIL image whose size is within limits, not yet decoded."""
    if isinstance(source, np.ndarray):
        image = _from_array(source)
    elif isinstance(source, Image.Image):
        image = source
    else:
        image = _identify(_read_bytes(source, name), name)
        image.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
    _check_size(*image.size, name)
    return image


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise TinydigitsError(
            f"{name}: {width}x{height} pixels is too large; at most {MAX_PIXELS // 10**6} million "
            "pixels are read, so reduce the picture first"
        )


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


def _identify(data: bytes, name: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own, lower limit comes right after
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise TinydigitsError(
            f"{name}: not a picture; expected one of {', '.join(FORMATS)}"
        ) from error
    except Image.DecompressionBombError as error:
        raise TinydigitsError(
            f"{name}: the picture is too large; at most {MAX_PIXELS // 10**6} million pixels "
            "are read, so reduce it first"
        ) from error
    except Exception as error:
        raise TinydigitsError(f"{name}: the picture is damaged ({error})") from error


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
    _check_size(array.shape[1], array.shape[0], "the array")
    if array.dtype == np.uint8 and array.max() > 1:
        return Image.fromarray(np.ascontiguousarray(array))
    unit = _unit(array)
    return Image.fromarray(unit if not colour else (255 * unit + 0.5).astype(np.uint8))


def _unit(array: NDArray[Any]) -> Plane:
    """Numbers of any type -> float32 in [0, 1], by the range that their type and size imply.

    What is infinite, or too large for float32, counts as the largest of the rest; no number as 0.
    """
    with np.errstate(over="ignore"):
        values = array.astype(np.float32)
    finite = values[np.isfinite(values)] if array.dtype.kind == "f" else values
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    values = np.nan_to_num(values, copy=False, nan=0.0, posinf=high, neginf=low)
    if low < 0:
        return (values - low) / max(high - low, 1e-9)
    if high <= 1:
        return values
    return values / next((top for top in (255.0, 65535.0) if high <= top), high)


def _decoded(image: Image.Image) -> tuple[Image.Image, bool]:
    """The upright picture, and whether it lay on its side."""
    with _silent_libtiff(image):
        image.load()
    orientation = image.getexif().get(_ORIENTATION, 1)
    if orientation != 1:  # exif_transpose would copy it all the same
        image = ImageOps.exif_transpose(image)
    return _reduced(_plain(image)), orientation in (5, 6, 7, 8)


@contextmanager
def _silent_libtiff(image: Image.Image) -> Iterator[None]:
    """Keep the complaints about damaged files that libtiff writes to the terminal by itself."""
    if image.format != "TIFF":
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


def _plain(image: Image.Image) -> Image.Image:
    """Bring into one of L, RGB, RGBA or F (in [0, 1])."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_unit(np.asarray(image)))
    if image.mode == "RGBA" or (image.mode in ("L", "RGB") and not image.has_transparency_data):
        return image  # convert would copy it all the same
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _reduced(image: Image.Image) -> Image.Image:
    if max(image.size) <= WORKING_SIDE:
        return image
    ratio = WORKING_SIDE / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=1.5)

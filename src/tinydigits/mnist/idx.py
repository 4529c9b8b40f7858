"""The IDX format of MNIST's files, read from bytes and checked; gzip or plain.

A file is a four-byte magic number (0, 0, the type of the elements, the number of dimensions), one
big-endian 32-bit size per dimension, and the elements (LeCun, Cortes & Burges, "The MNIST
database of handwritten digits", 1998). MNIST's family uses unsigned bytes, three dimensions for
images and one for labels, and nothing else is accepted here.
"""

import gzip
import hashlib
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
# SHA-256 of MNIST's four files, decompressed, in the order of FILES.
MNIST_SHA256 = (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)

# What a header says cannot fill the memory: the largest set of this family, EMNIST by class, has
# 814,255 images; 1,000,000 are 784 MB.
MAX_BYTES = 1_000_000 * 28 * 28
AGAIN = "download or unpack it again"

_UNSIGNED_BYTE = 8
_LONGEST_HEADER = 16


def decode_idx(content: bytes, name: str) -> NDArray[np.uint8]:
    """Decode an IDX file of images (N, 28, 28) or of labels (N,) from 0 to 9.

    Args:
        content: the file's bytes, gzip or plain.
        name: the file's name for messages.

    Raises:
        TinydigitsError: the content is not a whole, well-formed file of one of these two kinds.
    """
    content = expand(content, name)
    shape = _shape(content, name)
    start = 4 + 4 * len(shape)
    if len(content) != start + math.prod(shape):
        problem = "is cut short" if len(content) < start + math.prod(shape) else "is too long"
        raise TinydigitsError(
            f"{name}: {problem}, its header announces {math.prod(shape):,} bytes of data; {AGAIN}"
        )
    array = np.frombuffer(content, np.uint8, offset=start).reshape(shape)
    if array.ndim == 1 and array.max() > 9:
        at = int((array > 9).argmax())
        raise TinydigitsError(
            f"{name}: label {array[at]} at position {at}, expected 0 to 9; "
            "use a set of ten classes numbered from 0"
        )
    return array


def expand(content: bytes, name: str) -> bytes:
    """Decompress `content` if it is gzip, whatever it is called; otherwise return it as it is.

    No more is decompressed than the header announces and one byte, which betrays a longer file.

    Raises:
        TinydigitsError: the gzip stream is damaged or cut short, or what it holds is not IDX.
    """
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            head = stream.read(_LONGEST_HEADER)
            shape = _shape(head, name)
            length = 4 + 4 * len(shape) + math.prod(shape)
            return head + stream.read(max(length - len(head), 0) + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TinydigitsError(
            f"{name}: the gzip file is damaged or cut short ({error}); {AGAIN}"
        ) from error


def _shape(content: bytes, name: str) -> tuple[int, ...]:
    """Read and check the header: (N, 28, 28) or (N,)."""
    if content.lstrip()[:1] == b"<":
        raise TinydigitsError(f"{name}: is a web page, not an IDX file; download the file itself")
    magic = content[:4]
    if magic not in (bytes([0, 0, _UNSIGNED_BYTE, 1]), bytes([0, 0, _UNSIGNED_BYTE, 3])):
        raise TinydigitsError(
            f"{name}: is not an IDX file of images or labels, it begins with "
            f"{magic.hex(' ') or 'nothing'} instead of 00 00 08 03 or 00 00 08 01; {AGAIN}"
        )
    if len(content) < 4 + 4 * magic[3]:
        raise TinydigitsError(f"{name}: is cut short within its header; {AGAIN}")
    shape = struct.unpack_from(f">{magic[3]}I", content, 4)
    if len(shape) == 3 and shape[1:] != (28, 28):
        raise TinydigitsError(
            f"{name}: holds images of {shape[1]}x{shape[2]} pixels, expected 28x28; resize them"
        )
    if not 0 < math.prod(shape) <= MAX_BYTES:
        raise TinydigitsError(
            f"{name}: announces {shape[0]:,} items, expected 1 to 1,000,000; {AGAIN}"
        )
    return shape


def holds_idx(folder: Path) -> bool:
    """Say whether the folder holds any of the four files, sound or not.

    Or raw/ or MNIST/raw/ in it, as torchvision puts them.
    """
    return _place(folder) is not None


def read_idx_folder(folder: Path) -> tuple[list[NDArray[np.uint8]], bool]:
    """Read the four files in the order of FILES, and say whether all are MNIST's own.

    They lie where `holds_idx` looks.

    Raises:
        TinydigitsError: a file is missing, damaged, or does not fit the others.
    """
    folder = _place(folder) or folder
    arrays: list[NDArray[np.uint8]] = []
    digests = []
    for file in FILES:
        path = _find(folder, file)
        if path is None:
            raise TinydigitsError(f"{folder / file}: is missing, with or without .gz; put it there")
        content = _read(path)
        array = decode_idx(content, str(path))
        wanted = "images" if "images" in file else "labels"
        if array.ndim != (3 if wanted == "images" else 1):
            raise TinydigitsError(f"{path}: does not hold {wanted}; are two files swapped?")
        if wanted == "labels" and len(array) != len(arrays[-1]):
            raise TinydigitsError(
                f"{path}: holds {len(array):,} labels for {len(arrays[-1]):,} images; "
                "take both files from the same set"
            )
        arrays.append(array)
        digests.append(hashlib.sha256(content).hexdigest())
    return arrays, tuple(digests) == MNIST_SHA256


def _place(folder: Path) -> Path | None:
    places = (folder, folder / "raw", folder / "MNIST" / "raw")
    return next((place for place in places if any(_find(place, file) for file in FILES)), None)


def _find(folder: Path, file: str) -> Path | None:
    """The file in the folder, gzip or plain, or under the name it has on Kaggle."""
    dotted = file.replace("-idx", ".idx")
    names = (f"{file}.gz", file, f"{dotted}.gz", dotted)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES + _LONGEST_HEADER:
        raise TinydigitsError(f"{path}: is too large, expected at most 1,000,000 images; {AGAIN}")
    return expand(path.read_bytes(), str(path))

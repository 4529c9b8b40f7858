"""Pictures as files, and maps as a finder that is always right would see filled boxes."""

import io
import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np
import pillow_heif
from PIL import Image

from tinydigits.reader.finder import CLASSES, HEATS, MARKS, UNIT, Maps
from tinydigits.reader.glyph import Box, Found, Glyph

Draw = Callable[..., Image.Image]  # of the fixture `draw`
Thing = tuple[Box, str]  # edges in pixels of the maps, and one of CLASSES


def saved(picture: Image.Image, form: str, *others: Image.Image, **options: object) -> bytes:
    """A file of one picture or more."""
    file = io.BytesIO()
    if others:
        options |= {"save_all": True, "append_images": others}
    if form == "HEIF":
        heif = pillow_heif.from_pillow(picture.convert("RGB"))
        for other in others:
            heif.add_from_pillow(other.convert("RGB"))
        heif.save(file, quality=90)
    else:
        picture.save(file, form, **options)
    return file.getvalue()


def chunk(kind: bytes, content: bytes, wrong: int = 0) -> bytes:
    """A part of a PNG file, with a checksum that is wrong in these bits."""
    check = zlib.crc32(kind + content) ^ wrong
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def without_margins(page: Image.Image) -> np.ndarray:
    """Black on white, cut to its ink."""
    grey = np.asarray(page)
    rows, columns = np.flatnonzero((grey < 128).any(1)), np.flatnonzero((grey < 128).any(0))
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def maps_of(shape: tuple[int, int], things: Sequence[Thing], scale: float = 1.0) -> Maps:
    """Maps of black boxes on white; ink points at its own box's middle, heat is 0.9 there."""
    height, width = shape
    rows, columns = -(-height // 4), -(-width // 4)
    grey = np.full(shape, 255, np.uint8)
    ink = np.zeros((2, height, width), np.float32)
    offsets = np.zeros((2, 8 * (rows + 1), 8 * (columns + 1)), np.float32)
    heat = np.zeros((HEATS, rows, columns), np.float32)
    told = np.zeros((2 + len(CLASSES) + 4, rows, columns), np.float32)
    told[2 + len(CLASSES)] = 5  # upright
    for (left, top, right, bottom), label in things:
        mark = label in MARKS
        grey[top:bottom, left:right] = 0
        ink[int(mark), top:bottom, left:right] = 1
        x, y = (left + right) / 2, (top + bottom) / 2
        down, across = np.mgrid[top // 2 : -(-bottom // 2), left // 2 : -(-right // 2)]
        offsets[:, down, across] = x - 2 * across - 1, y - 2 * down - 1
        row, column = int(y / 4), int(x / 4)
        kind = 1 if mark else 0 if label.isdigit() else 2
        heat[kind, row, column] = 0.9
        told[:2, row, column] = np.log((right - left) / UNIT), np.log((bottom - top) / UNIT)
        told[2 + CLASSES.index(label), row, column] = 8
    small = np.zeros((rows, columns), np.float32)
    return Maps(scale, grey, ink, offsets, heat, small, told)


def found(box: Box, sure: float = 0.9, label: int = 7, mark: str = "") -> Found:
    """A filled box that was read as a digit, or is a mark."""
    left, top, right, bottom = box
    ink = np.ones((bottom - top, right - left), np.float32)
    glyph = Glyph(box, ink, ink > 0, (left, top), mark=mark)
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[label] = sure
    return Found(glyph, np.zeros((28, 28), np.float32), probabilities)

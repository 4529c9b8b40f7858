"""Marks between digits: / - + . , : ( ) and what is none and no digit either.

Each is told by its shape and by where it stands beside the digits of its line: how high, how far
above or below them, how slanted, how solid. A stroke that could be a 1 is a 1, unless it is
straight, leans and reaches below its line as a slash does, or is bowed as a bracket is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import quantile

Mask = NDArray[np.bool_]

SPECK = "speck"
SLANTED = "1/"  # a straight stroke that leans: a 1, or a slash among slashes

# In heights of the line's digits. Writing puts points at a tenth of it and dashes at a tenth by
# a third or more; a digit is no lower than half of its neighbours unless it is written so.
_FLAT = 0.3
_DOT = 0.35
_COMMA = 0.5
SOLID = 0.6  # of its box, for a point; a disc fills 0.79, a digit with any hole less
# Of 244 leaning 1s within lines of digits, in forms and on plain pages, four lean by _LEAN and
# more, are straight and reach down to _DEEP; of 286 slashes 285 do. How high they are tells less:
# 21 of either were wrong.
_LEAN = 0.22  # across for each down, about 12 degrees
_STRAIGHT = 0.06  # of its height, from the chord
_DEEP = 1.07
_LOWEST, _LOW = 0.95, 0.75  # of the line, a slash and a bracket
# Of 54 pairs of brackets all are bowed by 0.08 to 0.23, both together by 0.22 to 0.4; on 210 pages
# of digits, forms and dashes no two strokes are.
_BOW, _BENT = 0.08, 0.3  # of its height, from the chord; beyond, it is no bracket
_AT_MIDDLE = 0.7  # of its deepest bow
_UPRIGHT = 0.25  # across for each down, at most


@dataclass(frozen=True)
class Place:
    """Where a thing stands in its line; all in heights of the line's digits.

    Attributes:
        height: its own.
        width: its own.
        top: how far its top is below the digits' top.
        bottom: how far its bottom is below the digits' top; at 1 it stands on the line.
    """

    height: float
    width: float
    top: float
    bottom: float


def small_mark(place: Place, solid: float) -> str:
    """What a low thing is: `.`, `,`, `-`, a speck, or "" if it may be a digit.

    Args:
        place: where it stands.
        solid: the share of its box that is ink.
    """
    middle = (place.top + place.bottom) / 2
    if place.height <= _FLAT and place.width >= 1.5 * place.height:
        return "-" if 0.2 < middle < 0.8 and place.width >= 0.2 else SPECK
    slim = place.width <= _DOT
    if slim and place.height <= _FLAT and solid > SOLID:
        if place.bottom > 1.1 and place.height > 1.3 * place.width:
            return ","
        return "." if middle > 0.7 else SPECK
    if slim and place.height <= _COMMA and middle > 0.85 and place.bottom > 1.05:
        return ","
    return ""


def tall_mark(place: Place, ink: Mask) -> str:
    """What a thing of a digit's height is: `/`, SLANTED, `+`, or "" if it may be a digit."""
    if 0.3 < place.height < 0.85 and 0.2 < (place.top + place.bottom) / 2 < 0.8 and _is_plus(ink):
        return "+"
    if place.height < _LOW or place.width > 0.9 * place.height or not _single(ink):
        return ""
    lean, bow = _course(ink)
    if lean < _LEAN or np.abs(bow).max() >= _STRAIGHT:
        return ""
    return "/" if place.height >= _LOWEST and place.bottom >= _DEEP else SLANTED


def bowed(bracket: str, place: Place, ink: Mask) -> float:
    """How much a thing of a digit's height is bowed like that bracket, in its own heights.

    0 if it is not bowed evenly, in that direction and by more than many a digit.
    """
    if place.height < _LOW or place.width > 0.9 * place.height or not _single(ink):
        return 0.0
    lean, bow = _course(ink)
    bow = -bow if bracket == "(" else bow
    even = bow[len(bow) // 2] > _AT_MIDDLE * bow.max() and abs(lean) < _UPRIGHT
    one_way = bow.min() > -_BOW / 4
    return float(bow.max()) if even and one_way and _BOW < bow.max() < _BENT else 0.0


def _single(ink: Mask) -> bool:
    """Whether it is a single stroke from top to bottom."""
    return quantile(_spine(ink)[1], 0.9) < 0.3 * len(ink)


def _course(ink: Mask) -> tuple[float, NDArray[np.float64]]:
    """How far a stroke leans for each row down, and how far each row lies beside its chord.

    In heights of the stroke.
    """
    middles, _ = _spine(ink)
    chord = np.linspace(middles[0], middles[-1], len(middles))
    return float(middles[0] - middles[-1]) / len(middles), (middles - chord) / len(ink)


def _spine(ink: Mask) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each row the middle of its ink and its extent."""
    rows = ink[ink.any(1)]
    first = rows.argmax(1)
    last = rows.shape[1] - rows[:, ::-1].argmax(1)
    return (first + last) / 2, last - first


def _is_plus(ink: Mask) -> bool:
    """A bar and a stem that cross near the middle, with little else."""
    height, width = ink.shape
    if not 0.5 < width / height < 2:
        return False
    row, column = int(ink.sum(1).argmax()), int(ink.sum(0).argmax())
    inside = abs(row / height - 0.5) < 0.22 and abs(column / width - 0.5) < 0.22
    y, x = (np.abs(np.arange(n) - at) > 0.2 * n for n, at in ((height, row), (width, column)))
    bar, stem = ink[~y].any(0).mean(), ink[:, ~x].any(1).mean()  # both may lean a little
    return bool(inside and min(bar, stem) > 0.8 and ink[np.ix_(y, x)].mean() < 0.06)

"""Marks between digits: / - + . , : ( ) and what is none and no digit either.

Each is told by its shape and by where it stands beside the digits of its line: how high, how far
above or below them, how slanted, how solid. A stroke that could be a 1 is a 1, unless it leans and
reaches beyond its line as a slash does, or is bowed as a bracket is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

SPECK = "speck"

# In heights of the line's digits. Writing puts points at a tenth of it and dashes at a tenth by
# a third or more; a digit is no lower than half of its neighbours unless it is written so.
_FLAT = 0.3
_DOT = 0.35
_COMMA = 0.5
_LEAN = 0.17  # across for each down, about 10 degrees: the lean of a slash
_BEYOND = 1.12  # a slash, and a bracket, reach beyond the digits
_STEEP = 0.36  # across for each down, and no 1 in a line of upright digits leans so
_BOW = 0.1  # of its height by which a bracket is bowed


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
    if slim and place.height <= _FLAT and solid > 0.4:
        if place.bottom > 1.1 and place.height > 1.3 * place.width:
            return ","
        return "." if middle > 0.7 else SPECK
    if slim and place.height <= _COMMA and middle > 0.85 and place.bottom > 1.05:
        return ","
    return ""


def tall_mark(place: Place, ink: Mask) -> str:
    """What a thing is whose height is a digit's: `/`, `(`, `)`, `+`, or "" if it may be a digit."""
    if 0.3 < place.height < 0.85 and 0.2 < (place.top + place.bottom) / 2 < 0.8 and _is_plus(ink):
        return "+"
    if place.height < 1 or place.width > 0.9 * place.height:
        return ""
    middles, thick = _spine(ink)
    lean = (middles[0] - middles[-1]) / len(middles)
    chord = np.linspace(middles[0], middles[-1], len(middles))
    bow = middles - chord
    single = np.percentile(thick, 90) < 0.3 * len(ink)
    if not single:
        return ""
    furthest = bow[np.argmax(np.abs(bow))]
    if abs(furthest) > _BOW * len(ink):
        steady = (np.sign(furthest) * bow > -0.03 * len(ink)).all()
        bowed = abs(bow[len(bow) // 2]) > 0.75 * abs(furthest)
        if place.height >= _BEYOND and steady and bowed and abs(lean) < 0.3:
            return "(" if furthest < 0 else ")"
        return ""
    beyond = place.height >= _BEYOND and lean >= _LEAN
    steep = lean >= _STEEP and place.height >= 1.0
    straight = abs(furthest) < 0.06 * len(ink)
    return "/" if straight and (beyond or steep) else ""


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
    reaches = ink[row].mean() > 0.8 and ink[:, column].mean() > 0.8
    y, x = (np.abs(np.arange(n) - at) > 0.2 * n for n, at in ((height, row), (width, column)))
    return bool(inside and reaches and ink[np.ix_(y, x)].mean() < 0.06)

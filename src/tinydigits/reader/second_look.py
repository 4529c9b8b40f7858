"""Other ways to see a picture of which nothing was legible: its ink, to be looked at again."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.ink import (
    STROKES,
    Ink,
    as_bytes,
    candidates,
    fits_window,
    measure,
    seen_evenly,
)
from tinydigits.reader.tones import Tones, papers, view

Plane = NDArray[np.float32]

# Of pictures that the first look does not read, cropped to their ink perhaps: scanned digits of 16,
# 96 and 300 pixels against scenes, gradients and textures, 1,350 and 300 pictures.
_SLIM = 0.3  # as wide as high: no stroke of a 1 has two sides within it, so its width says nothing
_MOST_INK = 0.975  # of the picture; four scenes that read as a 1 have more, but no scanned 1
# Where nothing is legible as the light was followed first.
_CLEAR, _ON_BORDER, _TRIES = 0.85, 0.1, 3  # of the ink is strokes; is on the border; at most


def evenly_lit(grey: Tones | Plane) -> list[Ink]:
    """The ink that is darker than paper, and that which is brighter, if the light is even.

    Whatever speaks for either: a picture cropped to its ink may have too little paper to tell.
    """
    tones = as_bytes(grey)
    seen = view(tones)
    found = papers(seen)
    if found is None:
        return []
    slim = tones.shape[1] <= _SLIM * tones.shape[0]
    ways = [seen_evenly(seen, True, found.bright), seen_evenly(seen, False, found.dark)]
    fit = [way for way in ways if slim or way.evidence.consistent >= STROKES]
    inks = [ink for way in fit if (ink := measure(tones, way, seen.scale))]
    return [ink for ink in inks if (ink.amount > 0.5).mean() <= _MOST_INK]


def otherwise_lit(grey: Tones | Plane) -> Iterator[Ink]:
    """The ink by other ways to follow uneven light: those with the clearest strokes.

    A shadow's bands may weigh more than the strokes beside them.
    """
    tones = as_bytes(grey)
    seen = view(tones)
    clear = [
        each
        for each in candidates(seen, even=False)
        if each.window
        and fits_window(each)
        and each.evidence.consistent >= _CLEAR
        and each.evidence.border <= _ON_BORDER
    ]
    for each in sorted(clear, key=lambda each: -each.score)[:_TRIES]:
        if ink := measure(tones, each, seen.scale):
            yield ink

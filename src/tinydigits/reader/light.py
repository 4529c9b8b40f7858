"""How the light falls on a page: its background, found by grey morphology.

What is darker than all round it and narrower than a window is taken away by a closing with that
window; what is broader stays, exactly, however sharp and slanted its edge (Serra 1982). So a
closing a few strokes wide removes dark ink and keeps shadows, and an opening does so for light
ink on a dark board. On bytes a window's extreme takes one pass for each doubling of its width.
"""

import numpy as np
from numpy.typing import NDArray

Tones = NDArray[np.uint8]


def background(tones: Tones, window: int, *, dark: bool, beyond: bool = False) -> Tones:
    """The page without its ink.

    Args:
        tones: uint8 (height, width).
        window: pixels, odd; ink narrower than this is removed, edges repeated.
        dark: whether ink is darker than paper.
        beyond: whether the page goes on beyond its border as it is there. Then the corner between
            the border and a shadow's slanted edge is no narrower than the shadow and stays, but so
            does ink that runs along the border.
    """
    if beyond:
        paper = background(np.pad(tones, window, mode="edge"), window, dark=dark)
        return paper[window:-window, window:-window]
    first, second = (np.maximum, np.minimum) if dark else (np.minimum, np.maximum)
    for extreme in (first, second):
        for axis in (0, 1):
            tones = running(extreme, tones, window, axis)
    return tones


def running(extreme: np.ufunc, tones: Tones, window: int, axis: int) -> Tones:
    """The extreme of the window round each pixel, along an axis."""
    half = min(window // 2, tones.shape[axis] - 1)
    before, after = (tones.take([at], axis).repeat(half, axis) for at in (0, -1))
    found = np.concatenate([before, tones, after], axis)
    covered = 1
    while covered < 2 * half + 1:
        step = min(covered, 2 * half + 1 - covered)
        if axis == 0:
            found = extreme(found[:-step], found[step:])
        else:
            found = extreme(found[:, :-step], found[:, step:])
        covered += step
    return found

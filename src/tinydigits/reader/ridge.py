"""Whether what reads as a 1 is a soft ridge of the light: a gradient's crest, no stroke.

Beyond a stroke's edges, where THRESHOLD of its tone is left, little is left to fall. A ridge falls
on at both sides, by more than it rises within, and is faint beside the tones of the picture.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.glyph import THRESHOLD, Glyph

# Of 360 gradients 8 were surely a 1, all of them such ridges; of 338 1s, scanned, drawn, printed,
# two are, cropped to their ink. Thin 1s so cropped fall on by up to 2.6 times, but are less faint.
_ON = 1.0  # of the rise within, the fall beyond
_FAINT = 0.2  # of the picture's tones
_SAMPLED = 100  # rows and columns, for its tones


def is_ridge(grey: NDArray[np.uint8], glyph: Glyph) -> bool:
    """Whether a slim glyph of a picture (height, width) is a ridge."""
    left, top, right, bottom = glyph.box
    across, down = left - glyph.offset[0], top - glyph.offset[1]
    ink = glyph.amount[down : down + bottom - top, across : across + right - left] > THRESHOLD
    rows = np.flatnonzero(ink.any(1))
    first = left + ink[rows].argmax(1)
    last = right - 1 - ink[rows, ::-1].argmax(1)
    tones, width = grey[rows + top].astype(float), last + 1 - first

    def tone(column: NDArray[np.int64]) -> float:
        column = np.clip(column, 0, grey.shape[1] - 1)
        return float(tones[np.arange(len(rows)), column].mean())

    sample = grey[:: 1 + len(grey) // _SAMPLED, :: 1 + grey.shape[1] // _SAMPLED]
    faint = _FAINT * float(np.ptp(sample))
    core, near = tone((first + last) // 2), np.array([tone(first - 1), tone(last + 1)])
    rise, fall = core - near, near - [tone(first - width), tone(last + width)]
    crest = rise[0] * rise[1] > 0 and (fall * np.sign(rise) >= _ON * np.abs(rise)).all()
    return bool(crest and (np.abs(rise) <= faint).all())

"""Digits, and what is none, as the finder cuts them out of drawn pictures.

A picture is drawn as for the finder's own training and read as any picture is. What the finder
takes for anything but a mark is held against what was drawn. At a digit's place it has that digit's
label, however badly it is cut: the recogniser is to read what it will be given. Elsewhere it is
none: a letter, a sign, a scribble, a piece of a digit, two digits.
"""

import numpy as np
from numpy.typing import NDArray

from pictures.training.crops import Crop
from tinydigits.image.normalise import normalise
from tinydigits.reader.centres import MARK, Centre, find_centres
from tinydigits.reader.finder import Finder
from tinydigits.reader.glyphs import cut_out
from tinydigits.reader.scales import look

NO_DIGIT = -1  # the label of what is none

_SAME = 0.5  # of two boxes' area: with so much in common they are one thing,
_OTHER = 0.3  # with less they are two; between the two nobody can say
_WHOLE = 0.7  # of a digit's ink, and of what is cut out: it is that digit, wherever its box may be
_DOUBT = 0.1  # of what is cut out: with more ink that may look like a digit, nobody can say

Images = list[tuple[int, NDArray[np.uint8]]]


def cuts(finder: Finder, crop: Crop) -> Images:
    """Labels, and images (28, 28) as the recogniser sees them, ink 255.

    A picture that was turned gives nothing: the reader turns it before it reads.
    """
    found: Images = []
    if crop.turn:
        return found
    top, left, bottom, right = crop.view
    levels = look(finder, crop.grey[top:bottom, left:right])
    centres = find_centres(levels)
    for centre, own in zip(centres, cut_out(levels, centres), strict=True):
        if own is None or centre.kind == MARK:
            continue
        x, y = own.offset
        rows, columns = np.nonzero(own.mine)
        at = (rows + y + 0.5) / own.scale + top, (columns + x + 0.5) / own.scale + left
        label = what_it_is(
            crop, centre, *np.minimum((np.array(at) / 2).astype(int), len(crop.owner) - 1)
        )
        image = normalise(own.amount)
        if label is not None and image.any():
            found.append((label, np.rint(255 * image).astype(np.uint8)))
    return found


def what_it_is(
    crop: Crop, centre: Centre, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> int | None:
    """The digit that was found, `NO_DIGIT`, or None where nobody can say.

    Args:
        crop: what was drawn.
        centre: what was found, in pixels of the part of the crop that was looked at.
        rows: where its ink is, in pixels of `crop.owner`; as many of `columns`.
        columns: as above.
    """
    everything = crop.all_things
    x, y, wide, high = centre.x, centre.y, centre.width / 2, centre.height / 2
    same = crop.overlaps((x - wide, y - high, x + wide, y + high)) * (everything[:, 4] < 10)
    if same.max(initial=0) > _SAME:
        return int(everything[same.argmax(), 4])
    doubt = (crop.unsure | crop.alike)[rows, columns].mean()
    if same.max(initial=0) >= _OTHER or doubt > _DOUBT:
        return None
    digits = np.flatnonzero(crop.things[:, 4] < 10)
    count = len(crop.things) + 1
    of_mine = np.bincount(crop.owner[rows, columns], minlength=count)[1:] / len(rows)
    there = np.zeros_like(crop.unsure)
    there[rows, columns] = True
    of_theirs = np.bincount(crop.owner[there], minlength=count)[1:]
    of_theirs = of_theirs / np.maximum(np.bincount(crop.owner.ravel(), minlength=count)[1:], 1)
    if np.minimum(of_mine, of_theirs)[digits].max(initial=0) > _WHOLE:
        return None
    return NO_DIGIT

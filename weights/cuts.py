"""Digits as the finder cuts them out of drawn pages, for the recogniser to learn from.

A page is drawn as for the finder's own training and read as a picture would be. What the finder
finds is held against what was drawn: at a digit's place it has that digit's label, where nothing
is, or a letter, it is none.
"""

import numpy as np
from numpy.typing import NDArray

from pictures.training.crops import Crop
from tinydigits.image.normalise import normalise
from tinydigits.reader.centres import DIGIT, Centre, find_centres
from tinydigits.reader.finder import Finder
from tinydigits.reader.glyphs import cut_out
from tinydigits.reader.scales import look

NO_DIGIT = -1
_SAME = 0.5  # shared area over the area of both: from here on a thing found is a thing drawn


def cuts(finder: Finder, crop: Crop) -> list[tuple[int, NDArray[np.uint8]]]:
    """Labels, and images (28, 28) as the recogniser sees them, ink 255."""
    top, left, bottom, right = crop.view
    levels = look(finder, crop.grey[top:bottom, left:right])
    centres = [each for each in find_centres(levels) if each.kind == DIGIT]
    found = []
    for centre, own in zip(centres, cut_out(levels, centres), strict=True):
        label = _label(crop, centre) if own else None
        if own is not None and label is not None:
            image = normalise(own[0])
            if image.any():
                found.append((label, np.rint(255 * image).astype(np.uint8)))
    return found


def _label(crop: Crop, centre: Centre) -> int | None:
    """The digit that stands there, `NO_DIGIT`, or None where nobody can say."""
    top, left = crop.view[:2]
    x, y = centre.x + left, centre.y + top
    row, column = (int(np.clip(at / 2, 0, crop.unsure.shape[0] - 1)) for at in (y, x))
    if crop.unsure[row, column] or crop.turn:
        return None
    things = crop.things
    if not len(things):
        return NO_DIGIT
    wide = np.minimum(things[:, 0] + things[:, 2] / 2, x + centre.width / 2) - np.maximum(
        things[:, 0] - things[:, 2] / 2, x - centre.width / 2
    )
    tall = np.minimum(things[:, 1] + things[:, 3] / 2, y + centre.height / 2) - np.maximum(
        things[:, 1] - things[:, 3] / 2, y - centre.height / 2
    )
    shared = np.maximum(wide, 0) * np.maximum(tall, 0)
    same = shared / (things[:, 2] * things[:, 3] + centre.width * centre.height - shared)
    best = int(same.argmax())
    if same[best] < _SAME:
        return NO_DIGIT if shared.max() < 0.2 * centre.width * centre.height else None
    label = int(things[best, 4])
    return label if label < 10 else NO_DIGIT

"""Several looks at a picture -> each thing once, and what all of them say of it.

As weighted boxes fusion does (Solovyev, Wang and Gabruseva, 2021), but each box is the surest's, so
that it fits the ink that was read.
"""

import numpy as np

from tinydigits.reader.glyph import Found, area, shared_area

_SAME = 0.4  # shared area over the area of both, from which on two looks see one thing (chosen)
_MISSED = 0.05  # how probable a digit is for a look that does not see it (chosen)


def fused(looks: list[list[Found]]) -> list[Found]:
    """What each of several looks found, all in pixels of one picture -> each thing once.

    It is the digit for which most speaks, and as probable as that is in the mean of the looks.
    """
    every = [(number, each) for number, look in enumerate(looks) for each in look]
    every.sort(key=lambda item: -item[1].sure)
    numbers = np.array([number for number, _ in every])
    boxes = np.array([each.glyph.box for _, each in every], np.float32).reshape(-1, 4)
    areas = area(boxes)
    free = np.ones(len(every), bool)  # what belongs to no thing yet
    things = []
    for first, (_, surest) in enumerate(every):
        if free[first]:
            shared = shared_area(boxes, boxes[first])
            same = np.flatnonzero(free & (shared > _SAME * (areas + areas[first] - shared)))
            same = same[np.unique(numbers[same], return_index=True)[1]]  # of each look the surest
            free[same] = False
            digits = np.sum([every[i][1].probabilities for i in same], 0)
            missed = _MISSED * (len(looks) - len(same))
            chance = (float(digits.max()) + missed) / len(looks)
            things.append(surest.with_chance(digits / digits.sum(), chance))
    return things

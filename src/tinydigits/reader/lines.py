"""Things on a page -> its lines of writing, whatever the size of each.

The tallest are placed first, each in the line of the nearest that is as high up and not twice its
height. Lines of smaller things that stand within a line of taller ones then become part of it:
marks, and digits written smaller.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median

Boxes = NDArray[np.int64]

# On 150 development pages (plain, slanted, of two sizes, boxes) of 1,364 digits six less are read
# rightly with _LEVEL 0.35 and two more with 0.7, three less with _GAP 1.2 and as many with 5, one
# less with _REACH 0.4 and as many with 0.1, which invents three digits in
# crossed boxes; _ALIKE 0.35 and 0.7 do alike.
_LEVEL = 0.5  # heights between the middles of two neighbours in a line
_ALIKE = 0.5  # of the height of a neighbour, at least
_REACH = 0.2  # heights by which a mark may stand below the line
_GAP = 2.5  # heights between a small thing and the taller ones that it belongs to


def find_lines(boxes: Boxes, slope: float, rows: NDArray[np.float64]) -> list[list[int]]:
    """Boxes (n, 4) -> lines from the top, of indices from the left.

    Args:
        boxes: as above.
        slope: of the lines.
        rows: tops and bottoms (n, 2), at the picture's left, of what holds one line each.
    """
    if len(boxes) < 2:
        return [[i] for i in range(len(boxes))]
    heights = boxes[:, 3] - boxes[:, 1]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2 - slope * (boxes[:, 0] + boxes[:, 2]) / 2
    for top, bottom in rows:
        middle[(middle > top) & (middle < bottom)] = (top + bottom) / 2
    lines = _lines_of_a_size(boxes, heights, middle)
    lines.sort(key=lambda line: -heights[line].max())
    kept: list[list[int]] = []
    for line in lines:
        home = next((other for other in kept if _stands_in(boxes, slope, line, other)), None)
        if home is None:
            kept.append(line)
        else:
            home += line
    kept.sort(key=lambda line: median(middle[line]))
    return [sorted(line, key=lambda i: boxes[i, 0] + boxes[i, 2]) for line in kept]


def _lines_of_a_size(
    boxes: Boxes, heights: NDArray[np.int64], middle: NDArray[np.float64]
) -> list[list[int]]:
    centre = (boxes[:, 0] + boxes[:, 2]) / 2
    line_of = np.full(len(boxes), -1)
    lines: list[list[int]] = []
    placed = np.zeros(len(boxes), bool)
    for i in np.argsort(-heights, kind="stable"):
        level = placed & (np.abs(middle - middle[i]) <= _LEVEL * heights)
        near = np.flatnonzero(level & (heights[i] >= _ALIKE * heights))
        if len(near):
            line_of[i] = line_of[near[np.argmin(np.abs(centre[near] - centre[i]))]]
            lines[line_of[i]].append(int(i))
        else:
            line_of[i] = len(lines)
            lines.append([int(i)])
        placed[i] = True
    return lines


def _stands_in(boxes: Boxes, slope: float, line: list[int], taller: list[int]) -> bool:
    """Whether a line of small things is part of a line of taller ones."""
    ours, theirs = boxes[line], boxes[taller]
    theirs = theirs[2 * (theirs[:, 3] - theirs[:, 1]) >= (theirs[:, 3] - theirs[:, 1]).max()]
    size = median(ours[:, 3] - ours[:, 1])
    for box in ours:
        apart = np.maximum(theirs[:, 0] - box[2], box[0] - theirs[:, 2])
        left, top, right, bottom = theirs[np.argmin(apart)]
        down = slope * ((box[0] + box[2]) - (left + right)) / 2
        middle, height = (box[1] + box[3]) / 2 - down, bottom - top
        if apart.min() > _GAP * height or not top - _REACH * height <= middle <= (
            bottom + _REACH * height
        ):
            return False
    overlaps = (theirs[:, 0] < ours[:, 2:3]) & (theirs[:, 2] > ours[:, :1])
    return not (overlaps.any() and size > 0.4 * median(theirs[:, 3] - theirs[:, 1]))

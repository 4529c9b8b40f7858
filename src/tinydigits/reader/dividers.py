"""Upright lines between digits that no level rule closes: dividers, and the teeth of combs.

Dividers are alike, in a row, and higher than the digits between them; their slope is their own,
since that of the digits is only roughly the page's. Teeth stand on a rule, one at either end of it,
and are as thick as that and alike, however short.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.regions import Regions, find_regions, typical_height
from tinydigits.reader.rules import Rules, drops, painted, straight_lines
from tinydigits.reader.ruling import ridge_slope

Mask = NDArray[np.bool_]
Table = NDArray[np.int64]

# Chosen on 60 development pictures each of dividers and combs, and checked on 45 to 60 each of
# boxes, tables, sums and printed lines (benchmarks/NOTES.md, "Layout").
_LEAST = 0.3  # of the picture's height: no divider is shorter
_TALLER, _ALONE = 1.08, 1.25  # digit heights; of several that are alike, of one
_MOST = 0.7  # of them surpass the digits beside them
_SLACK = 2  # pixels
_TURNED = 0.06  # down for each pixel to the right: dividers need not lie level
_SOLID = 0.5  # of a tooth's box is ink
_ALIKE = 0.2  # of their sizes, by which teeth differ
_NEAR = 6  # pixels between a tooth and the rule it stands on


def find_dividers(mask: Mask) -> tuple[Rules, float]:
    """Upright lines that part digits, and the slope of the page by them."""
    turn = ridge_slope(mask.T, _LEAST)
    lines = _alike(mask, turn) if turn is not None else np.empty((0, 4), np.int64)
    if len(lines) >= 3:  # where they start tells the slope more exactly
        turn = -float(np.polyfit(lines[:, 2], lines[:, 0], 1)[0])
        lines = _alike(mask, turn)
    if turn is None or not len(lines):
        return Rules(lines, True), 0.0
    if not _apart(lines, turn, find_regions(mask)):
        return Rules(lines[:0], True), 0.0
    rest = find_regions(mask & ~painted(mask.shape, Rules(lines, True), -turn, 1))
    digits = typical_height(rest.boxes, rest.areas) if rest.areas.size else 0.0
    return Rules(
        lines if digits and _surpass(lines, rest.boxes, digits) else lines[:0], True
    ), -turn


def _apart(lines: Table, turn: float, regions: Regions) -> bool:
    """Whether half of the lines at least touch nothing, as stems of digits do."""
    height = regions.labels.shape[0]
    middle = (lines[:, 0] + lines[:, 1]) // 2
    across = (lines[:, 2] + lines[:, 3]) // 2 + np.rint(turn * (middle - height / 2)).astype(int)
    own = regions.labels[middle, np.clip(across, 0, regions.labels.shape[1] - 1)] - 1
    width = regions.boxes[own, 2] - regions.boxes[own, 0]
    lean = np.abs(turn) * (lines[:, 1] - lines[:, 0])
    slim = (own >= 0) & (width <= lines[:, 3] - lines[:, 2] + lean + 2 * _SLACK)
    return bool(slim.mean() >= 0.5)


def _alike(mask: Mask, turn: float) -> Table:
    """Most of the upright lines that are as long, as thick and as high up as each other."""
    lines = straight_lines(mask.T, turn, _LEAST * len(mask))
    if not len(lines):
        return lines
    start, length, thick = lines[:, 0], lines[:, 1] - lines[:, 0], lines[:, 3] - lines[:, 2]
    apart = np.abs(lines[:, 2][:, None] - lines[:, 2])
    alike = (np.abs(length[:, None] - length) <= 2) & (np.abs(thick[:, None] - thick) <= 1)
    alike &= np.abs(start[:, None] - start) <= 2 + _TURNED * apart
    found: Table = lines[alike[np.argmax(alike.sum(1) + length / (1 + length.max()))]]
    return found


def _surpass(lines: Table, boxes: Table, digits: float) -> bool:
    """Whether lines are higher than digits, at both ends, and than those of the boxes beside them.

    What is left of a digit whose own stroke was taken for a line reaches beyond it at one end.
    """
    if (lines[:, 1] - lines[:, 0]).min() < (_TALLER if len(lines) > 1 else _ALONE) * digits:
        return False
    boxes = boxes[boxes[:, 3] - boxes[:, 1] >= digits / 2]
    apart = np.maximum(boxes[:, 0] - lines[:, 3:], lines[:, 2:3] - boxes[:, 2])
    beside = apart <= digits
    slack = _SLACK if len(lines) > 1 else -_SLACK
    within = (boxes[:, 1] >= lines[:, :1] - slack) & (boxes[:, 3] <= lines[:, 1:2] + slack)
    surpassed = (within | ~beside).all(1) & beside.any(1)
    return bool(surpassed.mean() >= _MOST)


def teeth(regions: Regions, rules: Rules, slope: float, width: int) -> Mask:
    """Which regions are the teeth that stood on one of some level rules."""
    boxes = regions.boxes
    size = boxes[:, 2:] - boxes[:, :2]
    solid = regions.areas >= _SOLID * size.prod(1)
    down = drops(slope, width)[np.clip((boxes[:, 0] + boxes[:, 2]) // 2, 0, width - 1)]
    found = np.zeros(len(boxes), bool)
    for start, end, first, last in rules.lines:
        above = np.abs(boxes[:, 3] - (first + down)) <= _NEAR
        below = np.abs(boxes[:, 1] - (last + down)) <= _NEAR
        as_thick = size[:, 0] <= 3 + 1.5 * (last - first)
        near = _NEAR + size[:, 0] // 2
        for on in (solid & as_thick & above, solid & as_thick & below):
            at_start = np.flatnonzero(on & (np.abs(boxes[:, 0] - start) <= near))
            at_end = np.flatnonzero(on & (np.abs(boxes[:, 2] - end) <= near))
            for one in at_start:
                like = (np.abs(size - size[one]) <= 2 + _ALIKE * size[one]).all(1)
                if like[at_end].any():
                    found |= on & like
    return found

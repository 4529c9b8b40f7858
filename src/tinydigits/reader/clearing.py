"""A page of ink -> the same without its rules: paper's, forms', dividers and combs.

A page is looked at up to three times, since the sides of a box are found once the lines of its
page are gone, and for dividers when all else is.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.dividers import find_dividers, teeth
from tinydigits.reader.erase import erase, left_of_rules
from tinydigits.reader.glyph import THRESHOLD
from tinydigits.reader.ink import Ink
from tinydigits.reader.regions import Regions, find_regions, typical_height
from tinydigits.reader.rules import NO_RULES, Rules, find_rules
from tinydigits.reader.ruling import NONE, find_ruling
from tinydigits.reader.sides import NO_ROWS, RowsOfBoxes, hidden_sides, rows_of_boxes
from tinydigits.reader.slope import find_slope

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]

_ALONE = 0.9  # of all ink; the ink of a digit in a frame of its own is more than the rest
_WIDEST = 1.7  # heights, of one digit
_NO_FORM = 40  # pixels; in so small a picture the strokes of a digit look like rules
_CELLS = 3  # upright lines are more than a frame has
_WITHIN = 0.2  # of a frame's height, what it frames
_MOST_RULES = 100  # level ones; the fullest form drawn has 39, noise hundreds
_FAINT = 0.7 * THRESHOLD  # a thin rule is paler than a stroke


@dataclass(frozen=True)
class Cleared:
    """A page without its rules.

    Attributes:
        ink: what is left.
        regions: its regions.
        slope: of its lines.
        cells: whether it is a form with places for single digits.
        rows: of these places, if it is one, as `find_lines` wants them.
    """

    ink: Ink
    regions: Regions
    slope: float
    cells: bool
    rows: RowsOfBoxes


def without_rules(ink: Ink, left_out: Counter[str]) -> Cleared:
    """Take the rules off a page; each is counted."""
    amount = ink.amount
    mask = amount > max(THRESHOLD, 4 * ink.noise)
    if max(amount.shape) <= _NO_FORM:
        return Cleared(ink, find_regions(mask), 0.0, False, NO_ROWS)
    faint = amount > max(_FAINT, 4 * ink.noise)
    ruling, regions = find_ruling(amount, ink.noise), find_regions(mask)
    slope = ruling.slope if len(ruling.level) else find_slope(mask)
    grid, cells, rows = ruling.grid, 0, NO_ROWS
    for _ in range(3):  # lines of a box are found once those of the page are gone
        if not regions.areas.size or (_one_digit(regions) and not ruling.grid):
            form = cells >= _CELLS and not grid
            return Cleared(Ink(amount, ink.noise), regions, slope, form, rows)
        rules = find_rules(faint, slope, typical_height(regions.boxes, regions.areas), ruling)
        if not any(len(each.lines) for each in rules):
            break
        rules = rules[0], hidden_sides(faint, slope, rules)
        left_out["rule"] += sum(len(each.lines) for each in rules)
        if len(rules[0].lines) > _MOST_RULES:
            return Cleared(ink, find_regions(np.zeros_like(mask)), slope, False, NO_ROWS)
        rows = rows if len(rows) else rows_of_boxes(rules[0].lines, slope, mask.shape[1])
        cells += len(rules[1].lines)
        amount, left, regions = _without(amount, mask, slope, rules)
        on_rule = np.append(False, teeth(regions, rules[0], slope, mask.shape[1]))[regions.labels]
        if on_rule.any():
            cells += _CELLS
            amount, left = np.where(on_rule, 0, amount), left & ~on_rule
            regions = find_regions(left)
        faint &= left == mask
        mask, ruling = left, NONE
    dividers, turned = find_dividers(faint)
    if len(dividers.lines):
        left_out["rule"] += len(dividers.lines)
        amount, mask, regions = _without(amount, mask, turned, (NO_RULES, dividers))
        slope, cells, rows = turned, _CELLS, NO_ROWS
    return Cleared(Ink(amount, ink.noise), regions, slope, cells >= _CELLS and not grid, rows)


def _without(
    amount: Plane, mask: Mask, slope: float, rules: tuple[Rules, Rules]
) -> tuple[Plane, Mask, Regions]:
    """Ink, its mask and its regions, without rules and what is left of them."""
    amount, mask = erase(amount, mask, slope, rules)
    regions = find_regions(mask)
    remains = np.append(False, left_of_rules(regions, slope, rules))[regions.labels]
    if remains.any():
        amount, mask = np.where(remains, 0, amount), mask & ~remains
        regions = find_regions(mask)
    return amount, mask, regions


def _one_digit(regions: Regions) -> bool:
    """Whether one region, no wider than a digit, has nearly all ink: its strokes are no rules."""
    largest = regions.areas.argmax()
    left, top, right, bottom = regions.boxes[largest]
    alone = regions.areas[largest] >= _ALONE * regions.areas.sum()
    inner = (regions.boxes[:, :2] > (left, top)) & (regions.boxes[:, 2:] < (right, bottom))
    high = regions.boxes[:, 3] - regions.boxes[:, 1] >= _WITHIN * (bottom - top)
    framed = (inner.all(1) & high).any()
    return bool(alone and not framed and right - left <= _WIDEST * (bottom - top))

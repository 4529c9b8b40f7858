"""Things of two lines that touch, a slash and the one below it: parted between the lines.

What stands beside such a thing tells where its lines end: at a row with things above it, others
below, and hardly any across. Of such rows it is cut where it is thin, near the middle of the gap.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.reader.regions import Regions, find_regions, typical_height

Table = NDArray[np.int64]

# In heights of a page's digits, but the first. Of 180 pages of dates and brackets 11 have such
# things; on 816 others, plain, touching, slanted, of several sizes, nothing changed.
_LEAST = 0.2  # of the height in which most ink lies; lower, it is a mark or a speck
_TALL = 1.5  # higher than any digit or mark of one line
_WIDE = 3.0  # wider, it may go round what stands beside it
_NEAR = 2.0  # so far away things tell of lines
_INTO = 0.1  # so far lines may reach into each other
_PART = 0.5  # of each of the two parts, at least
_ACROSS = 3  # times as many stand above and below as across
_FEWEST = 3  # above and below together: two may be the halves of one digit
_PER_MIDDLE = 0.5  # pixels of ink for each pixel from the middle; 0.1 and 1 do alike
_MOST_LINES = 6


def part_lines(regions: Regions, slope: float) -> Regions:
    """The regions of a page whose lines have that slope, none of them part of two lines."""
    for _ in range(_MOST_LINES - 1):
        cuts = _cuts(regions, slope)
        if not cuts:
            break
        mask = regions.labels > 0
        for region, row in cuts:
            mask[row] &= regions.labels[row] != region + 1
        regions = find_regions(mask)
    return regions


def _cuts(regions: Regions, slope: float) -> list[tuple[int, int]]:
    """Regions of several lines, and the row at which to cut each."""
    boxes = regions.boxes
    if len(boxes) < 3:
        return []
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    writing = height >= _LEAST * typical_height(boxes, regions.areas)
    typical = typical_height(boxes, writing * regions.areas / height)  # a long stroke as any other
    high = height >= _TALL * typical
    plain = boxes[~high & (height >= _PART * typical)]
    tall = np.flatnonzero(high & (width <= _WIDE * typical))
    rows = [(i, _row(i, plain, regions, typical, slope)) for i in map(int, tall)]
    return [(i, row) for i, row in rows if row is not None]


def _row(region: int, plain: Table, regions: Regions, typical: float, slope: float) -> int | None:
    """The row between two lines at which a region is to be cut, if there is one."""
    left, top, right, bottom = regions.boxes[region]
    apart = np.maximum(plain[:, 0] - right, left - plain[:, 2])
    near = plain[apart <= _NEAR * typical]
    down = slope * (near[:, 0] + near[:, 2] - left - right) / 2
    tops, bottoms = near[:, 1] - down + _INTO * typical, near[:, 3] - down - _INTO * typical
    rows = np.arange(top + round(_PART * typical), bottom - round(_PART * typical))
    above = (bottoms <= rows[:, None]) & (bottoms > top)
    below = (tops >= rows[:, None]) & (tops < bottom)
    across = ((tops < rows[:, None]) & (bottoms > rows[:, None])).sum(1)
    fewest = np.minimum(above.sum(1), below.sum(1))
    enough = (fewest > 0) & ((above | below).sum(1) >= _FEWEST)
    between = rows[enough & (_ACROSS * across <= fewest)]
    if not len(between):
        return None
    ink = (regions.labels[between, left:right] == region + 1).sum(1)
    price = ink + _PER_MIDDLE * np.abs(between - between.mean())
    return int(between[price.argmin()])

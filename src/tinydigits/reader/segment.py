"""A page of ink -> its lines of digits and marks, from the top, each from the left.

Ruled lines go first; connected regions are found, strokes of one digit joined, and what is left
is sorted into lines, each of a size of its own. Within its line a thing is a mark, may be a digit,
or is left out. Digits that touch come out as one glyph; `split` proposes where to part them.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median
from tinydigits.reader.clearing import without_rules
from tinydigits.reader.glyph import THRESHOLD, Glyph, cut_out, hull
from tinydigits.reader.ink import Ink
from tinydigits.reader.joining import FEW, PART, join_strokes
from tinydigits.reader.lines import find_lines
from tinydigits.reader.marking import mark
from tinydigits.reader.marks import SOLID, SPECK
from tinydigits.reader.regions import Regions, find_regions, typical_height
from tinydigits.reader.sides import NO_ROWS
from tinydigits.reader.stacked import part_lines
from tinydigits.reader.strays import strays

_FILLS = 0.8  # of the picture's sides, by a digit cropped to its ink
_LEAST_HEIGHT = 5  # pixels
_FAINT = 0.22  # of a plain stroke: by ink as dark as that, the pieces of a pale digit hang together
_DOTTED = 0.3  # of the typical height: a lower line may be one of dots
_SMALL = 0.5  # of the highest of its line: lower, and it does not say how high the line is


@dataclass(frozen=True)
class Page:
    """What a page holds.

    Attributes:
        lines: glyphs from left to right, line by line from the top.
        left_out: how many things were taken for no digits, by what they are.
    """

    lines: list[list[Glyph]]
    left_out: Counter[str]


@dataclass(frozen=True)
class _Things:
    """Groups of regions that may each be a digit or a mark, and their boxes (n, 4)."""

    groups: list[NDArray[np.int64]]
    boxes: NDArray[np.int64]
    regions: Regions
    ink: Ink
    typical: float  # the height of the region in which most of the ink lies
    cells: bool  # whether they stand in places for single digits


def segment(ink: Ink, few: int = FEW, most: float = np.inf) -> Page:
    """Find the glyphs of a page, in lines.

    Args:
        ink: of the page.
        few: no more regions than that may be one broken digit.
        most: more regions than that are noise, and nothing is found.
    """
    left_out: Counter[str] = Counter()
    page = without_rules(ink, left_out)
    ink, slope = page.ink, page.slope
    regions = part_lines(page.regions, slope)
    keep = np.flatnonzero(~strays(regions, ink.amount.shape, left_out))
    if not 0 < keep.size <= most:
        return Page([], left_out)
    broken = _broken(regions, keep, ink)
    groups = [keep[group] for group in join_strokes(regions.boxes[keep], broken, few)]
    boxes = np.array([hull(regions.boxes[group]) for group in groups])
    edges = _edges(boxes, ink.amount.shape[1])
    left_out["edge"] += int(edges.sum())
    things = _Things(
        [group for group, edge in zip(groups, edges, strict=True) if not edge],
        boxes[~edges],
        regions,
        ink,
        typical_height(regions.boxes, regions.areas),
        page.cells,
    )
    lines = [
        _glyphs(line, things, slope, left_out)
        for line in find_lines(things.boxes, slope, page.rows if page.cells else NO_ROWS)
    ]
    lines = _doubting_points(lines, left_out)
    return Page([line for line in lines if line], +left_out)


def whole_picture(ink: Ink, least: float = 0.0) -> Glyph | None:
    """Take all ink of a picture but specks to be one digit, if its largest piece has that share."""
    mask = ink.amount > max(THRESHOLD, 4 * ink.noise)
    regions = find_regions(mask)
    if not regions.areas.size or regions.areas.max() < least * regions.areas.sum():
        return None
    sizes = (regions.boxes[:, 2:] - regions.boxes[:, :2]).max(1)
    members = np.flatnonzero(sizes >= 0.15 * sizes.max())
    box = hull(regions.boxes[members])
    if box[3] - box[1] < _LEAST_HEIGHT:
        return None
    return cut_out(box, members, ink, regions)


def fills(glyph: Glyph, shape: tuple[int, ...]) -> bool:
    """Whether a glyph fills a picture of that shape."""
    left, top, right, bottom = glyph.box
    return bottom - top >= _FILLS * shape[0] and right - left >= _FILLS * shape[1]


def _edges(boxes: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    """Slim strips along the picture's left or right edge, as scans have them."""
    slim = boxes[:, 3] - boxes[:, 1] > 8 * (boxes[:, 2] - boxes[:, 0])
    result: NDArray[np.bool_] = slim & ((boxes[:, 0] == 0) ^ (boxes[:, 2] == width))
    return result


def _glyphs(line: list[int], things: _Things, slope: float, left_out: Counter[str]) -> list[Glyph]:
    """The digits and marks of one line; what is neither is counted as left out."""
    boxes = things.boxes[line]
    heights = boxes[:, 3] - boxes[:, 1]
    tall = np.flatnonzero(heights >= 0.6 * median(heights[heights >= _SMALL * heights.max()]))
    dots = heights.max() < _DOTTED * things.typical and _are_dots(line, things)
    if dots or heights.max() < _LEAST_HEIGHT:
        left_out[SPECK] += len(line)
        return []
    found = [
        cut_out(hull(things.boxes[i : i + 1]), things.groups[i], things.ink, things.regions)
        for i in line
    ]
    if len(tall) == 1 and _is_dash(boxes[tall[0]]):
        left_out[SPECK] += len(found)
        return []
    found = mark(found, tall, slope, things.cells)
    left_out[SPECK] += sum(glyph.mark == SPECK for glyph in found)
    return _spaced([glyph for glyph in found if glyph.mark != SPECK], heights[tall])


def _broken(regions: Regions, keep: NDArray[np.int64], ink: Ink) -> NDArray[np.int64] | None:
    """Which regions hang together by fainter ink; None if none is so low as to be a piece."""
    heights = regions.boxes[keep, 3] - regions.boxes[keep, 1]
    if heights.min() > PART * heights.max():
        return None
    faint = find_regions(ink.amount > max(_FAINT, 4 * ink.noise)).labels
    inked = np.flatnonzero(regions.labels)[::-1]
    pixel = np.zeros(len(regions.areas) + 1, np.int64)  # of each region its first
    pixel[regions.labels.ravel()[inked]] = inked
    return faint.ravel()[pixel[keep + 1]].astype(np.int64)


def _is_dash(box: NDArray[np.int64]) -> bool:
    left, top, right, bottom = box
    return bool(2.5 * (bottom - top) < right - left)


def _are_dots(line: list[int], things: _Things) -> bool:
    boxes = things.boxes[line]
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    inked = np.array([things.regions.areas[things.groups[i]].sum() for i in line])
    return bool(((inked > SOLID * width * height) & (height <= 2 * width)).all())


def _doubting_points(lines: list[list[Glyph]], left_out: Counter[str]) -> list[list[Glyph]]:
    """Where specks are more frequent than points, on dotted or dirty paper, no point is sure."""
    points = [glyph for line in lines for glyph in line if glyph.mark in (".", ":")]
    if not points or left_out[SPECK] <= len(points):
        return lines
    left_out[SPECK] += len(points)
    return [[glyph for glyph in line if glyph not in points] for line in lines]


def _spaced(line: list[Glyph], heights: NDArray[np.int64]) -> list[Glyph]:
    """Say where a gap is wider than between the digits of one number."""
    if len(line) < 2:
        return line
    gaps = [b.box[0] - a.box[2] for a, b in pairwise(line)]
    wide = max(0.9 * median(heights), 2.5 * max(0.0, median(np.array(gaps))))
    return line[:1] + [
        replace(glyph, space_before=gap > wide) for glyph, gap in zip(line[1:], gaps, strict=True)
    ]

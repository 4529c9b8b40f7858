"""Digits in forms: paper with squares, lines or dots, frames, boxes, combs, dividers."""

import numpy as np

from pictures.judging.hands import Hand, Sources
from pictures.judging.page import Page, kind
from pictures.judging.pages import slope
from pictures.judging.paper import on_paper, turned
from pictures.judging.writing import any_sheet, write
from pictures.scene import Generator, Plane, between


def _printed(ink: Plane, rules: Plane, lines: list[str], rng: Generator, faint: float) -> Page:
    """The ink on a form whose rules are `faint` as dark, of the ink's colour or their own."""
    degrees = rng.uniform(-2, 2) if rng.random() < 0.5 else 0
    ink, rules = turned(ink, degrees), turned(rules, degrees) * faint
    if rng.random() < 0.5:
        return Page(on_paper(np.maximum(ink, rules), rng, slope, blur=0.7), lines)
    paper = rng.uniform(0.7, 0.97) + rng.uniform(-0.03, 0.03, 3)
    colour = np.array([[0.2, 0.4, 0.8], [0.8, 0.3, 0.3], [0.2, 0.6, 0.4], [0.3, 0.3, 0.3]])
    form = paper + (rng.choice(colour) - paper) * rules[..., None]
    return Page(on_paper(ink, rng, slope, paper=form, blur=0.7), lines)


def _stripes(size: int, pitch: float, thick: float, rng: Generator) -> Plane:
    """Lines across: how much of each pixel they cover."""
    at = (np.arange(size) + rng.uniform(0, pitch)) % pitch
    return np.clip(np.minimum(at + 0.5, thick), 0, 1).astype(np.float32) * (at < thick)


@kind("squared paper, squares of a third of a digit's height to one and a half")
def squared(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng)
    pitch = made.height * rng.uniform(0.33, 1.5)
    thick = rng.uniform(0.7, max(1, 0.06 * made.height))
    rows = _stripes(made.ink.shape[0], pitch, thick, rng)
    columns = _stripes(made.ink.shape[1], pitch, thick, rng)
    rules = np.maximum(rows[:, None], columns)
    return _printed(made.ink, rules, made.lines, rng, rng.uniform(0.15, 0.6))


@kind("lined paper, lines anywhere")
def lined(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng)
    thick = rng.uniform(0.7, max(1, 0.08 * made.height))
    rows = _stripes(made.ink.shape[0], made.height * rng.uniform(0.8, 2), thick, rng)
    rules = np.broadcast_to(rows[:, None], made.ink.shape)
    return _printed(made.ink, rules, made.lines, rng, rng.uniform(0.2, 0.9))


@kind("lines written on rules: each digit stands on one or nearly")
def ruled(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng)
    rules = np.zeros_like(made.ink)
    thick = max(1, round(rng.uniform(0.02, 0.08) * made.height))
    below = round(rng.uniform(-0.03, 0.2) * made.height)
    for base in made.bases:
        rules[base + below : base + below + thick] = 1
    return _printed(made.ink, rules, made.lines, rng, rng.uniform(0.3, 1))


@kind("dotted paper")
def dotted(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng)
    pitch, radius = made.height * rng.uniform(0.3, 1), rng.uniform(0.8, 2.2)
    y, x = np.mgrid[: made.ink.shape[0], : made.ink.shape[1]].astype(np.float32)
    away = np.hypot((y + 3) % pitch - pitch / 2, (x + 3) % pitch - pitch / 2)
    rules = np.clip(radius - away + 0.5, 0, 1)
    return _printed(made.ink, rules, made.lines, rng, rng.uniform(0.2, 0.8))


def _outline(plane: Plane, box: tuple[int, int, int, int], thick: int) -> None:
    """Draw a frame inward from the box (left, top, right, bottom)."""
    left, top, right, bottom = box
    plane[top : top + thick, left:right] = 1
    plane[bottom - thick : bottom, left:right] = 1
    plane[top:bottom, left : left + thick] = 1
    plane[top:bottom, right - thick : right] = 1


def _thickness(rng: Generator, height: float) -> int:
    return int(min(rng.integers(1, 9), max(1, round(0.15 * height))))


@kind("a frame of 1 to 8 pixels round a number")
def frame(sources: Sources, rng: Generator) -> Page:
    height = between(rng, 24, 120)
    line = write("d" * int(rng.integers(1, 9)), sources.hand(rng), height, rng)
    thick, room = _thickness(rng, height), round(rng.uniform(0.12, 0.8) * height)
    outside = round(rng.uniform(0, 1) * height)
    rows = np.flatnonzero(line.ink.any(1))
    ink = np.pad(line.ink[rows[0] : rows[-1] + 1], room + thick + outside)
    rules = np.zeros_like(ink)
    box = (outside, outside, ink.shape[1] - outside, ink.shape[0] - outside)
    _outline(rules, box, thick)
    return _printed(ink, rules, [line.text], rng, rng.uniform(0.5, 1))


def _cells(
    hand: Hand, rng: Generator, drift: float = 0.0, rows: int = 1
) -> tuple[list[str], Plane, list[list[tuple[int, int, int, int]]], int, float]:
    """Digits each in a cell of its own: texts, ink, the cells' boxes, the sides' thickness, height.

    Neighbours share a side. `drift` moves digits off the middle, in cells.
    """
    height = between(rng, 24, 110)
    thick = _thickness(rng, height)
    cell = (round(height * rng.uniform(1.15, 1.9)), round(height * rng.uniform(1.25, 1.8)))
    edge = round(height * rng.uniform(0.3, 1))
    count = int(rng.integers(2, 10))
    shape = (rows * cell[1] + thick + 2 * edge, count * cell[0] + thick + 2 * edge)
    ink = np.zeros(shape, np.float32)
    texts, boxes, end = [], [], 0
    for row in range(rows):
        texts.append("")
        boxes.append([])
        for column in range(count):
            left, top = edge + column * cell[0], edge + row * cell[1]
            label, glyph = hand.digit(height * rng.uniform(0.85, 1.1), rng)
            free = np.array([cell[0] + thick, cell[1] + thick]) - glyph.shape[::-1]
            move = rng.uniform(-0.08, 0.08, 2) * height + rng.uniform(-drift, drift, 2) * cell
            x, y = np.maximum(0, np.array([left, top]) + free / 2 + move).astype(int)
            x = max(x, end + round(0.08 * height) if column else 0)  # apart from the one before
            end = x + glyph.shape[1]
            window = ink[y : y + len(glyph), x : x + glyph.shape[1]]
            np.maximum(window, glyph[: window.shape[0], : window.shape[1]], out=window)
            texts[-1] += label
            boxes[-1].append((left, top, left + cell[0] + thick, top + cell[1] + thick))
    return texts, ink, boxes, thick, height


def _boxed(sources: Sources, rng: Generator, drift: float, rows: int) -> Page:
    texts, ink, boxes, thick, _ = _cells(sources.hand(rng), rng, drift, rows)
    rules = np.zeros_like(ink)
    for box in (box for row in boxes for box in row):
        _outline(rules, box, thick)
    return _printed(ink, rules, texts, rng, rng.uniform(0.3, 1))


@kind("boxes that share sides of 1 to 8 pixels, a digit in each")
def boxes(sources: Sources, rng: Generator) -> Page:
    return _boxed(sources, rng, 0, 1)


@kind("tables of boxes that share sides, 2 to 4 rows")
def tables(sources: Sources, rng: Generator) -> Page:
    return _boxed(sources, rng, 0, int(rng.integers(2, 5)))


@kind("boxes touched or crossed by digits")
def boxes_crossed(sources: Sources, rng: Generator) -> Page:
    return _boxed(sources, rng, 0.22, 1)


@kind("boxes apart from each other, a digit in each")
def boxes_apart(sources: Sources, rng: Generator) -> Page:
    texts, ink, boxes, thick, _ = _cells(sources.hand(rng), rng)
    rules = np.zeros_like(ink)
    for left, top, right, bottom in boxes[0]:
        inward = max(1, round(0.04 * (right - left)))
        _outline(rules, (left + inward, top, right - inward, bottom), min(thick, 4))
    return _printed(ink, rules, texts, rng, rng.uniform(0.3, 1))


@kind("combs: a base line with short teeth between the digits")
def combs(sources: Sources, rng: Generator) -> Page:
    texts, ink, boxes, thick, height = _cells(sources.hand(rng), rng)
    rules = np.zeros_like(ink)
    bottom, tooth = boxes[0][0][3], round(height * rng.uniform(0.15, 0.7))
    rules[bottom - thick : bottom, boxes[0][0][0] : boxes[0][-1][2]] = 1
    for left in [box[0] for box in boxes[0]] + [boxes[0][-1][2] - thick]:
        rules[bottom - tooth : bottom, left : left + thick] = 1
    return _printed(ink, rules, texts, rng, rng.uniform(0.3, 1))


@kind("dividers: upright lines between the digits")
def dividers(sources: Sources, rng: Generator) -> Page:
    texts, ink, boxes, thick, _ = _cells(sources.hand(rng), rng)
    rules = np.zeros_like(ink)
    for left, top, _, bottom in boxes[0][1:]:
        rules[top:bottom, left : left + thick] = 1
    return _printed(ink, rules, texts, rng, rng.uniform(0.3, 1))


@kind("underlined numbers")
def underlined(sources: Sources, rng: Generator) -> Page:
    height = between(rng, 24, 120)
    line = write("d" * int(rng.integers(1, 9)), sources.hand(rng), height, rng)
    ink = np.pad(line.ink, round(height * rng.uniform(0.1, 0.6)))
    rules = np.zeros_like(ink)
    bottom = np.flatnonzero(ink.any(1)).max() + round(rng.uniform(0.04, 0.2) * height)
    rules[bottom : bottom + _thickness(rng, height), round(height * rng.uniform(0, 0.5)) :] = 1
    return _printed(ink, rules, [line.text], rng, rng.uniform(0.5, 1))

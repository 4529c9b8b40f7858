"""Lines of digits and marks as a hand writes them, and pages of such lines: ink on nothing yet."""

from dataclasses import dataclass

import numpy as np

from pictures.judging.hands import Hand, ink_of
from pictures.pens import meeting
from pictures.scene import Generator, Plane, between

# Marks as strokes of points (x, y) in heights of a digit, the base line at y = 0.
_ARC = [(0.25, 1.15), (0.1, 0.9), (0.03, 0.5), (0.1, 0.1), (0.25, -0.15)]
_MARKS: dict[str, list[list[tuple[float, float]]]] = {
    "/": [[(0.0, -0.1), (0.5, 1.1)]],
    "-": [[(0.0, 0.47), (0.4, 0.5)]],
    "+": [[(0.0, 0.5), (0.5, 0.5)], [(0.25, 0.25), (0.25, 0.75)]],
    ".": [[(0.0, 0.02), (0.02, 0.0)]],
    ",": [[(0.08, 0.05), (0.08, -0.05), (0.0, -0.2)]],
    ":": [[(0.0, 0.15), (0.02, 0.13)], [(0.0, 0.65), (0.02, 0.63)]],
    "(": [_ARC],
    ")": [[(0.28 - x, y) for x, y in _ARC]],
}


@dataclass(frozen=True, eq=False)
class Line:
    """A written line: its text and its ink."""

    text: str  # digits and marks
    ink: Plane  # (2 * height, width); the base line lies at 1.5 * height
    height: float  # of a digit, in pixels
    spans: list[tuple[int, int]]  # (left, right) of each character in `ink`


def write(
    pattern: str,
    hand: Hand,
    height: float,
    rng: Generator,
    *,
    gap: tuple[float, float] = (0.12, 0.5),
    spread: float = 0.08,
    touching: float = 0.0,
) -> Line:
    """Write a line: any digit for each `d` of the pattern, a space, or the mark that stands there.

    Args:
        pattern: as above.
        hand: writes the digits.
        height: of a digit, in pixels.
        rng: decides what is left open.
        gap: between characters, least and most, in heights.
        spread: how much digits differ in height, as a share.
        touching: share of the digits that touch the one before.
    """
    # A pattern of many characters is written on a plane that is surely wide enough, then cut.
    width = int(len(pattern) * height * (2.2 + gap[1]) + 2 * height)
    ink = np.zeros((round(2 * height), width), np.float32)
    base, x, text, spans, before = 1.5 * height, 2, "", [], None
    for character in pattern:
        if character == " ":
            x += round(height * rng.uniform(0.6, 1.2))
            continue
        if character == "d":
            tall = height * rng.uniform(1 - spread, 1 + spread)
            label, glyph = hand.digit(tall, rng)
            bottom = base + rng.uniform(-0.05, 0.05) * height
        else:
            label, (glyph, below) = character, _mark(character, hand.pen, height, rng)
            bottom = base + below
        top = int(np.clip(round(bottom - len(glyph)), 0, len(ink) - 1))
        left = x + round(height * rng.uniform(*gap)) if text else x
        if before is not None and character == "d" and rng.random() < touching:
            clear = spans[-2][1] + 1 if len(spans) > 1 else 2  # of the one before that
            rows = ink[top : top + len(glyph), before[0] : before[1]]
            left = max(clear, before[0] + meeting(rows, glyph[: len(rows)]))
        window = ink[top : top + len(glyph), left : left + glyph.shape[1]]
        np.maximum(window, glyph[: len(window), : window.shape[1]], out=window)
        spans.append((left, left + glyph.shape[1]))
        before = spans[-1] if character == "d" else None
        text, x = text + label, max(x, left + glyph.shape[1])
    return Line(text, ink[:, : x + 2], height, spans)


def _mark(mark: str, pen: float, height: float, rng: Generator) -> tuple[Plane, float]:
    """A mark's ink, and how far it reaches below the base line, in pixels."""
    stretch = rng.uniform(0.8, 1.2, 2)
    strokes = [
        (np.array(stroke) * stretch + rng.uniform(-0.02, 0.02, (len(stroke), 2))) * height
        for stroke in _MARKS[mark]
    ]
    pen = pen * height * (rng.uniform(1.2, 1.8) if mark in ".:" else rng.uniform(0.8, 1.1))
    ink = ink_of(strokes, max(pen, 1.0))
    return ink, pen / 2 + 2 - float(min(stroke[:, 1].min() for stroke in strokes))


@dataclass(frozen=True, eq=False)
class Sheet:
    """The ink of a page, with where its lines lie."""

    lines: list[str]  # the texts
    ink: Plane  # (height, width)
    height: float  # of a digit in pixels: the typical line's
    bases: list[int]  # row of each base line


def sheet(lines: list[Line], rng: Generator, *, pitch: float = 0.0) -> Sheet:
    """Put lines below each other, each starting where it likes.

    Args:
        lines: from the top.
        rng: decides what is left open.
        pitch: rows from a base line to the next, in heights of the taller; any if 0.
    """
    tallest = max(line.height for line in lines)
    margin = round(rng.uniform(0.3, 1.2) * tallest)
    pitch = pitch or rng.uniform(1.25, 2.0)
    width = max(line.ink.shape[1] for line in lines) + 2 * margin
    tops, y = [], margin - round(lines[0].height / 2)
    for before, line in zip([lines[0], *lines], lines, strict=False):
        base_step = pitch * max(before.height, line.height) if tops else 0
        y = round(y + 1.5 * before.height + base_step - 1.5 * line.height) if tops else y
        tops.append(y)
    bases = [round(top + 1.5 * line.height) for top, line in zip(tops, lines, strict=True)]
    ink = np.zeros((bases[-1] + margin + round(0.25 * lines[-1].height), width), np.float32)
    for line, top in zip(lines, tops, strict=True):
        free = width - line.ink.shape[1] - 2 * margin
        left = margin + round(free * float(rng.choice([0, 0, 0.5, 1])) * rng.uniform(0.8, 1))
        cut = line.ink[max(0, -top) :]
        window = ink[max(0, top) :, left : left + cut.shape[1]][: len(cut)]
        np.maximum(window, cut[: len(window)], out=window)
    return Sheet([line.text for line in lines], ink, tallest, bases)


def any_sheet(hand: Hand, rng: Generator, *, rows: int = 5, columns: int = 9) -> Sheet:
    """A page of 1 to `rows` lines of 1 to `columns` digits, 24 to 110 pixels high."""
    height = between(rng, 24, 110)
    counts = rng.integers(1, columns + 1, int(rng.integers(1, rows + 1)))
    return sheet([write("d" * int(n), hand, height, rng) for n in counts], rng)

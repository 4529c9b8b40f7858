"""Lines of digits, marks, letters and signs as one hand writes them, and strokes of its pen."""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from pictures.hands import Hand, Material
from pictures.pens import meeting
from pictures.scene import MARKS, PRINTED, WRITTEN, Generator, Plane, Scene
from pictures.strokes import smooth
from pictures.words import some_word

ANY = "□"  # in a text: any digit
WORD = "▭"  # in a text: any word
CROWD = 100  # things on a scene after which nothing more need be written
Path = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Flow:
    """How a hand sets its characters beside each other, in heights of a digit."""

    gap: tuple[float, float] = (0.06, 0.3)  # between characters, least and most
    touch: float = 0.0  # share of the digits that touch the one before, or lie over it
    overlap: float = 0.07  # how far those may lie over it
    spread: float = 0.06  # how much heights differ, as a share
    unsteady: float = 0.05  # how far a character may stand off the base line
    slope: float = 0.0  # how far the base line rises or falls for each height along it
    linked: float = 0.0  # share of zeros beside zeros that are written in one stroke
    small: float = 0.0  # share of digits much smaller than the others
    raised: float = 0.0  # how far points stand above the base line

    @classmethod
    def of(cls, hand: Hand, rng: Generator) -> "Flow":
        """Any way of writing; print is even."""
        near = rng.uniform(0.02, 0.25)
        gap = (near, near + rng.uniform(0.03, 0.5))
        if hand.printed:
            return cls((near / 2, near / 2 + 0.02), spread=0, unsteady=0)
        return cls(
            gap,
            touch=float(rng.choice([0, 0, 0, 0.3, 0.7])),
            overlap=rng.uniform(0, 0.15),
            spread=rng.uniform(0, 0.15),
            unsteady=rng.uniform(0, 0.1),
            slope=rng.normal(0, 0.06) if rng.random() < 0.3 else 0.0,
            linked=float(rng.choice([0, 0, 0.3, 0.8])),
            small=0.3 if rng.random() < 0.08 else 0.0,
            raised=rng.uniform(0.15, 0.5) if rng.random() < 0.1 else 0.0,
        )


class Piece(NamedTuple):
    """Ink of a character, its upper left corner from where the base line begins, in pixels."""

    ink: Plane
    top: float
    left: float
    label: str | None


@dataclass
class Line:
    """A written line before it stands on a page; its base line begins at (0, 0)."""

    pieces: list[Piece] = field(default_factory=list)
    width: float = 0.0

    @property
    def top(self) -> float:
        """Its upper edge, above the base line and so below 0."""
        return min((piece.top for piece in self.pieces), default=0.0)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return max((piece.top + len(piece.ink) for piece in self.pieces), default=0.0)


def fast_hand(material: Material, rng: Generator) -> Hand:
    """A hand that writes; those that lean far to the right are more frequent than elsewhere."""
    hands = [Hand(material, rng, printed=False) for _ in range(3 if rng.random() < 0.5 else 1)]
    return max(hands, key=lambda hand: hand.lean)


class Writer:
    """A hand at a scene, with a way of setting characters and a pen."""

    def __init__(
        self,
        scene: Scene,
        hand: Hand,
        rng: Generator,
        flow: Flow | None = None,
        pen: int | None = None,
    ) -> None:
        """Any flow, and the pen of print or of writing, if none is told."""
        self.scene, self.hand, self.rng = scene, hand, rng
        self.flow = flow or Flow.of(hand, rng)
        self.pen = (PRINTED if hand.printed else WRITTEN) if pen is None else pen

    def with_flow(self, **changes: float) -> "Writer":
        """The same writer with some of the flow changed."""
        flow = replace(self.flow, **changes)  # type: ignore[arg-type]
        return Writer(self.scene, self.hand, self.rng, flow, self.pen)

    def write(self, text: str, height: float, left: float, base: float) -> Line:
        """Write a text so that it begins at `left` on the base line `base`.

        What would come after the scene's right edge is left away.
        """
        return self.place(self.line(text, height, self.scene.size - left), left, base)

    def write_until(self, text: str, height: float, right: float, base: float) -> Line:
        """Write a text so that it ends at `right`."""
        line = self.line(text, height)
        return self.place(line, right - line.width, base)

    def write_amid(self, text: str, height: float, x: float, y: float) -> Line:
        """Write a text with its middle there."""
        line = self.line(text, height)
        return self.place(line, x - line.width / 2, y - (line.top + line.bottom) / 2)

    def place(self, line: Line, left: float, base: float) -> Line:
        """Put a line on the scene."""
        for piece in line.pieces:
            self.scene.put(piece.ink, base + piece.top, left + piece.left, piece.label, self.pen)
        return line

    @property
    def full(self) -> bool:
        """Whether there is enough on the scene."""
        return len(self.scene.things) > CROWD

    def width(self, height: float) -> float:
        """Of the strokes of writing of that height, in pixels."""
        return max(1.0, self.hand.pen * height)

    def line(self, text: str, height: float, room: float = np.inf) -> Line:
        """A text: digits, marks, letters, signs, spaces, `ANY` digit, any `WORD`.

        It ends where `room` pixels are full.
        """
        rng, line = self.rng, Line()
        for part in re.findall(rf"{ANY}{{1,5}}|0{{2,}}|\d|[^\W\d_]+|{WORD}|\s|.", text):
            if line.width > room:
                break
            if part.isspace():
                line.width += height * rng.uniform(0.35, 0.9)
            elif part == WORD:
                self._word(line, some_word(rng), height)
            elif part[0] == ANY:
                self._any_digits(line, len(part), height)
            elif part[0] == "0" and len(part) > 1 and rng.random() < self.flow.linked:
                self._linked(line, len(part), height)
            elif part.isdigit():
                for digit in part:
                    self._digit(line, digit, height)
            elif part in MARKS:
                self._mark(line, part, height, self.flow.raised if part == "." else 0.0)
            elif part == "·":
                self._mark(line, ".", height, rng.uniform(0.25, 0.5))
            else:
                self._word(line, part, height)
        return line

    def _gap(self, line: Line, height: float) -> float:
        """Where the next character may begin."""
        first = not line.pieces
        return line.width if first else line.width + height * self.rng.uniform(*self.flow.gap)

    def _base(self, line: Line, height: float) -> float:
        off = self.rng.uniform(-self.flow.unsteady, self.flow.unsteady) * height
        return off + self.flow.slope * line.width

    def _add(self, line: Line, piece: Piece) -> None:
        line.pieces.append(piece)
        line.width = max(line.width, piece.left + piece.ink.shape[1])

    def _any_digits(self, line: Line, count: int, height: float) -> None:
        """So many digits, or about as many where some of them are written in one stroke."""
        written = 0
        while written < count:
            if count - written > 1 and self.rng.random() < 0.15 * self.flow.linked:
                start, base = self._gap(line, height), self._base(line, height)
                for label, ink, across, below in self.hand.pair(height, self.rng):
                    self._add(line, Piece(ink, base + below - len(ink), start + across, label))
                    written += 1
            else:
                self._digit(line, str(self.rng.integers(10)), height)
                written += 1

    def _digit(self, line: Line, digit: str, height: float) -> None:
        if self.hand.typeset:
            self._typed(line, digit, height)
            return
        rng, flow = self.rng, self.flow
        tall = height * rng.uniform(1 - flow.spread, 1 + flow.spread)
        if rng.random() < flow.small:
            tall *= rng.uniform(0.4, 0.8)
        label, ink = self.hand.digit(tall, rng, digit)
        foot = self.hand.foot(digit, tall, rng)
        top, left = self._base(line, height) + foot - len(ink), self._gap(line, height)
        before = line.pieces[-1] if line.pieces else None
        beside = before is not None and line.width - before.left <= before.ink.shape[1] + 1
        if before is not None and beside and _is_digit(before) and rng.random() < flow.touch:
            left = _meeting(before, ink, top) - rng.uniform(0, flow.overlap) * height
            left = max(left, before.left + 0.15 * height)
        self._add(line, Piece(ink, top, left, label))

    def _typed(self, line: Line, digit: str, height: float) -> None:
        start, foot = line.width, self.hand.foot(digit, height, self.rng)
        ink, left, onward = self.hand.typed(digit, height, self.rng)
        top = self._base(line, height) + foot - len(ink)
        self._add(line, Piece(ink, top, start + left, digit))
        line.width = start + onward

    def _mark(self, line: Line, mark: str, height: float, rise: float) -> None:
        ink, below = self.hand.mark(mark, height, self.rng)
        foot = self._base(line, height) + below - rise * height
        self._add(line, Piece(ink, foot - len(ink), self._gap(line, height), mark))

    def _word(self, line: Line, text: str, height: float) -> None:
        start, base = self._gap(line, height), self._base(line, height)
        for ink, across, below, label in self.hand.word(text, height, self.rng):
            self._add(line, Piece(ink, base + below - len(ink), start + across, label))

    def _linked(self, line: Line, count: int, height: float) -> None:
        """Zeros in one stroke: each runs over its top into the next one."""
        rng = self.rng
        wide, tall = height * rng.uniform(0.3, 0.6), height * rng.uniform(0.6, 1)
        step, lean = wide * rng.uniform(0.95, 1.5), rng.normal(0, 0.15)
        start, base, pen = self._gap(line, height), self._base(line, height), self.width(height)
        tail = rng.random() < 0.3
        for index in range(count):
            turn = np.radians(np.linspace(-60, -430 + rng.uniform(-15, 15), 24))
            x, y = wide / 2 * (1 + np.cos(turn)), tall / 2 * (1 - np.sin(turn)) - tall
            if index < count - 1 or tail:
                end = step + (wide / 2 * (1 + np.cos(turn[0])) if index < count - 1 else 0)
                hang = rng.uniform(0, 0.25) * tall
                bow = np.linspace(0, 1, 8)[1:]
                x = np.append(x, x[-1] + bow * (end - x[-1]))
                sag = 4 * hang * (1 - bow) + rng.normal(0, 0.05) * tall
                y = np.append(y, y[-1] + bow * sag)
            x = x - lean * y + start + index * step
            path = np.stack([x, y + base + rng.normal(0, 0.02) * tall], 1)
            ink, top, left = brush([path], pen)
            self._add(line, Piece(ink, top, left, "0"))

    def stroke(self, paths: list[Path], width: float, label: str | None = None) -> None:
        """Draw strokes of the pen, (points, 2) of x and y on the scene, `width` pixels broad."""
        ink, top, left = brush(paths, width)
        self.scene.put(ink, top, left, label, self.pen)

    def rule(self, start: float, end: float, y: float, width: float) -> None:
        """Draw a line by hand, nearly level, that is no thing."""
        along = np.linspace(start, end, 6)
        reach = abs(end - start)
        bow = np.cumsum(self.rng.normal(0, 0.006 * reach, 6)) + y
        self.stroke([curve(np.stack([along, bow], 1))], width)


def writer_and_printer(scene: Scene, material: Material, rng: Generator) -> tuple[Writer, Writer]:
    """Who fills a form in, and who printed it."""
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    return writer, Writer(scene, Hand(material, rng, printed=True), rng)


def _is_digit(piece: Piece) -> bool:
    return piece.label is not None and piece.label.isdigit()


def _meeting(before: Piece, ink: Plane, top: float) -> float:
    """The left edge at which ink just touches the piece before it."""
    first = round(max(before.top, top))
    last = round(min(before.top + len(before.ink), top + len(ink)))
    if last <= first:
        return before.left + float(before.ink.shape[1])
    rows = before.ink[first - round(before.top) :][: last - first]
    other = ink[first - round(top) :][: last - first]
    return before.left + meeting(rows[: len(other)], other[: len(rows)])


def brush(paths: list[Path], width: float) -> tuple[Plane, int, int]:
    """Ink of strokes with round ends, and the row and column of its upper left corner."""
    points = np.concatenate(paths)
    low = np.floor(points.min(0) - width / 2 - 1)
    size = np.ceil(points.max(0) - low + width / 2 + 1).astype(int)
    fine = 3 if size.max() < 200 else 2
    image = Image.new("L", (int(size[0]) * fine, int(size[1]) * fine))
    draw = ImageDraw.Draw(image)
    broad = max(1, round(width * fine))
    for path in paths:
        at = ((path - low) * fine).ravel().tolist()
        draw.line(at, fill=255, width=broad, joint="curve")
        if broad > 2:
            for x, y in (at[:2], at[-2:]):
                half = broad / 2 - 0.5
                draw.ellipse([x - half, y - half, x + half, y + half], fill=255)
    ink = np.asarray(image.reduce(fine), np.float32) / np.float32(255)
    return ink, int(low[1]), int(low[0])


def curve(points: Path) -> Path:
    """A smooth line through some points, eight steps for each."""
    return smooth(points, 0.5, 8)


def oval(x: float, y: float, wide: float, high: float, rng: Generator) -> Path:
    """A ring round a point as people draw it: not quite round, not quite closed."""
    untidy = rng.uniform(0.01, 0.06)
    turn = np.linspace(0, 2 * np.pi + rng.uniform(-0.3, 0.8), 28) + rng.uniform(0, 2 * np.pi)
    reach = 1 + untidy * np.cumsum(rng.normal(0, 0.35, 28))
    across = wide / 2 * reach * np.cos(turn)
    return np.stack([x + across, y + high / 2 * reach * np.sin(turn)], 1)

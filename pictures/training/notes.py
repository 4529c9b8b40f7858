"""What pupils and people at home write: equations, sums in columns, lists, notes with drawings."""

import numpy as np

from pictures.hands import Hand, Material
from pictures.scene import SECOND, WRITTEN, Generator, Scene, between
from pictures.training import texts
from pictures.training.around import arrow, doodle, moved, page_rules, scribble
from pictures.training.kinds import Grounds, kind
from pictures.training.views import framed
from pictures.training.writing import ANY, WORD, Line, Piece, Writer, brush, curve

GROUNDS: Grounds = {"paper": 0.8, "board": 0.12, "screen": 0.04, "plain": 0.04}
UNKNOWN = "xyzabcnmktpqrXYABfxyzabcdlosbgqiz"


def _term(rng: Generator) -> str:
    letter = str(rng.choice(list(UNKNOWN)))
    count = ANY * int(rng.choice([0, 1, 2, 3], p=[0.2, 0.45, 0.25, 0.1]))
    dice = rng.random()
    if dice < 0.35:
        return f"{count}{letter}"
    if dice < 0.45:
        return f"({count}{letter}{rng.choice([*'+-'])}{ANY})"
    if dice < 0.5:
        return f"{letter}({ANY})"
    return ANY * int(rng.integers(1, 4))


def equation(rng: Generator) -> str:
    """Terms with letters, an equals sign."""
    space = " " if rng.random() < 0.6 else ""
    sides = []
    for terms in (int(rng.integers(1, 4)), int(rng.integers(1, 3))):
        sign = str(rng.choice([*"++--×", "·", ":", "/"]))
        sides.append(f"{space}{sign}{space}".join(_term(rng) for _ in range(terms)))
    middle = "=" if rng.random() < 0.92 else str(rng.choice([*"<>≈"]))
    return f"{space}{middle}{space}".join(sides)


class Formula:
    """Builds a line with powers, roots and fractions."""

    def __init__(self, writer: Writer, height: float) -> None:
        """Empty, for writing of that height."""
        self.writer, self.height, self.line = writer, height, Line()

    def add(self, text: str, scale: float = 1.0, rise: float = 0.0) -> None:
        """Write on, smaller by `scale`, its base line higher by `rise` heights."""
        self._join(self.writer.line(text, self.height * scale), self._gap(), -rise * self.height)

    def _gap(self) -> float:
        return self.line.width + self.height * self.writer.rng.uniform(0.05, 0.35)

    def _join(self, part: Line, left: float, down: float) -> None:
        for ink, top, across, label in part.pieces:
            self.line.pieces.append(Piece(ink, top + down, left + across, label))
        self.line.width = max(self.line.width, left + part.width)

    def _stroke(self, points: list[tuple[float, float]], label: str) -> None:
        path = np.array(points) + self.writer.rng.normal(0, 0.02 * self.height, (len(points), 2))
        ink, top, left = brush([path], self.writer.width(self.height))
        self.line.pieces.append(Piece(ink, top, left, label))
        self.line.width = max(self.line.width, float(path[:, 0].max()))

    def power(self, text: str) -> None:
        """Small and high."""
        rng = self.writer.rng
        self.add(text, rng.uniform(0.4, 0.7), rng.uniform(0.5, 0.95))

    def root(self, text: str) -> None:
        """A root sign over a text."""
        tall, start = self.height * self.writer.rng.uniform(1.15, 1.4), self._gap()
        part = self.writer.line(text, self.height * 0.9)
        inside = start + 0.5 * self.height
        right = inside + part.width + 0.15 * self.height
        corners = [(0.0, -0.4), (0.15, -0.5), (0.3, 0.0)]
        points = [(start + x * self.height, y * self.height) for x, y in corners]
        self._stroke([*points, (inside - 0.05 * self.height, -tall), (right, -tall)], "sign")
        self._join(part, inside, 0.0)

    def fraction(self, above: str, below: str) -> None:
        """One text over another with a bar between."""
        rng, left = self.writer.rng, self._gap()
        scale = self.height * rng.uniform(0.6, 1)
        parts = [self.writer.line(text, scale) for text in (above, below)]
        wide = max(part.width for part in parts) + 0.3 * self.height
        bar = -0.45 * self.height
        room = self.height * rng.uniform(0.08, 0.3)
        upper, lower = ((wide - part.width) / 2 for part in parts)
        self._join(parts[0], left + upper, bar - room - max(0.0, parts[0].bottom))
        self._join(parts[1], left + lower, bar + room - parts[1].top)
        self._stroke([(left, bar), (left + wide, bar)], "sign")


def formula(writer: Writer, height: float) -> Line:
    """An equation with all that may stand in one."""
    rng, built = writer.rng, Formula(writer, height)
    for _ in range(int(rng.integers(1, 5))):
        dice = rng.random()
        if built.line.pieces:
            built.add(str(rng.choice([*"+-=+-=×<"])))
        if dice < 0.45:
            built.add(_term(rng))
            if rng.random() < 0.45:
                built.power(ANY if rng.random() < 0.7 else str(rng.choice(["n", "x", f"-{ANY}"])))
        elif dice < 0.75:
            built.fraction(_term(rng), _term(rng))
        elif dice < 0.9:
            built.root(_term(rng))
        else:
            built.add(texts.total(rng))
    return built.line


@kind(0.035, GROUNDS, heights=(11, 80))
def equations(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Equations below each other, letters among the digits."""
    hand = Hand(material, rng, printed=bool(rng.random() < 0.1))
    writer = Writer(scene, hand, rng)
    base, pitch = rng.uniform(1, 3) * height, height * rng.uniform(1.4, 2.6)
    left = rng.uniform(-0.05, 0.4) * scene.size
    bases: list[float] = []
    rich = rng.random() < 0.45
    lines = int(rng.choice([1, 2, 3, 4, 12]))
    while base < scene.size + height and len(bases) < lines and not writer.full:
        line = formula(writer, height) if rich else writer.line(equation(rng), height)
        writer.place(line, left + rng.normal(0, 0.6) * height, base)
        bases.append(base)
        base += pitch if not rich else pitch * rng.uniform(1.1, 1.6)
    if rng.random() < 0.3:
        _brace(writer, left - 0.5 * height, bases[0] - height, bases[-1], height)
    if rng.random() < 0.65:
        page_rules(scene, height, bases, rng)
    if rng.random() < 0.2:
        scene.view = framed(scene, rng, height * between(rng, 0.1, 2))


def _brace(writer: Writer, x: float, top: float, bottom: float, height: float) -> None:
    """A curly bracket over several lines."""
    middle, deep = (top + bottom) / 2, 0.35 * height
    points = [(x, top), (x - deep, top + deep), (x - deep, middle - deep), (x - 2 * deep, middle)]
    points += [(x - deep, middle + deep), (x - deep, bottom - deep), (x, bottom)]
    writer.stroke([curve(np.array(points))], writer.width(height), "sign")


@kind(0.025, GROUNDS, heights=(11, 70))
def column_sums(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Numbers below each other to be added, taken away or multiplied: a rule, carries, a result."""
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    small = writer.with_flow(linked=0.0)
    step = height * rng.uniform(0.75, 1.3)
    y, pitch = rng.uniform(0.5, 2.5) * height, height * rng.uniform(1.15, 1.7)
    while y < scene.size and not writer.full:
        right = height * rng.uniform(3, 6)
        while right < scene.size + 2 * height and not writer.full:
            most, rows = int(rng.integers(1, 5)), int(rng.integers(2, 5))
            base = y + pitch
            for row in range(rows):
                _spread(writer, ANY * int(rng.integers(1, most + 1)), height, right, base, step)
                if row == rows - 1:
                    sign = str(rng.choice([*"+++--×", "x"]))
                    left = right - (most + 1.2) * step
                    writer.write(sign, height, left, base)
                base += pitch
            start, end = right - (most + 1.5) * step, right + 0.3 * step
            for count in range(1 if rng.random() < 0.8 else 2):
                over = base - pitch + (0.25 + 0.15 * count) * height
                writer.rule(start, end, over, writer.width(height))
            if rng.random() < 0.8:
                _spread(writer, ANY * (most + int(rng.integers(0, 2))), height, right, base, step)
            if rng.random() < 0.3:
                for place in range(1, most):
                    tall, at = max(7.0, 0.45 * height), right - (place + 0.6) * step
                    small.write("1" if rng.random() < 0.7 else ANY, tall, at, y - 0.05 * height)
            right += (most + 2) * step + height * rng.uniform(1, 4)
        y += pitch * 5 + height
        if rng.random() < 0.4:
            break
    if rng.random() < 0.6:
        page_rules(scene, height, [], rng)


def _spread(
    writer: Writer, text: str, height: float, right: float, base: float, step: float
) -> None:
    """Digits one below the other of the line above: each in its own column from the right."""
    for place, digit in enumerate(reversed(text)):
        x = right - (place + 0.5) * step + writer.rng.normal(0, 0.05) * height
        writer.write_amid(digit, height, x, base - height / 2)


@kind(0.02, GROUNDS, heights=(11, 60))
def to_do(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A list: numbers, dashes or dots, then words and amounts; some struck through."""
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    start, after = int(rng.integers(1, 30)), str(rng.choice([". ", ") ", ": ", " "]))
    bullet = int(rng.integers(4))
    base, pitch = rng.uniform(0.5, 2) * height, height * rng.uniform(1.3, 2.2)
    left = rng.uniform(-0.05, 0.3) * scene.size
    bases: list[float] = []
    while base < scene.size + height and not writer.full:
        head = [f"{start + len(bases)}{after}", "- ", f"({start + len(bases)}) ", "• "][bullet]
        body = [WORD, f"{WORD} {texts.number(rng, 3)}", f"{ANY} {WORD}", texts.any_text(rng)]
        line = writer.write(head + body[int(rng.integers(4))], height, left, base)
        if rng.random() < 0.06:
            writer.rule(left, left + line.width, base - 0.4 * height, writer.width(height))
        bases.append(base)
        base += pitch
    if rng.random() < 0.6:
        page_rules(scene, height, bases, rng)


@kind(0.015, GROUNDS, heights=(12, 60))
def jottings(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Numbers, words, arrows, scribbles and sums all over, at several heights and slants."""
    hand = Hand(material, rng, printed=False)
    for _ in range(int(rng.integers(3, 10))):
        tall = float(np.clip(height * between(rng, 0.6, 1.8), 10, 110))
        pen = SECOND if rng.random() < 0.25 else WRITTEN
        writer = Writer(scene, hand, rng, pen=pen).with_flow(slope=rng.normal(0, 0.15))
        text = texts.any_text(rng) if rng.random() < 0.7 else equation(rng)
        line = writer.line(text, tall)
        left = rng.uniform(-0.1, 0.8) * scene.size
        base = rng.uniform(0.05, 1.05) * scene.size
        if all(scene.free(p.ink, base + p.top, left + p.left) for p in line.pieces):
            writer.place(line, left, base)
    width = max(1.0, hand.pen * height)
    for _ in range(int(rng.integers(0, 4))):
        doodle(scene, height * between(rng, 1, 5), width, rng)
    if rng.random() < 0.3:
        at = rng.uniform(0, 0.8, 2) * scene.size
        paths = arrow(3 * height, rng) if rng.random() < 0.6 else [scribble(2 * height, rng)]
        Writer(scene, hand, rng).stroke(moved(paths, at[0], at[1]), width)
    if rng.random() < 0.5:
        page_rules(scene, height, [], rng)

"""Printed grids filled in by hand: tables, sheets of marks, sudokus, calendars, boxes, combs."""

import numpy as np
from numpy.typing import NDArray

from pictures.hands import Hand, Material
from pictures.scene import SECOND, STAMP, Generator, Scene, between
from pictures.training import texts
from pictures.training.around import distract, moved, print_ink, ring, rule_width, tick, word_line
from pictures.training.kinds import Grounds, kind
from pictures.training.views import within
from pictures.training.writing import ANY, WORD, Line, Writer, brush, writer_and_printer

GROUNDS: Grounds = {"paper": 0.85, "plain": 0.06, "screen": 0.06, "board": 0.03}
DAYS = ["Mo", "Tue", "W", "T", "Fr", "Sat", "S"]
Edges = NDArray[np.floating]


class Grid:
    """Cells between upright and level rules, on a scene."""

    def __init__(self, scene: Scene, xs: Edges, ys: Edges) -> None:
        """With these edges, the rules' left and upper sides."""
        self.scene, self.xs, self.ys = scene, xs, ys

    @classmethod
    def regular(
        cls,
        scene: Scene,
        wide: float,
        high: float,
        rng: Generator,
        *,
        columns: int | None = None,
        rows: int | None = None,
        uneven: float = 0.0,
    ) -> "Grid":
        """Cells of about that size: as many as are told, or more than the scene holds."""
        xs, ys = (
            _edges(scene.size, step, count, uneven, rng)
            for step, count in ((wide, columns), (high, rows))
        )
        return cls(scene, xs, ys)

    def rules(self, thick: float, tone: float, level: bool = True, upright: bool = True) -> None:
        """Print all rules alike."""
        if level:
            for y in self.ys:
                self.scene.level(y, thick, self.xs[0], self.xs[-1] + thick, tone)
        if upright:
            for x in self.xs:
                self.scene.upright(x, thick, self.ys[0], self.ys[-1] + thick, tone)

    def cells(self) -> list[tuple[int, int, float, float]]:
        """Row, column and middle (x, y) of each cell of which something is on the scene."""
        xs, ys, size = self.xs, self.ys, self.scene.size
        rows = [i for i in range(len(ys) - 1) if ys[i + 1] > 0 and ys[i] < size]
        columns = [i for i in range(len(xs) - 1) if xs[i + 1] > 0 and xs[i] < size]
        return [(row, column, *self.middle(row, column)) for row in rows for column in columns]

    def middle(self, row: int, column: int) -> tuple[float, float]:
        """Of a cell: x and y."""
        xs, ys = self.xs, self.ys
        return (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2


def _edges(size: int, step: float, count: int | None, uneven: float, rng: Generator) -> Edges:
    if count is None:
        count = int(size / step) + 3
        start = rng.uniform(-step, 0)
    else:
        room = size - count * step
        start = rng.uniform(0, room) if room > 0 else rng.uniform(room, 0)
        start += rng.normal(0, 0.3) * step
    steps = step * np.exp(rng.uniform(-uneven, uneven, count))
    return start + np.concatenate([[0.0], np.cumsum(steps)])


def shade(grid: Grid, cells: list[tuple[int, int, float, float]], rng: Generator) -> None:
    """Print some cells in a light tone."""
    tone = float(rng.uniform(0.05, 0.35))
    for row, column, _, _ in cells:
        top, left = round(grid.ys[row]), round(grid.xs[column])
        bottom, right = round(grid.ys[row + 1]), round(grid.xs[column + 1])
        print_ink(grid.scene, np.ones((bottom - top, right - left), np.float32), top, left, tone)


def _tone(rng: Generator) -> float:
    return float(rng.uniform(0.25, 1))


class Drift:
    """How a hand stands in cells: neatly in the middle, to one side, or over the rules."""

    def __init__(self, rng: Generator) -> None:
        """Any habit."""
        self.rng = rng
        self.habit = rng.normal(0, 1, 2) * float(rng.choice([0.02, 0.05, 0.12]))
        self.loose = float(rng.choice([0.02, 0.05, 0.1, 0.22]))

    def off(self, wide: float, high: float) -> tuple[float, float]:
        """How far off the middle of a cell of that size, in pixels."""
        x, y = self.habit + self.rng.normal(0, self.loose, 2)
        return x * wide, y * high


def _fill(grid: Grid, writer: Writer, height: float, text: texts.Text, share: float) -> None:
    """Write a text into a share of the cells."""
    rng, drift = writer.rng, Drift(writer.rng)
    cells = grid.cells()
    share = min(share, 130 / max(1, len(cells)))
    for row, column, x, y in cells:
        if rng.random() < share:
            wide, high = np.diff(grid.xs)[column], np.diff(grid.ys)[row]
            off = drift.off(wide, high)
            line = _fitting(writer, text(rng), height * rng.uniform(0.88, 1.08), 1.1 * wide)
            middle = (line.top + line.bottom) / 2
            writer.place(line, x + off[0] - line.width / 2, y + off[1] - middle)


def _fitting(writer: Writer, text: str, height: float, room: float) -> Line:
    """A text, written smaller or broken off where it is wider than its cell."""
    line = writer.line(text, height)
    if line.width <= room:
        return line
    smaller = max(0.6 * height, height * room / line.width)
    return writer.line(text, smaller, 0.8 * room)


def _heading(scene: Scene, material: Material, height: float, base: float, rng: Generator) -> None:
    """A printed line over or under a grid."""
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    left = rng.uniform(-0.2, 0.6) * scene.size
    word_line(printer, height, left, base, left + rng.uniform(0.2, 1) * scene.size)


@kind(0.045, GROUNDS, heights=(11, 80))
def table(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A table of digits or numbers; rules thick or thin, whole, doubled or only one way."""
    hand = Hand(material, rng, printed=bool(rng.random() < 0.2))
    writer = Writer(scene, hand, rng)
    most = int(rng.choice([1, 1, 1, 2, 3, 5]))
    text = (lambda _: ANY) if most == 1 else lambda rng: texts.number(rng, most)
    if most > 2 and rng.random() < 0.3:
        text = texts.any_text
    elif most > 1 and rng.random() < 0.3:
        text = [texts.pointed, texts.decimal, texts.negative, texts.signed][int(rng.integers(4))]
        most = max(most, 3)
    wide = height * (rng.uniform(1, 2.4) + 0.7 * (most - 1))
    high = height * rng.uniform(1.1, 2.4)
    many = rng.random() < 0.6
    columns, rows = (None, None) if many else (int(rng.integers(1, 9)), int(rng.integers(1, 6)))
    uneven = float(rng.choice([0, 0, 0.2, 0.6]))
    grid = Grid.regular(scene, wide, high, rng, columns=columns, rows=rows, uneven=uneven)
    _fill(grid, writer, height, text, float(rng.choice([1, 1, 0.8, 0.4])))
    thick, tone, dice = rule_width(height, rng, 0.14), _tone(rng), rng.random()
    grid.rules(thick, tone, level=dice > 0.07, upright=dice < 0.85)
    if rng.random() < 0.1:
        first = bool(rng.random() < 0.5)
        shade(grid, [cell for cell in grid.cells() if cell[0 if first else 1] == 0], rng)
    if rng.random() < 0.12:
        Grid(scene, grid.xs + 2.5 * thick, grid.ys + 2.5 * thick).rules(thick, tone)
    if not many and rng.random() < 0.4:
        _heading(scene, material, height * between(rng, 0.3, 1), grid.ys[0] - 0.4 * height, rng)
    if rng.random() < 0.12:
        distract(scene, material, hand, height, int(rng.integers(1, 4)), rng)


@kind(0.02, {"paper": 1}, heights=(11, 48))
def mark_sheet(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Printed heads of rows and columns, marks written between; totals, signatures, stamps."""
    writer, printer = writer_and_printer(scene, material, rng)
    small = max(7.0, height * between(rng, 0.4, 0.9))
    high, wide = height * rng.uniform(1.3, 2.2), height * rng.uniform(1.1, 2.6)
    first = small * rng.uniform(3, 8)
    left = rng.uniform(-0.6, 0.1) * first
    xs = np.concatenate([[left], np.arange(left + first, scene.size + 2 * wide, wide)])
    rows = int(rng.integers(2, 2 + max(2, int(scene.size / high))))
    ys = rng.uniform(-0.3, 0.4) * scene.size + high * np.arange(rows + 1)
    grid = Grid(scene, xs, ys)
    most = int(rng.choice([1, 2, 2, 3]))
    drift, start = Drift(rng), int(rng.integers(1, 20))
    fill, numbered = rng.uniform(0.3, 1), rng.random() < 0.7
    for row, column, x, y in grid.cells():
        if column == 0:
            text = WORD if numbered is False or rng.random() < 0.6 else str(start + row)
            printer.write(text, small, xs[0] + 0.3 * small, y + small / 2)
        elif row == 0:
            printer.write_amid(str(start + column) if numbered else WORD[:1], small, x, y)
        elif rng.random() < fill:
            off = drift.off(wide, high)
            text = ANY * int(rng.integers(1, most + 1)) if rng.random() < 0.9 else "-"
            writer.write_amid(text, min(height, 1.2 * wide / most), x + off[0], y + off[1])
    grid.rules(rule_width(height, rng), _tone(rng))
    if rng.random() < 0.5:
        _heading(scene, material, small, ys[0] - small, rng)


@kind(0.015, {"paper": 0.9, "plain": 0.1}, heights=(11, 60))
def score_card(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Players by letter or name, a digit a cell, printed numbers over them, some ringed."""
    hand = Hand(material, rng, printed=False)
    writer = Writer(scene, hand, rng)
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    wide, high = height * rng.uniform(1.05, 2), height * rng.uniform(1.15, 1.9)
    grid = Grid.regular(scene, wide, high, rng, rows=int(rng.integers(2, 8)))
    drift, name = Drift(rng), int(rng.integers(0, 4))
    for row, column, x, y in grid.cells():
        if row == 0:
            printer.write_amid(str(column + 1), 0.7 * height, x, y)
        elif column == name or rng.random() < 0.04:
            letter = str(rng.choice([*"ABCDEFGHJKLMNPRSTVWZ", "Bj", "Ma", "Jo", "x", "-"]))
            writer.write_amid(letter, height, x, y)
        elif rng.random() < 0.95:
            off = drift.off(wide, high)
            text = ANY if rng.random() < 0.9 else f"1{ANY}"
            writer.write_amid(text, height, x + off[0], y + off[1])
            if rng.random() < 0.08:
                ring(scene, x, y, 1.1 * height, 1.2 * height, rule_width(height, rng))
    grid.rules(rule_width(height, rng), _tone(rng))


@kind(0.045, {"paper": 0.9, "screen": 0.1}, heights=(10, 48))
def sudoku(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A sudoku: thin and thick rules, printed and written digits, notes, candidates, headings."""
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    cell = height / rng.uniform(0.4, 0.85)
    across = 9 if rng.random() < 0.85 else int(rng.choice([4, 6, 16]))
    every = 3 if across % 3 == 0 else int(across**0.5)
    grid = Grid.regular(scene, cell, cell, rng, columns=across, rows=across)
    _solve(grid, printer, writer, height, cell)
    shaded = rng.random() < 0.1
    _sudoku_rules(grid, cell, every, shaded, rng)
    beside = (across + rng.uniform(0.3, 1.5)) * cell
    if rng.random() < 0.3 and grid.xs[0] + beside < scene.size:
        other = Grid(scene, grid.xs + beside, grid.ys)
        _solve(other, printer, writer, height, cell)
        _sudoku_rules(other, cell, every, shaded, rng)
    if rng.random() < 0.6:
        small = between(rng, 7, 30)
        under = rng.random() < 0.4
        base = grid.ys[-1] + rng.uniform(1.5, 3) * small if under else grid.ys[0] - small
        for line in range(1 if rng.random() < 0.6 else 5):
            step = 1.4 * line * small
            _heading(scene, material, small, base + step if under else base - step, rng)


def _solve(grid: Grid, printer: Writer, writer: Writer, height: float, cell: float) -> None:
    """Digits given in print, written between them, and notes in what is left."""
    rng = writer.rng
    given, filled = rng.uniform(0.15, 0.55), rng.uniform(0, 1)
    notes = rng.random() < 0.2 and cell > 26
    drift = Drift(rng)
    for row, column, x, y in grid.cells():
        if rng.random() < given:
            printer.write_amid(str(rng.integers(1, 10)), height, x, y)
        elif rng.random() < filled:
            off = drift.off(cell, cell)
            tall = height * rng.uniform(0.75, 1.2)
            writer.write_amid(str(rng.integers(1, 10)), tall, x + off[0], y + off[1])
        elif notes and rng.random() < 0.6:
            _notes(writer, grid, row, column, cell)


def _notes(writer: Writer, grid: Grid, row: int, column: int, cell: float) -> None:
    """Candidates, small, in the corner of a cell or each at its own place."""
    rng = writer.rng
    small = max(7.0, cell * rng.uniform(0.18, 0.3))
    left, top = grid.xs[column], grid.ys[row]
    if rng.random() < 0.5:
        count = int(rng.integers(1, 4))
        writer.write(ANY * count, small, left + 0.1 * cell, top + 0.1 * cell + small)
        return
    for digit in rng.choice(9, int(rng.integers(1, 5)), replace=False):
        x, y = left + (digit % 3 + 0.5) * cell / 3, top + (digit // 3 + 0.5) * cell / 3
        writer.write_amid(str(digit + 1), small, x, y)


def _sudoku_rules(grid: Grid, cell: float, every: int, shaded: bool, rng: Generator) -> None:
    thin = rng.uniform(0.5, max(1.0, 0.06 * cell))
    thick = max(thin, rng.uniform(1, max(1.6, 0.14 * cell)))
    tone = _tone(rng)
    faint = tone * rng.uniform(0.35, 1)
    if shaded:
        shade(grid, [c for c in grid.cells() if (c[0] // every + c[1] // every) % 2], rng)
    scene, half = grid.scene, thick / 2
    for draw, edges, ends in ((scene.level, grid.ys, grid.xs), (scene.upright, grid.xs, grid.ys)):
        for count, at in enumerate(edges):
            wide, dark = (thin, faint) if count % every else (thick, tone)
            draw(at - wide / 2, wide, ends[0] - half, ends[-1] + half, dark)


@kind(0.01, {"paper": 0.8, "screen": 0.1, "board": 0.1}, heights=(10, 40))
def times_table(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A table of products, with or without rules, heads in another pen."""
    writer = Writer(scene, Hand(material, rng), rng)
    head = writer if rng.random() < 0.5 else Writer(scene, Hand(material, rng), rng, pen=SECOND)
    step = height * rng.uniform(2, 3.2)
    grid = Grid.regular(scene, step, height * rng.uniform(1.3, 2.4), rng, columns=12, rows=12)
    sign, blank = str(rng.choice([*"×+-", "x"])), float(rng.choice([0, 0.2, 0.7]))
    for row, column, x, y in grid.cells():
        if row == 0 or column == 0:
            head.write_amid(sign if row == column else str(row + column), height, x, y)
        elif rng.random() > blank:
            writer.write_amid(str(row * column if sign in "×x" else row + column), height, x, y)
    if rng.random() < 0.8:
        grid.rules(rule_width(height, rng), _tone(rng))


@kind(0.01, {"paper": 0.85, "screen": 0.15}, heights=(10, 40))
def calendar(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Days printed in cells, names of days over them, some ringed, ticked or written in."""
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    cell = height * between(rng, 1.8, 5)
    grid = Grid.regular(scene, cell, cell * rng.uniform(0.6, 1.1), rng, columns=7, rows=6)
    start, corner = int(rng.integers(-6, 1)), rng.random() < 0.5
    for row, column, x, y in grid.cells():
        day = row * 7 + column + start
        if row == 0:
            printer.write_amid(str(rng.choice(DAYS)), height, x, y)
        if not 1 <= day <= 31:
            continue
        if corner:
            left, top = grid.xs[column], grid.ys[row]
            printer.write(str(day), height, left + 0.15 * height, top + 1.2 * height)
        else:
            printer.write_amid(str(day), height, x, y)
        if rng.random() < 0.08:
            ring(scene, x, y, 0.8 * cell, 0.7 * cell, 2)
        elif corner and rng.random() < 0.2:
            text = WORD if rng.random() < 0.5 else texts.time(rng)
            writer.write(text, 0.8 * height, grid.xs[column] + 2, grid.ys[row + 1] - 0.2 * height)
    if rng.random() < 0.7:
        grid.rules(rule_width(height, rng), _tone(rng))


@kind(0.02, GROUNDS, heights=(13, 90))
def boxes(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Boxes apart, a digit or number in each; digits that touch, cross or miss them."""
    writer = Writer(scene, Hand(material, rng), rng)
    most = int(rng.choice([1, 1, 1, 2, 4]))
    wide = height * (rng.uniform(1.05, 2) + 0.7 * (most - 1))
    high, apart = height * rng.uniform(1.15, 2), height * between(rng, 0.06, 2)
    grid = Grid.regular(scene, wide + apart, high + apart * rng.uniform(0.5, 2), rng)
    thick, tone, drift = rule_width(height, rng, 0.14), _tone(rng), Drift(rng)
    rounded, share = rng.random() < 0.15, float(rng.choice([1, 1, 0.7, 0.35]))
    letters = 0.3 if rng.random() < 0.2 else 0.0
    rows = rng.permutation(sorted({cell[0] for cell in grid.cells()}))
    rows = rows[: int(rng.choice([1, 2, 99]))]
    for row, column, _, _ in grid.cells():
        if row not in rows:
            continue
        left, top = grid.xs[column], grid.ys[row]
        if rounded:
            print_ink(scene, *_rounded(left, top, wide, high, thick), tone)
        else:
            scene.box(top, left, top + high, left + wide, thick, tone)
        if rng.random() < share:
            off = drift.off(wide, high)
            text = ANY * int(rng.integers(1, most + 1))
            if rng.random() < letters:
                text = str(rng.choice([*"ABCDEFGHJKLMNPRSTUVWXYZ"]))
            writer.write_amid(text, height, left + wide / 2 + off[0], top + high / 2 + off[1])


def _rounded(
    left: float, top: float, wide: float, high: float, thick: float
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], int, int]:
    """A box with round corners."""
    turn = np.linspace(0, 2 * np.pi, 60)
    sharp = 4
    x = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2 / sharp)
    y = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2 / sharp)
    path = np.stack([left + wide / 2 * (1 + x), top + high / 2 * (1 + y)], 1)
    return brush([path], thick)


@kind(0.015, GROUNDS, heights=(12, 80))
def comb(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Fields with teeth or dividers, one character for each; digits, capitals, gaps."""
    writer, printer = writer_and_printer(scene, material, rng)
    pitch, high = height * rng.uniform(0.95, 1.8), height * rng.uniform(1.15, 1.8)
    tooth = high * float(rng.choice([0.15, 0.35, 0.6, 1.0]))
    thick, tone, drift = rule_width(height, rng, 0.1), _tone(rng), Drift(rng)
    letters = float(rng.choice([0, 0, 0.15, 0.5]))
    top_rule, y = rng.random() < 0.4, rng.uniform(-0.3, 1) * height
    while y < scene.size and not writer.full:
        left, count = rng.uniform(-1, 0.4) * scene.size * 0.5, int(rng.integers(2, 14))
        bottom, right = y + high, left + count * pitch
        scene.level(bottom, thick, left, right + thick, tone)
        if top_rule:
            scene.level(y, thick, left, right + thick, tone)
        for place in range(count + 1):
            ends = place in (0, count)
            x = left + place * pitch
            scene.upright(x, thick, y if ends and top_rule else bottom - tooth, bottom, tone)
            if place < count and rng.random() < 0.9:
                text = str(rng.choice([*"ABDEGHKLMNPRSTUW"])) if rng.random() < letters else ANY
                off = drift.off(pitch, high)
                writer.write_amid(text, height, x + pitch / 2 + off[0], y + high / 2 + off[1])
        if rng.random() < 0.5:
            printer.write(WORD, max(7, 0.5 * height), right + height, bottom)
        y = bottom + height * rng.uniform(0.3, 2.5)


@kind(0.01, {"paper": 1}, heights=(12, 60))
def worksheet(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Printed sums with a box, a rule or nothing for the answer; ticks of the teacher."""
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    teacher = Writer(scene, writer.hand, rng, pen=STAMP)
    place, marked = int(rng.integers(3)), rng.random() < 0.4
    thick, tone, numbered = rule_width(height, rng), _tone(rng), rng.random() < 0.4
    base = rng.uniform(0.5, 2) * height
    while base < scene.size + height and not writer.full:
        left = rng.uniform(0, 0.3) * height
        sum_ = f"{texts.number(rng, 2)} {rng.choice([*'+-×÷'])} {texts.number(rng, 2)} = "
        if numbered:
            sum_ = f"{ANY}) {sum_}"
        while left < scene.size and not writer.full:
            printed = printer.write(sum_, height * rng.uniform(0.75, 1), left, base)
            left += printed.width + 0.3 * height
            wide = height * rng.uniform(1.2, 2.6)
            if place == 0:
                scene.box(base - 1.4 * height, left, base + 0.4 * height, left + wide, thick, tone)
            elif place == 1:
                scene.level(base + 0.15 * height, thick, left, left + wide, tone)
            if rng.random() < 0.8:
                writer.write(texts.number(rng, 2), height, left + 0.15 * height, base)
            left += wide + height * rng.uniform(0.3, 1)
            if marked and rng.random() < 0.7:
                paths = moved([tick(height, rng)], left, base - height)
                teacher.stroke(paths, teacher.width(height), "sign")
            left += height * rng.uniform(0.5, 3)
        base += height * rng.uniform(1.9, 3.2)


@kind(0.01, {"paper": 0.9, "plain": 0.1}, heights=(10, 36))
def bubbles(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """An answer sheet: printed digits or letters in circles or brackets, some blackened."""
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    pitch = height * rng.uniform(1.7, 3)
    grid = Grid.regular(scene, pitch, pitch * rng.uniform(0.9, 1.4), rng)
    wide, thick = pitch * rng.uniform(0.7, 0.95), rule_width(height, rng)
    digits = rng.random() < 0.7
    for row, column, x, y in grid.cells():
        if row == 0:
            writer.write_amid(ANY, 1.3 * height, x, y)
            continue
        text = str((row - 1) % 10) if digits else "ABCDE"[column % 5]
        if rng.random() < 0.9:
            ring(scene, x, y, wide, wide * 0.9, thick)
        if rng.random() < 0.1:
            dot = np.array([[x, y], [x + 0.5, y]])
            writer.stroke([dot], wide * rng.uniform(0.8, 1))
        else:
            printer.write_amid(text, 0.7 * height, x, y)


@kind(0.03, {"paper": 0.75, "plain": 0.15, "screen": 0.1}, heights=(11, 100))
def cell(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A cell cut out of a sheet: its digit, some of its sides, a bit of what is beside it."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    wide, high = height * between(rng, 1.0, 3), height * between(rng, 1.15, 3)
    count = 1 if rng.random() < 0.7 else int(rng.integers(2, 4))
    wide += 0.7 * height * (count - 1)
    left, top = (scene.size - wide) / 2, (scene.size - high) / 2
    xs, ys = left + wide * np.arange(-1, 3), top + high * np.arange(-1, 3)
    grid, drift = Grid(scene, xs, ys), Drift(rng)
    around = rng.random() < 0.4
    for row in range(3):
        for column in range(3):
            if (row, column) == (1, 1) or (around and rng.random() < 0.7):
                x, y = grid.middle(row, column)
                off = drift.off(wide, high)
                writer.write_amid(ANY * count, height, x + off[0], y + off[1])
    thick = rule_width(height, rng, 0.1)
    grid.rules(thick, _tone(rng), level=rng.random() < 0.85, upright=rng.random() < 0.85)
    cut = rng.normal(0, 1, 4) * height * float(rng.choice([0.02, 0.08, 0.2])) + thick
    scene.view = within(scene, (top, left, top + high, left + wide), cut * (-1, -1, 1, 1))

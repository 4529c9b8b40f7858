"""Pictures with no digit in them: letters, words, drawings, shapes, rules, codes, blank pages."""

import numpy as np

from pictures.hands import Hand, Material
from pictures.scene import SECOND, WRITTEN, Generator, Scene, between
from pictures.training.around import (
    distract,
    doodle,
    filled,
    moved,
    page_rules,
    print_ink,
    ring,
    rule_width,
    shape,
    turned,
    word_line,
)
from pictures.training.grids import Grid
from pictures.training.kinds import Grounds, kind
from pictures.training.views import framed
from pictures.training.writing import WORD, Writer, brush, curve
from tinydigits.trust.not_digits import LOOK_ALIKE

GROUNDS: Grounds = {"paper": 0.6, "board": 0.12, "screen": 0.14, "plain": 0.14}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
UNLIKE = "".join(letter for letter in ALPHABET if letter not in LOOK_ALIKE)
SIGNS = "!?&%$#@*;_<>{}~^×÷√€£"  # none that could be a nought, a one or an eleven


@kind(0.034, GROUNDS, heights=(8, 80))
def paragraphs(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Lines of words, printed or written."""
    writer = Writer(scene, Hand(material, rng), rng)
    pitch, base, bases = height * rng.uniform(1.2, 2), rng.uniform(0, 2) * height, []
    if rng.random() < 0.5:
        base = rng.uniform(0, 0.7) * scene.size
    ragged = rng.uniform(0, 0.5) * scene.size
    left = rng.uniform(-1, 1) * height if rng.random() < 0.7 else rng.uniform(0, 0.5) * scene.size
    while base < scene.size + height and not writer.full:
        word_line(writer, height, left, base, scene.size - rng.uniform(0, 1) * ragged)
        bases.append(base)
        base += pitch
    if rng.random() < 0.3:
        page_rules(scene, height, bases, rng)


@kind(0.02, GROUNDS, heights=(16, 260))
def lone_letters(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One letter or sign, or a few; alone only those that nobody takes for a digit."""
    writer = Writer(scene, Hand(material, rng), rng)
    count = int(rng.choice([1, 1, 1, 2, 3]))
    text = "".join(rng.choice([*UNLIKE, *SIGNS] if rng.random() < 0.4 else [*UNLIKE], count))
    place = scene.size * (0.5 + rng.normal(0, 0.1, 2))
    writer.write_amid(text, height, place[0], place[1])
    if rng.random() < 0.2:
        page_rules(scene, min(height, 60), [], rng)
    if rng.random() < 0.7:
        scene.view = framed(scene, rng, height * between(rng, 0.03, 2))


@kind(0.01, GROUNDS, heights=(12, 70))
def letters_in_rows(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """The alphabet, initials, columns of letters; in the cells of a grid as in crosswords."""
    writer = Writer(scene, Hand(material, rng), rng)
    pool = list(ALPHABET[:26] if rng.random() < 0.5 else ALPHABET)
    step = height * rng.uniform(1.1, 2.2)
    grid = Grid.regular(scene, step, step * rng.uniform(0.9, 1.3), rng)
    inside = rng.random() < 0.6
    shut, share = rng.uniform(0, 0.3), rng.uniform(0.3, 1)
    for row, column, x, y in grid.cells():
        if inside and rng.random() < shut:
            cell = np.ones((round(step), round(step)), np.float32)
            print_ink(scene, cell, round(grid.ys[row]), round(grid.xs[column]))
        elif rng.random() < share and not writer.full:
            writer.write_amid(str(rng.choice(pool)), height, x, y)
    if inside:
        grid.rules(rule_width(height, rng), rng.uniform(0.3, 1))


@kind(0.016, GROUNDS, heights=(12, 80))
def drawings(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Doodles, scribbles, shapes, with letters among them."""
    hand = Hand(material, rng)
    for _ in range(int(rng.integers(1, 10))):
        doodle(scene, between(rng, 12, scene.size), between(rng, 1, 9), rng)
    if rng.random() < 0.5:
        distract(scene, material, hand, height, int(rng.integers(1, 8)), rng)


@kind(0.01, GROUNDS, heights=(100, 600))
def close_up(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Broad strokes and parts of huge letters and shapes."""
    writer = Writer(scene, Hand(material, rng), rng)
    for _ in range(int(rng.integers(1, 4))):
        if rng.random() < 0.5:
            x, y = scene.size * rng.uniform(-0.1, 1.1, 2)
            writer.write_amid(str(rng.choice(list(UNLIKE))), height, x, y)
        else:
            paths = turned(shape(height, rng), rng)
            at = scene.size * rng.uniform(-0.5, 0.7, 2)
            writer.stroke(moved(paths, at[0], at[1]), between(rng, 3, 40))


@kind(0.008, GROUNDS, heights=(8, 60))
def rules_alone(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """An empty page: squared, lined, or a table without a word."""
    if rng.random() < 0.6:
        page_rules(scene, height, list(np.arange(height, scene.size, 1.5 * height)), rng)
        return
    step = height * rng.uniform(1, 5)
    columns, rows = (int(count) for count in rng.integers(1, 10, 2))
    high, uneven = height * rng.uniform(1, 3), float(rng.choice([0, 0.5]))
    grid = Grid.regular(scene, step, high, rng, columns=columns, rows=rows, uneven=uneven)
    grid.rules(between(rng, 0.7, 5), rng.uniform(0.2, 1))


@kind(0.006, {"paper": 0.6, "screen": 0.25, "plain": 0.15}, heights=(12, 60))
def codes(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Bar codes and square codes, with words beside them."""
    for _ in range(int(rng.integers(1, 3))):
        across = int(rng.integers(20, 60))
        unit = max(1, round(between(rng, 1.2, 7)))
        down = 1 if rng.random() < 0.5 else across
        cells = (rng.random((down, across)) < 0.5).astype(np.float32)
        if down > 1:
            for row, column in ((0, 0), (0, across - 7), (across - 7, 0)):
                cells[row : row + 7, column : column + 7] = 1
                cells[row + 1 : row + 6, column + 1 : column + 6] = 0
                cells[row + 2 : row + 5, column + 2 : column + 5] = 1
        high = unit if down > 1 else round(between(rng, 20, 140))
        ink = np.kron(cells, np.ones((high, unit), np.float32))
        top, left = (round(scene.size * rng.uniform(-0.2, 0.7)) for _ in range(2))
        print_ink(scene, ink, top, left)
    if rng.random() < 0.5:
        printer = Writer(scene, Hand(material, rng, printed=True), rng)
        word_line(printer, height, 0, rng.uniform(0.2, 1) * scene.size, scene.size)


@kind(0.004, {"paper": 0.8, "screen": 0.2}, heights=(14, 60))
def music(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Staves with notes and stems."""
    writer = Writer(scene, Hand(material, rng), rng)
    gap, y = height / rng.uniform(3, 5), rng.uniform(0, 2) * height
    while y < scene.size:
        for line in range(5):
            scene.level(y + line * gap, 1 + 0.04 * height, 0, scene.size, 0.8)
        x = rng.uniform(0, 2) * height
        while x < scene.size:
            at = y + gap * rng.integers(-1, 10) / 2
            turn = np.linspace(0, 2 * np.pi, 20)
            head = np.stack([x + 0.65 * gap * np.cos(turn), at + 0.45 * gap * np.sin(turn)], 1)
            if rng.random() < 0.7:
                scene.put(*filled(head), None)
            else:
                writer.stroke([head], max(1.0, 0.15 * gap))
            up = -1 if at > y + 2 * gap else 1
            stem = np.array([[x - 0.6 * gap * up, at], [x - 0.6 * gap * up, at + up * 3 * gap]])
            writer.stroke([stem], max(1.0, 0.12 * gap))
            if rng.random() < 0.3:
                flag = stem[1] + gap * np.array([[0, 0], [0.8, -0.6 * up], [1.0, -1.4 * up]])
                writer.stroke([curve(flag)], max(1.0, 0.2 * gap))
            x += gap * rng.uniform(2, 5)
        y += gap * rng.uniform(7, 12)


@kind(0.006, {"paper": 0.7, "screen": 0.3}, heights=(10, 30))
def maps(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Curves beside curves, paths, blocks, and names along them."""
    pen = Writer(scene, Hand(material, rng, printed=True), rng)
    knots = int(rng.integers(4, 8))
    along = np.linspace(-0.1, 1.1, knots) * scene.size
    for _ in range(int(rng.integers(1, 5))):
        bend = np.cumsum(rng.normal(0, 0.12 * scene.size, knots)) + rng.uniform(0, 1) * scene.size
        width, apart = between(rng, 0.8, 6), rng.uniform(4, 20)
        for count in range(int(rng.integers(1, 9))):
            path = np.stack([along, bend + count * apart], 1)
            pen.stroke([curve(path if rng.random() < 0.5 else path[:, ::-1])], width)
    for _ in range(int(rng.integers(0, 12))):
        top, left = scene.size * rng.uniform(-0.1, 1, 2)
        block = np.ones((round(between(rng, 5, 60)), round(between(rng, 5, 60))), np.float32)
        print_ink(scene, block, round(top), round(left), rng.uniform(0.2, 0.7))
    for _ in range(int(rng.integers(0, 6))):
        pen.write(WORD, height, rng.uniform(0, 0.8) * scene.size, rng.uniform(0, 1) * scene.size)


@kind(0.005, GROUNDS, heights=(10, 60))
def hatching(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Strokes side by side, once or crossed, in patches."""
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    for _ in range(int(rng.integers(1, 6))):
        middle, reach = scene.size * rng.uniform(0, 1, 2), between(rng, 20, 150)
        turn = rng.uniform(0, np.pi)
        for cross in range(int(rng.integers(1, 3))):
            angle = turn + cross * rng.uniform(1, 2)
            along = np.array([np.cos(angle), np.sin(angle)])
            side = np.array([-along[1], along[0]])
            gap = between(rng, 3, 14)
            starts = middle + side * (np.arange(-reach / 2, reach / 2, gap)[:, None])
            starts = starts + rng.normal(0, 0.1 * gap, starts.shape)
            strokes = [np.stack([s - along * reach / 2, s + along * reach / 2]) for s in starts]
            writer.stroke(strokes, between(rng, 1, 3))


@kind(0.005, {"paper": 0.5, "screen": 0.3, "plain": 0.2}, heights=(14, 120))
def logos(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Filled shapes and rings with a word or a letter beside or in them."""
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    for _ in range(int(rng.integers(1, 4))):
        x, y = scene.size * rng.uniform(0.1, 0.9, 2)
        size = height * between(rng, 0.7, 3)
        paths = moved(turned(shape(size, rng), rng, 0.3), x - size / 2, y - size / 2)
        if rng.random() < 0.6 and len(paths) == 1:
            scene.put(*filled(paths[0]), None, SECOND)
        else:
            ring(scene, x, y, 1.6 * size, 1.6 * size, between(rng, 1, 0.2 * size))
        text = WORD if rng.random() < 0.6 else str(rng.choice(list(UNLIKE)))
        printer.write(text, height, x + size * 0.9, y + height / 2)


@kind(0.004, {"paper": 0.6, "screen": 0.4}, heights=(10, 40))
def charts(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Axes with curves or bars and words beside them."""
    writer = Writer(scene, Hand(material, rng), rng)
    left, base = scene.size * rng.uniform(0.05, 0.3), scene.size * rng.uniform(0.7, 0.95)
    scene.upright(left, 1.5, 0.05 * scene.size, base)
    scene.level(base, 1.5, left, scene.size)
    xs = np.linspace(left, scene.size, int(rng.integers(4, 16)))
    ys = base - rng.uniform(0, 0.8, len(xs)) * base
    if rng.random() < 0.5:
        wide = 0.6 * (xs[1] - xs[0])
        for x, y in zip(xs, ys, strict=True):
            bar = np.ones((max(1, round(base - y)), max(1, round(wide))), np.float32)
            print_ink(scene, bar, round(y), round(x + 4), rng.uniform(0.3, 1))
    else:
        path = np.stack([xs, ys], 1)
        writer.stroke([curve(path) if rng.random() < 0.6 else path], between(rng, 1, 4))
        for x, y in path if rng.random() < 0.5 else []:
            scene.put(*brush([np.array([[x, y], [x + 1, y]])], between(rng, 3, 7)), None, WRITTEN)
    writer.write(WORD, height, left, base + 1.4 * height)


@kind(0.05, {"none": 0.75, "plain": 0.1, "paper": 0.05, "security": 0.05, "archive": 0.05})
def blank(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Nothing at all: a surface, a texture, a photograph."""

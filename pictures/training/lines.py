"""Lines of numbers on a page: one or many, dense or sparse, touching, slanted, in columns."""

from dataclasses import replace

import numpy as np

from pictures.hands import Hand, Material
from pictures.scene import SECOND, WRITTEN, Generator, Scene, between, one_of
from pictures.training import texts
from pictures.training.around import background_digits, distract, doodle, page_rules, words_around
from pictures.training.kinds import Grounds, kind
from pictures.training.views import framed, within
from pictures.training.writing import ANY, CROWD, WORD, Flow, Writer, curve, oval

GROUNDS: Grounds = {"paper": 0.68, "plain": 0.1, "board": 0.12, "screen": 0.1}


def _surroundings(
    scene: Scene, material: Material, hand: Hand, height: float, bases: list[float], rng: Generator
) -> None:
    """Rules and distractions as any page may have them."""
    if rng.random() < 0.45:
        page_rules(scene, height, bases, rng)
    dice = rng.random()
    if dice < 0.1:
        distract(scene, material, hand, height, int(rng.integers(1, 5)), rng)
    elif dice < 0.16:
        words_around(scene, Writer(scene, hand, rng), height, rng, int(rng.integers(1, 4)))
    elif dice < 0.22:
        background_digits(scene, material, height, rng)


def _fill(writer: Writer, height: float, rng: Generator, text: texts.Text) -> list[float]:
    """Lines of such texts down the page; gives their base lines."""
    size = writer.scene.size
    bases: list[float] = []
    pitch, wobble = rng.uniform(1.15, 2.4), rng.uniform(0, 0.15)
    if rng.random() < 0.1:  # lines that touch
        pitch = rng.uniform(0.9, 1.15)
    aligned = rng.uniform(-0.3, 0.5) * size if rng.random() < 0.5 else None
    full = rng.random() < 0.4
    base = rng.uniform(0.4, 2) * height
    lines = int(rng.choice([1, 2, 3, 5, 99], p=[0.2, 0.12, 0.12, 0.16, 0.4]))
    if lines < 5:
        base = rng.uniform(height, max(size - lines * pitch * height, 1.5 * height))
    while base < size + 0.7 * height and len(bases) < lines and not writer.full:
        left = rng.uniform(-0.2, 0.6) * size if aligned is None else aligned
        left += rng.uniform(-0.2, 0.2) * height
        while left < size and not writer.full:
            line = writer.write(text(rng), height, left, base)
            left += line.width + height * rng.uniform(0.6, 2.5)
            if not full and rng.random() < 0.6:
                break
        bases.append(base)
        base += pitch * height * rng.uniform(1 - wobble, 1 + wobble)
    return bases


@kind(0.07, GROUNDS)
def any_lines(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Lines of whatever people write with digits."""
    hand = Hand(material, rng)
    bases = _fill(Writer(scene, hand, rng), height, rng, texts.any_text)
    _surroundings(scene, material, hand, height, bases, rng)


@kind(0.03, GROUNDS)
def one_text(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A single text in the middle, the picture cut to it more or less."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    line = writer.line(texts.any_text(rng), height)
    base = scene.size / 2 + rng.normal(0, 0.05) * scene.size
    writer.place(line, (scene.size - line.width) / 2, base)
    if rng.random() < 0.35:
        page_rules(scene, height, [base], rng)
    scene.view = framed(scene, rng, height * between(rng, 0.05, 3))


@kind(0.025, GROUNDS)
def same_texts(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Lists of one sort: telephone numbers, dates, times, amounts, round numbers, one digit."""
    hand = Hand(material, rng)
    text = one_of(texts.COMMON, rng)[0]
    bases = _fill(Writer(scene, hand, rng), height, rng, text)
    _surroundings(scene, material, hand, height, bases, rng)


@kind(0.02, GROUNDS)
def rich_in_ones(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Rows of 1s and 7s, which look like marks, rules and letters."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    if rng.random() < 0.6:  # side by side as narrow as can be
        near = rng.uniform(-0.02, 0.08)
        writer = writer.with_flow(gap=(near, near + 0.06), touch=0.0)
    text = texts.ones if rng.random() < 0.6 else texts.among_ones
    bases = _fill(writer, height, rng, text)
    _surroundings(scene, material, hand, height, bases, rng)


@kind(0.035, {"plain": 0.45, "screen": 0.25, "paper": 0.3}, heights=(10, 60))
def typeset(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Print as programs set it: digits beside signs, points and colons, 1s side by side."""
    writer = Writer(scene, Hand(material, rng, printed=True), rng)
    some = [texts.signed, texts.signed, texts.pointed, texts.among_ones]
    some += [texts.any_text, texts.negative]
    if rng.random() < 0.4:
        line = writer.line(one_of(some, rng)(rng), height)
        writer.place(line, (scene.size - line.width) / 2, scene.size / 2)
        scene.view = framed(scene, rng, height * between(rng, 0.2, 3))
        return
    _fill(writer, height, rng, lambda rng: one_of(some, rng)(rng))


@kind(0.03, GROUNDS, heights=(14, 90))
def touching_runs(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Numbers whose digits touch, overlap or hang together."""
    hand = Hand(material, rng, printed=False)
    flow = Flow.of(hand, rng)
    gap, touch = (0.0, rng.uniform(0.02, 0.15)), rng.uniform(0.5, 1)
    even = {"linked": 0.7, "small": 0.0, "raised": 0.0}
    flow = replace(flow, gap=gap, touch=touch, overlap=rng.uniform(0, 0.2), **even)
    text = texts.number if rng.random() < 0.7 else texts.noughts
    bases = _fill(Writer(scene, hand, rng, flow), height, rng, text)
    _surroundings(scene, material, hand, height, bases, rng)


@kind(0.02, GROUNDS)
def spaced(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Single digits far apart in rows, or anywhere."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    step_x, step_y = height * between(rng, 1, 4), height * between(rng, 1.2, 4)
    loose = float(rng.choice([0.05, 0.15, 0.5]))
    same = str(rng.integers(10)) if rng.random() < 0.25 else ANY
    bases = []
    for y in np.arange(rng.uniform(0, step_y), scene.size + height, step_y):
        bases.append(float(y))
        for x in np.arange(rng.uniform(-step_x, step_x), scene.size, step_x):
            off = rng.uniform(-loose, loose, 2) * (step_x - height, step_y - height)
            if not writer.full:
                writer.write(same, height, x + off[0], y + off[1])
    _surroundings(scene, material, hand, height, bases, rng)


@kind(0.015, GROUNDS, heights=(11, 60))
def columns(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Numbers below each other, aligned to the left or right, perhaps ruled between."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    most, pitch = int(rng.integers(2, 7)), height * rng.uniform(1.2, 2)
    wide = height * (0.75 * most + rng.uniform(0.5, 3))
    right = rng.random() < 0.6
    choices = [texts.number, texts.decimal, texts.grouped, texts.share, texts.pointed, texts.signed]
    text = one_of(choices, rng)
    bases = list(np.arange(rng.uniform(0, 2) * height, scene.size + height, pitch))
    edges = np.arange(rng.uniform(-1, 0.5) * wide, scene.size, wide)
    fill = rng.uniform(0.5, 1) * min(1.0, CROWD / (len(bases) * len(edges) * most / 2))
    for edge in edges:
        for base in bases:
            if rng.random() < fill:
                body = texts.number(rng, most) if text is texts.number else text(rng)
                (writer.write_until if right else writer.write)(body, height, edge, base)
    if rng.random() < 0.3:
        for edge in edges:
            scene.upright(
                edge + 0.3 * height, 1 + 0.03 * height, 0, scene.size, rng.uniform(0.3, 1)
            )
    _surroundings(scene, material, hand, height, bases, rng)


@kind(0.015, GROUNDS)
def mixed_heights(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Lines of several hands, pens and heights on one page."""
    base, bases = 0.0, []
    while base < scene.size and len(scene.things) < CROWD:
        tall = float(np.clip(height * between(rng, 0.4, 2.5), 10, 120))
        pen = SECOND if rng.random() < 0.4 else WRITTEN
        writer = Writer(scene, Hand(material, rng), rng, pen=pen)
        base += tall * rng.uniform(1.1, 1.8)
        writer.write(texts.any_text(rng), tall, rng.uniform(-0.1, 0.6) * scene.size, base)
        bases.append(base)
    _surroundings(scene, material, Hand(material, rng), height, bases, rng)


@kind(0.015, GROUNDS, heights=(14, 70))
def marked_up(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Numbers that are underlined, ringed, boxed, struck by a bracket or an arrow."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    pen = Writer(scene, hand, rng, pen=SECOND if rng.random() < 0.4 else WRITTEN)
    base = rng.uniform(1, 2) * height
    while base < scene.size + height and not writer.full:
        left = rng.uniform(0, 0.5) * scene.size
        line = writer.write(texts.any_text(rng), height, left, base)
        if rng.random() < 0.8 and line.pieces:
            surround(pen, left, base + line.top, line.width, line.bottom - line.top, height)
        base += height * rng.uniform(1.8, 3)
    if rng.random() < 0.3:
        doodle(scene, 2 * height, writer.width(height), rng)
    if rng.random() < 0.3:
        page_rules(scene, height, [], rng)


def surround(
    writer: Writer, left: float, top: float, wide: float, high: float, height: float
) -> None:
    """Draw by hand round a text that spans these pixels, or under it, or beside it."""
    rng, pen = writer.rng, writer.width(height)
    room = height * rng.uniform(0.1, 0.5)
    right, bottom = left + wide, top + high
    match int(rng.integers(6)):
        case 0 | 1:
            for count in range(int(rng.integers(1, 3))):
                y = bottom + room * (0.3 + 0.5 * count)
                writer.rule(left - room, right + room, y, pen)
        case 2 | 3:
            x, y = left + wide / 2, top + high / 2
            ring = oval(x, y, 1.15 * wide + 2 * room, 1.15 * high + 2 * room, rng)
            writer.stroke([curve(ring)], pen)
        case 4:
            corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
            corners = corners + room * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
            closed = np.concatenate([corners, corners[:1]]) + rng.normal(0, 0.05 * height, (5, 2))
            writer.stroke([closed], pen)
        case _:
            writer.rule(
                right + room, right + room + height * rng.uniform(0.5, 2), top + high / 2, pen
            )


@kind(0.015, {"paper": 0.6, "plain": 0.2, "screen": 0.2}, heights=(14, 60))
def narrow_strip(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A field cut out as a strip just higher than its digits."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    text = texts.any_text(rng) if rng.random() < 0.7 else f"{WORD} {texts.number(rng)}"
    middle = scene.size / 2
    start = rng.uniform(0.05, 0.3) * scene.size
    line = writer.write(text, height, start, middle)
    if rng.random() < 0.4:
        page_rules(scene, height, [middle], rng)
    room = height * rng.uniform(-0.05, 0.6, 2)
    shown = one_of(line.pieces, rng).left
    left = start + shown - height * rng.uniform(0, 2)
    right = left + height * rng.uniform(2.5, 9)
    top, bottom = middle + line.top - room[0], middle + 0.1 * height + room[1]
    scene.view = within(scene, (top, left, bottom, right))

"""Forms and papers with print: numbers beside labels, slips, bills, envelopes, receipts, stamps."""

import numpy as np

from pictures.hands import Hand, Material
from pictures.scene import SECOND, STAMP, Generator, Scene, between
from pictures.training import texts
from pictures.training.around import (
    cross,
    leader,
    moved,
    page_rules,
    rule_width,
    squiggle,
    tick,
    word_line,
    zigzag,
)
from pictures.training.kinds import Grounds, kind
from pictures.training.writing import ANY, WORD, Line, Writer, writer_and_printer

PAPER: Grounds = {"paper": 0.9, "security": 0.04, "plain": 0.06}


def _cross_out(writer: Writer, text: str, height: float, left: float, base: float) -> float:
    """Write a text and scribble it out: nobody can say then what it was. Gives its width."""
    line = writer.line(text, height)
    for piece in line.pieces:
        writer.scene.put(piece.ink, base + piece.top, left + piece.left, None, writer.pen)
    wide, high = line.width, line.bottom - line.top
    paths = moved([zigzag(wide * 1.1, high, writer.rng)], left, base + line.top)
    writer.stroke(paths, writer.width(height) * writer.rng.uniform(0.8, 2))
    return line.width


def stamp(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A stamp somewhere: a frame or rings with words and a date, its pen its own."""
    stamper = Writer(scene, Hand(material, rng, printed=True), rng, pen=STAMP)
    x, y = rng.uniform(0.1, 0.9, 2) * scene.size
    line = stamper.line(WORD.upper() if rng.random() < 0.5 else texts.date(rng), height)
    stamper.place(line, x - line.width / 2, y)
    wide, high = line.width * rng.uniform(1.1, 1.5), height * rng.uniform(1.6, 4)
    turn = np.linspace(0, 2 * np.pi, 50)
    if rng.random() < 0.5:
        path = np.stack([wide / 2 * np.cos(turn), max(wide, high) / 2 * np.sin(turn)], 1)
    else:
        path = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * (wide / 2, high / 2)
    for grow in (1.0, 1.12)[: int(rng.integers(1, 3))]:
        stamper.stroke([path * grow + (x, y - height / 2)], max(1.0, 0.06 * height))


def signature(writer: Writer, height: float) -> None:
    """A signature, perhaps across what is written."""
    rng, scene = writer.rng, writer.scene
    wide = height * rng.uniform(3, 9)
    path = squiggle(wide, height * rng.uniform(0.8, 2.5), rng)
    at = rng.uniform(-0.2, 0.8, 2) * scene.size
    writer.stroke([path + at], writer.width(height))


def _extras(writer: Writer, material: Material, height: float) -> None:
    """A stamp, a signature, on some."""
    rng = writer.rng
    if rng.random() < 0.1:
        stamp(writer.scene, material, height * between(rng, 0.5, 1.5), rng)
    if rng.random() < 0.12:
        signature(writer, height)


def _entry(rng: Generator) -> str:
    """What is written beside a label."""
    dice = rng.random()
    if dice < 0.7:
        return texts.any_text(rng)
    return f"{WORD} {WORD}" if dice < 0.85 else f"{WORD} {texts.number(rng)}"


@kind(0.045, PAPER, heights=(11, 70))
def labelled(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Printed labels with something written beside, under or in a box."""
    writer, printer = writer_and_printer(scene, material, rng)
    small = max(7.0, height * between(rng, 0.35, 1.1))
    thick, tone, style = rule_width(height, rng, 0.06), rng.uniform(0.3, 1), int(rng.integers(5))
    base, pitch = rng.uniform(0, 1.5) * height, height * rng.uniform(1.3, 2.6)
    while base < scene.size + height and not writer.full:
        left = rng.uniform(-5, 1) * height
        while left < scene.size and not writer.full:
            label = " ".join([WORD] * int(rng.choice([1, 1, 2]))) + str(
                rng.choice(["", ":", ":", "."])
            )
            left += printer.write(label, small, left, base).width + height * rng.uniform(0.2, 1)
            if rng.random() < 0.15:
                continue
            wide = _written(writer, _entry(rng), height, left, base)
            wide = max(wide, height * rng.uniform(1, 6))
            if style == 0:
                room = 0.25 * height
                scene.box(
                    base - 1.2 * height, left - room, base + room, left + wide + room, thick, tone
                )
            elif style < 3:
                leader(scene, left - 0.2 * height, left + wide, base + 0.12 * height, height, rng)
            left += wide + height * rng.uniform(0.5, 3)
            if style == 4:
                break
        base += pitch
    _extras(writer, material, height)


def _written(writer: Writer, text: str, height: float, left: float, base: float) -> float:
    """Write an entry, now and then after one that was crossed out. Gives the width of all."""
    rng, wide = writer.rng, 0.0
    if rng.random() < 0.06:
        crossed = ANY * int(rng.integers(1, 5))
        wide = _cross_out(writer, crossed, height, left, base) + 0.4 * height
    return wide + writer.write(text, height, left + wide, base).width


@kind(0.025, PAPER, heights=(11, 60))
def bill(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A bill: words, quantities and amounts in ruled columns, a total under a rule."""
    writer, printer = writer_and_printer(scene, material, rng)
    all_printed = rng.random() < 0.15
    writer = printer if all_printed else writer
    high, left = height * rng.uniform(1.2, 2.2), rng.uniform(-5, 0.5) * height
    spans = height * np.array(
        [rng.uniform(0.5, 2), rng.uniform(3, 8), 2, 4.5, rng.uniform(1.6, 2.4)]
    )
    edges = left + np.concatenate([[0], np.cumsum(spans)])
    rows = int(rng.integers(2, 12))
    top = rng.uniform(-0.3, 0.4) * scene.size
    ys = top + high * np.arange(rows + 1)
    cents = str(rng.choice(["00", ANY * 2, "-"]))
    for row, y in enumerate(ys[1:]):
        base = y - 0.25 * height + rng.normal(0, 0.06) * height
        if row == 0 and rng.random() < 0.6:
            for edge in edges[:-1]:
                printer.write(WORD, 0.6 * height, edge + 0.2 * height, base)
            continue
        writer.write(str(row), height, edges[0] + 0.15 * height, base)
        writer.write(WORD, height * rng.uniform(0.8, 1), edges[1] + 0.2 * height, base)
        writer.write(ANY, height, edges[2] + 0.4 * height, base)
        writer.write_until(texts.number(rng, 4), height, edges[4] - 0.2 * height, base)
        writer.write(cents, height * rng.uniform(0.75, 1), edges[4] + 0.2 * height, base)
    thick, tone = rule_width(height, rng), rng.uniform(0.3, 1)
    dice, end = rng.random(), edges[-1] + thick
    for edge in edges if dice < 0.8 else edges[-2:]:
        scene.upright(edge, thick, ys[0], ys[-1] + high, tone)
    for y in ys if dice > 0.3 else ys[[0, -1]]:
        scene.level(y, thick, edges[0], end, tone)
    total = ys[-1] + high - 0.25 * height
    printer.write(WORD, 0.8 * height, edges[1], total)
    writer.write_until(texts.grouped(rng), height, edges[4], total)
    _extras(writer, material, height)


@kind(0.015, PAPER, heights=(11, 60))
def slip(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A bank's slip: boxes for each digit under small print, rules, printed account numbers."""
    writer, printer = writer_and_printer(scene, material, rng)
    small = max(6.0, height * rng.uniform(0.3, 0.6))
    thick, tone = rule_width(height, rng), rng.uniform(0.3, 1)
    y = rng.uniform(-0.5, 0.5) * height
    while y < scene.size and not writer.full:
        x = rng.uniform(-0.3, 0.2) * scene.size
        while x < scene.size and not writer.full:
            word_line(printer, small, x, y + small, x + rng.uniform(1, 4) * height)
            top, pitch = y + 1.3 * small, height * rng.uniform(0.9, 1.4)
            count, bottom = int(rng.integers(1, 10)), y + 1.3 * small + 1.4 * height
            scene.box(top, x, bottom, x + count * pitch, thick, tone)
            who = writer if rng.random() < 0.8 else printer
            if rng.random() < 0.5:
                for place in range(count):
                    scene.upright(x + place * pitch, thick, top, bottom, tone)
                    if rng.random() < 0.85:
                        middle = x + (place + 0.5) * pitch
                        who.write_amid(ANY, height * 0.9, middle, (top + bottom) / 2)
            else:
                who.write(_entry(rng), height * 0.9, x + 0.2 * height, bottom - 0.25 * height)
            x += count * pitch + height * rng.uniform(0.5, 2)
        y += 1.4 * height + small * rng.uniform(1.6, 3)
    _extras(writer, material, height)


@kind(0.015, {"paper": 1.0}, heights=(12, 60))
def envelope(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """An address: names, a street with its number, a postcode, a stamp or a postmark."""
    writer, printer = writer_and_printer(scene, material, rng)
    if rng.random() < 0.25:
        writer = printer
    left, base = scene.size * rng.uniform(0, 0.3) - height * rng.uniform(0, 5), height
    base *= rng.uniform(0.5, 3)
    pitch = height * rng.uniform(1.3, 2.2)
    house = ANY * int(rng.integers(1, 4))
    lines = [f"{WORD} {WORD}", f"{WORD} {house}" if rng.random() < 0.6 else f"{house} {WORD}"]
    post = ANY * int(rng.integers(4, 7))
    lines += [f"{post} {WORD}" if rng.random() < 0.5 else f"{WORD}, {texts.code(rng)}", WORD]
    ruled = rng.random() < 0.3
    for line in lines[int(rng.integers(2)) :] * 2:
        writer.write(line, height, left + rng.normal(0, 0.2) * height, base)
        if ruled:
            leader(scene, left, scene.size, base + 0.15 * height, height, rng)
        base += pitch
    if rng.random() < 0.5:
        stamp(scene, material, height, rng)


@kind(0.015, {"paper": 0.85, "screen": 0.15}, heights=(10, 36))
def receipt(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A printed receipt: words to the left, amounts to the right; a note written on it."""
    writer, printer = writer_and_printer(scene, material, rng)
    right, left = scene.size * rng.uniform(0.6, 1.1), scene.size * rng.uniform(-0.1, 0.2)
    base = rng.uniform(-1, 2) * height
    while base < scene.size + height and not writer.full:
        dice = rng.random()
        if dice < 0.65:
            word_line(printer, height, left, base, left + (right - left) * rng.uniform(0.1, 0.4))
            printer.write_until(texts.amount(rng), height, right, base)
        elif dice < 0.85:
            printer.write(texts.any_text(rng), height, left, base)
        else:
            printer.write("-" * 20 if rng.random() < 0.5 else "=" * 20, height, left, base)
        base += height * rng.uniform(1.3, 1.7)
    if rng.random() < 0.4:
        x, y = rng.uniform(0, 0.7, 2) * scene.size
        _over(writer, writer.line(texts.any_text(rng), 2 * height), x, y + 2 * height)


def _over(writer: Writer, line: Line, left: float, base: float) -> None:
    """Write over print in the second pen."""
    for piece in line.pieces:
        writer.scene.put(piece.ink, base + piece.top, left + piece.left, piece.label, SECOND)


@kind(0.015, {"paper": 0.9, "screen": 0.1}, heights=(12, 60))
def checkboxes(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Boxes to tick with labels, ticks and crosses, numbers here and there."""
    writer, printer = writer_and_printer(scene, material, rng)
    base, thick = rng.uniform(0.5, 1.5) * height, rule_width(height, rng)
    while base < scene.size + height and not writer.full:
        left = rng.uniform(-0.5, 1) * height
        while left < scene.size and not writer.full:
            side = height * rng.uniform(0.7, 1)
            scene.box(base - side, left, base, left + side, thick)
            dice = rng.random()
            if dice < 0.6:
                made = [tick(1.2 * side, rng)] if dice < 0.35 else cross(side, rng)
                at = rng.normal(0, 0.1, 2) * side
                paths = moved(made, left + at[0], base - side + at[1])
                writer.stroke(paths, writer.width(height), "sign")
            left += side + 0.4 * height
            text = WORD if rng.random() < 0.7 else f"{texts.number(rng, 2)} {WORD}"
            left += printer.write(text, 0.8 * height, left, base).width + height
            if rng.random() < 0.3:
                left += writer.write(texts.any_text(rng), height, left, base).width + height
        base += height * rng.uniform(1.4, 2.4)


@kind(0.04, {"paper": 0.75, "board": 0.15, "plain": 0.1}, heights=(12, 60))
def words_with_numbers(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Written or printed lines of words with numbers among them, some crossed out."""
    writer = Writer(scene, Hand(material, rng), rng)
    share, base = rng.uniform(0.1, 0.6), rng.uniform(0.3, 1.5) * height
    pitch, bases = height * rng.uniform(1.3, 2.2), []
    while base < scene.size + height and not writer.full:
        left = rng.uniform(-1, 1) * height
        while left < scene.size and not writer.full:
            dice = rng.random()
            if dice < 0.04:
                left += _cross_out(writer, ANY * int(rng.integers(1, 6)), height, left, base)
            elif dice < share:
                left += writer.write(texts.any_text(rng), height, left, base).width
            else:
                left += writer.write(WORD, height, left, base).width
            left += height * rng.uniform(0.35, 0.9)
        bases.append(base)
        base += pitch
    if rng.random() < 0.45:
        page_rules(scene, height, bases, rng)

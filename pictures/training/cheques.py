"""Amounts on cheques: patterned paper, rules that digits touch, fillers, cents, flourishes."""

import numpy as np

from pictures.hands import Hand, Material
from pictures.scene import Generator, Scene, between
from pictures.training import texts
from pictures.training.around import moved, rule_width, squiggle, word_line
from pictures.training.kinds import Grounds, kind
from pictures.training.views import inked, within
from pictures.training.writing import ANY, Flow, Writer, fast_hand

GROUNDS: Grounds = {"security": 0.8, "paper": 0.15, "plain": 0.05}


def sum_of_money(rng: Generator) -> str:
    """An amount as on cheques: with thousands apart, many zeros, fillers before and after."""
    whole = [ANY * int(rng.integers(1, 4)), *[ANY * 3] * int(rng.integers(0, 3))]
    if rng.random() < 0.4:
        whole[1:] = ["000"] * (len(whole) - 1)
    body = str(rng.choice([".", "", ",", " ", "."])).join(whole)
    ends = ["", "", ".", ".-", "-", "=", ".=", "---", "==", "***", "#", ",00", ".00"]
    ends += [f",{ANY * 2}", f".{ANY * 2}", "/", "--"]
    if rng.random() < 0.4:
        return body
    body += str(rng.choice(ends))
    money = str(
        rng.choice(
            ["", "", "", "$ ", "$", "£", "€ ", "Rs. ", "#", "**", "***", "*", "=", "--", "~"]
        )
    )
    close = money if rng.random() < 0.8 and money in ("#", "**", "***", "*", "=", "--", "~") else ""
    return money + body + close


def _flow(hand: Hand, rng: Generator) -> Flow:
    """Cheques are written fast: digits near each other, zeros linked, lines that rise."""
    near = rng.uniform(-0.04, 0.12) if rng.random() < 0.8 else rng.uniform(0.1, 0.5)
    return Flow(
        (near, near + rng.uniform(0.03, 0.25)),
        touch=float(rng.choice([0, 0.3, 0.6, 0.9])),
        overlap=rng.uniform(0, 0.15),
        raised=rng.uniform(0, 0.4) if rng.random() < 0.2 else 0.0,
        spread=rng.uniform(0.03, 0.2),
        unsteady=rng.uniform(0.02, 0.12),
        slope=rng.normal(0, 0.04),
        linked=float(rng.choice([0, 0.5, 0.9])),
        small=0.25 if rng.random() < 0.12 else 0.0,
    )


def _cents(writer: Writer, height: float, left: float, base: float) -> float:
    """Cents small and high, over a rule or over 100."""
    rng, small = writer.rng, max(8.0, height * writer.rng.uniform(0.45, 0.75))
    rise = height * rng.uniform(0.3, 0.6)
    text = "00" if rng.random() < 0.4 else "xx" if rng.random() < 0.1 else ANY * 2
    if rng.random() < 0.25:
        line = writer.write(f"{text}/100", small, left, base)
        return left + line.width
    line = writer.write(text, small, left, base - rise)
    if rng.random() < 0.8:
        over = base - rise + 0.2 * small
        for count in range(int(rng.integers(1, 3))):
            y = over + 0.2 * count * small
            writer.rule(left - 0.2 * small, left + line.width + 0.2 * small, y, writer.width(small))
        if rng.random() < 0.4:
            writer.write("100", small * 0.9, left, over + 1.3 * small)
    return left + line.width


def _field(writer: Writer, height: float, left: float, base: float) -> float:
    """Write an amount and what follows it; gives where it ends."""
    rng = writer.rng
    end = left + writer.write(sum_of_money(rng), height, left, base).width
    if rng.random() < 0.2:
        end = _cents(writer, height, end + 0.15 * height, base)
    if rng.random() < 0.2:
        reach = height * rng.uniform(0.7, 3)
        if rng.random() < 0.6:
            writer.rule(end, end + reach, base - height * rng.uniform(0, 0.6), writer.width(height))
        else:
            path = squiggle(reach, height * rng.uniform(0.2, 0.8), rng)
            writer.stroke(moved([path], end, base - 0.6 * height), writer.width(height))
        end += reach
    if rng.random() < 0.05:
        writer.rule(left, end, base - height * rng.uniform(0.2, 0.6), writer.width(height))
    return end


def _underline(
    scene: Scene, height: float, left: float, base: float, end: float, rng: Generator
) -> None:
    """The field's rule or frame: near the feet, so that digits touch and cross it."""
    thick, tone = rule_width(height, rng), rng.uniform(0.35, 1)
    below = base + height * rng.uniform(-0.14, 0.12 if rng.random() < 0.6 else 0.25)
    start, stop = left - height * rng.uniform(0, 3), end + height * rng.uniform(-1, 4)
    scene.level(below, thick, start, stop, tone)
    if rng.random() < 0.35:
        scene.level(below + height * rng.uniform(0.1, 0.35), thick, start, stop, tone)
    if rng.random() < 0.4:
        scene.level(base - height * rng.uniform(1.0, 1.5), thick, start, stop, tone)
        if rng.random() < 0.6:
            scene.upright(start, thick, base - 1.3 * height, below, tone)


@kind(0.07, GROUNDS, heights=(14, 56))
def amount_field(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """The amount alone, cut out of the cheque."""
    hand = fast_hand(material, rng)
    writer = Writer(scene, hand, rng, _flow(hand, rng))
    base, left = scene.size / 2, rng.uniform(0.03, 0.3) * scene.size
    end = _field(writer, height, left, base)
    if rng.random() < 0.75:
        _underline(scene, height, left, base, end, rng)
    room = height * between(rng, 0.03, 0.8) * rng.uniform(-0.1, 1, 4)
    top, _, bottom, _ = inked(scene) or (base - height, left, base, end)
    scene.view = within(scene, (top, left, bottom, end), room)


@kind(0.02, GROUNDS, heights=(12, 50))
def cheque(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A part of a whole cheque: printed words and numbers, sums in words, a date, a signature."""
    hand = fast_hand(material, rng)
    writer = Writer(scene, hand, rng, _flow(hand, rng))
    printer = Writer(scene, Hand(material, rng, printed=True), rng)
    small = max(7.0, height * rng.uniform(0.35, 0.8))
    base = rng.uniform(0.5, 2) * height
    while base < scene.size + height and not writer.full:
        left = rng.uniform(-0.2, 0.3) * scene.size
        left = word_line(printer, small, left, base, left + rng.uniform(0, 3) * height)
        dice = rng.random()
        if dice < 0.5:
            end = _field(writer, height, left, base)
        elif dice < 0.65:
            end = left + writer.write(texts.date(rng), height, left, base).width
        elif dice < 0.9:
            end = word_line(writer, height, left, base, scene.size)
        else:
            end = left + printer.write(ANY * int(rng.integers(6, 13)), small, left, base).width
        if rng.random() < 0.8:
            _underline(scene, height, left, base, end, rng)
        base += height * rng.uniform(1.5, 2.6)
    if rng.random() < 0.35:
        wide = height * rng.uniform(4, 9)
        at = np.array([rng.uniform(0, 0.6), rng.uniform(0.3, 0.9)]) * scene.size
        writer.stroke([squiggle(wide, 2 * height, rng) + at], writer.width(height))

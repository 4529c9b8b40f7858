"""One digit or two: centred or not, cut to the ink, thin or broad, huge, in part, not alone."""

import numpy as np
from PIL import Image

from pictures.hands import Hand, Material
from pictures.pens import placed
from pictures.scene import PRINTED, SECOND, WRITTEN, Generator, Scene, between, one_of
from pictures.texture import blurred
from pictures.training.around import page_rules, ring
from pictures.training.kinds import Grounds, kind
from pictures.training.lines import surround
from pictures.training.views import framed, within
from pictures.training.writing import ANY, Writer

GROUNDS: Grounds = {"paper": 0.52, "plain": 0.22, "screen": 0.12, "board": 0.11, "security": 0.03}


def any_hand(material: Material, rng: Generator) -> Hand:
    """A hand; pens thin as a hair or broad as a marker are more frequent than elsewhere."""
    dice = rng.random()
    if dice < 0.4:
        return Hand(material, rng)
    hands = [Hand(material, rng) for _ in range(3)]
    return (max if dice < 0.65 else min)(hands, key=lambda hand: hand.pen)


def _crop(scene: Scene, height: float, rng: Generator) -> None:
    """Cut to the ink, or with margins up to several heights, or all of the scene."""
    dice = rng.random()
    if dice < 0.25:
        scene.view = framed(scene, rng, height * rng.uniform(0, 0.1))
    elif dice < 0.85:
        scene.view = framed(scene, rng, height * between(rng, 0.1, 4))


@kind(0.055, GROUNDS, heights=(11, 100))
def lone(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One digit, with margins from none to wide, in the middle or not; ones and noughts often."""
    writer = Writer(scene, any_hand(material, rng), rng)
    place = scene.size * (0.5 + (rng.normal(0, 0.12, 2) if rng.random() < 0.4 else np.zeros(2)))
    text = str(rng.choice(["0", "1", ANY], p=[0.08, 0.08, 0.84]))
    line = writer.write_amid(text, height, place[0], place[1])
    if rng.random() < 0.2:
        page_rules(scene, height, [place[1] + line.bottom - line.top], rng)
    _crop(scene, height, rng)


@kind(0.06, {"plain": 0.85, "screen": 0.1, "paper": 0.05}, heights=(12, 44))
def bitmap(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One digit of few pixels, mostly without half tones, cut to its ink or nearly; enlarged."""
    _enlarged(scene, any_hand(material, rng), height, 0.8, rng)


@kind(0.04, {"plain": 0.55, "paper": 0.3, "screen": 0.05, "archive": 0.1}, heights=(12, 96))
def grey_crop(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One digit that fills its picture, scanned in few grey pixels, blurred, enlarged."""
    hands, pen = [any_hand(material, rng) for _ in range(3)], between(rng, 0.06, 0.24)
    _enlarged(scene, min(hands, key=lambda hand: abs(hand.pen - pen)), height, 0.0, rng)


def _enlarged(scene: Scene, hand: Hand, height: float, sharp: float, rng: Generator) -> None:
    """A digit made of few pixels and enlarged; `sharp` is how often they have no half tones."""
    high = min(round(height), 16 if rng.random() < 0.5 else int(rng.integers(10, 41)))
    label, ink = hand.digit(3 * high, rng)
    shape = ink.shape[1] / len(ink)
    wide = high if rng.random() < 0.4 and shape > 0.35 else round(shape * high)
    ways = Image.Resampling
    few = np.asarray(Image.fromarray(ink).resize((max(2, wide), high), ways.BOX))
    few = few / few.max()
    if rng.random() < sharp:
        few = np.float32(few > rng.uniform(0.25, 0.5))
    dice = rng.random()
    most = 0 if dice < 0.5 else 1 if dice < 0.7 else 8
    margins = np.where(rng.random(4) < 0.7, rng.integers(0, most + 1, 4), 0)
    few = np.pad(placed(few, 0, 0).ink, margins.reshape(2, 2))
    if not sharp:
        few = blurred(np.pad(few, 1), rng.uniform(0, 0.9))[1:-1, 1:-1]
        few = few / few.max()
    size = round(few.shape[1] * height / high), round(len(few) * height / high)
    way = (ways.NEAREST, ways.BILINEAR, ways.BICUBIC, ways.LANCZOS)[int(rng.integers(4))]
    large = np.clip(np.asarray(Image.fromarray(few).resize(size, way)), 0, 1)
    top, left = (int(rng.integers(0, scene.size - side)) for side in large.shape)
    drawn = placed(large, left, top)
    scene.put(drawn.ink, drawn.foot - len(drawn.ink), drawn.left, label)
    scene.view = within(scene, (top, left, top + size[1], left + size[0]))


@kind(0.03, {"plain": 0.45, "paper": 0.55}, heights=(12, 90))
def question_number(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One or two digits cut to their ink, far apart or not, perhaps with a point or a rule."""
    writer = Writer(scene, Hand(material, rng, printed=False), rng)
    if rng.random() < 0.5:
        near = rng.uniform(0, 0.5)
        writer = writer.with_flow(gap=(near, near + 0.3), touch=0.0)
    text = str(
        rng.choice([ANY, "1" + ANY, "2" + ANY, ANY * 2, "11"], p=[0.3, 0.35, 0.15, 0.15, 0.05])
    )
    line = writer.write_amid(text, height, scene.size / 2, scene.size / 2)
    left, top = (scene.size - line.width) / 2, (scene.size - line.bottom + line.top) / 2
    dice, right, bottom = rng.random(), left + line.width, scene.size - top
    if dice < 0.15:
        writer.write(str(rng.choice([*".),:"])), height, right + 0.1 * height, bottom)
    elif dice < 0.3:
        surround(writer, left, top, line.width, bottom - top, height)
    elif dice < 0.45:  # a rule or the next line's heads, cut by the lower edge
        scene.level(bottom + rng.uniform(-0.08, 0.1) * height, rng.uniform(0.8, 2), 0, scene.size)
    room = height * (rng.uniform(-0.05, 0.12, 4) if rng.random() < 0.7 else rng.uniform(0, 0.8, 4))
    scene.view = within(scene, (top, left, bottom, right), room)


@kind(0.012, GROUNDS, heights=(90, 240))
def huge(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A digit too large for this scale, all of it in view."""
    writer = Writer(scene, any_hand(material, rng), rng)
    middle = scene.size / 2
    writer.write_amid(ANY, min(height, 0.9 * scene.size), middle, middle)
    if rng.random() < 0.6:
        scene.view = framed(scene, rng, height * between(rng, 0.02, 1))


@kind(0.012, GROUNDS, heights=(110, 300))
def part_of_huge(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A part of a huge digit or several: strokes, bows and loops that are nothing by themselves."""
    writer = Writer(scene, any_hand(material, rng), rng)
    text = ANY * int(rng.choice([1, 1, 2, 3]))
    x, y = scene.size * rng.uniform(-0.1, 1.1, 2)
    writer.write_amid(text, height, x, y)
    if rng.random() < 0.3:
        small = between(rng, 14, 50)
        other = Writer(scene, Hand(material, rng), rng, pen=SECOND)
        line = other.line(ANY * int(rng.integers(1, 5)), small)
        base = rng.uniform(0.1, 0.95) * scene.size
        if all(scene.free(p.ink, base + p.top, 10 + p.left) for p in line.pieces):
            other.place(line, 10, base)
    if rng.random() < 0.2:
        page_rules(scene, 50, [y], rng)


@kind(0.017, GROUNDS, heights=(14, 100))
def pair(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Two or three digits that touch, overlap or nearly."""
    hand = any_hand(material, rng)
    near = rng.uniform(0, 0.1)
    writer = Writer(scene, hand, rng)
    if not hand.printed:
        writer = writer.with_flow(touch=rng.uniform(0.3, 1), overlap=rng.uniform(0, 0.25))
    count = 2 if rng.random() < 0.75 else 3
    line = writer.line(ANY * count, height)
    place = scene.size / 2 + near * scene.size
    writer.place(line, place - line.width / 2, place + height / 2)
    _crop(scene, height, rng)


@kind(0.01, GROUNDS, heights=(13, 90))
def ringed(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A digit or two in a circle, underlined, in a box, after a sign, before a point."""
    hand = any_hand(material, rng)
    writer = Writer(scene, hand, rng)
    text = ANY * int(rng.choice([1, 1, 2]))
    text = str(rng.choice(["", "", "", "#", "-", "+", "("])) + text
    text += str(rng.choice(["", "", "", ".", ")", "/", ",", "%", "°"]))
    middle = scene.size / 2
    line = writer.write_amid(text, height, middle, middle)
    high, left = line.bottom - line.top, middle - line.width / 2
    if rng.random() < 0.35:
        reach = max(line.width, high) * rng.uniform(1.2, 1.8)
        ring(scene, middle, middle, reach, reach, max(1.0, hand.pen * height * rng.uniform(0.3, 1)))
    elif rng.random() < 0.8:
        pen = SECOND if rng.random() < 0.3 else PRINTED if rng.random() < 0.2 else WRITTEN
        liner = Writer(scene, hand, rng, pen=pen)
        surround(liner, left, middle - high / 2, line.width, high, height)
    _crop(scene, height, rng)


@kind(0.055, {"paper": 0.55, "plain": 0.25, "archive": 0.1, "screen": 0.1}, heights=(13, 80))
def with_neighbours(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A digit or two cut out of a number, with bits of what stands beside at the edges."""
    hand = any_hand(material, rng)
    writer = Writer(scene, hand, rng)
    if not hand.printed:
        writer = writer.with_flow(touch=rng.uniform(0, 0.6))
    some = [ANY * 2, ANY * 3, ANY * 3, ANY * 4, f"{ANY}{ANY}.", f"A{ANY}{ANY}", f"{ANY}-{ANY}"]
    some += [f"x{ANY}=", "-" + ANY * 2]
    line = writer.line(one_of(some, rng), height)
    base, start = scene.size / 2 + height / 2, (scene.size - line.width) / 2
    writer.place(line, start, base)
    if rng.random() < 0.3:
        page_rules(scene, height, [base], rng)
    digits = [piece for piece in line.pieces if piece.label and piece.label.isdigit()]
    piece = digits[len(digits) // 2 if rng.random() < 0.7 else int(rng.integers(len(digits)))]
    wide = piece.ink.shape[1] * (1 if rng.random() < 0.8 else 2)
    room = height * between(rng, 0.1, 0.8) * rng.uniform(-0.1, 1, 4)
    room[[0, 2]] *= rng.uniform(0.1, 1)
    top, left = base + piece.top, start + piece.left
    scene.view = within(scene, (top, left, top + len(piece.ink), left + wide), room)


@kind(0.02, {"screen": 0.5, "plain": 0.3, "board": 0.2}, heights=(14, 108))
def display(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A number on a display, a plate or a sign: segments, dots, type, in a frame."""
    hand = Hand(material, rng, printed=True)
    writer = Writer(scene, hand, rng)
    some = [ANY * 4, f"{ANY}{ANY}:{ANY}{ANY}", f"{ANY}{ANY}.{ANY}", ANY * 2, f"AB {ANY * 3}"]
    some += [f"{ANY}.{ANY}", f"-{ANY}.{ANY}", f"{ANY},{ANY}{ANY}", f"{ANY}.{ANY * 3}", "11:11"]
    line = writer.line(one_of(some, rng), height)
    middle = scene.size / 2
    base, left = middle + height / 2, middle - line.width / 2
    writer.place(line, left, base)
    if rng.random() < 0.6:
        room = height * rng.uniform(0.2, 0.7)
        edges = (base - height - room, left - room, base + room, left + line.width + room)
        scene.box(*edges, height * between(rng, 0.03, 0.2))
    _crop(scene, height, rng)

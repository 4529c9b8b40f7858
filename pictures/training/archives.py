"""Years and numbers in old registers: neighbours cut at the edge, blots, cursive words around."""

import numpy as np

from pictures.hands import Material
from pictures.scene import Generator, Scene, between
from pictures.training import texts
from pictures.training.around import filled, leader, word_line
from pictures.training.kinds import Grounds, kind
from pictures.training.views import within
from pictures.training.writing import ANY, WORD, Writer, curve, fast_hand

GROUNDS: Grounds = {"archive": 0.75, "paper": 0.25}


def _blots(scene: Scene, height: float, count: int, rng: Generator) -> None:
    """Drops of ink."""
    for _ in range(count):
        size, middle = height * between(rng, 0.06, 0.7), rng.uniform(0, scene.size, 2)
        turn = np.linspace(0, 2 * np.pi, 9)[:-1]
        reach = size * rng.uniform(0.6, 1.2, 8)[:, None]
        around = middle + reach * np.stack([np.cos(turn), np.sin(turn)], 1)
        scene.put(*filled(curve(np.concatenate([around, around[:1]]))), None)


def _year(rng: Generator) -> str:
    century = str(rng.choice(["17", "18", "18", "19"]))
    return century + ANY * 2 if rng.random() < 0.8 else ANY * int(rng.integers(1, 5))


def _entry(rng: Generator) -> str:
    """A number of a list, with a point as often as not."""
    body = str(rng.choice(["1", "2", "1" + ANY, ANY])) + ANY
    return body + str(rng.choice(["", ".", ".", ":", f" {ANY * 2}", "-"]))


@kind(0.035, GROUNDS, heights=(13, 80))
def cut_digit(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A digit or a few cut from a number: what stands beside is cut by the picture's edge."""
    writer = Writer(scene, fast_hand(material, rng), rng)
    writer = writer.with_flow(
        unsteady=rng.uniform(0.02, 0.15), slope=rng.normal(0, 0.05), touch=rng.uniform(0, 0.5)
    )
    dice = rng.random()
    text = _year(rng) if dice < 0.45 else texts.date(rng) if dice < 0.6 else _entry(rng)
    if rng.random() < 0.3:
        text = f"{WORD} {text}. {WORD}"
    line = writer.line(text, height)
    base, start = scene.size / 2 + height / 2, (scene.size - line.width) / 2
    writer.place(line, start, base)
    if rng.random() < 0.45:
        leader(scene, 0, scene.size, base + height * rng.uniform(-0.05, 0.25), height, rng)
    if rng.random() < 0.3:
        x, thick = rng.uniform(0.3, 0.7) * scene.size, rng.uniform(0.8, 3)
        scene.upright(x, thick, 0, scene.size, rng.uniform(0.4, 1))
    if rng.random() < 0.2:
        writer.write(WORD, height, start - height, base + height * rng.uniform(1, 1.7))
    digits = [piece for piece in line.pieces if piece.label and piece.label.isdigit()]
    first = int(rng.integers(len(digits)))
    last = min(len(digits) - 1, first + int(rng.choice([0, 0, 0, 1, 3])))
    shown = digits[first : last + 1]
    left, right = shown[0].left, max(piece.left + piece.ink.shape[1] for piece in shown)
    room = height * between(rng, 0.1, 0.6) * rng.uniform(-0.1, 1, 4)
    room[[0, 2]] *= rng.uniform(0.2, 1)
    top = base + min(piece.top for piece in shown)
    bottom = base + max(piece.top + len(piece.ink) for piece in shown)
    scene.view = within(scene, (top, start + left, bottom, start + right), room)


@kind(0.015, GROUNDS, heights=(11, 50))
def register(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A page of a register: cursive words, years, numbers in columns, printed rules."""
    writer = Writer(scene, fast_hand(material, rng), rng)
    base, pitch = rng.uniform(0, 1.5) * height, height * rng.uniform(1.3, 2.4)
    columns = np.sort(rng.uniform(0, scene.size, int(rng.integers(1, 5))))
    ruled = rng.random() < 0.5
    while base < scene.size + height and not writer.full:
        left = rng.uniform(-1, 1) * height
        for edge in [*columns, scene.size]:
            dice = rng.random()
            if dice < 0.5:
                left += writer.write(_year(rng), height, left, base).width
            elif dice < 0.8 and left < edge:
                left = word_line(writer, height, left, base, edge - height)
            left = max(left, edge) + height * rng.uniform(0.1, 0.6)
        if ruled:
            leader(scene, 0, scene.size, base + 0.15 * height, height, rng)
        base += pitch
    for edge in columns:
        scene.upright(edge, rng.uniform(0.8, 2.5), 0, scene.size, rng.uniform(0.3, 1))
    _blots(scene, height, int(rng.choice([0, 0, 1, 3])), rng)

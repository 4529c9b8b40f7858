"""Pictures with no digit in them: letters, words, drawings, shapes, rules, codes, blank pages."""

import numpy as np

from pictures.hands import Hand, Material
from pictures.scene import Generator, Scene, between
from pictures.training.around import distract, doodle, page_rules, print_ink, word_line
from pictures.training.kinds import kind
from pictures.training.views import framed
from pictures.training.writing import Writer

GROUNDS = {"paper": 0.6, "board": 0.12, "screen": 0.14, "plain": 0.14}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIGNS = "!?&%$#@*;'\"_<>[]{}~^°×÷√€£"


@kind(0.035, GROUNDS, heights=(8, 80))
def paragraphs(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Lines of words, printed or written."""
    writer = Writer(scene, Hand(material, rng), rng)
    pitch, base, bases = height * rng.uniform(1.2, 2), rng.uniform(0, 2) * height, []
    ragged = rng.uniform(0, 0.5) * scene.size
    left = rng.uniform(-1, 1) * height if rng.random() < 0.7 else rng.uniform(0, 0.5) * scene.size
    while base < scene.size + height and len(bases) < 12:
        word_line(writer, height, left, base, scene.size - rng.uniform(0, 1) * ragged)
        bases.append(base)
        base += pitch
    if rng.random() < 0.3:
        page_rules(scene, height, bases, rng)


@kind(0.02, GROUNDS, heights=(16, 220))
def lone_letters(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One letter or sign, or a few."""
    writer = Writer(scene, Hand(material, rng), rng)
    text = "".join(rng.choice([*ALPHABET, *SIGNS], int(rng.integers(1, 3))))
    writer.write_amid(text, height, scene.size / 2, scene.size / 2)
    scene.view = framed(scene, rng, height * between(rng, 0.05, 2))


@kind(0.02, GROUNDS, heights=(12, 80))
def drawings(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Doodles, scribbles, shapes, with letters among them."""
    hand = Hand(material, rng)
    for _ in range(int(rng.integers(1, 10))):
        doodle(scene, between(rng, 12, scene.size), between(rng, 1, 9), rng)
    if rng.random() < 0.5:
        distract(scene, material, hand, height, int(rng.integers(1, 8)), rng)


@kind(0.012, GROUNDS, heights=(8, 60))
def rules_alone(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """An empty page: squared, lined, or a form without a word."""
    page_rules(scene, height, list(np.arange(height, scene.size, 1.5 * height)), rng)


@kind(0.008, {"paper": 0.7, "screen": 0.3}, heights=(12, 60))
def codes(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Bar codes and square codes."""
    across = int(rng.integers(20, 60))
    unit = max(1, round(between(rng, 1.5, 6)))
    down = 1 if rng.random() < 0.5 else across
    cells = (rng.random((down, across)) < 0.5).astype(np.float32)
    high = unit if down > 1 else round(between(rng, 20, 120))
    ink = np.kron(cells, np.ones((high, unit), np.float32))
    top, left = (int(rng.integers(-20, max(1, scene.size - min(s, 200)))) for s in ink.shape)
    print_ink(scene, ink, top, left)


@kind(0.015, {"none": 0.8, "plain": 0.1, "paper": 0.1}, heights=(12, 60))
def blank(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Nothing at all: a surface, a texture, a photograph."""

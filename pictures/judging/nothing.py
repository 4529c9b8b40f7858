"""Pictures without any writing: blank, noise, gradients, scenes, textures, scribbles, logos."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pictures.judging.hands import Sources, ink_of
from pictures.judging.page import Page, kind
from pictures.judging.paper import clouds, on_paper
from pictures.scene import Generator, between

Grey = NDArray[np.float64]


def _shape(rng: Generator) -> tuple[int, int]:
    return round(between(rng, 28, 800)), round(between(rng, 28, 800))


def _seen(grey: Grey, noise: float, rng: Generator) -> Page:
    grey = np.clip(grey + rng.normal(0, noise, grey.shape), 0, 255)
    return Page(Image.fromarray(grey.astype(np.uint8)), [])


@kind("blank paper, or black", 80)
def blank(sources: Sources, rng: Generator) -> Page:
    level = rng.uniform(150, 255) if rng.random() < 0.7 else rng.uniform(0, 20)
    return _seen(np.full(_shape(rng), level), rng.uniform(0, 6), rng)


@kind("noise", 80)
def noise(sources: Sources, rng: Generator) -> Page:
    return _seen(np.full(_shape(rng), 128.0), rng.uniform(6, 120), rng)


@kind("gradients", 80)
def gradients(sources: Sources, rng: Generator) -> Page:
    shape = _shape(rng)
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    a, b, c = rng.uniform(-80, 80, 3)
    return _seen(128 + a * x + b * y + c * (x * x + y * y) / 2, rng.uniform(0, 4), rng)


@kind("scenes: soft shapes of many tones, like a photograph out of focus", 160)
def scenes(sources: Sources, rng: Generator) -> Page:
    shape = _shape(rng)
    grey = np.full(shape, 128.0)
    for cells in (3, 6, 12, 24):
        grey += 60 / np.sqrt(cells) * clouds(shape, cells, rng)
    return _seen(grey, 3, rng)


@kind("scenes of shapes with edges: walls, windows, leaves", 160)
def scenes_edged(sources: Sources, rng: Generator) -> Page:
    shape = _shape(rng)
    picture = Image.fromarray(np.uint8(np.clip(150 + 30 * clouds(shape, 3, rng), 0, 255)))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(3, 25))):
        middle, size = rng.uniform(0, 1, 2) * shape[::-1], between(rng, 0.05, 0.5) * min(shape)
        corners = int(rng.integers(3, 8))
        turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
        points = middle + size * np.stack([np.cos(turn), np.sin(turn)], 1)
        draw.polygon([(float(x), float(y)) for x, y in points], fill=int(rng.integers(256)))
    return _seen(np.asarray(picture, np.float64), rng.uniform(0, 6), rng)


@kind("textures: stripes, checks, bricks, weave", 160)
def textures(sources: Sources, rng: Generator) -> Page:
    shape = _shape(rng)
    y, x = np.mgrid[: shape[0], : shape[1]]
    period, angle = between(rng, 3, 80), rng.uniform(0, np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / period
    across = (y * np.cos(angle) - x * np.sin(angle)) / period
    shifted = across + 0.5 * (along.astype(int) % 2)
    wave = [
        np.sin(2 * np.pi * along),
        np.sign(np.sin(2 * np.pi * along) * np.sin(2 * np.pi * across)),
        np.where((along % 1 < 0.1) | (shifted % 1 < 0.06), 1.0, -1.0),
        np.sin(2 * np.pi * along) * np.sin(2 * np.pi * across),
    ][int(rng.integers(4))]
    return _seen(128 + rng.uniform(10, 110) * wave, rng.uniform(0, 8), rng)


@kind("scribbles", 160)
def scribbles(sources: Sources, rng: Generator) -> Page:
    turns = np.cumsum(rng.normal(0, rng.uniform(0.3, 1), int(rng.integers(120, 400))))
    path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1), 0)
    size = between(rng, 40, 300)
    path *= size / np.ptp(path, axis=0).max()
    ink = ink_of([path], rng.uniform(0.015, 0.08) * size)
    return Page(on_paper(np.pad(ink, round(rng.uniform(0, 0.5) * size)), rng), [])


@kind("logos: stars, hearts, arrows, ticks, crosses, rings of shapes", 160)
def logos(sources: Sources, rng: Generator) -> Page:
    size = between(rng, 24, 250)
    fine = 4
    picture = Image.new("L", (round(1.2 * size) * fine,) * 2)
    draw = ImageDraw.Draw(picture)
    name, points = list(_LOGOS.items())[int(rng.integers(len(_LOGOS)))]
    at = [(size * fine * (0.1 + x), size * fine * (0.1 + y)) for x, y in points]
    width = round(rng.uniform(0.05, 0.12) * size * fine)
    if rng.random() < 0.5 and name not in ("tick", "cross", "arrow"):
        draw.polygon(at, fill=255)
    else:
        closed = name not in ("tick", "cross", "arrow")
        draw.line(at + at[:2] * closed, fill=255, width=width, joint="curve")
    ink = np.asarray(picture.reduce(fine), np.float32) / 255
    return Page(on_paper(ink, rng), [], note=name)


def _star(corners: int, inner: float) -> list[tuple[float, float]]:
    turn = np.arange(2 * corners) * np.pi / corners
    radius = np.where(np.arange(2 * corners) % 2, inner, 0.5)
    return [(0.5 + r * np.sin(t), 0.5 - r * np.cos(t)) for t, r in zip(turn, radius, strict=True)]


def _heart(t: float) -> tuple[float, float]:
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return 0.5 + 0.031 * 16 * np.sin(t) ** 3, 0.45 - 0.031 * y


_LOGOS: dict[str, list[tuple[float, float]]] = {
    "star": _star(5, 0.2),
    "six-pointed star": _star(6, 0.28),
    "sun": _star(12, 0.36),
    "triangle": [(0.5, 0.0), (1.0, 0.9), (0.0, 0.9)],
    "diamond": [(0.5, 0.0), (0.9, 0.5), (0.5, 1.0), (0.1, 0.5)],
    "house": [(0.5, 0), (1, 0.45), (0.85, 0.45), (0.85, 1), (0.15, 1), (0.15, 0.45), (0, 0.45)],
    "bolt": [(0.6, 0.0), (0.15, 0.55), (0.45, 0.55), (0.35, 1.0), (0.85, 0.4), (0.52, 0.4)],
    "heart": [_heart(t) for t in np.linspace(0, 2 * np.pi, 40)],
    "tick": [(0.0, 0.55), (0.35, 0.9), (1.0, 0.1)],
    "cross": [(0.1, 0.1), (0.9, 0.9), (0.5, 0.5), (0.9, 0.1), (0.1, 0.9)],
    "arrow": [(0.0, 0.5), (1.0, 0.5), (0.7, 0.2), (1.0, 0.5), (0.7, 0.8)],
}

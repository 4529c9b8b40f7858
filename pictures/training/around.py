"""What lies around digits on any page: its rules, words, scribbles, shapes, other digits."""

import numpy as np
from PIL import Image, ImageDraw

from pictures.hands import Hand, Material
from pictures.scene import SECOND, WRITTEN, Generator, Plane, Scene, between
from pictures.training.writing import ANY, WORD, Line, Path, Writer, brush, curve, oval

LARGEST = 110  # in pixels: a ring from this size on is no nought


def rule_width(height: float, rng: Generator, most: float = 0.08) -> float:
    """How thick a printed line is beside writing of that height, in pixels."""
    return float(rng.uniform(0.6, max(1.1, most * height)))


def page_rules(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    """What a page is printed with: squares, lines, dots, at the base lines or anywhere."""
    draw = [_squared, _lined, _ruled, _dotted, _underlined, _margin, _millimetres]
    chosen = int(rng.choice(len(draw), p=[0.25, 0.22, 0.23, 0.08, 0.1, 0.05, 0.07]))
    draw[chosen](scene, height, bases, rng)


def _squared(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    pitch, thick = height * between(rng, 0.3, 2), rule_width(height, rng)
    tone = rng.uniform(0.1, 0.9)
    for draw in (scene.level, scene.upright):
        for at in np.arange(rng.uniform(-pitch, 0), scene.size, pitch):
            draw(at, thick, 0, scene.size, tone)


def _millimetres(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    pitch, tone = max(3.0, height * rng.uniform(0.1, 0.3)), rng.uniform(0.1, 0.6)
    every = int(rng.choice([2, 4, 5, 10]))
    for draw in (scene.level, scene.upright):
        for count, at in enumerate(np.arange(rng.uniform(-pitch, 0), scene.size, pitch)):
            bold = count % every == 0
            draw(at, 1.3 if bold else 0.8, 0, scene.size, min(1.0, tone * (1.8 if bold else 0.7)))


def _lined(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    pitch, thick = height * between(rng, 0.6, 2.4), rule_width(height, rng)
    tone = rng.uniform(0.15, 1)
    for at in np.arange(rng.uniform(-pitch, 0), scene.size, pitch):
        scene.level(at, thick, 0, scene.size, tone)
    if rng.random() < 0.25:
        _margin(scene, height, bases, rng)


def _ruled(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    thick, tone = rule_width(height, rng), rng.uniform(0.2, 1)
    below = rng.uniform(-0.15, 0.25) * height
    for base in bases:
        scene.level(base + below, thick, 0, scene.size, tone)
    if rng.random() < 0.2:
        _margin(scene, height, bases, rng)


def _underlined(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    thick, tone = rule_width(height, rng), rng.uniform(0.3, 1)
    for base in bases:
        start, end = rng.uniform(-0.1, 0.4) * scene.size, rng.uniform(0.5, 1.1) * scene.size
        scene.level(base + rng.uniform(-0.05, 0.25) * height, thick, start, end, tone)


def _margin(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    thick, x = rule_width(height, rng), rng.uniform(0, scene.size)
    for count in range(1 if rng.random() < 0.7 else 2):
        scene.upright(x + count * 3 * thick, thick, 0, scene.size, rng.uniform(0.3, 1))


def _dotted(scene: Scene, height: float, bases: list[float], rng: Generator) -> None:
    pitch, radius = height * between(rng, 0.25, 1), rng.uniform(0.6, 2)
    pitch = max(pitch, 3 * radius)
    y = np.arange(scene.size, dtype=np.float32)[:, None] + np.float32(rng.uniform(0, pitch))
    x = np.arange(scene.size, dtype=np.float32)[None] + np.float32(rng.uniform(0, pitch))
    away = np.hypot(y % pitch - pitch / 2, x % pitch - pitch / 2)
    dots = rng.uniform(0.2, 1) * np.clip(radius - away + 0.5, 0, 1)
    np.maximum(scene.rules, dots, out=scene.rules)


def print_ink(scene: Scene, ink: Plane, top: int, left: int, tone: float = 1.0) -> None:
    """Print ink of any shape in the rules' tone."""
    first, last = np.clip([top, top + len(ink)], 0, scene.size)
    start, end = np.clip([left, left + ink.shape[1]], 0, scene.size)
    window = scene.rules[first:last, start:end]
    np.maximum(window, tone * ink[first - top : last - top, start - left : end - left], out=window)


def ring(scene: Scene, x: float, y: float, wide: float, high: float, thick: float) -> None:
    """Print a circle or an ellipse."""
    turn = np.linspace(0, 2 * np.pi, 48)
    path = np.stack([x + wide / 2 * np.cos(turn), y + high / 2 * np.sin(turn)], 1)
    print_ink(scene, *brush([path], thick))


def leader(scene: Scene, start: float, end: float, y: float, height: float, rng: Generator) -> None:
    """Print a rule to write on: whole, in dashes or in dots."""
    thick, tone = rule_width(height, rng, 0.06), rng.uniform(0.4, 1)
    if rng.random() < 0.5:
        scene.level(y, thick, start, end, tone)
        return
    step = max(3.0, height * rng.uniform(0.08, 0.3))
    on = step * rng.uniform(0.25, 0.7)
    for x in np.arange(max(start, -step), min(end, scene.size), step):
        scene.level(y, max(1.0, thick), x, x + max(1.0, on), tone)


# Scribbles and shapes


def scribble(size: float, rng: Generator) -> Path:
    """A path that turns at random, about `size` pixels wide."""
    steps = int(rng.integers(30, 250))
    turns = np.cumsum(rng.normal(0, rng.uniform(0.15, 1), steps))
    path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1), 0)
    return path * size / max(float(np.ptp(path, axis=0).max()), 1e-6)


def zigzag(wide: float, high: float, rng: Generator) -> Path:
    """A crossing-out: to and fro over a field of that size from (0, 0)."""
    count = int(rng.integers(4, 16))
    y = np.where(np.arange(count) % 2 == 0, 0, 1) * high + rng.normal(0, 0.1 * high, count)
    x = np.linspace(0, wide, count) + rng.normal(0, 0.06 * wide, count)
    return curve(np.stack([x, y], 1))


def squiggle(wide: float, high: float, rng: Generator) -> Path:
    """A flourish or signature: loops along a line."""
    along = np.linspace(0, 1, 90)
    loops = rng.uniform(2, 9)
    swell = np.interp(along, np.linspace(0, 1, 6), rng.uniform(0.15, 1, 6))
    phase = 2 * np.pi * loops * along + rng.uniform(0, 6)
    x = wide * along + 0.12 * wide * swell * np.sin(phase + 1.2)
    return np.stack([x, high / 2 * (1 + swell * np.cos(phase))], 1)


def tick(size: float, rng: Generator) -> Path:
    """A tick of about `size` pixels from (0, 0)."""
    low = rng.uniform(0.2, 0.45)
    start = (0.0, size * rng.uniform(0.4, 0.7))
    end = (size * rng.uniform(0.7, 1.2), size * rng.uniform(-0.2, 0.2))
    return curve(np.array([start, (size * low, size), end]))


def cross(size: float, rng: Generator) -> list[Path]:
    """A cross of about `size` pixels from (0, 0)."""
    at = size * (np.array([[0, 0], [1, 1], [1, 0], [0, 1]]) + rng.normal(0, 0.08, (4, 2)))
    return [curve(at[:2]), curve(at[2:])]


def star(size: float, rng: Generator) -> Path:
    """A star of five points in one stroke."""
    turn = np.arange(6) * 4 * np.pi / 5 - np.pi / 2 + rng.normal(0, 0.06, 6)
    return size / 2 * (1 + np.stack([np.cos(turn), np.sin(turn)], 1))


def heart(size: float, rng: Generator) -> Path:
    """A heart."""
    turn = np.linspace(0, 2 * np.pi, 40)
    x = np.sin(turn) ** 3
    y = 0.81 * np.cos(turn) - 0.31 * np.cos(2 * turn) - 0.12 * np.cos(3 * turn)
    return size / 2 * (1 + np.stack([x, -y], 1)) + rng.normal(0, 0.01 * size, (40, 2))


def arrow(size: float, rng: Generator) -> list[Path]:
    """An arrow in any direction."""
    turn, head = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.4) * size
    end = size * np.array([np.cos(turn), np.sin(turn)])
    sides = [turn + np.pi + side * rng.uniform(0.3, 0.7) for side in (-1, 1)]
    barbs = [end + head * np.array([np.cos(side), np.sin(side)]) for side in sides]
    middle = end / 2 + rng.normal(0, 0.08 * size, 2)
    return [curve(np.stack([0 * end, middle, end])), np.stack([barbs[0], end, barbs[1]])]


def polygon(size: float, rng: Generator) -> Path:
    """Three to six straight sides."""
    corners = int(rng.integers(3, 7))
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    around = size / 2 * (1 + np.stack([np.cos(turn), np.sin(turn)], 1))
    return np.concatenate([around, around[:1]])


def waves(size: float, rng: Generator) -> Path:
    """A wavy or jagged line."""
    along = np.linspace(0, 1, 50)
    wave = np.sin(2 * np.pi * rng.uniform(1, 7) * along)
    if rng.random() < 0.4:
        wave = np.sign(wave)
    return size * np.stack([along, 0.5 + rng.uniform(0.05, 0.3) * wave], 1)


def shape(size: float, rng: Generator) -> list[Path]:
    """Strokes of some drawing, from about (0, 0): no ring that could be a nought, no plain line."""
    match int(rng.integers(12)):
        case 0 if size > LARGEST:
            return [oval(size / 2, size / 2, size, size * rng.uniform(0.4, 1), rng)]
        case 2:
            return cross(size, rng)
        case 5:
            return arrow(size, rng)
        case 8:
            return [zigzag(size, size * rng.uniform(0.3, 1), rng)]
        case 9:
            return [squiggle(size, size * rng.uniform(0.2, 0.6), rng)]
        case 10:
            return [curve(rng.uniform(0, size, (int(rng.integers(4, 7)), 2)))]
        case other:
            drawn = {1: tick, 3: star, 4: heart, 6: polygon, 7: waves}.get(other, scribble)
            return [drawn(size, rng)]


def turned(paths: list[Path], rng: Generator, most: float = np.pi) -> list[Path]:
    """Strokes turned about (0, 0) by any angle up to `most`."""
    angle = rng.uniform(-most, most)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [path @ turn for path in paths]


def moved(paths: list[Path], x: float, y: float) -> list[Path]:
    """Strokes moved so that the upper left corner of what they span lies there."""
    low = np.concatenate(paths).min(0)
    return [path - low + (x, y) for path in paths]


def filled(path: Path) -> tuple[Plane, int, int]:
    """Ink of all that a path encloses, and its top and left."""
    low = np.floor(path.min(0)) - 1
    size = np.ceil(path.max(0) - low).astype(int) + 2
    image = Image.new("L", (2 * int(size[0]), 2 * int(size[1])))
    ImageDraw.Draw(image).polygon((2 * (path - low)).ravel().tolist(), fill=255)
    ink = np.asarray(image.reduce(2), np.float32) / np.float32(255)
    return ink, int(low[1]), int(low[0])


# What distracts


def doodle(scene: Scene, size: float, width: float, rng: Generator, pen: int = WRITTEN) -> None:
    """A shape or scribble where nothing is written yet; sometimes filled."""
    paths = turned(shape(size, rng), rng, 0.5 if rng.random() < 0.7 else np.pi)
    reach = np.ptp(np.concatenate(paths), axis=0)
    x, y = (_anywhere(span, scene.size, rng) for span in reach)
    paths = moved(paths, x, y)
    if rng.random() < 0.12 and len(paths) == 1 and len(paths[0]) > 2:
        ink, top, left = filled(paths[0])
    else:
        ink, top, left = brush(paths, min(width, 0.2 * size + 1))
    if scene.free(ink, top, left):
        scene.put(ink, top, left, None, pen)


def distract(
    scene: Scene, material: Material, hand: Hand, height: float, count: int, rng: Generator
) -> None:
    """Things that are not what is to be found: doodles, letters, signs, words."""
    other = Hand(material, rng) if rng.random() < 0.4 else hand
    writer = Writer(scene, other, rng, pen=SECOND if rng.random() < 0.3 else None)
    for _ in range(count):
        size = min(between(rng, 0.4, 4) * height, scene.size)
        if rng.random() < 0.5:
            width = max(1.0, hand.pen * height * rng.uniform(0.5, 1.5))
            doodle(scene, size, min(width, 12), rng, writer.pen)
        else:
            text = str(rng.choice([*"ACEFHKMNPRTXYadefhkmnprtuvwxy", *"!?%&$#@*;", WORD]))
            line = writer.line(text, min(size, 60 if text == WORD else 90))
            place_free(scene, writer, line, rng)


def _anywhere(span: float, size: int, rng: Generator) -> float:
    """Where something of that span starts, most of it on the scene."""
    low, high = sorted((-0.3 * span, size - 0.7 * span))
    return float(rng.uniform(low, high))


def place_free(scene: Scene, writer: Writer, line: Line, rng: Generator) -> bool:
    """Put a line where nothing is written, if three tries find such a place."""
    for _ in range(3):
        left = _anywhere(line.width, scene.size, rng)
        base = _anywhere(line.bottom - line.top, scene.size, rng) - line.top
        if all(scene.free(p.ink, base + p.top, left + p.left) for p in line.pieces):
            writer.place(line, left, base)
            return True
    return False


def background_digits(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Digits much larger or smaller than the others, where nothing is written."""
    writer = Writer(scene, Hand(material, rng), rng)
    for _ in range(3):
        tall = height * (between(rng, 0.25, 0.6) if rng.random() < 0.5 else between(rng, 2, 5))
        if tall < 9 or tall > scene.size:
            continue
        place_free(scene, writer, writer.line(ANY * int(rng.integers(1, 4)), tall), rng)


def words_around(scene: Scene, writer: Writer, height: float, rng: Generator, count: int) -> None:
    """Words where nothing is written."""
    for _ in range(count):
        place_free(scene, writer, writer.line(WORD, height), rng)


def word_line(writer: Writer, height: float, left: float, base: float, right: float) -> float:
    """Words from left to right; gives where they end."""
    rng, x = writer.rng, left
    calm = writer.with_flow(touch=0.0)
    while x < right:
        line = calm.write(WORD, height, x, base)
        x += line.width + height * rng.uniform(0.3, 0.9)
    return x

"""What is no digit, drawn: letters, marks, scribbles, shapes, parts of digits, digits in one.

The network learns to answer these with ten equal probabilities (outlier exposure: Hendrycks,
Mazeika and Dietterich, "Deep Anomaly Detection with Outlier Exposure", 2019).

Left out is what looks like a digit: the letters in `LOOK_ALIKE`, bars upright or leaning as a 1
may, and those halves of digits that are digits again, such as the lower half of a 9.
"""

from collections.abc import Callable
from functools import cache
from string import ascii_lowercase, ascii_uppercase

import numpy as np
from HersheyFonts import HersheyFonts
from numpy.typing import NDArray
from PIL import Image

from handwriting import (
    MIDDLE,
    THINNEST,
    Generator,
    Picture,
    drawn_image,
    loosened,
    some_height,
    some_margin,
    some_pen,
)
from pictures.material import Material
from pictures.scene import cropped, one_of
from tinydigits.handwriting import Strokes
from tinydigits.trust.drawing import drawn_strokes, drawn_text
from tinydigits.trust.not_digits import LOOK_ALIKE

LETTERS = [each for each in ascii_uppercase + ascii_lowercase if each not in LOOK_ALIKE]
MARKS = list('\\+-.,:;()[]{}<>=%&#@!?*^~_"$€§ÄÜéß√∑±×÷→←')
# The halves of digits that are no digits: which side is kept.
HALVES = {"left": (0, 2, 3, 4, 5, 7, 9), "right": (0, 2, 5, 6)}
HALVES |= {"top": (0, 2, 4, 5), "bottom": (0, 2, 3, 5)}


def outlier(material: Material, rng: Generator) -> Picture:
    """A picture of something that is no digit."""
    kinds, shares = zip(*KINDS.items(), strict=True)
    kind = kinds[int(rng.choice(len(kinds), p=np.array(shares) / sum(shares)))]
    return kind(material, rng)


def printed_letter(material: Material, rng: Generator) -> Picture:
    """A letter in one of the fonts."""
    return _printed(one_of(LETTERS, rng), material, rng)


def printed_mark(material: Material, rng: Generator) -> Picture:
    """A mark in one of the fonts."""
    return _printed(one_of(MARKS, rng), material, rng)


def letters_in_one(material: Material, rng: Generator) -> Picture:
    """Two or three letters, as if joined."""
    text = "".join(one_of(LETTERS, rng) for _ in range(int(rng.integers(2, 4))))
    return _printed(text, material, rng)


def _printed(text: str, material: Material, rng: Generator) -> Picture:
    return drawn_text(text, one_of(material.fonts, rng), rng, some_height(rng), some_margin(rng))


def written_letter(material: Material, rng: Generator) -> Picture:
    """A letter of a few strokes, by some pen."""
    strokes = _hand(one_of(material.hershey, rng)).strokes_for_text(one_of(LETTERS, rng))
    return _drawn([np.array(stroke, float) for stroke in strokes], rng)


@cache
def _hand(name: str) -> HersheyFonts:
    fonts = HersheyFonts()
    fonts.load_default_font(name)
    return fonts


def shape(material: Material, rng: Generator) -> Picture:
    """A cross, tick, arrow, star, piece of a grid, corner, arc or the like."""
    return _drawn(one_of(SHAPES, rng)(rng), rng)


def face(material: Material, rng: Generator) -> Picture:
    """A face, by a thin pen: a broad one would fill it."""
    return _drawn(_face(rng), rng, float(rng.uniform(THINNEST, MIDDLE)))


def scribble(material: Material, rng: Generator) -> Picture:
    """A line that turns at random, short or long."""
    turns = np.cumsum(rng.normal(0, rng.uniform(0.2, 0.8), int(rng.integers(40, 250))))
    return _drawn([np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1), 0)], rng)


def half(material: Material, rng: Generator) -> Picture:
    """A part of a digit that is none."""
    side = one_of(list(HALVES), rng)
    digits = material.images["mnist"]
    fitting = np.flatnonzero(np.isin(digits.labels, HALVES[side]))
    image = cropped(digits.pixels[one_of(fitting, rng)])
    share = rng.uniform(0.35, 0.62)
    rows, columns = (max(2, round(share * n)) for n in image.shape)
    parts = {"left": image[:, :columns], "right": image[:, -columns:]}
    parts |= {"top": image[:rows], "bottom": image[-rows:]}
    return _drawn_digits(parts[side], rng)


def several(material: Material, rng: Generator) -> Picture:
    """Two digits, now and then three, touching or close together."""
    count = 2 if rng.random() < 0.8 else 3
    pixels = material.images["mnist"].pixels
    images = [cropped(one_of(pixels, rng)) for _ in range(count)]
    canvas = np.zeros((36, 28 * count), np.uint8)
    x = 0
    for image in images:
        top = int(rng.integers(0, 36 - image.shape[0] + 1)) // 2 + 4
        top = min(top, 36 - image.shape[0])
        x = max(0, x - int(rng.integers(-2, 5)))
        window = canvas[top : top + image.shape[0], x : x + image.shape[1]]
        np.maximum(window, image, out=window)
        x += image.shape[1]
    return _drawn_digits(cropped(canvas), rng)


def blob(material: Material, rng: Generator) -> Picture:
    """Random smooth patches."""
    cells = int(rng.integers(3, 12))
    small = Image.fromarray(rng.normal(0, 1, (cells, cells)).astype(np.float32))
    smooth = np.asarray(small.resize((84, 84), Image.Resampling.BICUBIC))
    share = np.quantile(smooth, rng.uniform(0.5, 0.9))
    return _drawn_digits(np.uint8(255) * (smooth > share).astype(np.uint8), rng)


def _drawn_digits(image: NDArray[np.uint8], rng: Generator) -> Picture:
    return drawn_image(image, rng, some_height(rng), some_margin(rng))


def _drawn(strokes: Strokes, rng: Generator, pen: float = 0.0) -> Picture:
    loose = loosened(strokes, rng, 1.5)
    return drawn_strokes(loose, pen or some_pen(rng), some_height(rng), some_margin(rng))


def _lines(*lines: list[tuple[float, float]]) -> Strokes:
    return [np.array(line, float) for line in lines]


def _circle(x: float, y: float, radius: float, start: float = 0, turn: float = 360) -> Strokes:
    angles = np.radians(np.linspace(start, start + turn, 40))
    return [np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1)]


def _arc(rng: Generator) -> Strokes:
    """A bow that isn't closed, open anywhere but to the left: that could be half of a 0 or a 1."""
    return _circle(0, 0, 1, rng.uniform(0, 360), rng.uniform(120, 250))


def _star(rng: Generator) -> Strokes:
    points, step = (5, 2) if rng.random() < 0.7 else (7, 3)
    angles = 2 * np.pi * (np.arange(points + 1) * step) / points - np.pi / 2
    return [np.stack([np.cos(angles), np.sin(angles)], 1)]


def _asterisk(rng: Generator) -> Strokes:
    count = int(rng.integers(3, 5))
    angles = np.pi * np.arange(count) / count + rng.uniform(0, np.pi)
    return [np.array([[np.cos(a), np.sin(a)], [-np.cos(a), -np.sin(a)]]) for a in angles]


def _face(rng: Generator) -> Strokes:
    mouth = _circle(0, 0.1 if rng.random() < 0.7 else 0.9, 0.5, 30, 120)
    eyes = [_circle(x, -0.3, 0.06)[0] for x in (-0.35, 0.35)]
    return [*_circle(0, 0, 1), *eyes, *mouth]


def _grid(rng: Generator) -> Strokes:
    across, down = (int(n) for n in rng.integers(1, 5, 2))
    rows = [[(0.0, y), (float(across), y)] for y in np.arange(down + 1.0)]
    columns = [[(x, 0.0), (x, float(down))] for x in np.arange(across + 1.0)]
    kept = [line for line in rows + columns if rng.random() < 0.9]
    return _lines(*kept) if len(kept) > 2 else _lines(*rows, *columns)


def _arrow(rng: Generator) -> Strokes:
    angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.7)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    arrow = _lines([(-1, 0), (1, 0)], [(1 - length, -length), (1, 0), (1 - length, length)])
    return [line @ turned.T for line in arrow]


def _zigzag(rng: Generator) -> Strokes:
    count = int(rng.integers(4, 9))
    return _lines([(float(i), float(i % 2) * rng.uniform(0.5, 3)) for i in range(count)])


def _wave(rng: Generator) -> Strokes:
    x = np.linspace(0, rng.uniform(2, 5) * np.pi, 60)
    return [np.stack([x, np.sin(x) * rng.uniform(0.5, 2)], 1)]


def _spiral(rng: Generator) -> Strokes:
    angle = np.linspace(0, rng.uniform(4, 8) * np.pi, 120) + rng.uniform(0, 2 * np.pi)
    radius = np.linspace(0.1, 1, 120)
    return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)]


def _polygon(rng: Generator) -> Strokes:
    count = int(rng.integers(3, 6))
    angles = 2 * np.pi * np.arange(count + 1) / count + rng.uniform(0, 2 * np.pi)
    return [np.stack([np.cos(angles) * rng.uniform(0.6, 1), np.sin(angles)], 1)]


def _slash(rng: Generator) -> Strokes:
    """A bar that leans more than a 1 does, or to the other side."""
    angle = rng.uniform(32, 65) if rng.random() < 0.6 else rng.uniform(-65, -15)
    tilt = np.tan(np.radians(angle))
    return _lines([(0, 0), (-tilt, 1)])


def _bars(rng: Generator) -> Strokes:
    """Parallel bars: equals, pause, hash."""
    count, gap = int(rng.integers(2, 4)), rng.uniform(0.3, 0.7)
    bars = _lines(*([(0, gap * i), (1, gap * i)] for i in range(count)))
    return bars if rng.random() < 0.5 else [bar[:, ::-1] for bar in bars]


SHAPES: list[Callable[[Generator], Strokes]] = [
    lambda rng: _lines([(0, 0), (1, 1)], [(1, 0), (0, 1)]),  # cross
    lambda rng: _lines([(0, 0.5), (1, 0.5)], [(0.5, 0), (0.5, 1)]),  # plus
    lambda rng: _lines([(0, 0.6), (0.35, 1), (1, 0)]),  # tick
    lambda rng: _lines([(0, 0), (0, 1), (1, 1)]),  # corners
    lambda rng: _lines([(0, 1), (0, 0), (1, 0)]),
    lambda rng: _lines([(0, 1), (1, 1), (1, 0)]),
    lambda rng: _lines([(0, 0), (0.5, 1), (1, 0)]),
    lambda rng: _lines([(0, 1), (0.5, 0), (1, 1)]),
    lambda rng: _lines([(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]),  # T, turned over too
    lambda rng: _lines([(0, 1), (1, 1)], [(0.5, 0), (0.5, 1)]),
    lambda rng: _lines([(0, 0), (0, 1)], [(0, 0.5), (1, 0.5)]),
    lambda rng: _lines([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]),  # box
    lambda rng: _lines([(0, 0.5), (1, 0.5)]),  # minus
    lambda rng: _lines([(0, 0), (0.02, 0.02)]),  # point
    _arc, _arc, _star, _asterisk, _grid, _arrow, _arrow, _zigzag,
    _wave, _spiral, _polygon, _slash, _slash, _bars,
]  # fmt: skip

# How large a share of the outliers each kind is.
KINDS: dict[Callable[[Material, Generator], Picture], float] = {
    printed_letter: 24,
    written_letter: 14,
    letters_in_one: 5,
    printed_mark: 10,
    shape: 13,
    face: 1,
    scribble: 7,
    half: 10,
    several: 12,
    blob: 4,
}

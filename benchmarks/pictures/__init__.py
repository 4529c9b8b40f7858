"""The pictures that `reading.py` reads: digits drawn in many ways, pages, and things not digits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from pictures.sources import Strokes

Generator = np.random.Generator


@dataclass(frozen=True)
class Page:
    """A drawn page: its picture, its lines of digits, and whether any of them touch."""

    picture: Image.Image
    lines: list[str]
    touching: bool


def drawn_digit(image: NDArray[np.uint8], rng: Generator) -> Image.Image:
    """An MNIST image as a picture: 14 to 400 pixels, anywhere, in any tone, blurred and noisy."""
    side = round(float(np.exp(rng.uniform(np.log(14), np.log(400)))))
    enlarged = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    width, height = (round(side * rng.uniform(1.0, 2.5)) for _ in range(2))
    canvas = Image.new("L", (width, height))
    canvas.paste(enlarged, (rng.integers(width - side + 1), rng.integers(height - side + 1)))
    canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.02) * side))
    ink = np.asarray(canvas, np.float64) / 255
    low, high = rng.uniform(0, 80), rng.uniform(170, 255)
    paper, pen = (low, high) if rng.random() < 0.5 else (high, low)
    grey = paper + (pen - paper) * ink + rng.normal(0, rng.uniform(0, 8), ink.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def drawn_strokes(strokes: Strokes, width: float, height: int) -> Image.Image:
    """Pen strokes as black lines on white.

    Args:
        strokes: arrays (n, 2) of points, y upwards.
        width: of the pen, as a share of the digit's height.
        height: of the digit, in pixels.
    """
    points = np.concatenate(strokes)
    low, span = points.min(0), np.ptp(points, axis=0)
    scale = height / max(span[1], span[0] / 2, 1e-6)
    fine = 4  # drawn larger, then reduced, for smooth edges
    margin = 0.3 * height
    size = [round(float(side * scale + 2 * margin)) for side in span]
    picture = Image.new("L", (size[0] * fine, size[1] * fine), 255)
    draw = ImageDraw.Draw(picture)
    pen = max(1.0, width * height * fine)
    for stroke in strokes:
        at = (stroke - low) * scale * fine
        at[:, 1] = span[1] * scale * fine - at[:, 1]
        line = [(float(x), float(y)) for x, y in at + margin * fine]
        draw.line(line, fill=0, width=round(pen), joint="curve")
        for x, y in line:
            draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=0)
    return picture.reduce(fine)


def drawn_page(images: NDArray[np.uint8], labels: NDArray[np.int64], rng: Generator) -> Page:
    """A page of 1 to 6 lines of 1 to 12 MNIST images, on paper that is not perfect."""
    size = int(rng.integers(28, 64))
    rows = int(rng.integers(1, 7))
    counts = [int(rng.integers(1, 13)) for _ in range(rows)]
    touching = rng.random() < 0.3 and max(counts) > 1
    pitch = round(size * rng.uniform(1.35, 1.8))
    width, height = round(size * (max(counts) * 1.25 + 2)), pitch * rows + size
    ink = np.zeros((height, width), np.float32)
    lines = []
    for row, count in enumerate(counts):
        chosen = rng.integers(len(images), size=count)
        lines.append("".join(str(labels[i]) for i in chosen))
        x, before = round(size * rng.uniform(0.3, 1.0)), None
        for index in chosen:
            digit = _trimmed(images[index], size * rng.uniform(0.9, 1.1))
            y = size // 2 + row * pitch + round(rng.uniform(-0.06, 0.06) * size)
            gap = rng.uniform(0.12, 0.4) * size
            if touching and before is not None and rng.random() < 0.3:
                gap = -_free_columns(before, digit) - 1
            x = max(0, round(x + gap))
            window = ink[y : y + digit.shape[0], x : x + digit.shape[1]]
            np.maximum(window, digit[: window.shape[0], : window.shape[1]], out=window)
            x, before = x + digit.shape[1], digit
    return Page(_on_imperfect_paper(ink, pitch, size, rng), lines, touching)


def _trimmed(image: NDArray[np.uint8], height: float) -> NDArray[np.float32]:
    """A digit cut to its ink and enlarged so that MNIST's 20 pixels become `height`."""
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    cut = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = height / 20
    size = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
    return np.asarray(cut.resize(size, Image.Resampling.BICUBIC), np.float32) / 255


def _free_columns(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    """How far two digits, top-aligned, can be moved together until their ink meets."""
    rows = min(len(left), len(right))
    one, other = left[:rows] > 0.5, right[:rows] > 0.5
    both = one.any(1) & other.any(1)
    if not both.any():
        return 0.0
    after = one.shape[1] - 1 - (one.shape[1] - 1 - one[:, ::-1].argmax(1))
    return float((after + other.argmax(1))[both].min())


def _on_imperfect_paper(
    ink: NDArray[np.float32], pitch: int, size: int, rng: Generator
) -> Image.Image:
    if rng.random() < 0.4:
        for y in range(size // 2 + size + 3, len(ink), pitch):
            ink[y : y + max(1, size // 24)] = np.maximum(
                ink[y : y + max(1, size // 24)], rng.uniform(0.3, 0.8)
            )
    picture = Image.fromarray((255 * ink).astype(np.uint8))
    picture = picture.rotate(
        rng.uniform(-2.5, 2.5), Image.Resampling.BICUBIC, expand=rng.random() < 0.5
    ).filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    ink = np.asarray(picture, np.float32) / 255
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    tilt = rng.uniform(-0.25, 0.25, 2)
    light = 1 + tilt[0] * x + tilt[1] * y - rng.uniform(0, 0.2) * (x * x + y * y)
    paper = rng.uniform(0.65, 0.9)
    grey = light * paper * (1 - rng.uniform(0.6, 0.95) * ink)
    grey = grey + rng.normal(0, rng.uniform(0, 0.03), grey.shape)
    return Image.fromarray((255 * np.clip(grey, 0, 1)).astype(np.uint8))


def no_digits(rng: Generator, font: str) -> Iterator[tuple[str, Image.Image]]:
    """Pictures without a digit, by kind."""
    for _ in range(20):
        size = tuple(int(n) for n in rng.integers(28, 500, 2))
        yield "blank paper", _noisy(np.full(size, rng.uniform(150, 255)), rng.uniform(0, 6), rng)
        yield "black", Image.new("L", size[::-1], int(rng.integers(0, 4)))
        yield "noise", _noisy(np.full(size, 128.0), rng.uniform(20, 120), rng)
        yield "gradient", _noisy(_gradient(size, rng), rng.uniform(0, 4), rng)
        yield "scene", _scene(size, rng)
        yield "scribble", _scribble(rng)
    for letter in "ABCDEFGHJKLMNPQRTUVWXYZabcdefhijkmnprtuvwxy":
        for _ in range(4):
            yield "letters", _letter(letter, font, rng)


def _noisy(grey: NDArray[np.float64], noise: float, rng: Generator) -> Image.Image:
    return Image.fromarray(np.clip(grey + rng.normal(0, noise, grey.shape), 0, 255).astype("u1"))


def _gradient(size: Sequence[int], rng: Generator) -> NDArray[np.float64]:
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
    a, b, c = rng.uniform(-60, 60, 3)
    return 128 + a * x + b * y + c * (x * x + y * y) / 2


def _scene(size: Sequence[int], rng: Generator) -> Image.Image:
    """Soft shapes of many tones and sizes, like a photograph out of focus."""
    total = np.zeros(tuple(size))
    for cells in (3, 6, 12, 24):
        small = Image.fromarray(rng.normal(0, 60 / np.sqrt(cells), (cells, cells)))
        total += np.asarray(small.resize((size[1], size[0]), Image.Resampling.BICUBIC))
    return _noisy(128 + total, 3, rng)


def _scribble(rng: Generator) -> Image.Image:
    turns = np.cumsum(rng.normal(0, 0.6, 200))
    steps = np.stack([np.cos(turns), np.sin(turns)], 1) * 3
    return drawn_strokes([np.cumsum(steps, 0)], rng.uniform(0.02, 0.06), 150)


def _letter(letter: str, font: str, rng: Generator) -> Image.Image:
    size = int(rng.integers(24, 120))
    picture = Image.new("L", (2 * size, 2 * size), 255)
    face = ImageFont.truetype(font, size)
    ImageDraw.Draw(picture).text((size, size), letter, fill=0, font=face, anchor="mm")
    return picture.rotate(rng.uniform(-8, 8), Image.Resampling.BICUBIC, fillcolor=255)

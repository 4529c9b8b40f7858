"""Digits drawn, and brought to 28x28 as the reader does it.

Every drawing is made from a generator of its own, so a sample is the same whoever draws it.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pictures.scene import one_of
from tinydigits.handwriting import Strokes
from tinydigits.image.normalise import normalise
from tinydigits.trust.drawing import drawn_strokes, drawn_text

Generator = np.random.Generator
Picture = Image.Image

THINNEST, MIDDLE, BROADEST = 0.03, 0.14, 0.40  # of a pen, as a share of the digit's height


def as_seen(picture: Picture, rng: Generator) -> NDArray[np.uint8] | None:
    """What the network sees of a picture, dark on white: (28, 28), or None if it is blank.

    All ink is one thing; half of the pictures are a little out of focus.
    """
    blur = rng.uniform(0, 0.02) * min(picture.size) if rng.random() < 0.5 else 0
    ink = 1 - np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    image = normalise(ink)
    return np.rint(255 * image).astype(np.uint8) if image.any() else None


def some_height(rng: Generator, most: int = 110) -> int:
    """A height in pixels, from 16 on: what is higher than 110 looks the same at 20."""
    return round(float(np.exp(rng.uniform(np.log(16), np.log(most)))))


def some_pen(rng: Generator) -> float:
    """A pen's width as a share of the height: thin and broad pens half and half."""
    if rng.random() < 0.5:
        return float(np.exp(rng.uniform(np.log(THINNEST), np.log(MIDDLE))))
    return float(rng.uniform(MIDDLE, BROADEST))


def loosened(strokes: Strokes, rng: Generator, amount: float = 1.0) -> Strokes:
    """Strokes as the same hand might have made them: leaning, stretched and bent a little.

    Args:
        strokes: arrays (n, 2) of points (x, y).
        rng: the randomness.
        amount: 1 bends by about 2 % of the size and leans by up to 10 degrees either way.
    """
    points = np.concatenate(strokes)
    centre, size = points.mean(0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    turn = np.radians(rng.uniform(-7, 7) * amount)
    lean, stretch = rng.uniform(-0.2, 0.2) * amount, np.exp(rng.uniform(-0.15, 0.15) * amount)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[1, lean], [0, 1]]) @ np.diag([stretch, 1 / stretch])
    waves = rng.normal(0, 2.5, (3, 2)) / size  # bends that are slow along the strokes
    phases, strength = rng.uniform(0, 2 * np.pi, (3, 1)), rng.normal(0, 0.012 * size, (3, 2))
    bent = []
    for stroke in strokes:
        beside = stroke - centre
        bend = (np.sin(beside @ waves.T + phases.T)[..., None] * strength).sum(1) * amount
        bent.append(beside @ matrix.T + bend)
    return bent


def drawn_image(image: NDArray[np.uint8], rng: Generator, height: int, margin: float) -> Picture:
    """A grey image, ink bright, enlarged or reduced to a height, dark on white.

    Half of the enlarged ones get sharp edges, as if they had been written at that size.
    """
    size = (max(1, round(height * image.shape[1] / image.shape[0])), height)
    kind = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR)[int(rng.integers(2))]
    edge = round(margin * height)
    picture = Image.new("L", (size[0] + 2 * edge, size[1] + 2 * edge), 0)
    drawn = Image.fromarray(image).resize(size, kind)
    if height > image.shape[0] and rng.random() < 0.5:
        edge_tone, gain = rng.uniform(90, 150), rng.uniform(1, height / image.shape[0])
        drawn = Image.eval(drawn, lambda tone: round(127.5 + (tone - edge_tone) * gain))
    picture.paste(drawn, (edge, edge))
    return Image.eval(picture, lambda tone: 255 - tone)


def pen_digit(strokes: Strokes, rng: Generator) -> Picture:
    """A pen digit of a data set (y upwards) by some pen, as the hand might have made it again."""
    downwards = [stroke * (1, -1) for stroke in strokes]
    loose = loosened(downwards, rng)
    return drawn_strokes(loose, some_pen(rng), some_height(rng), some_margin(rng))


def plain_pen_digit(strokes: Strokes, pens: tuple[float, float], rng: Generator) -> Picture:
    """A pen digit just as it was written, by a pen between those two."""
    downwards = [stroke * (1, -1) for stroke in strokes]
    return drawn_strokes(downwards, rng.uniform(*pens), some_height(rng), some_margin(rng))


def scanned_digit(image: NDArray[np.uint8], rng: Generator, most: int = 110) -> Picture:
    """A digit that is an image, enlarged."""
    return drawn_image(image, rng, some_height(rng, most), some_margin(rng))


def printed_digit(label: int, fonts: list[Path], rng: Generator) -> Picture:
    """A digit in one of the fonts."""
    font = one_of(fonts, rng)
    return drawn_text(str(label), font, rng, some_height(rng), some_margin(rng))


def some_margin(rng: Generator) -> float:
    """How much paper lies round a thing, as a share of its height."""
    return float(rng.uniform(0.5, 1.0))

"""Digits drawn as reading meets them, and brought to 28x28 by the reader's own path.

Every drawing is made from a generator of its own, so a sample is the same whoever draws it.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tinydigits.image.normalise import normalise
from tinydigits.reader.finder import Finder
from tinydigits.reader.glyph import THRESHOLD, Glyph
from tinydigits.reader.single import single_glyph
from tinydigits.trust.drawing import drawn_strokes, drawn_text
from tinydigits.trust.handwriting import Strokes

Generator = np.random.Generator
Picture = Image.Image

THINNEST, MIDDLE, BROADEST = 0.03, 0.14, 0.40  # of a pen, as a share of the digit's height


@cache
def finder() -> Finder:
    """The shipped finder, loaded once."""
    return Finder()


def as_seen(picture: Picture) -> NDArray[np.uint8] | None:
    """What the network sees of a picture of one thing: (28, 28), or None if it is blank."""
    glyph = single_glyph(finder(), np.asarray(picture))
    if not glyph:
        return None
    return np.rint(255 * normalise(glyph.amount, glyph.noise)).astype(np.uint8)


def in_picture(glyph: Glyph) -> Glyph:
    """The same glyph in the pixels of its picture, of which the finder may see fewer or more."""
    inked = glyph.amount > THRESHOLD
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    ink = glyph.amount[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    left, top, right, bottom = glyph.box
    large = Image.fromarray(ink).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    return Glyph(glyph.box, np.asarray(large), (left, top), glyph.noise)


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


def held_up(picture: Picture, rng: Generator) -> Picture:
    """The picture in some tones, a little out of focus and noisy: what a camera adds."""
    blur = rng.uniform(0, 0.02) * min(picture.size) if rng.random() < 0.5 else 0
    ink = 1 - np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    low, high = rng.uniform(0, 80), rng.uniform(170, 255)
    paper, pen = (low, high) if rng.random() < 0.3 else (high, low)
    noise = rng.uniform(0, 6) if rng.random() < 0.3 else 0.0
    grey = paper + (pen - paper) * ink + rng.normal(0, noise, ink.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def pen_digit(strokes: Strokes, rng: Generator, pen: float | None = None) -> Picture:
    """A pen digit of a data set (y upwards) by some pen, as the hand might have made it again."""
    downwards = [stroke * (1, -1) for stroke in strokes]
    loose = loosened(downwards, rng)
    return drawn_strokes(loose, pen or some_pen(rng), some_height(rng), some_margin(rng))


def plain_pen_digit(strokes: Strokes, pens: tuple[float, float], rng: Generator) -> Picture:
    """A pen digit just as it was written, by a pen between those two."""
    downwards = [stroke * (1, -1) for stroke in strokes]
    return drawn_strokes(downwards, rng.uniform(*pens), some_height(rng), some_margin(rng))


def scanned_digit(image: NDArray[np.uint8], rng: Generator, most: int = 110) -> Picture:
    """A digit that is an image, enlarged."""
    return drawn_image(image, rng, some_height(rng, most), some_margin(rng))


def printed_digit(label: int, fonts: list[Path], rng: Generator) -> Picture:
    """A digit in one of the fonts."""
    font = fonts[int(rng.integers(len(fonts)))]
    return drawn_text(str(label), font, rng, some_height(rng), some_margin(rng))


def some_margin(rng: Generator) -> float:
    """How much paper lies round a thing, as a share of its height."""
    return float(rng.uniform(0.5, 1.0))

"""Digits on pages in bad light and on printed paper, as the reader's own path cuts them out.

A row of digits is drawn on paper or a board, with rules, boxes or nothing round it, in light that
falls unevenly, and seen through a camera. What the reader finds there is held against what was
drawn: mostly one digit, and it has that digit's label; next to nothing of any, and it is none.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from handwriting import Generator, Picture, finder, in_picture
from tinydigits.image.normalise import normalise
from tinydigits.reader.found import find_digits
from touching import NO_DIGIT, Images, Plane, Row, cropped, resized

_NOTHING = 0.02  # of a digit's ink: a thing with less of every digit is none
_PURE = 0.8  # of a thing's ink is its digit's, or nobody can say what it is


def cut_from_page(drawn: list[tuple[int, Picture]], rng: Generator) -> Images:
    """What the network sees of digits on a page: each found whole, and one thing that is none.

    Args:
        drawn: labels and pictures of single digits, dark on white.
        rng: the randomness.
    """
    row = _row(drawn, rng)
    ink = np.max(row.inks, axis=0)
    printed = _printed(ink.shape, float(np.mean([_height(one) for one in row.inks])), rng)
    picture = _photograph(ink, printed, rng)
    chosen: Images = []
    for glyph in (glyph for glyph in next(find_digits(finder(), picture)) if not glyph.mark):
        there = in_picture(glyph)
        label = row.label(there, _NOTHING)
        if label is None or (label == NO_DIGIT and any(one == NO_DIGIT for one, _ in chosen)):
            continue
        if label != NO_DIGIT and row.purity(there) < _PURE:
            continue
        image = normalise(glyph.amount, glyph.noise)
        if image.any():
            chosen.append((label, np.rint(255 * image).astype(np.uint8)))
    return chosen


def _height(ink: Plane) -> int:
    return int(np.ptp(np.flatnonzero((ink > 0.5).any(1)))) + 1


def _row(drawn: list[tuple[int, Picture]], rng: Generator) -> Row:
    """Digits of about one height, side by side in a row or two."""
    inks = [cropped(1 - np.asarray(picture, np.float32) / 255) for _, picture in drawn]
    height = float(np.exp(rng.uniform(np.log(22), np.log(110))))
    inks = [resized(ink, height * rng.uniform(0.85, 1.15)) for ink in inks]
    rows = 1 if len(inks) < 4 or rng.random() < 0.5 else 2
    margin, pitch = rng.uniform(0.3, 1.2, 2) * height + (0, 1.3 * height)
    gap = rng.uniform(0.1, 0.6)
    places, widest = [], 0.0
    for line in range(rows):
        x = margin
        for index in range(line, len(inks), rows):
            y = margin + line * pitch + rng.uniform(-0.06, 0.06) * height
            places.append((index, round(y), round(x)))
            x += inks[index].shape[1] + (gap + rng.uniform(0, 0.3)) * height
        widest = max(widest, x)
    bottom = max(y + inks[index].shape[0] for index, y, _ in places)
    shape = (round(bottom + margin), round(widest + margin))
    planes = []
    for index, y, x in sorted(places):
        plane = np.zeros(shape, np.float32)
        plane[y : y + inks[index].shape[0], x : x + inks[index].shape[1]] = inks[index]
        planes.append(plane)
    return Row([label for label, _ in drawn], planes)


def _printed(shape: tuple[int, ...], height: float, rng: Generator) -> Plane:
    """The rules of the paper, in [0, 1]: none, level ones, or upright ones too."""
    plane = np.zeros(shape, np.float32)
    kind = rng.choice(["none", "level", "squares", "cells"], p=[0.5, 0.2, 0.15, 0.15])
    if kind == "none":
        return plane
    wide = max(1, round(height * rng.uniform(0.01, 0.07)))
    tone = rng.uniform(0.3, 1.0)
    step = height * (rng.uniform(0.3, 1.0) if kind == "squares" else rng.uniform(1.1, 1.9))
    for axis in (0, 1) if kind in ("squares", "cells") else (0,):
        for at in np.arange(rng.uniform(0, step), shape[axis], step):
            lines = plane if axis == 0 else plane.T
            lines[round(at) : round(at) + wide] = tone
    return plane


def _photograph(ink: Plane, printed: Plane, rng: Generator) -> NDArray[np.uint8]:
    """Ink and rules on paper or chalk on a board, in uneven light, through a camera."""
    board = rng.random() < 0.3
    low, high = (0.05, 0.35) if board else (0.55, 0.98)
    paper = rng.uniform(low, high)
    pen = rng.uniform(0.6, 0.98) if board else rng.uniform(0.03, min(0.5, paper - 0.25))
    line = rng.uniform(pen, (pen + paper) / 2) if pen < paper else rng.uniform(0.4, pen)
    grain = _field(ink.shape, max(ink.shape) / rng.uniform(1.5, 4), rng)
    wear = 1 - (rng.uniform(0, 0.4) if board else rng.uniform(0, 0.1)) * grain
    dust = rng.uniform(0, 0.15) * _field(ink.shape, rng.uniform(2, 8), rng) if board else 0.0
    seen = paper + (line - paper) * printed
    seen = seen + (pen - seen) * np.clip(ink * wear + dust, 0, 1)
    seen = seen * _light(ink.shape, rng)
    seen += rng.normal(0, rng.uniform(0, 0.03), ink.shape)
    picture = Image.fromarray((255 * np.clip(seen, 0, 1)).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    if rng.random() < 0.5:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(35, 95)))
        picture = Image.open(file)
    return np.asarray(picture)


def _light(shape: tuple[int, ...], rng: Generator) -> Plane:
    """What share of the light falls where: lamps and clouds, and perhaps a shadow with an edge."""
    light = 1 - rng.uniform(0, 0.7) * _field(shape, rng.uniform(1, 4), rng)
    if rng.random() < 0.5:
        y, x = np.indices(shape, np.float32)
        turn = rng.uniform(0, 2 * np.pi)
        away = (x - rng.uniform(0, shape[1])) * np.cos(turn)
        away += (y - rng.uniform(0, shape[0])) * np.sin(turn)
        soft = np.exp(rng.uniform(np.log(0.5), np.log(max(shape) / 4)))
        light *= 1 - rng.uniform(0.2, 0.7) * (0.5 + 0.5 * np.tanh(away / soft))
    return np.asarray(light, np.float32)


def _field(shape: tuple[int, ...], waves: float, rng: Generator) -> Plane:
    """Smooth noise in [0, 1], with about so many waves along the longer side."""
    small = [max(2, round(waves * side / max(shape)) + 1) for side in shape]
    noise = Image.fromarray(rng.uniform(0, 1, small).astype(np.float32))
    smooth = noise.resize(shape[::-1], Image.Resampling.BICUBIC)
    return np.clip(np.asarray(smooth, np.float32), 0, 1)

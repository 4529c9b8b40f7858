"""Strokes and characters -> pictures, black on white, with smooth edges."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tinydigits.arrays import Generator
from tinydigits.handwriting import Strokes

Picture = Image.Image

FINE = 4  # drawn so many times larger, then reduced, for smooth edges


def drawn_strokes(strokes: Strokes, pen: float, height: int, margin: float) -> Picture:
    """Strokes as round black lines on white.

    Args:
        strokes: arrays (n, 2) of points (x, y), y downwards.
        pen: its width as a share of the height.
        height: from the highest point to the lowest in pixels, or half the width if that is more.
        margin: around the strokes' ink, as a share of the height.
    """
    points = np.concatenate(strokes)
    low, span = points.min(0), np.ptp(points, axis=0)
    scale = height / max(span[1], span[0] / 2, 1e-6) * FINE
    width = max(1.0, pen * height * FINE)
    edge = margin * height * FINE + width / 2
    size = [-(-round(float(side * scale + 2 * edge)) // FINE) * FINE for side in span]
    picture = Image.new("L", (max(size[0], FINE), max(size[1], FINE)), 255)
    draw = ImageDraw.Draw(picture)
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in (stroke - low) * scale + edge]
        draw.line(line, fill=0, width=round(width), joint="curve")
        for x, y in line:
            draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=0)
    return picture.reduce(FINE)


def drawn_text(text: str, font: Path | None, rng: Generator, height: int, margin: float) -> Picture:
    """Printed characters, black on white, some of them made bolder, turned a little.

    Args:
        text: the characters.
        font: a font's file; None is the one that is built into Pillow.
        rng: the randomness.
        height: of the font in pixels.
        margin: around the characters, as a share of the height.
    """
    size = height * FINE
    face = ImageFont.truetype(str(font), size) if font else ImageFont.load_default(size)
    bold = round(rng.uniform(0, 0.07) * size) if rng.random() < 0.3 else 0
    left, top, right, bottom = face.getbbox(text, stroke_width=bold)
    edge = round(margin * size) + FINE
    picture = Image.new("L", (int(right - left) + 2 * edge, int(bottom - top) + 2 * edge), 255)
    ImageDraw.Draw(picture).text(
        (edge - left, edge - top), text, fill=0, font=face, stroke_width=bold
    )
    turn = rng.uniform(-12, 12)
    return picture.rotate(turn, Image.Resampling.BILINEAR, True, fillcolor=255).reduce(FINE)

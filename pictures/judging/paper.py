"""Ink put on paper: colours, light, blur, noise, and what a camera or a file does to it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pictures.camera import through_jpeg
from pictures.scene import Generator, Plane

Light = Callable[[tuple[int, int], Generator], Plane]
Colour = NDArray[np.float64]


def even(shape: tuple[int, int], rng: Generator) -> Plane:
    """No light but the same everywhere."""
    return np.ones(shape, np.float32)


def on_paper(
    ink: Plane,
    rng: Generator,
    light: Light = even,
    *,
    paper: Colour | float | None = None,
    pen: Colour | float | None = None,
    noise: tuple[float, float] = (0.0, 0.03),
    blur: float = 0.8,
    jpeg: float = 0.4,
) -> Image.Image:
    """A picture of the ink.

    Args:
        ink: (height, width) in [0, 1].
        rng: decides what is left open.
        light: multiplies what the paper sends back.
        paper: its reflectance in [0, 1], one number, three, or three everywhere; light and slightly
            coloured if None.
        pen: the ink's; dark and of any colour if None.
        noise: least and most standard deviation of the camera's noise.
        blur: the most, in pixels.
        jpeg: how often the picture goes through a JPEG file of middling quality.
    """
    paper = _tone(rng, 0.6, 0.97, 0.04) if paper is None else paper
    pen = _tone(rng, 0.03, 0.35, 0.12) if pen is None else pen
    paper, pen = np.broadcast_to(paper, (*ink.shape, 3)), np.broadcast_to(pen, 3)
    soft = blurred(ink, float(rng.uniform(0, blur)))[..., None]
    seen = (paper + (pen - paper) * soft) * light(ink.shape, rng)[..., None]
    grain = rng.normal(0, rng.uniform(*noise), (*ink.shape, 1))
    picture = Image.fromarray((255 * np.clip(seen + grain, 0, 1)).astype(np.uint8))
    return through_jpeg(picture, int(rng.integers(45, 96))) if rng.random() < jpeg else picture


def _tone(rng: Generator, low: float, high: float, colour: float) -> Colour:
    return np.clip(rng.uniform(low, high) + rng.uniform(-colour, colour, 3), 0, 1)


def two_colours(rng: Generator) -> tuple[Colour, Colour]:
    """Paper and ink, three numbers each, whose luminance (Rec. 709) differs: people see it."""
    while True:
        paper, pen = rng.uniform(0, 1, (2, 3))
        if abs(np.dot(paper - pen, (0.2126, 0.7152, 0.0722))) > 0.12:
            return paper, pen


def blurred(plane: Plane, pixels: float) -> Plane:
    """A Gaussian blur of a plane in [0, 1]."""
    if pixels < 0.05:
        return plane
    picture = Image.fromarray(np.uint8(255 * np.clip(plane, 0, 1) + 0.5))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(pixels)), np.float32) / 255


def turned(ink: Plane, degrees: float) -> Plane:
    """Turn the ink, on a sheet that grows to hold it."""
    picture = Image.fromarray(ink).rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    return np.clip(np.asarray(picture, np.float32), 0, 1)


def clouds(shape: tuple[int, int], cells: float, rng: Generator) -> Plane:
    """Smooth noise of mean 0 and deviation about 1, `cells` of it along the longer side."""
    small = [max(2, round(cells * n / max(shape))) for n in shape]
    noise = Image.fromarray(rng.normal(0, 1, small).astype(np.float32))
    return np.asarray(noise.resize(shape[::-1], Image.Resampling.BICUBIC), np.float32)

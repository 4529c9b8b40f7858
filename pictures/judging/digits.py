"""Pictures of one digit: scanned, bold, drawn with a pen, and MNIST's in every size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pictures.judging.hands import Sources, enlarged
from pictures.judging.page import Draw, Page, kind
from pictures.judging.paper import blurred
from pictures.material import Labelled
from pictures.scene import Generator, Plane, between, cropped


def _with_margins(ink: Plane, margins: tuple[int, ...]) -> Plane:
    """Nothing round the ink: left, right, top and bottom, in pixels."""
    left, right, top, bottom = margins
    return np.pad(ink, ((top, bottom), (left, right)))


def _room(rng: Generator, side: float, low: float = 0.1, high: float = 1.5) -> tuple[int, ...]:
    return tuple(max(1, round(side * n)) for n in rng.uniform(low, high, 4))


def _plain(ink: Plane, rng: Generator, noise: float = 0.0) -> Image.Image:
    """Black on white or white on black."""
    grey = ink if rng.random() < 0.5 else 1 - ink
    grey = grey + rng.normal(0, noise, ink.shape) if noise else grey
    return Image.fromarray((255 * np.clip(grey, 0, 1)).astype(np.uint8))


def _any_of(digits: Labelled | None, rng: Generator) -> tuple[NDArray[np.uint8], str]:
    """One of the images, and its label."""
    assert digits
    index = int(rng.integers(len(digits[0])))
    return digits[0][index], str(digits[1][index])


def _scanned(side: int, margins: bool) -> Draw:
    """A scanned digit whose 16 pixels become `side`, cropped to its ink or with margins."""

    def draw(sources: Sources, rng: Generator) -> Page:
        image, label = _any_of(sources.scanned, rng)
        ink = enlarged(image, side / 16)
        if margins:
            ink = _with_margins(ink, _room(rng, side))
        return Page(_plain(ink, rng), [label])

    return draw


@kind("scanned digits as they are shared, 16 x 16 pixels, light on dark", 2000, "scanned")
def scanned_shared(sources: Sources, rng: Generator) -> Page:
    image, label = _any_of(sources.scanned, rng)
    return Page(Image.fromarray(image), [label])


for _side, _seeds, _title in (
    (16, 2000, "scanned digits, 16 pixels, cropped to the ink, either the darker"),
    (96, 2000, "scanned digits, 96 pixels, cropped to the ink"),
    (300, 800, "scanned digits, 300 pixels, cropped to the ink"),
):
    kind(_title, _seeds, "scanned", f"scanned_{_side}")(_scanned(_side, margins=False))
    kind(
        f"scanned digits, {_side} pixels, with margins",
        _seeds,
        "scanned",
        f"scanned_{_side}_margins",
    )(_scanned(_side, margins=True))


@kind("scanned digits, 14 to 400 pixels, little or no margin, noisy or blurred", 800, "scanned")
def scanned_any(sources: Sources, rng: Generator) -> Page:
    (image, label), side = _any_of(sources.scanned, rng), between(rng, 14, 400)
    ink = enlarged(image, side / 16, float(rng.choice([0, 0.5])))
    ink = _with_margins(ink, tuple(int(n) for n in side * rng.choice([0, 0, 0.04, 0.1], 4)))
    ink = blurred(ink, rng.uniform(0, 0.015) * side)
    return Page(_plain(ink, rng, rng.uniform(0, 0.06)), [label])


@kind("MNIST test digits made bold, strokes 10 to 25 % of the height, cropped to the ink", 1000)
def bold(sources: Sources, rng: Generator) -> Page:
    (image, label), side = _any_of(sources.mnist, rng), between(rng, 48, 256)
    ink = enlarged(image, side / 20, 0.5)
    inked = ink > 0.5
    # A stroke of width w and length l has area w * l and a rim of about 2 * l.
    rim = (inked[:, 1:] != inked[:, :-1]).sum() + (inked[1:] != inked[:-1]).sum()
    stroke = 2 * 1.27 * inked.sum() / max(rim, 1)  # a slanted rim has 4 / pi steps a pixel
    more = max(0.0, rng.uniform(0.10, 0.25) * len(ink) - stroke) / 2
    ink = np.pad(ink, round(more) + 1)
    for step in range(round(more)):
        ink = _grown(ink, diagonal=step % 2 == 1)  # in turn: a rounder tip than a square's
    return Page(_plain(cropped(ink, 0.1), rng), [label])


def _grown(ink: Plane, diagonal: bool) -> Plane:
    """The ink a pixel larger in four directions, or in eight."""
    moved = [np.roll(ink, step, axis) for axis in (0, 1) for step in (-1, 1)]
    if diagonal:
        moved += [np.roll(each, step, 1) for each in moved[:2] for step in (-1, 1)]
    return np.maximum.reduce([ink, *moved])


@kind("pen strokes of 25 to 40 % of the height, cropped to the ink", 800, "pens")
def bold_40(sources: Sources, rng: Generator) -> Page:
    label, ink = sources.pen_hand(rng, 0.25, 0.40).digit(between(rng, 30, 250), rng)
    return Page(_plain(ink, rng), [label])


def _stroke(low: float, high: float) -> Draw:
    def draw(sources: Sources, rng: Generator) -> Page:
        height = int(rng.integers(20, 201))
        label, ink = sources.pen_hand(rng, low, high).digit(height, rng)
        return Page(_plain(_with_margins(ink, _room(rng, height, 0, 0.8)), rng), [label])

    return draw


_PEN = "pen strokes of other writers, pens of {} % of the height"
kind(_PEN.format("3 to 14"), 2000, "pens", "pen_thin")(_stroke(0.03, 0.14))
kind(_PEN.format("14 to 40"), 2000, "pens", "pen_thick")(_stroke(0.14, 0.40))


@kind("MNIST test images as they are", 2000)
def mnist_28(sources: Sources, rng: Generator) -> Page:
    image, label = _any_of(sources.mnist, rng)
    return Page(Image.fromarray(image), [label])


@kind("MNIST test digits drawn into pictures: 14 to 400 pixels, any greys", 2000)
def mnist_drawn(sources: Sources, rng: Generator) -> Page:
    image, label = _any_of(sources.mnist, rng)
    side = round(between(rng, 14, 400))
    whole = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    width, height = (round(side * rng.uniform(1.0, 2.5)) for _ in range(2))
    canvas = Image.new("L", (width, height))
    canvas.paste(whole, (rng.integers(width - side + 1), rng.integers(height - side + 1)))
    canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.02) * side))
    ink = np.asarray(canvas, np.float64) / 255
    low, high = rng.uniform(0, 80), rng.uniform(170, 255)
    paper, pen = (low, high) if rng.random() < 0.5 else (high, low)
    grey = paper + (pen - paper) * ink + rng.normal(0, rng.uniform(0, 8), ink.shape)
    return Page(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)), [label])

"""Pictures of one digit: scanned, bold, drawn with a pen, and MNIST's in every size."""

import numpy as np
from PIL import Image, ImageFilter

from pictures.judging.hands import PenHand, Plane, Sources, cropped, drawn, enlarged
from pictures.judging.page import Generator, Page, between, kind
from pictures.judging.paper import blurred


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


def _scanned(sources: Sources, rng: Generator, side: int, margins: bool) -> Page:
    """A scanned digit whose 16 pixels become `side`, cropped to its ink or with margins."""
    assert sources.scanned
    images, labels = sources.scanned
    index = int(rng.integers(len(images)))
    ink = enlarged(images[index], side / 16)
    if margins:
        ink = _with_margins(ink, _room(rng, side))
    return Page(_plain(ink, rng), [str(labels[index])])


@kind("scanned digits as they are shared, 16 x 16 pixels, light on dark", 2000, "scanned")
def scanned_shared(sources: Sources, rng: Generator) -> Page:
    assert sources.scanned
    images, labels = sources.scanned
    index = int(rng.integers(len(images)))
    return Page(Image.fromarray(images[index]), [str(labels[index])])


@kind("the same, cropped to the ink, either the darker", 2000, "scanned")
def scanned_16(sources: Sources, rng: Generator) -> Page:
    return _scanned(sources, rng, 16, margins=False)


@kind("the same, with margins", 2000, "scanned")
def scanned_16_margins(sources: Sources, rng: Generator) -> Page:
    return _scanned(sources, rng, 16, margins=True)


@kind("scanned digits, 96 pixels, cropped to the ink", 2000, "scanned")
def scanned_96(sources: Sources, rng: Generator) -> Page:
    return _scanned(sources, rng, 96, margins=False)


@kind("the same, with margins", 2000, "scanned")
def scanned_96_margins(sources: Sources, rng: Generator) -> Page:
    return _scanned(sources, rng, 96, margins=True)


@kind("scanned digits, 300 pixels, cropped to the ink", 800, "scanned")
def scanned_300(sources: Sources, rng: Generator) -> Page:
    return _scanned(sources, rng, 300, margins=False)


@kind("the same, with margins", 800, "scanned")
def scanned_300_margins(sources: Sources, rng: Generator) -> Page:
    return _scanned(sources, rng, 300, margins=True)


@kind("scanned digits, 14 to 400 pixels, little or no margin, noisy or blurred", 800, "scanned")
def scanned_any(sources: Sources, rng: Generator) -> Page:
    assert sources.scanned
    images, labels = sources.scanned
    index, side = int(rng.integers(len(images))), between(rng, 14, 400)
    ink = enlarged(images[index], side / 16, float(rng.choice([0, 0.5])))
    ink = _with_margins(ink, tuple(int(n) for n in side * rng.choice([0, 0, 0.04, 0.1], 4)))
    ink = blurred(ink, rng.uniform(0, 0.015) * side)
    return Page(_plain(ink, rng, rng.uniform(0, 0.06)), [str(labels[index])])


@kind("MNIST test digits made bold, strokes 10 to 25 % of the height, cropped to the ink", 1000)
def bold(sources: Sources, rng: Generator) -> Page:
    images, labels = sources.mnist
    index, side = int(rng.integers(len(images))), between(rng, 48, 256)
    ink = enlarged(images[index], side / 20, 0.5)
    inked = ink > 0.5
    # A stroke of width w and length l has area w * l and a rim of about 2 * l.
    rim = (inked[:, 1:] != inked[:, :-1]).sum() + (inked[1:] != inked[:-1]).sum()
    stroke = 2 * 1.27 * inked.sum() / max(rim, 1)  # a slanted rim has 4 / pi steps a pixel
    more = max(0.0, rng.uniform(0.10, 0.25) * len(ink) - stroke) / 2
    ink = np.pad(ink, round(more) + 1)
    for step in range(round(more)):
        ink = _grown(ink, diagonal=step % 2 == 1)  # in turn: a rounder tip than a square's
    return Page(_plain(cropped(ink), rng), [str(labels[index])])


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


def _stroke(sources: Sources, rng: Generator, low: float, high: float) -> Page:
    height = int(rng.integers(20, 201))
    hand: PenHand = sources.pen_hand(rng, low, high)
    digit = hand.digits[int(rng.integers(len(hand.digits)))]
    ink = drawn(digit.strokes, hand.pen, height)
    ink = _with_margins(ink, _room(rng, height, 0, 0.8))
    return Page(_plain(ink, rng), [str(digit.label)])


@kind("pen strokes of other writers, pens of 3 to 14 % of the height", 2000, "pens")
def pen_thin(sources: Sources, rng: Generator) -> Page:
    return _stroke(sources, rng, 0.03, 0.14)


@kind("pen strokes of other writers, pens of 14 to 40 % of the height", 2000, "pens")
def pen_thick(sources: Sources, rng: Generator) -> Page:
    return _stroke(sources, rng, 0.14, 0.40)


@kind("MNIST test images as they are", 2000)
def mnist_28(sources: Sources, rng: Generator) -> Page:
    images, labels = sources.mnist
    index = int(rng.integers(len(images)))
    return Page(Image.fromarray(images[index]), [str(labels[index])])


@kind("MNIST test digits drawn into pictures: 14 to 400 pixels, any greys", 2000)
def mnist_drawn(sources: Sources, rng: Generator) -> Page:
    images, labels = sources.mnist
    index = int(rng.integers(len(images)))
    side = round(between(rng, 14, 400))
    whole = Image.fromarray(images[index]).resize((side, side), Image.Resampling.BICUBIC)
    width, height = (round(side * rng.uniform(1.0, 2.5)) for _ in range(2))
    canvas = Image.new("L", (width, height))
    canvas.paste(whole, (rng.integers(width - side + 1), rng.integers(height - side + 1)))
    canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.02) * side))
    ink = np.asarray(canvas, np.float64) / 255
    low, high = rng.uniform(0, 80), rng.uniform(170, 255)
    paper, pen = (low, high) if rng.random() < 0.5 else (high, low)
    grey = paper + (pen - paper) * ink + rng.normal(0, rng.uniform(0, 8), ink.shape)
    return Page(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)), [str(labels[index])])

"""Photographed pages in bad light, and boards."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from pictures.judging.hands import Sources
from pictures.judging.page import Page, kind
from pictures.judging.paper import Light, blurred, clouds, on_paper, turned
from pictures.judging.writing import any_sheet
from pictures.scene import Generator, Plane, one_of

Shape = tuple[int, int]


def photographed(name: str, what: str) -> Callable[[Light], Light]:
    """Register a kind: pages photographed in the light that the function makes."""

    def register(light: Light) -> Light:
        @kind(f"photographed pages: {what}", name=f"photo_{name}")
        def photograph(sources: Sources, rng: Generator) -> Page:
            made = any_sheet(sources.hand(rng), rng)
            room = round(rng.uniform(0, 1.5) * made.height)
            ink = turned(np.pad(made.ink, room), rng.uniform(-4, 4))
            return Page(on_paper(ink, rng, light, blur=1.0), made.lines)

        return light

    return register


def _grid(shape: Shape) -> tuple[Plane, Plane]:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    return y, x


@photographed("hand", "the soft shadow of a hand")
def hand_shadow(shape: Shape, rng: Generator) -> Plane:
    """A palm and some fingers from one edge, softly."""
    small = 256 / max(shape)
    size = (max(8, round(shape[1] * small)), max(8, round(shape[0] * small)))
    picture = Image.new("F", size, 0.0)
    draw = ImageDraw.Draw(picture)
    palm = rng.uniform(0.2, 0.45) * min(size)
    angle = rng.uniform(0, 2 * np.pi)
    middle = np.array(size) * (
        0.5 + rng.uniform(0.1, 0.6) * np.array([np.cos(angle), np.sin(angle)])
    )
    draw.ellipse([*(middle - palm), *(middle + palm)], fill=1.0)
    for turn in np.linspace(-0.6, 0.6, int(rng.integers(2, 6))):
        toward = angle + np.pi + turn + rng.normal(0, 0.08)
        tip = middle + palm * rng.uniform(1.5, 2.6) * np.array([np.cos(toward), np.sin(toward)])
        draw.line([*middle, *tip], fill=1.0, width=max(2, round(palm * rng.uniform(0.25, 0.4))))
    shade = Image.fromarray(blurred(np.asarray(picture), rng.uniform(6, 25)))
    dark = np.asarray(shade.resize(shape[::-1], Image.Resampling.BICUBIC), np.float32)
    return 1 - rng.uniform(0.3, 0.75) * np.clip(dark, 0, 1)


@photographed("edge", "a shadow's hard edge, at any angle and place")
def hard_edge(shape: Shape, rng: Generator) -> Plane:
    """A shadow with a sharp, straight edge at any angle, anywhere."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = (
        rng.choice([0, 0.5, 1, 1.5]) * np.pi if rng.random() < 0.4 else rng.uniform(0, 2 * np.pi)
    )
    middle = rng.uniform(0.15, 0.85, 2) * shape
    away = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
    soft = rng.uniform(0.3, 4)
    return 1 - rng.uniform(0.3, 0.75) * (0.5 + 0.5 * np.tanh(away / soft)).astype(np.float32)


@photographed("bars", "the shadow of bars or a blind")
def bars(shape: Shape, rng: Generator) -> Plane:
    """The shadow of a window's bars or of a blind: several hard bands."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    period = rng.uniform(0.2, 0.7) * max(shape)
    wave = np.sin(2 * np.pi * along / period + rng.uniform(0, 6)) - rng.uniform(0, 0.6)
    edge = period / (2 * np.pi) / rng.uniform(0.7, 5)
    return 1 - rng.uniform(0.25, 0.65) * (0.5 + 0.5 * np.tanh(wave * edge)).astype(np.float32)


@photographed("vignette", "dark corners")
def vignette(shape: Shape, rng: Generator) -> Plane:
    """Darker towards the corners, to a fifth of the light in the middle."""
    y, x = _grid(shape)
    far = (y - rng.uniform(-0.2, 0.2)) ** 2 + (x - rng.uniform(-0.2, 0.2)) ** 2
    return 1 - rng.uniform(0.3, 0.8) * np.clip(far / 2, 0, 1) ** rng.uniform(0.7, 1.5)


@photographed("slope", "light that falls off across the page")
def sloping(shape: Shape, rng: Generator) -> Plane:
    """Light that falls to between a half and a sixth across the page."""
    y, x = _grid(shape)
    angle = rng.uniform(0, 2 * np.pi)
    share = (1 + (x * np.cos(angle) + y * np.sin(angle)) / 1.42) / 2
    return 1 - rng.uniform(0.5, 0.83) * share


@photographed("flash", "the spot of a flash")
def flash(shape: Shape, rng: Generator) -> Plane:
    """A bright round spot that the paper shines back, and dark corners."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    middle = rng.uniform(0.2, 0.8, 2) * shape
    radius = rng.uniform(0.15, 0.5) * max(shape)
    near = np.exp(-((y - middle[0]) ** 2 + (x - middle[1]) ** 2) / radius**2)
    base = rng.uniform(0.35, 0.7)
    return base + (1 - base) * rng.uniform(0.7, 1.25) * near


@photographed("patches", "patches of light and shade")
def ceiling(shape: Shape, rng: Generator) -> Plane:
    """Light and shade of several lamps and people: clouds without an edge."""
    return np.clip(0.75 + rng.uniform(0.08, 0.2) * clouds(shape, rng.uniform(2, 6), rng), 0.2, 1.1)


def _chalk(ink: Plane, rng: Generator, light: Light) -> Image.Image:
    """Chalk skips over the board's grain, and what was wiped off still greys it."""
    grain = clouds(ink.shape, max(ink.shape) / rng.uniform(1.2, 3), rng)
    chalk = np.clip(ink * (1 + rng.uniform(0.05, 0.35) * np.minimum(grain, 0.5)), 0, 1)
    dust = np.clip(clouds(ink.shape, rng.uniform(3, 10), rng), 0, 2) * rng.uniform(0, 0.2)
    board, white = rng.uniform(0.05, 0.3), rng.uniform(0.65, 0.97)
    tint = rng.choice([[1, 1, 1], [0.75, 1, 0.8], [0.7, 0.8, 1]])
    mixed = np.clip(chalk + dust, 0, 1)
    return on_paper(mixed, rng, light, paper=board * tint, pen=white, blur=1.0)


@kind("chalk on a board: dusty, evenly lit or nearly")
def board(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=4, columns=7)
    return Page(_chalk(turned(made.ink, rng.uniform(-3, 3)), rng, ceiling), made.lines)


@kind("chalk on a board: lit from the side, in spots or through a window")
def board_uneven(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=4, columns=7)
    lights: list[Light] = [sloping, flash, vignette, hard_edge]
    light = one_of(lights, rng)
    return Page(_chalk(turned(made.ink, rng.uniform(-3, 3)), rng, light), made.lines)


@kind("markers on a white board that shines")
def whiteboard(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=4, columns=7)
    light: Light = flash if rng.random() < 0.5 else ceiling
    hue = np.array([[0.1, 0.1, 0.1], [0.1, 0.15, 0.6], [0.7, 0.1, 0.1], [0.05, 0.4, 0.2]])
    return Page(on_paper(made.ink, rng, light, paper=0.85, pen=rng.choice(hue)), made.lines)

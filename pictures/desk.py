"""What lies around a page and over it: a desk, other sheets, fingers, rings, holes, clips.

All of it covers ink, and what is covered is no longer in the scene's truth.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pictures import photos, texture
from pictures.scene import Generator, Plane, Scene, between, one_of
from pictures.texture import blurred, clouds

Mask = NDArray[np.bool_]


def around(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """The page as it is, or with something around or over it.

    Args:
        scene: loses what is covered.
        seen: (size, size), the page's tones.
        paper: its tone.
        rng: decides.
    """
    dice = rng.random()
    if dice < 0.1:
        seen = _sheet_on_a_desk(scene, seen, rng)
    elif dice < 0.22:
        thing = one_of(THINGS, rng)
        seen = thing(scene, seen, paper, rng)
    return seen


def _polygon(size: int, points: NDArray[np.float64]) -> Mask:
    picture = Image.new("L", (size, size), 0)
    ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in points], fill=1)
    return np.asarray(picture) > 0


def _put_over(scene: Scene, seen: Plane, shape: Mask, over: Plane, rng: Generator) -> Plane:
    """Lay something over the page, with its shadow."""
    shadow = blurred(np.float32(shape), between(rng, 0.8, 8))
    dark = np.roll(shadow, tuple(int(n) for n in rng.integers(-5, 6, 2)), (0, 1))
    scene.cover(shape)
    return np.where(shape, over, seen * (1 - rng.uniform(0, 0.6) * dark)).astype(np.float32)


def _desk(size: int, rng: Generator) -> Plane:
    """The top of a desk, or whatever else lies there."""
    if rng.random() < 0.2:
        return photos.part(size, rng)
    tone = rng.uniform(0.05, 0.9)
    top = tone + between(rng, 0.01, 0.3) * texture.any_of(texture.DESKS, size, rng)
    return np.clip(top, 0, 1).astype(np.float32)


def _sheet_on_a_desk(scene: Scene, seen: Plane, rng: Generator) -> Plane:
    """One to four edges of the sheet are in view."""
    size = scene.size
    inside = np.where(rng.random(4) < 0.4, rng.uniform(0.0, 0.22, 4), -0.3) * size
    top, left, bottom, right = inside
    lean = rng.normal(0, 0.03, (4, 2)) * size
    right, bottom = size - right, size - bottom
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    outside = ~_polygon(size, np.array(corners) + lean)
    if not outside.any():
        return seen
    return _put_over(scene, seen, outside, _desk(size, rng), rng)


def _other_sheet(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """Another paper lies over a side of this one."""
    size = scene.size
    angle = rng.uniform(0, 2 * np.pi)
    away = texture.waves(size, 1, angle, rng) - size * (0.5 * np.cos(angle) + 0.5 * np.sin(angle))
    shape = away > rng.uniform(0.3, 0.6) * size
    tone = float(np.clip(paper + rng.normal(0, 0.12), 0.05, 1))
    over = np.full((size, size), tone, np.float32)
    if rng.random() < 0.4:
        over = over - 0.3 * (away % between(rng, 8, 40) < 1.2)
    return _put_over(scene, seen, shape, over, rng)


def _finger(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """A thumb or some fingers hold the page at an edge."""
    size = scene.size
    wide, skin = rng.uniform(0.1, 0.35) * size, rng.uniform(0.2, 0.8)
    angle, along = rng.uniform(0, 2 * np.pi), rng.uniform(-0.4, 0.4) * size
    for _ in range(int(rng.integers(1, 4))):
        inward = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-inward[1], inward[0]])
        foot = size / 2 - inward * size * 0.75 + side * along
        tip = foot + inward * size * rng.uniform(0.3, 0.5)
        seen = _one_finger(scene, seen, foot, tip, wide, skin, rng)
        along += wide * rng.uniform(1, 1.3)
    return seen


def _one_finger(
    scene: Scene,
    seen: Plane,
    foot: NDArray[np.float64],
    tip: NDArray[np.float64],
    wide: float,
    skin: float,
    rng: Generator,
) -> Plane:
    """A finger from foot to tip, as (x, y), darker at its sides, perhaps with its nail."""
    size = scene.size
    y, x = texture.coordinates(size)
    long = float(np.hypot(*(tip - foot)))
    toward = (tip - foot) / long
    along = np.clip((x - foot[0]) * toward[0] + (y - foot[1]) * toward[1], 0, long)
    far = np.hypot(x - foot[0] - along * toward[0], y - foot[1] - along * toward[1]) * (2 / wide)
    shape = far < 1
    tone = skin * (1 - rng.uniform(0.2, 0.6) * np.clip(far, 0, 1) ** 2)
    if rng.random() < 0.5:  # the nail
        middle = tip - toward * wide * 0.1
        nail = np.hypot(x - middle[0], y - middle[1]) < 0.3 * wide
        tone = np.where(nail, tone + 0.12, tone)
    tone = tone + 0.03 * clouds(size, 40, rng)
    return _put_over(scene, seen, shape, np.clip(tone, 0, 1).astype(np.float32), rng)


def _holes(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """Punched holes along a side, or a spiral's holes with its wire."""
    size = scene.size
    spiral = rng.random() < 0.5
    radius = between(rng, 2.5, 7) if spiral else between(rng, 5, 16)
    pitch = radius * (rng.uniform(3, 6) if spiral else rng.uniform(8, 30))
    holes, wires = Image.new("L", (size, size), 0), Image.new("L", (size, size), 0)
    draw, wire = ImageDraw.Draw(holes), ImageDraw.Draw(wires)
    beside = between(rng, 1.2, 3) * radius
    for at in np.arange(rng.uniform(0, pitch), size, pitch):
        where = [at - radius, beside - radius, at + radius, beside + radius]
        if spiral and rng.random() < 0.7:
            draw.rectangle(where, fill=1)
        else:
            draw.ellipse(where, fill=1)
        if spiral:
            lean = rng.normal(0.2 * pitch, 1)
            wire.line([at, beside, at + lean, -5], fill=1, width=max(1, round(radius / 2)))
    dark = np.full((size, size), rng.uniform(0, 0.6), np.float32)
    metal = np.full((size, size), rng.uniform(0.1, 1), np.float32)
    turn = int(rng.integers(4))
    hole, spring = (np.rot90(np.asarray(plane) > 0, turn) for plane in (holes, wires))
    seen = _put_over(scene, seen, hole, dark, rng)
    return _put_over(scene, seen, spring, metal, rng) if spiral else seen


def _pencil(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """A pen, a pencil or a ruler lies across, round or with flat sides."""
    size = scene.size
    wide = between(rng, 0.02, 0.14) * size
    away = texture.waves(size, 1, rng.uniform(0, 2 * np.pi), rng) - rng.uniform(-0.4, 1) * size
    across = np.abs(away) / wide
    tone = rng.uniform(0.05, 0.95) * (1 - rng.uniform(0, 0.8) * across**2)
    if rng.random() < 0.5:
        tone = tone + 0.25 * (np.abs(across - rng.uniform(0, 0.8)) < 0.12)
    return _put_over(scene, seen, across < 1, np.asarray(tone, np.float32), rng)


def _picture(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """A photograph printed on the page, or glued to it, beside the writing."""
    size = scene.size
    top, left = rng.uniform(-0.5, 0.9, 2) * size
    high, wide = rng.uniform(0.2, 0.7, 2) * size
    if rng.random() < 0.6:  # kept near a side
        top = float(rng.choice([rng.uniform(0.7, 0.9), rng.uniform(-0.5, -0.2)])) * size
    y, x = texture.coordinates(size)
    shape = (y >= top) & (y < top + high) & (x >= left) & (x < left + wide)
    scene.cover(shape)
    return np.where(shape, photos.part(size, rng), seen).astype(np.float32)


def _clip(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """A paper clip or a staple."""
    size = scene.size
    picture = Image.new("L", (size, size), 0)
    draw, wide = ImageDraw.Draw(picture), between(rng, 1, 5)
    x, y = rng.uniform(0.02, 0.98, 2) * size
    if rng.random() < 0.5:  # a staple
        turn, long = rng.uniform(0, np.pi), between(rng, 12, 50)
        end = (x + long * np.cos(turn), y + long * np.sin(turn))
        draw.line([x, y, *end], fill=1, width=round(wide))
    else:
        broad, long = 6 * wide + between(rng, 4, 16), between(rng, 40, 110)
        for less in (0, 2 * wide):
            draw.rounded_rectangle(
                [x - broad / 2 + less, -20 + less, x + broad / 2 - less, long - 2 * less],
                broad / 2 - less,
                outline=1,
                width=max(1, round(wide)),
            )
    shape = np.rot90(np.asarray(picture) > 0, int(rng.integers(4)))
    metal = np.full((size, size), rng.uniform(0.1, 1), np.float32)
    return _put_over(scene, seen, shape, metal, rng)


def _tape(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """A strip of tape or of a highlighter, through which the writing shows."""
    size = scene.size
    away = texture.waves(size, 1, rng.uniform(0, np.pi), rng) - rng.uniform(0, 1) * size
    strip = np.abs(away) < rng.uniform(0.03, 0.15) * size
    veil = rng.uniform(0.05, 0.35)
    return np.where(strip, seen * (1 - veil) + veil * rng.uniform(0.2, 1), seen).astype(np.float32)


def _margin(scene: Scene, seen: Plane, paper: float, rng: Generator) -> Plane:
    """A scanner's lid beside the page, black or white."""
    size = scene.size
    shape = np.zeros((size, size), bool)
    deep = int(between(rng, 2, 0.2 * size))
    shape[:deep] = True
    if rng.random() < 0.5:
        shape[:, : int(between(rng, 2, 0.2 * size))] = True
    tone = np.full((size, size), rng.choice([0.0, 0.05, 1.0]), np.float32)
    shape = np.rot90(shape, int(rng.integers(4)))
    scene.cover(shape)
    return np.where(shape, tone, seen)


Over = Callable[[Scene, Plane, float, Generator], Plane]
THINGS: tuple[Over, ...] = (
    *(_other_sheet, _finger, _finger, _holes, _holes, _pencil, _picture, _clip, _tape, _margin),
)

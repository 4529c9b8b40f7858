"""Grey textures of about mean 0 in [-1, 1]: paper's grain, wood, cloth, stone, walls.

Noise is made small and enlarged, which is what makes a picture cheap.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from pictures.scene import Generator, Plane, between, one_of

Texture = Callable[[int, Generator], Plane]


@lru_cache(maxsize=8)
def coordinates(size: int) -> tuple[Plane, Plane]:
    """Rows as (size, 1) and columns as (1, size), in pixels."""
    along = np.arange(size, dtype=np.float32)
    return along[:, None], along[None, :]


def enlarged(plane: Plane, size: int) -> Plane:
    """A small plane smoothly enlarged to (size, size)."""
    small = Image.fromarray(np.asarray(plane, np.float32))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC))


def clouds(size: int, cells: float, rng: Generator) -> Plane:
    """Smooth noise of deviation about 1, with that many cells along a side."""
    few = max(2, round(cells))
    return enlarged(rng.standard_normal((few, few), np.float32), size)


def grain(size: int, pixels: float, rng: Generator) -> Plane:
    """Noise of deviation about 1 whose grains are so many pixels wide."""
    if pixels <= 1.2:
        return rng.standard_normal((size, size), np.float32)
    return clouds(size, size / pixels, rng)


def streaks(size: int, pixels: float, length: float, rng: Generator) -> Plane:
    """Level streaks: noise so many pixels thick, and so many times as long."""
    rows, columns = max(2, round(size / pixels)), max(2, round(size / pixels / length))
    return enlarged(rng.standard_normal((rows, columns), np.float32), size)


def turned(texture: Plane, rng: Generator) -> Plane:
    """As it is, or on its side."""
    return texture.T if rng.random() < 0.5 else texture


def blurred(plane: Plane, radius: float, low: float = 0.0, high: float = 1.0) -> Plane:
    """A Gaussian blur, quickly: in 254 steps of the range given."""
    if radius < 0.1:
        return plane
    steps = Image.fromarray(np.uint8(np.clip((plane - low) * (254 / (high - low)), 0, 254) + 0.5))
    soft = np.asarray(steps.filter(ImageFilter.GaussianBlur(radius)), np.float32)
    return soft * np.float32((high - low) / 254) + np.float32(low)


def waves(size: int, period: float, angle: float, rng: Generator) -> Plane:
    """How far, in periods, a pixel lies along a direction; from a place left to chance."""
    y, x = coordinates(size)
    right, down = np.cos(angle) / period, np.sin(angle) / period
    return (x * np.float32(right) + np.float32(rng.random())) + y * np.float32(down)


def _angle(rng: Generator) -> float:
    """Any angle, or one near to level or upright, in radians."""
    if rng.random() < 0.5:
        return float(rng.uniform(0, np.pi))
    return float(rng.integers(2) * np.pi / 2 + rng.normal(0, 0.04))


def fractal(size: int, rng: Generator) -> Plane:
    """Clouds at five sizes: plaster, stone, sky."""
    finest = between(rng, 30, size / 2)
    total = np.zeros((size, size), np.float32)
    for cells in np.geomspace(between(rng, 2, 5), finest, 5):
        total += clouds(size, cells, rng) * np.float32((2.5 / cells) ** rng.uniform(0.3, 0.8))
    return np.clip(total * 0.7, -1.5, 1.5)


def wood(size: int, rng: Generator) -> Plane:
    """Year rings, bent, and the fine streaks along them."""
    bend = clouds(size, rng.uniform(1, 4), rng) * rng.uniform(0.1, 0.6)
    rings = np.sin(2 * np.pi * (waves(size, between(rng, 8, 90), np.pi / 2, rng) + bend))
    fine = streaks(size, rng.uniform(1, 3), rng.uniform(10, 40), rng)
    plank = turned(rings * rng.uniform(0.1, 0.8) + fine * rng.uniform(0.1, 0.5), rng)
    if rng.random() < 0.3:  # joints between boards
        joint = waves(size, between(rng, 50, 200), 0 if rng.random() < 0.5 else np.pi / 2, rng)
        plank = np.where(joint % 1 < 0.02, np.float32(-1.2), plank)
    return plank


def cloth(size: int, rng: Generator) -> Plane:
    """A weave: two waves across each other, uneven."""
    period, angle = between(rng, 2.5, 16), _angle(rng)
    warp, weft = waves(size, period, angle, rng), waves(size, period, angle + np.pi / 2, rng)
    threads = np.sin(2 * np.pi * warp) * np.sin(2 * np.pi * weft)
    if rng.random() < 0.4:  # a check or stripes, woven in
        broad = between(rng, 15, 120)
        threads = 0.4 * threads + np.where(waves(size, broad, angle, rng) % 1 < 0.5, 0.5, -0.5)
        if rng.random() < 0.6:
            threads += np.where(waves(size, broad, angle + np.pi / 2, rng) % 1 < 0.5, 0.4, -0.4)
    return (threads + 0.3 * clouds(size, 40, rng)).astype(np.float32)


def stone(size: int, rng: Generator) -> Plane:
    """Veins where clouds change their sign, or specks of granite."""
    if rng.random() < 0.5:
        vein = np.abs(fractal(size, rng))
        return 0.6 - 1.6 * np.exp(-vein * rng.uniform(4, 20)) + 0.2 * clouds(size, 60, rng)
    return np.clip(1.4 * grain(size, between(rng, 1.3, 8), rng), -1, 1)


def tiles(size: int, rng: Generator) -> Plane:
    """Tiles or bricks with joints, each of its own tone."""
    long, high = between(rng, 12, 120), between(rng, 10, 70)
    across = waves(size, high, np.pi / 2, rng)
    shifted = waves(size, long, 0, rng) + 0.5 * (np.floor(across) % 2)
    joint = rng.uniform(0.03, 0.12)
    tone = rng.uniform(-0.5, 0.5, (64, 64)).astype(np.float32)
    own = tone[np.int64(across) % 64, np.int64(shifted) % 64]
    in_joint = (across % 1 < joint) | (shifted % 1 < joint * high / long)
    return np.where(in_joint, np.float32(rng.choice([-1, 1])), own) + 0.15 * clouds(size, 90, rng)


def fibres(size: int, rng: Generator) -> Plane:
    """Short bent hairs, lighter and darker than the pulp."""
    picture = Image.new("L", (size, size), 128)
    draw = ImageDraw.Draw(picture)
    count, long = int(between(rng, 20, 200)), between(rng, 4, 20)
    starts = rng.uniform(0, size, (count, 2))
    steps = rng.normal(0, long / 2, (count, 2))
    bends = steps + rng.normal(0, long / 3, (count, 2))
    tones = rng.integers(40, 216, count)
    for start, step, bend, tone in zip(starts, steps, bends, tones, strict=True):
        points = np.stack([start, start + step, start + step + bend])
        draw.line([(float(x), float(y)) for x, y in points], fill=int(tone))
    soft = picture.filter(ImageFilter.GaussianBlur(0.6))
    return (np.asarray(soft, np.float32) - 128) / 64


def heap(size: int, rng: Generator) -> Plane:
    """Filled shapes over each other: leaves, toys, cushions, whatever lies about."""
    picture = Image.new("L", (size, size), int(rng.integers(256)))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(3, 40))):
        middle, far = rng.uniform(0, size, 2), between(rng, 0.06, 0.5) * size
        tone, dice = int(rng.integers(256)), rng.random()
        if dice < 0.3:
            reach = far * np.array([1, rng.uniform(0.4, 1)])
            draw.ellipse([*(middle - reach), *(middle + reach)], fill=tone)
        else:
            around = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
            corners = middle + far * np.stack([np.cos(around), np.sin(around)], 1)
            draw.polygon([(float(x), float(y)) for x, y in corners], fill=tone)
    soft = picture.filter(ImageFilter.GaussianBlur(between(rng, 0.3, 4)))
    shaded = (np.asarray(soft, np.float32) - 128) / 100
    return shaded + rng.uniform(0, 0.3) * clouds(size, between(rng, 3, 80), rng)


def rows_alike(size: int, rng: Generator) -> Plane:
    """Many blocks alike: keys, windows, shelves, seats."""
    wide, high = between(rng, 10, 60), between(rng, 10, 60)
    over = waves(size, wide, 0, rng) % 1
    down = waves(size, high, np.pi / 2, rng) % 1
    edge = rng.uniform(0.05, 0.3)
    block = np.minimum(np.minimum(over, 1 - over), np.minimum(down, 1 - down)) > edge
    slope = rng.uniform(-0.6, 0.6) * over + rng.uniform(-0.6, 0.6) * down
    return np.where(block, np.float32(0.5) + slope, np.float32(-0.7)).astype(np.float32)


def stripes(size: int, rng: Generator) -> Plane:
    """Blinds, corduroy, cardboard's flutes, a grille."""
    across = waves(size, between(rng, 3, 60), _angle(rng), rng)
    if rng.random() < 0.5:
        return np.sin(2 * np.pi * across)
    return np.where(across % 1 < rng.uniform(0.2, 0.8), np.float32(0.8), np.float32(-0.8))


ALL: tuple[Texture, ...] = (fractal, wood, cloth, stone, tiles, heap, rows_alike, stripes)
DESKS: tuple[Texture, ...] = (fractal, wood, wood, cloth, stone, stripes, tiles, heap)


def any_of(textures: tuple[Texture, ...], size: int, rng: Generator) -> Plane:
    """One of those textures."""
    return one_of(textures, rng)(size, rng)

"""What a page is written on: papers, cheques, archives, boards, screens, desks, photographs."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from pictures import photos, texture
from pictures.scene import Generator, Plane, Scene, between, one_of
from pictures.texture import blurred, clouds, coordinates, enlarged, grain, streaks, waves

Ground = Literal["paper", "security", "board", "screen", "archive", "plain", "none"]
Relief = Callable[[int, Generator], Plane]


def ground(scene: Scene, kind: Ground, paper: float, contrast: float, rng: Generator) -> Plane:
    """The ground, (size, size) in [0, 1].

    Args:
        scene: whose size it has, and whose ink shows through an old page.
        kind: of ground.
        paper: its tone.
        contrast: how far the writing will stand out; what is on the paper stays below it.
        rng: decides on the rest.
    """
    size = scene.size
    if kind == "none":
        return _nothing(size, rng)
    even = np.full((size, size), paper, np.float32)
    if kind in ("plain", "screen"):
        return even
    if kind == "security":
        return even + contrast * _security(size, rng)
    if kind == "archive":
        return even - contrast * _archive(scene, rng)
    if kind == "board":
        return even + (contrast if paper < 0.5 else -contrast) * _board(scene, rng)
    return _paper(even, contrast, rng)


def _nothing(size: int, rng: Generator) -> Plane:
    """A photograph or a texture, from nearly even to harsh."""
    dice = rng.random()
    if dice < 0.45:
        grey = photos.part(size, rng)
        return 1 - grey if rng.random() < 0.15 else grey
    if dice < 0.55:
        return np.full((size, size), rng.uniform(0, 1), np.float32)
    grey = rng.uniform(0.2, 0.8) + between(rng, 0.02, 0.5) * texture.any_of(texture.ALL, size, rng)
    if rng.random() < 0.2:
        grey = grey + rng.uniform(0.05, 0.3) * texture.any_of(texture.ALL, size, rng)
    return grey


def _paper(even: Plane, contrast: float, rng: Generator) -> Plane:
    """A paper with some relief, or something woven, wooden, photographed instead."""
    size, dice = len(even), rng.random()
    if dice < 0.3:
        return even
    if dice < 0.92:
        relief = one_of(RELIEFS, rng)(size, rng)
        return even + contrast * rng.uniform(0.03, 0.28) * relief
    if dice < 0.97:
        return even + contrast * rng.uniform(0.05, 0.35) * texture.any_of(texture.DESKS, size, rng)
    return even + contrast * rng.uniform(0.2, 0.8) * (photos.part(size, rng) - 0.5)


def fibrous(size: int, rng: Generator) -> Plane:
    """Recycled paper: hairs and specks in its pulp."""
    specks = np.clip(np.abs(grain(size, rng.uniform(1.3, 3), rng)) - 2, 0, 1)
    return texture.fibres(size, rng) - 1.5 * specks + 0.4 * clouds(size, 30, rng)


def toothed(size: int, rng: Generator) -> Plane:
    """Rough paper, lit from a side."""
    high = grain(size, between(rng, 1.3, 7), rng)
    return np.clip(high - np.roll(high, (1, 1), (0, 1)), -1.2, 1.2)


def newsprint(size: int, rng: Generator) -> Plane:
    """Grey, uneven pulp, and the print of its other side."""
    pulp = 0.5 * grain(size, rng.uniform(1, 2.5), rng) + 0.4 * clouds(size, 25, rng)
    rows = waves(size, between(rng, 6, 20), np.pi / 2, rng) % 1 < 0.5
    words = clouds(size, size / 5, rng) > rng.uniform(-0.5, 0.5)
    return pulp - rng.uniform(0, 0.8) * blurred(np.float32(rows & words), rng.uniform(1, 2.5))


def kraft(size: int, rng: Generator) -> Plane:
    """Brown paper with streaks along one way, cardboard's flutes beneath."""
    along = streaks(size, rng.uniform(1, 2.5), rng.uniform(5, 20), rng)
    along = along + 0.4 * texture.fibres(size, rng)
    if rng.random() < 0.4:
        along = along + np.sin(2 * np.pi * waves(size, between(rng, 5, 20), np.pi / 2, rng))
    return texture.turned(0.6 * along, rng)


def laid(size: int, rng: Generator) -> Plane:
    """Fine lines of the sieve, and wider ones across."""
    level, period = np.pi / 2 + rng.normal(0, 0.02), between(rng, 2.5, 7)
    fine = np.sin(2 * np.pi * waves(size, period, level, rng))
    wide = waves(size, period * rng.uniform(8, 20), level - np.pi / 2, rng) % 1 < 0.06
    return texture.turned(0.5 * fine - np.float32(0.8) * wide, rng)


def cloudy(size: int, rng: Generator) -> Plane:
    """Damp, yellowed or badly wiped."""
    return 0.8 * clouds(size, between(rng, 2, 14), rng)


def stained(size: int, rng: Generator) -> Plane:
    """Rings of cups, drops, fat."""
    small = Image.new("L", (128, 128), 0)
    draw = ImageDraw.Draw(small)
    for _ in range(int(rng.integers(1, 4))):
        (x, y), wide = rng.uniform(-10, 138, 2), between(rng, 8, 90)
        high = wide * rng.uniform(0.8, 1.2)
        inside = int(rng.integers(30, 140))
        draw.ellipse([x - wide, y - high, x + wide, y + high], inside, int(inside * 1.6), 2)
    soft = small.filter(ImageFilter.GaussianBlur(rng.uniform(0.7, 4)))
    return (
        -2.5
        * enlarged(np.asarray(soft, np.float32) / 255, size)
        * (1 + 0.3 * clouds(size, 12, rng))
    )


def shaded(size: int, rng: Generator) -> Plane:
    """Rows, columns or blocks of a form that are printed in another tone."""
    y, x = coordinates(size)
    down = (y / between(rng, 15, 120) + rng.random()) % 1 < rng.uniform(0.3, 0.7)
    if rng.random() < 0.4:
        over = (x / between(rng, 15, 120) + rng.random()) % 1 < rng.uniform(0.3, 0.7)
        return np.where(down != over, np.float32(1), np.float32(-1))
    level = np.broadcast_to(np.where(down, np.float32(1), np.float32(-1)), (size, size))
    return texture.turned(level, rng)


def pulp(size: int, rng: Generator) -> Plane:
    """The fine grain that any sheet has close by."""
    return 0.6 * grain(size, between(rng, 1, 4), rng)


RELIEFS: tuple[Relief, ...] = (
    *(pulp, pulp, fibrous, toothed, newsprint, kraft, laid, cloudy, stained, shaded),
    texture.fractal,
)


def _security(size: int, rng: Generator) -> Plane:
    """A cheque's ground: fine lines or dots in one or two layers, up or down in tone."""
    printed = np.zeros((size, size), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        layer = one_of(SECURITY, rng)(size, rng)
        printed = np.maximum(printed, layer * np.float32(rng.uniform(0.5, 1)))
    if rng.random() < 0.4:  # printed in one part only, or fading
        printed = printed * np.clip(0.6 + 0.6 * clouds(size, rng.uniform(2, 4), rng), 0, 1)
    strength = between(rng, 0.06, 0.6) * (-1 if rng.random() < 0.8 else 1)
    return strength * printed + rng.uniform(0, 0.1) * pulp(size, rng)


def _thin(phase: Plane, width: float) -> Plane:
    """Lines where a phase passes through whole numbers, with soft edges."""
    away = np.abs(phase - np.round(phase))
    return np.clip(1.5 - away / width, 0, 1)


def guilloche(size: int, rng: Generator) -> Plane:
    """Bundles of wavy lines, which cross."""
    lines = np.zeros((size, size), np.float32)
    angle, period = rng.uniform(0, np.pi), between(rng, 3, 14)
    for turn in (0.0, rng.uniform(0.2, np.pi))[: int(rng.integers(1, 3))]:
        along = waves(size, between(rng, 20, 200), angle + turn + np.pi / 2, rng)
        swing = rng.uniform(0.2, 3) * np.sin(2 * np.pi * along)
        swing = swing + rng.uniform(0, 0.6) * np.sin(2 * np.pi * 2.7 * along)
        phase = waves(size, period, angle + turn, rng) + swing
        np.maximum(lines, _thin(phase, rng.uniform(0.1, 0.25)), out=lines)
    return lines


def rosette(size: int, rng: Generator) -> Plane:
    """Petals around a middle, inside the page or beside it."""
    y, x = coordinates(size)
    middle = rng.uniform(-0.2, 1.2, 2) * size
    down, over = y - middle[0], x - middle[1]
    far, turn = np.hypot(down, over), np.arctan2(down, over)
    petals, period = int(rng.integers(4, 24)), between(rng, 4, 14)
    phase = far / period + rng.uniform(0.3, 2) * np.sin(petals * turn)
    other = far / period - rng.uniform(0.3, 2) * np.sin(petals * turn)
    width = rng.uniform(0.1, 0.25)
    return np.maximum(_thin(phase, width), _thin(other, width))


def microprint(size: int, rng: Generator) -> Plane:
    """Rows of letters too small to be read."""
    period = between(rng, 3.5, 9)
    rows = waves(size, period, np.pi / 2 + rng.normal(0, 0.15), rng) % 1
    cells = (round(size / period), round(size / 1.6))
    specks = Image.fromarray(rng.random(cells, np.float32))
    letters = np.asarray(specks.resize((size, size), Image.Resampling.BILINEAR))
    return texture.turned(np.clip(3 * (letters - 0.35), 0, 1) * (rows < 0.5), rng)


def halftone(size: int, rng: Generator) -> Plane:
    """A raster of dots or of crossing hatches."""
    period, angle = between(rng, 2.5, 9), rng.choice([0, np.pi / 4, rng.uniform(0, np.pi)])
    over = np.cos(2 * np.pi * waves(size, period, angle, rng))
    down = np.cos(2 * np.pi * waves(size, period, angle + np.pi / 2, rng))
    if rng.random() < 0.4:
        return np.clip(2 * np.maximum(over, down) - 1, 0, 1)
    return np.clip(rng.uniform(1, 3) * (over * down) - rng.uniform(0, 0.5), 0, 1)


SECURITY: tuple[Relief, ...] = (guilloche, guilloche, rosette, microprint, halftone)


def _archive(scene: Scene, rng: Generator) -> Plane:
    """How much darker an old page is: damp, foxed, brown at its edge, its back showing through."""
    size = scene.size
    dark = rng.uniform(0, 0.2) * clouds(size, rng.uniform(2, 10), rng)
    dark = dark + rng.uniform(0, 0.15) * one_of(RELIEFS, rng)(size, rng)
    if rng.random() < 0.6:
        dark = dark + _bleeding(scene, rng)
    if rng.random() < 0.4:  # foxing
        spots = clouds(size, between(rng, 10, 60), rng)
        dark = dark + rng.uniform(0.1, 0.5) * np.clip(spots - rng.uniform(1.2, 2), 0, 1)
    if rng.random() < 0.2:
        across = coordinates(size)[int(rng.integers(2))] / size
        across = across if rng.random() < 0.5 else 1 - across
        dark = dark + rng.uniform(0.1, 0.6) * np.exp(-across / rng.uniform(0.03, 0.2))
    return np.asarray(dark, np.float32)


def _bleeding(scene: Scene, rng: Generator) -> Plane:
    """The page's own writing as it would come through from the other side: mirrored, blurred."""
    shift = rng.integers(-scene.size // 2, scene.size // 2, 2)
    back = np.roll(scene.ink()[:, ::-1], (int(shift[0]), int(shift[1])), (0, 1))
    soft = blurred(back, rng.uniform(0.6, 3))
    return rng.uniform(0.05, 0.4) * soft * np.clip(1 + 0.4 * clouds(scene.size, 8, rng), 0, 2)


def _board(scene: Scene, rng: Generator) -> Plane:
    """What was wiped, in the chalk's or the marker's tone."""
    size = scene.size
    wiped = rng.uniform(0, 0.25) * np.clip(clouds(size, rng.uniform(2, 9), rng), 0, 2)
    if rng.random() < 0.6:
        wiped = wiped + _strokes_of_a_sponge(size, rng)
    if rng.random() < 0.4:  # old writing that can still be guessed
        ghost = np.roll(scene.other[::-1] + scene.digits[::-1], int(rng.integers(size)), 1)
        wiped = wiped + rng.uniform(0.03, 0.2) * blurred(np.minimum(ghost, 1), rng.uniform(2, 5))
    return wiped + rng.uniform(0, 0.08) * grain(size, rng.uniform(1, 3), rng)


def _strokes_of_a_sponge(size: int, rng: Generator) -> Plane:
    """Broad bent strokes that leave fine lines."""
    wide = between(rng, 30, 120)
    bend = rng.uniform(0, 1) * clouds(size, 2, rng)
    across = waves(size, wide, rng.uniform(0, np.pi), rng) + bend
    lines = rng.random(512).astype(np.float32)
    fine = lines[np.int64(np.floor(across * wide / rng.uniform(1, 3))) % 512]
    return rng.uniform(0.05, 0.3) * fine * np.clip(0.5 + clouds(size, 4, rng), 0, 1)

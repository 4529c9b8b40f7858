"""Light that falls on a page: each kind gives what share of it every pixel gets, about 1."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from pictures.scene import Generator, Plane, between, one_of
from pictures.texture import clouds, coordinates, enlarged, waves

Light = Callable[[int, Generator], Plane]
SMALL = 48  # pixels of a side at which light without edges is made


def _unit() -> tuple[Plane, Plane]:
    """Rows and columns from -1 to 1, small."""
    y, x = coordinates(SMALL)
    return y * (2 / (SMALL - 1)) - 1, x * (2 / (SMALL - 1)) - 1


def sloping(size: int, rng: Generator) -> Plane:
    """Light that falls off towards one side, to between nine tenths and an eighth."""
    y, x = _unit()
    angle, least = rng.uniform(0, 2 * np.pi), between(rng, 0.12, 0.9)
    share = np.clip(0.5 + (x * np.cos(angle) + y * np.sin(angle)) / 2.8, 0, 1)
    return enlarged(1 - (1 - least) * share ** rng.uniform(0.6, 2.2), size)


def corners(size: int, rng: Generator) -> Plane:
    """A lens's dark corners, or only one of them, when the crop lies beside the middle."""
    y, x = _unit()
    middle, wide = rng.uniform(-1.2, 1.2, 2), rng.uniform(0.9, 2.2)
    far = np.hypot(y - middle[0], x - middle[1]) / wide
    return enlarged(1 / (1 + rng.uniform(0.1, 1.5) * far ** rng.uniform(2, 4)), size)


def lamp(size: int, rng: Generator) -> Plane:
    """One bright, long spot: a desk lamp's or a flash's, too bright in its middle."""
    y, x = _unit()
    middle, wide = rng.uniform(-1, 1, 2), rng.uniform(0.2, 0.9, 2)
    angle = rng.uniform(0, np.pi)
    along = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
    across = (y - middle[0]) * np.cos(angle) - (x - middle[1]) * np.sin(angle)
    spot = 1 / (1 + (along / wide[0]) ** 2 + (across / wide[1]) ** 2) ** rng.uniform(1, 2)
    least = rng.uniform(0.3, 0.85)
    return enlarged(least + (rng.uniform(0.9, 1.35) - least) * spot, size)


def patches(size: int, rng: Generator) -> Plane:
    """Light and shade of leaves or of several lamps."""
    cloud = clouds(size, rng.uniform(2, 9), rng)
    return np.clip(0.8 + rng.uniform(0.04, 0.22) * cloud, 0.15, 1.2)


def edge(size: int, rng: Generator) -> Plane:
    """A shadow's edge, straight or bent, hard or soft, at any place."""
    soft = between(rng, 0.6, 40)
    away = (waves(size, 1, rng.uniform(0, 2 * np.pi), rng)) - rng.uniform(-0.9, 0.9) * size
    if rng.random() < 0.5:
        away = away + rng.uniform(3, 25) * clouds(size, rng.uniform(2, 8), rng)
    lit = np.clip(0.5 + away / (2 * soft), 0, 1)
    return 1 - rng.uniform(0.15, 0.75) * (lit * lit * (3 - 2 * lit)).astype(np.float32)


def blind(size: int, rng: Generator) -> Plane:
    """Bands through a blind, a grille or banisters, even in width or not."""
    bands = waves(size, between(rng, 14, 0.8 * size), rng.uniform(0, np.pi), rng) % 1
    width, soft = rng.uniform(0.2, 0.8), rng.uniform(0.01, 0.15)
    lit = np.clip((np.abs(bands - 0.5) - width / 2) / soft + 0.5, 0, 1)
    return (1 - rng.uniform(0.15, 0.6) * lit).astype(np.float32)


def thing(size: int, rng: Generator) -> Plane:
    """The shadow of a hand, a pen, a phone or a head that comes in from a side."""
    scale = 4
    picture = Image.new("L", (size // scale, size // scale), 0)
    draw, small = ImageDraw.Draw(picture), size / scale
    one_of(_SHADOWS, rng)(draw, small, rng)
    shade = picture.filter(ImageFilter.GaussianBlur(between(rng, 0.3, 0.08 * small)))
    dark = np.asarray(shade.resize((size, size), Image.Resampling.BICUBIC), np.float32) / 255
    if rng.random() < 0.5:
        dark = dark[::-1]
    dark = dark if rng.random() < 0.5 else dark.T
    return 1 - rng.uniform(0.15, 0.75) * dark


def _phone(draw: ImageDraw.ImageDraw, size: float, rng: Generator) -> None:
    """A rectangle with round corners and the arm below it."""
    left, top = rng.uniform(-0.4, 0.7, 2) * size
    wide, high = rng.uniform(0.3, 0.8) * size, rng.uniform(0.5, 1.2) * size
    draw.rounded_rectangle([left, top, left + wide, top + high], 0.06 * size, fill=255)
    if rng.random() < 0.6:
        arm = left + wide * rng.uniform(0, 1)
        draw.line(
            [arm, top + high / 2, arm + rng.normal(0, size / 3), 2 * size], 255, int(size / 4)
        )


def _fingers(draw: ImageDraw.ImageDraw, size: float, rng: Generator) -> None:
    """Some fingers side by side, from below."""
    wide, left = rng.uniform(0.07, 0.16) * size, rng.uniform(-0.1, 0.7) * size
    lean, reach = rng.normal(0, 0.3) * size, rng.uniform(0.1, 0.7)
    for number in range(int(rng.integers(1, 5))):
        foot, tip = left + number * wide * 1.1, size * (1 - reach * rng.uniform(0.7, 1))
        draw.line([foot - lean, 1.2 * size, foot, tip], 255, max(2, int(wide)))
        draw.ellipse([foot - wide / 2, tip - wide / 2, foot + wide / 2, tip + wide / 2], 255)


def _head(draw: ImageDraw.ImageDraw, size: float, rng: Generator) -> None:
    """A round head over shoulders."""
    middle, top, wide = rng.uniform(0, size), rng.uniform(-0.2, 0.7) * size, rng.uniform(0.2, 0.6)
    wide *= size
    draw.ellipse([middle - wide / 2, top, middle + wide / 2, top + 1.2 * wide], 255)
    draw.ellipse([middle - 1.5 * wide, top + wide, middle + 1.5 * wide, top + 5 * wide], 255)


def _stick(draw: ImageDraw.ImageDraw, size: float, rng: Generator) -> None:
    """A pen or a cable."""
    points = [(float(x), float(y)) for x, y in rng.uniform(-0.2, 1.2, (2, 2)) * size]
    draw.line(points, 255, max(1, int(rng.uniform(0.01, 0.06) * size)))


_SHADOWS = (_phone, _fingers, _head, _stick)


def folds(size: int, rng: Generator) -> Plane:
    """A sheet that was folded: planes that lean differently, and a line between them."""
    lit = np.ones((size, size), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        level = rng.integers(2) * np.pi / 2 + rng.normal(0, 0.08)
        away = waves(size, 1, level, rng) - rng.uniform(0.05, 0.95) * size
        soft = between(rng, 1, 30)
        lit += rng.uniform(-0.14, 0.14) * np.clip(away / soft, -1, 1)
        lit += rng.uniform(-0.25, 0.2) * np.exp(-((away / rng.uniform(0.6, 2.5)) ** 2))
    return lit


def crumples(size: int, rng: Generator) -> Plane:
    """A sheet that was crumpled: folded to and fro many times, lit from a side."""
    high = np.zeros((128, 128), np.float32)
    for _ in range(int(rng.integers(5, 16))):
        away = waves(128, 1, rng.uniform(0, 2 * np.pi), rng) - rng.uniform(-90, 150)
        bent = away + rng.uniform(2, 14) * clouds(128, rng.uniform(2, 6), rng)
        high += np.float32(rng.normal()) * np.abs(bent)  # a crease where it changes its sign
    side = np.diff(high, axis=0)[:, :-1] + np.diff(high, axis=1)[:-1]
    lit = side * (rng.uniform(0.03, 0.18) / max(float(side.std()), 1e-3))
    return np.clip(1 + enlarged(lit, size), 0.3, 1.5)


def curve(size: int, rng: Generator) -> Plane:
    """A book's page that bends away, darkest in its gutter."""
    gutter = rng.uniform(-0.15, 1.15) * size
    away = np.abs(coordinates(size)[1] - gutter) / size
    dark = rng.uniform(0.2, 0.8) * np.exp(-away / rng.uniform(0.03, 0.3))
    lit = np.broadcast_to(1 - dark.astype(np.float32), (size, size))
    return lit if rng.random() < 0.7 else lit.T


LIGHTS: tuple[tuple[Light, float], ...] = (
    *((sloping, 0.22), (corners, 0.12), (lamp, 0.1), (patches, 0.1), (edge, 0.14), (blind, 0.05)),
    *((thing, 0.13), (folds, 0.06), (crumples, 0.04), (curve, 0.04)),
)
_KINDS = [kind for kind, _ in LIGHTS]
_WEIGHTS = np.cumsum([weight for _, weight in LIGHTS]) / sum(weight for _, weight in LIGHTS)


def any_light(size: int, least: float, rng: Generator) -> Plane:
    """One kind of light, often weakened, or two that fall together.

    Args:
        size: of the page.
        least: the light that the darkest place has at least.
        rng: decides.
    """
    lit = _KINDS[int(np.searchsorted(_WEIGHTS, rng.random()))](size, rng)
    if rng.random() < 0.2:
        lit = lit * _KINDS[int(np.searchsorted(_WEIGHTS, rng.random()))](size, rng)
    if rng.random() < 0.6:
        lit = 1 + (lit - 1) * rng.uniform(0.15, 0.8)
    darkest = float(lit.min())
    if darkest < least:
        lit = least + (lit - darkest) * ((1 - least) / max(1 - darkest, 0.01))
    return np.asarray(lit, np.float32)


def glare(size: int, rng: Generator) -> Plane:
    """What a board or a screen mirrors: a window, a lamp; to be added."""
    picture = Image.new("L", (SMALL, SMALL), 0)
    draw = ImageDraw.Draw(picture)
    left, top = rng.uniform(-0.3, 0.9, 2) * SMALL
    wide, high = rng.uniform(0.1, 0.8, 2) * SMALL
    if rng.random() < 0.5:
        draw.ellipse([left, top, left + wide, top + high], 255)
    else:
        lean = rng.normal(0, 5)
        draw.polygon(
            [(left, top), (left + wide, top + lean), (left + wide, top + high), (left, top + high)],
            fill=255,
        )
    soft = picture.filter(ImageFilter.GaussianBlur(between(rng, 0.6, 8)))
    return enlarged(np.asarray(soft, np.float32) * rng.uniform(0.1, 0.6) / 255, size)

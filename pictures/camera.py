"""A picture as a camera, a scanner or a program makes it of a page."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pictures import desk, ink, light, paper
from pictures.paper import Ground
from pictures.scene import Generator, Plane, Scene, between
from pictures.texture import blurred, coordinates, waves

Picture = NDArray[np.uint8]
SMALL = 18  # in pixels: lower digits bear less noise and less of what is on the paper
FAINTEST = 0.035  # of the whole range: how far writing stands out at least in the darkest shadow
GLOSSY = {"screen": 0.6, "board": 0.3, "plain": 0.05, "paper": 0.04, "security": 0.03}
GLOSSY |= {"archive": 0.0, "none": 0.05}
NO_DIGITS_HEIGHT = 40  # in pixels, of what has no digits: how finely its picture has to show
CLEAN = {"plain": 0.75, "paper": 0.16, "security": 0.05, "archive": 0.0, "board": 0.05}
CLEAN |= {"screen": 0.0, "none": 0.0}


def photograph(scene: Scene, kind: Ground, rng: Generator) -> Picture:
    """A grey picture (size, size) of the scene.

    Things that lie over the page are taken out of the scene's truth by `scene.cover`.

    Args:
        scene: the page; changed where something covers it.
        kind: what it is drawn on.
        rng: decides on all the rest.
    """
    height = smallest(scene)
    tones = ink.tones(kind, rng)
    if rng.random() < CLEAN[kind]:
        return _clean(scene, kind, tones, rng)
    bearable = tones.contrast * min(1.0, height / SMALL)
    under = paper.ground(scene, kind, tones.paper, bearable, rng)
    seen = ink.written(scene, under, tones, height, rng)
    scanned = kind in ("paper", "security", "archive") and rng.random() < 0.2
    if scanned:
        seen = _scanned(seen, tones, rng)
    else:
        seen = _before_a_camera(scene, seen, kind, tones, rng)
    seen = _lens(seen, height, rng)
    seen = _sensor(seen, bearable, rng)
    if kind in ("paper", "security", "archive") and rng.random() < 0.06:
        seen = _two_tones(seen, tones, rng)
    return _file(seen, tones, height, rng)


def smallest(scene: Scene) -> float:
    """The height of the smallest digits, which has to remain legible."""
    heights = [thing.height for thing in scene.things if thing and thing.label.isdigit()]
    return float(np.quantile(heights, 0.1)) if heights else NO_DIGITS_HEIGHT


def _clean(scene: Scene, kind: Ground, tones: ink.Tones, rng: Generator) -> Picture:
    """A screenshot, a drawing program's file: exact tones and no noise."""
    under = np.full((scene.size, scene.size), tones.paper, np.float32)
    if kind == "security":
        under = paper.ground(scene, kind, tones.paper, tones.contrast, rng)
    elif rng.random() < 0.08:
        under = under + np.float32(0.15 * tones.contrast) * paper.shaded(scene.size, rng)
    crisp = bool(rng.random() < 0.25)
    grey = _bytes(ink.flat(scene, under, tones, crisp=crisp))
    if rng.random() < 0.2:
        grey = _enlarged(grey, smallest(scene), rng)
    return _jpeg(grey, int(rng.integers(30, 96))) if rng.random() < 0.25 else grey


def _bytes(seen: Plane) -> Picture:
    return np.uint8(np.clip(seen, 0, 1) * np.float32(255) + np.float32(0.5))


def _scanned(seen: Plane, tones: ink.Tones, rng: Generator) -> Plane:
    """Light that is the same everywhere, and a paper that becomes white, or black."""
    white = float(tones.pens[0] < tones.paper)
    end = tones.paper + (tones.pens[0] - tones.paper) * rng.uniform(0.0, 0.25)
    scale = (1 - rng.uniform(0, 0.2)) / max(abs(1 - white - end), 0.3)
    return np.asarray(white + (seen - end) * min(scale, 0.9 / tones.contrast), np.float32)


def _before_a_camera(
    scene: Scene, seen: Plane, kind: Ground, tones: ink.Tones, rng: Generator
) -> Plane:
    """What lies around, the light on it, and what shines back."""
    if kind in ("paper", "security", "archive", "plain"):
        seen = desk.around(scene, seen, tones.paper, rng)
    gain, shine = np.float32(1), np.float32(0)
    if rng.random() < 0.75:
        gain = light.any_light(scene.size, min(0.9, FAINTEST / tones.contrast), rng)
    if kind == "screen":
        seen = _screen(seen, tones.contrast, rng)
    if rng.random() < GLOSSY[kind]:
        shine = light.glare(scene.size, rng)
    ground, written = (np.minimum(tone * gain + shine, 1) for tone in (tones.paper, tones.pens[0]))
    scene.cover(np.broadcast_to(np.abs(ground - written) < 0.012, seen.shape))
    return seen * gain + shine


def _screen(seen: Plane, contrast: float, rng: Generator) -> Plane:
    """A screen's pixels as a camera sees them, and the waves between the two grids."""
    size, angle = len(seen), rng.normal(0, 0.1)
    period = between(rng, 2.0, 6)
    strength = rng.uniform(0.02, min(0.3, 0.02 + 0.6 * contrast))
    over = np.cos(2 * np.pi * waves(size, period, angle, rng))
    down = np.cos(2 * np.pi * waves(size, period, angle + np.pi / 2, rng))
    grid = 1 - strength * (np.maximum(over, down) if rng.random() < 0.6 else 0.5 + 0.5 * over)
    if rng.random() < 0.6:
        bend = rng.uniform(0, 2) * np.sin(2 * np.pi * waves(size, 2 * size, angle + 1, rng))
        moire = np.sin(2 * np.pi * (waves(size, between(rng, 8, 90), 5 * angle, rng) + bend))
        grid = grid * (1 - rng.uniform(0.1, 0.5) * strength * (0.5 + 0.5 * moire))
    return np.asarray(rng.uniform(0.02, 0.1) + seen * grid * 0.92, np.float32)


def _lens(seen: Plane, height: float, rng: Generator) -> Plane:
    """Out of focus by a little, rarely by more; now and then the hand moved."""
    dice = rng.random()
    worst = 0.05 * height if dice < 0.3 else 0.022 * height
    radius = min(rng.uniform(0.2, 1.0) * worst, 5.0)
    if dice > 0.9:
        return _moved(seen, between(rng, 1.5, max(1.6, 0.13 * height)), rng)
    if dice > 0.8 and radius > 0.8:
        return _averaged(seen, _disc(1.6 * radius))
    soft = blurred(seen, radius, 0.0, 1.4)
    if dice > 0.76:  # a page that leans away: sharp on one side only
        share = waves(len(seen), len(seen), rng.uniform(0, 2 * np.pi), rng) % 2
        soft = seen + (soft - seen) * np.minimum(share, 2 - share)
    return soft


def _disc(radius: float) -> list[tuple[int, int]]:
    """The pixels of a disc, by rows and columns."""
    reach = range(-int(radius), int(radius) + 1)
    return [(dy, dx) for dy in reach for dx in reach if dy * dy + dx * dx <= radius * radius]


def _moved(seen: Plane, length: float, rng: Generator) -> Plane:
    """Blurred along a short straight way."""
    angle = rng.uniform(0, np.pi)
    steps = np.linspace(-length / 2, length / 2, max(2, round(length) + 1))
    way = [(round(s * float(np.sin(angle))), round(s * float(np.cos(angle)))) for s in steps]
    return _averaged(seen, way)


def _averaged(seen: Plane, shifts: list[tuple[int, int]]) -> Plane:
    """The mean of the picture shifted, its edge repeated."""
    far = max(max(abs(dy), abs(dx)) for dy, dx in shifts)
    if far == 0:
        return seen
    wide, size = np.pad(seen, far, mode="edge"), len(seen)
    total = np.zeros_like(seen)
    for dy, dx in shifts:
        total += wide[far + dy : far + dy + size, far + dx : far + dx + size]
    return total / np.float32(len(shifts))


def _sensor(seen: Plane, contrast: float, rng: Generator) -> Plane:
    """The sharpening that phones do, noise, and a bent curve of tones."""
    if rng.random() < 0.35:
        halo = seen - blurred(seen, between(rng, 0.7, 3), 0.0, 1.4)
        seen = seen + np.float32(between(rng, 0.3, 3)) * halo
    if rng.random() < 0.75:
        seen = seen + _noise(seen, contrast, rng)
    if rng.random() < 0.06:  # low light or a dirty scanner: rows differ
        bands = rng.standard_normal((len(seen), 1), np.float32)
        if rng.random() < 0.5:
            bands = np.where(np.abs(bands) > 2.2, 2 * bands, 0)
        bands = bands * np.float32(0.1 * contrast * rng.uniform(0.2, 1))
        seen = seen + (bands if rng.random() < 0.7 else bands.T)
    if rng.random() < 0.3:
        seen = np.clip(seen, 0, 1) ** np.float32(between(rng, 0.5, 2))
    if rng.random() < 0.1:  # stretched until something clips
        low, high = np.quantile(seen[::8, ::8], (rng.uniform(0, 0.03), rng.uniform(0.8, 1)))
        seen = (seen - np.float32(low)) / np.float32(max(float(high - low), 1.2 * contrast))
    if rng.random() < 0.03:  # an app makes every paper white
        seen = seen / (blurred(seen, rng.uniform(6, 16), 0.0, 1.4) + np.float32(0.02))
        seen = seen * np.float32(rng.uniform(0.5, 1.1))
    return seen


def _noise(seen: Plane, contrast: float, rng: Generator) -> Plane:
    """Noise below the writing's contrast, mostly far below."""
    strength = min(0.07, 0.2 * contrast) * rng.uniform(0, 1) ** 2
    noise = rng.standard_normal(seen.shape, np.float32) * np.float32(strength)
    if rng.random() < 0.4:  # shot noise: more where there is more light
        noise = noise * np.sqrt(np.clip(seen, 0.02, 1)) * np.float32(1.5)
    if rng.random() < 0.3:  # smeared by a phone that takes noise away
        noise = 2.5 * blurred(noise, rng.uniform(0.6, 1.5), -0.4, 0.4)
    return noise


def _file(seen: Plane, tones: ink.Tones, height: float, rng: Generator) -> Picture:
    """Perhaps in few tones, perhaps small and enlarged, perhaps as JPEG."""
    if rng.random() < 0.02 and tones.least_contrast > 0.2:  # a file of few tones
        steps = np.float32(rng.integers(8, 24))
        seen = np.round(seen * steps) / steps
    grey = _bytes(seen)
    if rng.random() < 0.02:
        _salt(grey, rng)
    if rng.random() < 0.12:
        grey = _enlarged(grey, height, rng)
    worst = 45 if tones.contrast < 0.2 or height < 14 else 8 if height > 40 else 14
    while rng.random() < 0.4:
        grey = _jpeg(grey, round(between(rng, worst, 96)))
    return grey


def _two_tones(seen: Plane, tones: ink.Tones, rng: Generator) -> Plane:
    """Black and white by a threshold near by, or a fax machine's dots; not of faint writing."""
    if tones.least_contrast < 0.2:
        return seen
    near = blurred(seen, 12.0, 0.0, 1.4)
    apart = rng.uniform(0.2, 0.45) * tones.least_contrast
    if rng.random() < 0.3:
        raster = rng.uniform(0.2, 0.5) * tones.least_contrast
        y, x = coordinates(len(seen))
        seen = seen + raster * (np.float32(0.5) - ((y * 2 + x * 3) % 5) / 4)
    if tones.pens[0] < tones.paper:
        return np.float32(seen > near - apart)
    return np.float32(seen > near + apart)


def _salt(grey: Picture, rng: Generator) -> None:
    """Dead and hot pixels."""
    count = int(len(grey) ** 2 * between(rng, 1e-4, 5e-3))
    at = rng.integers(0, len(grey), (2, count))
    grey[at[0], at[1]] = rng.choice(np.array([0, 255], np.uint8), count)


_WAYS = Image.Resampling
_ENLARGING = (_WAYS.NEAREST, _WAYS.BILINEAR, _WAYS.BICUBIC, _WAYS.LANCZOS)


def _enlarged(grey: Picture, height: float, rng: Generator) -> Picture:
    """As if it had been taken small and enlarged since."""
    most = min(4.0, height / 8)
    if most < 1.2:
        return grey
    size = len(grey)
    few = round(size / rng.uniform(1.1, most))
    small = Image.fromarray(grey).resize((few, few), Image.Resampling.BOX)
    return np.asarray(small.resize((size, size), _ENLARGING[int(rng.integers(4))]))


def _jpeg(grey: Picture, quality: int) -> Picture:
    return np.asarray(through_jpeg(Image.fromarray(grey), quality))


def through_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """What a JPEG file of that quality keeps."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    with Image.open(file) as opened:
        return opened.copy()

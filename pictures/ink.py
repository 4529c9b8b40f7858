"""Tones of paper and pens, and what a pen leaves: pencil's grain, a ballpoint's gaps, chalk's dust.

What a pen leaves out stays ink in the truth: a stroke with gaps is a stroke.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pictures.scene import PENS, PRINTED, SECOND, STAMP, WRITTEN, Generator, Plane, Scene, one_of
from pictures.texture import blurred, clouds, grain, streaks

MEDIA = ("flat", "pencil", "ballpoint", "marker", "fountain")
USUAL_HEIGHT = 24  # from here on, in pixels, digits bear all the grain that a pen can have


@dataclass(frozen=True)
class Tones:
    """How light everything is, in [0, 1]."""

    paper: float  # the ground
    pens: NDArray[np.float32]  # (PENS,) of the inks
    rules: float  # what is printed as lines
    cover: NDArray[np.float32]  # (PENS,) how much of what lies beneath an ink hides
    rules_above: bool  # whether the rules lie over the ink

    @property
    def contrast(self) -> float:
        """How far writing stands out."""
        return abs(float(self.pens[WRITTEN]) - self.paper)

    @property
    def least_contrast(self) -> float:
        """How far the faintest pen's writing stands out."""
        return float(np.abs(self.pens - np.float32(self.paper)).min())


def tones(kind: str, rng: Generator) -> Tones:
    """Tones as such a ground has them."""
    paper, pen = _paper_and_pen(kind, rng)
    pens = np.full(PENS, pen, np.float32)
    pens[PRINTED] = pen if rng.random() < 0.3 else paper + (pen - paper) * rng.uniform(0.5, 1.6)
    pens[SECOND] = paper + (pen - paper) * rng.uniform(0.4, 1.5)
    pens[STAMP] = paper + (pen - paper) * rng.uniform(0.3, 1.3)
    cover = np.ones(PENS, np.float32)
    cover[STAMP] = rng.uniform(0.35, 1)
    rules = _rules_tone(paper, pen, rng)
    return Tones(paper, np.clip(pens, 0, 1), rules, cover, bool(rng.random() < 0.2))


def _paper_and_pen(kind: str, rng: Generator) -> tuple[float, float]:
    dice = rng.random()
    if kind == "board":
        return _apart(rng, 0.04, 0.4, 0.45, 0.98) if dice < 0.65 else _apart(rng, 0.65, 1, 0, 0.6)
    if kind == "archive":
        paper = rng.uniform(0.4, 0.9)
        return paper, max(0.02, paper - rng.uniform(0.12, 0.6))
    if kind == "security":
        paper = rng.uniform(0.5, 0.95)
        return paper, max(0.02, paper - rng.uniform(0.2, 0.8))
    if kind in ("plain", "screen") and dice < 0.5:
        return (1.0, _dark(rng)) if rng.random() < 0.6 else (0.0, 1 - _dark(rng))
    dice = rng.random()
    if dice < 0.64:
        paper = rng.uniform(0.4, 0.98)
        return paper, rng.uniform(0.02, paper - 0.2)
    if dice < 0.78:
        paper = rng.uniform(0.02, 0.45)
        return paper, rng.uniform(paper + 0.2, 0.98)
    if dice < 0.92:
        step = rng.uniform(10, 45) / 255
        low = rng.uniform(0.03, 0.97 - step)
        return (low + step, low) if rng.random() < 0.7 else (low, low + step)
    return _apart(rng, 0, 1, 0, 1)


def _dark(rng: Generator) -> float:
    return 0.0 if rng.random() < 0.5 else rng.uniform(0, 0.6)


def _apart(
    rng: Generator, low: float, high: float, pen_low: float, pen_high: float
) -> tuple[float, float]:
    """A paper and a pen from those ranges that can be told apart."""
    while True:
        paper, pen = rng.uniform(low, high), rng.uniform(pen_low, pen_high)
        if abs(paper - pen) > 0.15:
            return paper, pen


def _rules_tone(paper: float, pen: float, rng: Generator) -> float:
    dice = rng.random()
    if dice < 0.35:
        return pen
    if dice < 0.6:
        return paper + (pen - paper) * rng.uniform(0.3, 1)
    if dice < 0.87:  # light blue or pink, which in grey is faint
        return paper + (pen - paper) * rng.uniform(0.05, 0.3)
    if dice < 0.93:  # darker than the ink
        return float(np.clip(paper + (pen - paper) * rng.uniform(1, 1.8), 0, 1))
    return float(np.clip(paper - (pen - paper) * rng.uniform(0.1, 0.6), 0, 1))


def flat(scene: Scene, ground: Plane, tone: Tones, *, crisp: bool) -> Plane:
    """Ink as a drawing program sets it, perhaps without half tones at its edges."""
    layers = scene.rules, scene.ink()
    rules, ink = (np.float32(layer > 0.5) for layer in layers) if crisp else layers
    if tone.rules_above:
        seen = ground + (tone.pens[scene.pen] - ground) * ink
        return seen + (tone.rules - seen) * rules
    seen = ground + (np.float32(tone.rules) - ground) * rules
    return seen + (tone.pens[scene.pen] - seen) * ink


def written(scene: Scene, ground: Plane, tone: Tones, height: float, rng: Generator) -> Plane:
    """Ink of pens on a ground.

    Args:
        scene: whose ink.
        ground: (size, size), the paper's tones.
        tone: of the pens.
        height: of the smallest digits, in pixels: small ones cannot bear much grain.
        rng: decides on the pen's kind and on all its gaps.
    """
    chalk = tone.pens[WRITTEN] > tone.paper and rng.random() < 0.6
    medium = "chalk" if chalk else one_of(MEDIA, rng)
    rough = min(1.0, height / USUAL_HEIGHT)
    seen = ground
    if not tone.rules_above:
        seen = seen + (np.float32(tone.rules) - seen) * scene.rules
    cover = _cover(scene, tone, medium, rough, rng)
    main = np.maximum(scene.digits, scene.marks)
    seen = seen + (tone.pens[scene.pen] - seen) * (scene.other * cover)
    # Of writing that a stamp lies over, the pen is the stamp's; it is written all the same.
    stamped = (scene.pen == STAMP) & (scene.other > 0.1)
    pens = np.where(stamped, WRITTEN, scene.pen)
    seen = seen + (tone.pens[pens] - seen) * (main * cover)
    if medium == "chalk" or (medium == "pencil" and rng.random() < 0.3):
        seen = seen + (tone.pens[WRITTEN] - seen) * _dust(main, rng)
    if tone.rules_above:
        seen = seen + (np.float32(tone.rules) - seen) * scene.rules
    return seen


def _cover(scene: Scene, tone: Tones, medium: str, rough: float, rng: Generator) -> Plane:
    """How much each pixel's ink hides, by its pen."""
    cover = tone.cover[scene.pen]
    if medium == "marker":
        cover = cover * np.float32(rng.uniform(0.6, 0.97))
    uneven = _uneven(medium, scene.size, rough, rng)
    if uneven is not None:
        cover = np.where(scene.pen == PRINTED, cover, cover * uneven)
    if rng.random() < 0.15:  # a printer or a stamp that runs dry
        worn = 1 - rng.uniform(0.1, 0.5) * np.clip(clouds(scene.size, 40, rng), 0, 1.5)
        cover = np.where(scene.pen == WRITTEN, cover, cover * worn.astype(np.float32))
    return np.asarray(cover, np.float32)


def _uneven(medium: str, size: int, rough: float, rng: Generator) -> Plane | None:
    """What share of its ink a pen leaves here and there."""
    if medium == "pencil":
        pressure = 0.12 * clouds(size, rng.uniform(4, 25), rng)
        left = rng.uniform(0.6, 0.95) + pressure
        left = left + rng.uniform(0.05, 0.3) * rough * grain(size, rng.uniform(1, 2), rng)
        return np.clip(left, 0.3, 1)
    if medium == "ballpoint":
        gaps = grain(size, rng.uniform(1.3, 3.5), rng) > rng.uniform(1.0, 2.2)
        ink = 1 - rng.uniform(0, 0.25) * np.clip(clouds(size, size / 8, rng), 0, 1)
        return np.where(gaps, ink * (1 - rng.uniform(0.2, 0.8) * rough), ink).astype(np.float32)
    if medium == "fountain":
        pale = np.clip(clouds(size, rng.uniform(6, 50), rng), 0, 1.5)
        return np.clip(1 - rng.uniform(0.1, 0.5) * pale, 0.2, 1).astype(np.float32)
    if medium == "chalk":
        board = grain(size, rng.uniform(1, 2.5), rng)
        if rng.random() < 0.4:
            board = board + streaks(size, 1.5, rng.uniform(2, 6), rng)
        left = rng.uniform(0.75, 1.0) + rng.uniform(0.05, 0.45) * rough * np.minimum(board, 0.5)
        return np.clip(left, 0.2, 1).astype(np.float32)
    return None


def _dust(ink: Plane, rng: Generator) -> Plane:
    """Chalk that fell around its strokes, lead that a sleeve smeared to a side."""
    fallen = blurred(ink, rng.uniform(2, 7)) * rng.uniform(0, 0.3)
    fallen = np.roll(fallen, (int(rng.integers(-4, 5)), int(rng.integers(-12, 13))), (0, 1))
    return np.asarray(fallen * np.clip(1 + grain(len(ink), 1.5, rng), 0, 2), np.float32)

"""Pens: strokes given as points become ink, thin or broad, even or by pressure, round or jagged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pictures.scene import Generator, Plane, between, box_of

Points = NDArray[np.float64]  # (n, 2): x, y upwards, in heights of a digit, the base line at y = 0
Strokes = list[Points]

_KNOTS = np.linspace(0, 1, 5)  # where along a stroke the pressure is any
_SMALL = 300_000  # pixels times points up to which distances are quicker than drawing
# Kinds of pens, and how broad they are at least and at most.
_WIDTHS = {"ballpoint": (0.02, 0.1), "pencil": (0.025, 0.12), "fountain": (0.04, 0.16)}
_WIDTHS |= {"marker": (0.11, 0.32), "chisel": (0.1, 0.3), "brush": (0.08, 0.25)}
_WIDTHS["mouse"] = (0.02, 0.24)
PEN_KINDS = tuple(_WIDTHS)
_SHARES = (0.34, 0.14, 0.12, 0.14, 0.06, 0.06, 0.14)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Ink of something, with where it stands."""

    ink: Plane  # in [0, 1], cropped to it
    left: float  # columns from x = 0 to its first
    foot: float  # how far its last row lies below the base line


@dataclass(frozen=True)
class Pen:
    """What a hand writes with."""

    kind: str  # one of `PEN_KINDS`
    width: float  # of its strokes, as a share of a digit's height
    uneven: float  # how much the pressure changes the width, as a share
    nib: float  # the angle in which a fountain pen or chisel is thinnest, in radians
    coarse: float  # distance of a mouse's points, in heights
    hard: bool  # its edges are not smooth, as in simple drawing programs

    def draw(self, strokes: Strokes, height: float, rng: Generator) -> Drawn:
        """Ink of strokes, with `height` pixels for one of their units."""
        if self.kind == "mouse":
            strokes = [_jagged(stroke, self.coarse, rng) for stroke in strokes]
        wide = max(self.width * height, 0.9)
        step = max(0.6, 0.3 * wide)
        lines, widths = [], []
        for stroke in strokes:
            line = resampled(stroke * (height, -height), step)
            lines.append(line)
            widths.append(wide * self._pressure(line, rng))
        drawn = inked(lines, widths)
        if not self.hard:
            return drawn
        return placed(np.float32(drawn.ink > 0.45), drawn.left, drawn.foot - len(drawn.ink))

    def _pressure(self, line: Points, rng: Generator) -> NDArray[np.float64]:
        """The width along a line, as a share of the pen's."""
        count = len(line)
        if self.kind in ("fountain", "chisel"):
            along = np.gradient(line, axis=0) if count > 1 else np.ones((1, 2))
            turn = np.arctan2(along[:, 1], along[:, 0]) - self.nib
            thin = 1 - min(self.uneven, 0.85)
            return np.hypot(thin * np.cos(turn), np.sin(turn))
        if self.uneven < 0.02:
            return np.ones(count)
        at = np.arange(count) / max(1, count - 1)
        firm = np.interp(at, _KNOTS, rng.normal(1, self.uneven / 2, len(_KNOTS)))
        if self.kind == "brush":  # starts broad, ends in a point
            firm *= 1 - self.uneven * at**2
        return np.minimum(np.maximum(firm, 0.35), 1.8)


def any_pen(rng: Generator) -> Pen:
    """A pen of any kind, thin ones more often than broad ones."""
    kind = str(rng.choice(PEN_KINDS, p=_SHARES))
    low, high = _WIDTHS[kind]
    uneven = {"marker": 0.05, "mouse": 0.0, "chisel": 0.7}.get(kind, 0.45) * rng.uniform(0.3, 1)
    nib = np.radians(rng.normal(-40, 15))  # rows grow downwards: thin from lower left
    hard = kind == "mouse" and bool(rng.random() < 0.4)
    width, coarse = between(rng, low, high), between(rng, 0.03, 0.2)
    return Pen(kind, width, float(uneven), float(nib), coarse, hard)


def resampled(line: Points, step: float) -> Points:
    """Points along a line, `step` apart at most."""
    if len(line) == 1:
        return line
    steps = line[1:] - line[:-1]
    along = np.zeros(len(line))
    np.cumsum(np.hypot(steps[:, 0], steps[:, 1]), out=along[1:])
    count = int(along[-1] / step) + 2
    at = np.arange(count) * (along[-1] / (count - 1))
    out = np.empty((count, 2))
    out[:, 0] = np.interp(at, along, line[:, 0])
    out[:, 1] = np.interp(at, along, line[:, 1])
    return out


def _jagged(stroke: Points, coarse: float, rng: Generator) -> Points:
    """A line as a mouse reports it: few points, each a little off."""
    points = resampled(stroke, coarse)
    return points + rng.normal(0, 0.07 * coarse, points.shape)


def inked(lines: list[Points], widths: list[NDArray[np.float64]]) -> Drawn:
    """Ink of lines with round ends.

    Args:
        lines: points (n, 2): columns and rows, in pixels.
        widths: (n,) in pixels, for each point.
    """
    points, wide = np.concatenate(lines), np.concatenate(widths)
    margin = wide.max() / 2 + 1
    low = np.floor(points.min(0) - margin)
    size = np.ceil(points.max(0) + margin - low).astype(int)
    if size[0] * size[1] * len(points) <= _SMALL:
        ink = _by_distance(points - low, wide, size)
    else:
        ink = _by_drawing([line - low for line in lines], widths, size)
    return placed(ink, low[0], low[1])


def placed(ink: Plane, left: float, top: float) -> Drawn:
    """Ink cut to what is darker than a tenth, when its corner is there; rows below 0 are a foot."""
    first, start, last, end = box_of(ink > 0.1) or (0, 0, *ink.shape)
    return Drawn(ink[first:last, start:end], left + start, top + last)


def meeting(before: Plane, after: Plane) -> int:
    """How far right of the first ink's left edge the second has to start to just touch it.

    Both have the same rows; where no row has ink of both, the second starts where the first ends.
    """
    rows, other = before > 0.5, after > 0.5
    both = rows.any(1) & other.any(1)
    if not both.any():
        return rows.shape[1]
    ends = rows.shape[1] - rows[:, ::-1].argmax(1)
    return int((ends - other.argmax(1))[both].max()) - 1


def _by_distance(points: Points, wide: NDArray[np.float64], size: NDArray[np.int64]) -> Plane:
    """Each pixel's ink from how deep inside the nearest disc of the pen it lies."""
    points = points.astype(np.float32)
    radius = np.maximum(wide, 1).astype(np.float32) / 2
    across = (np.arange(size[0], dtype=np.float32)[:, None] + 0.5 - points[:, 0]) ** 2
    down = (np.arange(size[1], dtype=np.float32)[:, None] + 0.5 - points[:, 1]) ** 2 - radius**2
    power = (down[:, None] + across[None]).reshape(-1, len(points))
    nearest = power.argmin(1)
    edge = radius[nearest]
    away = np.sqrt(np.maximum(power[np.arange(len(power)), nearest] + edge**2, 0))
    strength = np.minimum(wide, 1).astype(np.float32)[nearest]
    ink = np.minimum(np.maximum(edge - away + 0.5, 0), 1) * strength
    return ink.reshape(size[1], size[0])


def _by_drawing(
    lines: list[Points], widths: list[NDArray[np.float64]], size: NDArray[np.int64]
) -> Plane:
    """Pieces of the line drawn larger, then made small, for smooth edges."""
    fine = 3 if max(size) < 160 else 2
    picture = Image.new("L", (int(size[0]) * fine, int(size[1]) * fine))
    draw = ImageDraw.Draw(picture)
    for line, wide in zip(lines, widths, strict=True):
        points = (line * fine).tolist()
        radii = (wide * fine / 2).tolist()
        for at, (x, y) in enumerate(points):
            r = max(1.0, radii[at])
            draw.ellipse((x - r + 0.5, y - r + 0.5, x + r - 0.5, y + r - 0.5), fill=255)
            if at:
                draw.line((*points[at - 1], x, y), fill=255, width=max(1, round(2 * r)))
    return np.asarray(picture.reduce(fine), np.float32) / 255

"""Forms of digits and marks as strokes, as the schools of many countries teach them.

A form is a function of a `Habit`, which answers every question about lengths and bends in one
hand's own way, a little different each time. Strokes are in heights of a digit: x to the right,
y upwards, the base line at y = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pictures.pens import Pen, Points, Strokes
from pictures.scene import Generator

_NUMBERS = 80  # at most so many questions may a form ask


class Habit:
    """One hand's answers to a form's questions."""

    def __init__(self, rng: Generator, steady: float = 0.06) -> None:
        """Answers for good; `steady` is how much they vary each time, as a share of the range."""
        self._own = rng.random(_NUMBERS)
        self._steady = steady
        self._now = self._own
        self._next = 0

    def again(self, rng: Generator) -> "Habit":
        """Itself, ready to write the form once more."""
        self._now = np.clip(self._own + rng.normal(0, self._steady, _NUMBERS), 0, 1)
        self._next = 0
        return self

    def __call__(self, low: float, high: float) -> float:
        """A length or place between the two."""
        self._next += 1
        return float(low + (high - low) * self._now[self._next - 1])

    def shake(self, count: int, far: float) -> Points:
        """How far this hand's points (count, 2) lie from where they should, `far` at most."""
        self._next += 2 * count
        return far * (2 * self._now[self._next - 2 * count : self._next].reshape(count, 2) - 1)

    def chance(self, share: float) -> bool:
        """Whether this hand does something that this share of hands does: always or never."""
        self._next += 1
        return bool(self._own[self._next - 1] < share)


Form = Callable[[Habit], Strokes]


def line(*points: tuple[float, float]) -> Points:
    """A line with corners."""
    return np.array(points, float)


def curve(*points: tuple[float, float]) -> Points:
    """A smooth line through points."""
    return smooth(np.array(points, float))


def smooth(points: Points, swing: float = 0.66, steps: int = 6) -> Points:
    """A smooth line through points (n, 2): a cardinal spline (Catmull and Rom, 1974).

    Args:
        points: where it goes through.
        swing: how strongly it swings out; with 0.5, Catmull and Rom's, circles are pointed.
        steps: points from one to the next.
    """
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    windows = np.stack([padded[k : len(padded) - 3 + k] for k in range(4)], 1)
    fine = np.einsum("sk,nkd->nsd", _blend(swing, steps), windows).reshape(-1, 2)
    return np.concatenate([fine, points[-1:]])


@cache
def _blend(swing: float, steps: int) -> Points:
    """How much each of four points counts, (steps, 4): Hermite's polynomials."""
    t = np.linspace(0, 1, steps + 1)[:-1, None]
    leave, arrive = swing * (t**3 - 2 * t**2 + t), swing * (t**3 - t**2)
    there = 3 * t**2 - 2 * t**3
    return np.concatenate([-leave, 1 - there - arrive, there + leave, arrive], 1)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Part of an ellipse; degrees from the right, against the clock."""
    angles = np.radians(np.linspace(start, end, max(6, int(abs(end - start) / 9))))
    return np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], 1)


def joined(*parts: Points) -> Points:
    """Parts drawn without lifting the pen."""
    return np.concatenate(parts)


# Points stand here as in a table.
# fmt: off
# --- 0 ---

def zero_oval(h: Habit) -> Strokes:
    """An oval, closed, or not quite, or overlapping."""
    start, wide = h(60, 130), h(0.22, 0.45)
    return [arc(0.4, 0.5, wide, 0.5, start, start + h(335, 400))]

def zero_open(h: Habit) -> Strokes:
    """Its ends pass each other at the top."""
    wide, start = h(0.22, 0.42), h(70, 110)
    body = arc(0.4, 0.48, wide, 0.48, start, start + h(300, 345))
    return [joined(line((0.4 + h(-0.05, 0.2), h(0.95, 1.08))), body)]

def zero_spiral(h: Habit) -> Strokes:
    """The line goes on inside."""
    turn = np.radians(np.linspace(90, 90 + h(420, 560), 44))
    shrink = 1 - np.linspace(0, h(0.2, 0.5), 44) * np.linspace(0, 1, 44) ** 2
    wide = h(0.25, 0.45)
    return [np.stack([0.4 + wide * shrink * np.cos(turn), 0.5 + 0.5 * shrink * np.sin(turn)], 1)]

def zero_looped(h: Habit) -> Strokes:
    """A small loop where it closes, as in linked writing."""
    wide, size = h(0.25, 0.42), h(0.05, 0.13)
    body = arc(0.4, 0.47, wide, 0.47, 80, 80 + 350)
    loop = arc(0.4 + h(-0.1, 0.1), 0.94 - size * 0.3, size, size * h(0.6, 1), 200, -120)
    tail = line((0.4 + wide + h(0.0, 0.35), h(0.85, 1.05)))
    return [joined(body, loop, tail) if h.chance(0.5) else joined(body, loop)]

def zero_slashed(h: Habit) -> Strokes:
    """Crossed out by a slash, of either direction."""
    wide, over, lean = h(0.24, 0.42), h(-0.08, 0.15), h(0.3, 0.9)
    slash = line((0.4 - lean * wide, 0.1 - over), (0.4 + lean * wide, 0.9 + over))
    if h.chance(0.2):
        slash = slash * (-1, 1) + (0.8, 0)
    return [arc(0.4, 0.5, wide, 0.5, 80, 445), slash]

def zero_dotted(h: Habit) -> Strokes:
    """With a point in it."""
    wide = h(0.28, 0.42)
    dot = line((0.4, 0.52), (0.4 + h(0.0, 0.04), 0.5 - h(0.0, 0.08)))
    return [arc(0.4, 0.5, wide, 0.5, 80, 445), dot]

def zero_halves(h: Habit) -> Strokes:
    """Two strokes: a C, then what closes it."""
    wide, gap = h(0.22, 0.4), h(-0.03, 0.08)
    return [arc(0.4, 0.5, wide, 0.5, 80, 280), arc(0.4 + gap, 0.5 + h(-0.04, 0.04), wide,
        h(0.46, 0.52), 100, -95)]

def zero_pointed(h: Habit) -> Strokes:
    """An egg or a drop, pointed above or below."""
    top, wide = h(0.25, 0.55), h(0.22, 0.4)
    left, right = 0.4 - wide, 0.4 + wide
    shape = curve((top, 1), (left, h(0.3, 0.7)), (h(0.3, 0.5), 0), (right, h(0.3, 0.7)),
        (top, 0.98))
    return [shape]

# --- 1 ---

def one_plain(h: Habit) -> Strokes:
    """A bar, upright or leaning, a little bent."""
    lean, bend = h(-0.12, 0.35), h(-0.04, 0.04)
    return [curve((lean, 1), (lean / 2 + bend, 0.5), (0, 0))]

def one_flagged(h: Habit) -> Strokes:
    """With an upstroke, short or long, straight or bent."""
    wide, drop = h(0.1, 0.5), h(0.12, 0.6)
    foot = wide + h(-0.12, 0.08)
    flag = curve((0, 1 - drop), (wide * 0.5, 1 - drop * 0.5 - h(-0.06, 0.06)), (wide, 1))
    return [joined(flag, line((foot, 0)))]

def one_roof(h: Habit) -> Strokes:
    """The upstroke as high as the stem, as in Germany and France."""
    wide, low = h(0.25, 0.65), h(-0.02, 0.35)
    rise = curve((0, low), (wide * 0.45, (low + 1) / 2 + h(-0.1, 0.06)), (wide, 1))
    return [joined(rise, curve((wide, 1), (wide + h(-0.06, 0.05), 0.5), (wide + h(-0.15, 0.1), 0)))]

def one_based(h: Habit) -> Strokes:
    """With a line to stand on, with or without a flag."""
    wide, side = h(0.1, 0.35), h(0.14, 0.4)
    stem = line((wide, 1), (wide + h(-0.05, 0.05), 0))
    if h.chance(0.75):
        stem = joined(line((0, 1 - h(0.1, 0.35))), stem)
    base = h(-0.03, 0.04)
    return [stem, line((wide - side, base), (wide + side, base + h(-0.04, 0.05)))]

def one_hooked(h: Habit) -> Strokes:
    """A bent head or a tail, as when written fast."""
    head, tail = h(0.03, 0.25), h(0.0, 0.2)
    return [curve((0, 0.86 - head * 0.4), (head * 0.6, 1), (head + 0.05, 0.85), (head, 0.4),
        (head - 0.02, 0.08), (head + tail * 0.4, 0), (head + tail, 0.08))]

def one_short(h: Habit) -> Strokes:
    """Lower than the other digits."""
    high, lean = h(0.5, 0.8), h(-0.05, 0.2)
    return [line((lean, high), (0, 0))]

# --- 2 ---

def two_round(h: Habit) -> Strokes:
    """A round head, a straight base."""
    wide = h(0.45, 0.75)
    head = curve((h(0.0, 0.1), h(0.68, 0.88)), (wide * 0.5, 1), (wide * 0.95, h(0.68, 0.8)),
        (wide * 0.55, 0.35), (h(-0.05, 0.05), 0))
    return [joined(head, line((wide + h(-0.05, 0.2), h(-0.03, 0.06))))]

def two_looped(h: Habit) -> Strokes:
    """With a loop at its foot."""
    wide, size, tail = h(0.45, 0.7), h(0.07, 0.16), h(0.1, 0.35)
    return [curve((h(0.0, 0.12), h(0.68, 0.88)), (wide * 0.5, 1), (wide, h(0.66, 0.8)),
        (wide * 0.6, 0.35), (0.12, 0.02), (h(-0.08, 0.0), size), (0.08, size * 1.7),
        (0.25, size * 0.8), (wide * 0.75, h(-0.06, 0.02)), (wide + tail, h(0.02, 0.16)))]

def two_angular(h: Habit) -> Strokes:
    """Like a Z."""
    wide = h(0.4, 0.7)
    top = line((h(0.0, 0.08), h(0.88, 1.0)), (wide, h(0.94, 1.02)))
    return [joined(top, line((h(-0.05, 0.08), 0), (wide + h(-0.08, 0.15), h(-0.04, 0.05))))]

def two_swan(h: Habit) -> Strokes:
    """A curled head and a base like a wave."""
    wide = h(0.45, 0.7)
    curl = h(0.6, 0.75)
    return [joined(curve((0.16, curl), (0.05, curl + 0.05), (0.08, 0.9), (wide * 0.55, 1),
        (wide, 0.76), (wide * 0.6, 0.36), (0, h(0.0, 0.05))), curve((0.0, 0.02),
        (wide * 0.35, h(0.03, 0.14)), (wide * 0.75, h(-0.06, 0.0)),
        (wide + h(0.0, 0.2), h(0.03, 0.16))))]

# --- 3 ---

def three_round(h: Habit) -> Strokes:
    """Two bows."""
    top, low, waist = h(0.4, 0.62), h(0.45, 0.7), h(0.5, 0.6)
    upper = curve((h(0.0, 0.08), h(0.8, 0.92)), (top * 0.55, 1), (top, h(0.74, 0.84)),
        (top * 0.6, waist + 0.03), (h(0.12, 0.3), waist))
    lower = curve((h(0.15, 0.3), waist), (low * 0.75, waist - 0.06), (low, h(0.22, 0.32)),
        (low * 0.5, 0), (h(-0.05, 0.04), h(0.06, 0.2)))
    return [joined(upper, lower)]

def three_flat(h: Habit) -> Strokes:
    """A flat top and a stroke back, as in Ʒ."""
    wide, waist = h(0.4, 0.65), h(0.5, 0.66)
    low = h(0.45, 0.7)
    bow = curve((h(0.12, 0.3), waist), (low * 0.75, waist - 0.04), (low, h(0.22, 0.34)),
        (low * 0.5, 0), (h(-0.05, 0.05), h(0.04, 0.18)))
    return [joined(line((0, h(0.94, 1.0)), (wide, 1)), bow)]

def three_looped(h: Habit) -> Strokes:
    """A small loop at the waist."""
    top, low, waist, size = h(0.42, 0.6), h(0.48, 0.68), h(0.5, 0.6), h(0.04, 0.1)
    return [curve((h(0.0, 0.1), h(0.78, 0.92)), (top * 0.55, 1), (top, 0.8), (top * 0.6, waist),
        (0.2, waist - size), (0.13, waist), (0.22, waist + size), (low * 0.75, waist - 0.06),
        (low, 0.26), (low * 0.5, 0), (h(-0.06, 0.05), h(0.05, 0.2)))]

def three_deep(h: Habit) -> Strokes:
    """A small head and a lower bow that swings far out to the left."""
    waist = h(0.55, 0.7)
    return [joined(curve((0.1, h(0.85, 0.95)), (0.3, 1), (0.45, 0.86), (0.22, waist)),
        curve((0.22, waist), (0.5, waist - 0.1), (0.52, 0.2), (0.2, 0),
        (h(-0.25, -0.05), h(0.02, 0.14))))]

# --- 4 ---

def four_open(h: Habit) -> Strokes:
    """Two strokes, open at the top."""
    wide, bar, stem = h(0.5, 0.8), h(0.25, 0.48), h(0.35, 0.6)
    angle = line((h(0.02, 0.25), h(0.9, 1.02)), (h(-0.04, 0.1), bar), (wide, bar + h(-0.06, 0.06)))
    lean = h(-0.08, 0.15)
    return [angle, line((stem + lean, h(0.72, 1.05)), (stem, h(-0.08, 0.02)))]

def four_bowl(h: Habit) -> Strokes:
    """Open, its left side a bowl, in one or two strokes, like a y or a u with a stem."""
    low, right = h(0.3, 0.5), h(0.35, 0.55)
    bowl = curve((h(0.0, 0.08), h(0.85, 1.0)), (h(0.0, 0.08), low + 0.1), (0.16, low),
        (right - 0.05, low + h(0.02, 0.15)))
    foot = h(-0.1, 0.08)
    stem = line((right + h(0.0, 0.12), h(0.8, 1.05)), (right + foot * 0.5, h(-0.12, 0.02)))
    return [joined(bowl, stem)] if h.chance(0.5) else [bowl, stem]

def four_closed(h: Habit) -> Strokes:
    """Like print, in one stroke or two."""
    top, bar, wide = h(0.35, 0.6), h(0.22, 0.42), h(0.55, 0.85)
    stem = line((top + h(-0.03, 0.05), 1), (top + h(-0.08, 0.04), 0))
    angle = line((top, 1), (0, bar), (wide, bar + h(-0.04, 0.06)))
    if h.chance(0.5):
        return [angle, stem]
    return [joined(angle[::-1], stem)]

def four_lightning(h: Habit) -> Strokes:
    """One stroke: down to the left, to the right, down; often with a cross stroke."""
    bar, corner = h(0.35, 0.5), h(0.35, 0.6)
    bolt = line((h(0.2, 0.45), 1), (0, bar), (corner, bar + h(0.0, 0.14)),
        (corner + h(-0.25, 0.0), h(-0.05, 0.02)))
    cross = line((corner + h(0.0, 0.08), bar + h(0.2, 0.45)), (corner - h(0.0, 0.06),
        bar - h(0.05, 0.3)))
    return [bolt, cross] if h.chance(0.4) else [bolt]

def four_cursive(h: Habit) -> Strokes:
    """The stem goes up again from the bar through a loop, all in one."""
    bar, right = h(0.28, 0.42), h(0.45, 0.7)
    return [curve((h(0.1, 0.3), 1), (0.06, 0.6), (h(-0.02, 0.05), bar), (0.25, bar - h(0.0, 0.05)),
        (right, bar + 0.08), (right + h(0.0, 0.1), h(0.6, 0.85)),
        (right - h(0.05, 0.12), h(0.7, 0.95)), (right - 0.12, 0.4),
        (right - h(0.1, 0.25), h(-0.1, 0.0)))]

# --- 5 ---

def _belly(h: Habit, x: float, y: float, wide: float) -> Points:
    return curve((x, y), (wide * 0.6, y + h(0.03, 0.12)), (wide, h(0.26, 0.36)), (wide * 0.55, 0),
        (h(-0.08, 0.05), h(0.03, 0.2)))

def five_barred(h: Habit) -> Strokes:
    """Two strokes: stem and belly, then a bar that starts at the stem, or a little off."""
    wide, x, y = h(0.45, 0.7), h(0.04, 0.16), h(0.48, 0.62)
    top = h(0.9, 1.0)
    body = joined(line((x + h(-0.02, 0.08), top), (x, y)), _belly(h, x, y, wide))
    away = h(0.0, 0.18)
    bar = line((x + away, top + h(-0.02, 0.08)), (x + away + h(0.25, 0.55), top + h(0.0, 0.12)))
    return [body, bar]

def five_flying(h: Habit) -> Strokes:
    """Its bar stands far off, up to the right, or lies over the next digit."""
    wide, x, y = h(0.4, 0.65), h(0.04, 0.16), h(0.5, 0.62)
    body = joined(line((x + h(-0.02, 0.06), h(0.84, 0.95)), (x, y)), _belly(h, x, y, wide))
    start, high = x + h(0.08, 0.3), h(0.94, 1.06)
    return [body, curve((start, high), (start + 0.2, high + h(-0.04, 0.04)), (start + h(0.35, 0.8),
        high + h(-0.05, 0.15)))]

def five_one(h: Habit) -> Strokes:
    """One stroke, from the right."""
    wide, x, y = h(0.45, 0.7), h(0.02, 0.14), h(0.5, 0.62)
    top = line((wide + h(-0.08, 0.12), h(0.94, 1.06)), (x + h(0.0, 0.06), 0.97), (x, y))
    return [joined(top, _belly(h, x, y, wide))]

def five_snake(h: Habit) -> Strokes:
    """Like an S."""
    wide = h(0.45, 0.65)
    return [curve((wide + h(-0.05, 0.15), h(0.92, 1.02)), (wide * 0.5, h(0.96, 1.02)),
        (h(0.03, 0.12), h(0.68, 0.8)), (wide * 0.5, 0.54), (wide, h(0.25, 0.35)), (wide * 0.5, 0),
        (h(-0.08, 0.04), h(0.04, 0.16)))]

def five_root(h: Habit) -> Strokes:
    """Written so fast that it is like a root sign or an r: a hook, a steep stroke, a bar."""
    low, rise = h(-0.02, 0.06), h(0.15, 0.4)
    hook = curve((h(-0.05, 0.05), h(0.25, 0.55)), (0.1, h(0.15, 0.3)), (h(0.1, 0.2), low))
    up = curve((hook[-1, 0], low), (0.2 + rise * 0.4, 0.5), (0.2 + rise, h(0.85, 1.0)))
    return [joined(hook, up, line((0.2 + rise + h(0.25, 0.6), h(0.9, 1.06))))]

def five_stem(h: Habit) -> Strokes:
    """Like an r: down, up again, and a bar."""
    wide = h(0.3, 0.65)
    stem = line((h(0.05, 0.2), h(0.75, 0.95)), (h(-0.05, 0.08), 0))
    bar = curve((0.05, h(0.3, 0.6)), (0.16, h(0.75, 0.9)), (wide, h(0.84, 1.02)))
    return [joined(stem, bar)]

def five_sharp(h: Habit) -> Strokes:
    """All angles, with a belly of two straight pieces."""
    wide, x, y = h(0.4, 0.6), h(0.0, 0.1), h(0.5, 0.62)
    body = line((wide, 1), (x, h(0.95, 1.0)), (x, y), (wide, y - h(0.05, 0.2)), (h(-0.05, 0.1), 0))
    return [body]

# --- 6 ---

def six_round(h: Habit) -> Strokes:
    """A bent stem and a loop, closed or not quite."""
    wide, r = h(0.38, 0.6), h(0.22, 0.32)
    mid = wide / 2
    stem = curve((h(0.25, 0.6), h(0.94, 1.02)), (h(0.08, 0.2), h(0.65, 0.8)), (0, r + 0.05))
    loop = arc(mid, r, mid, r, 175, 175 + h(290, 385))
    return [joined(stem, loop)]

def six_straight(h: Habit) -> Strokes:
    """A straight stem."""
    wide, r = h(0.36, 0.58), h(0.2, 0.32)
    stem = line((h(0.0, 0.5), 1), (0.02, r * 1.1))
    return [joined(stem, arc(wide / 2, r, wide / 2, r, 165, 165 + h(330, 390)))]

def six_curled(h: Habit) -> Strokes:
    """The end curls on inside the loop."""
    wide, r = h(0.4, 0.62), h(0.22, 0.32)
    turn = np.radians(np.linspace(175, 175 + h(420, 560), 40))
    shrink = 1 - np.linspace(0, h(0.3, 0.6), 40)
    loop = np.stack([wide / 2 * (1 + shrink * np.cos(turn)), r * (1 + shrink * np.sin(turn))], 1)
    return [joined(curve((h(0.25, 0.6), 1), (h(0.06, 0.2), 0.72), (0, r + 0.04)), loop)]

def six_hooked(h: Habit) -> Strokes:
    """The head bends over to the right, or begins with a small loop."""
    wide, r = h(0.4, 0.6), h(0.22, 0.32)
    stem = curve((h(0.5, 0.65), h(0.78, 0.9)), (h(0.38, 0.48), 1), (h(0.12, 0.2), 0.78),
        (0, r + 0.06))
    return [joined(stem, arc(wide / 2, r, wide / 2, r, 172, 172 + h(300, 375)))]

# --- 7 ---

def _seven(h: Habit) -> tuple[Points, float, float]:
    """A plain 7, with where its middle is."""
    wide, foot = h(0.38, 0.72), h(0.02, 0.32)
    stem = curve((wide, 1), ((wide + foot) / 2 + h(-0.02, 0.08), 0.5), (foot, h(-0.04, 0.02)))
    return (joined(line((0, h(0.93, 1.03))), stem), (wide + foot) / 2, wide)

def seven_plain(h: Habit) -> Strokes:
    """Two lines."""
    return [_seven(h)[0]]

def seven_crossed(h: Habit) -> Strokes:
    """With a bar through its stem, level or rising."""
    body, middle, _ = _seven(h)
    high, side, rise = h(0.38, 0.58), h(0.14, 0.34), h(-0.06, 0.14)
    return [body, line((middle - side, high - rise), (middle + side * h(0.7, 1.3), high + rise))]

def seven_flagged(h: Habit) -> Strokes:
    """The top begins with a small stroke down."""
    body, middle, _ = _seven(h)
    flag = line((h(-0.06, 0.06), h(0.7, 0.86)))
    body = joined(flag, body)
    if h.chance(0.5):
        return [body]
    high, side = h(0.4, 0.56), h(0.14, 0.3)
    return [body, line((middle - side, high), (middle + side, high + h(-0.03, 0.1)))]

def seven_slavic(h: Habit) -> Strokes:
    """A top like a wave, crossed."""
    wide, foot = h(0.5, 0.75), h(0.05, 0.3)
    top = curve((0, h(0.74, 0.88)), (h(0.06, 0.14), h(0.95, 1.02)), (wide * 0.55, h(0.88, 0.95)),
        (wide, 1.0))
    stem = curve((wide, 1), ((wide + foot) / 2 - h(0.0, 0.1), 0.5), (foot, 0))
    middle, side = (wide + foot) / 2 - 0.03, h(0.15, 0.32)
    high = h(0.4, 0.56)
    return [joined(top, stem), line((middle - side, high), (middle + side, high + h(-0.03, 0.08)))]

def seven_dagger(h: Habit) -> Strokes:
    """A short head, a long stem and a cross stroke, nearly a plus or a t."""
    wide, foot, high = h(0.14, 0.34), h(0.0, 0.2), h(0.42, 0.6)
    stem = curve((wide, 1), ((wide + foot) / 2 + 0.02, 0.5), (foot, 0))
    middle, side = (wide + foot) / 2, h(0.16, 0.34)
    cross = line((middle - side, high - h(-0.03, 0.08)), (middle + side, high + h(-0.03, 0.08)))
    return [joined(line((h(-0.08, 0.05), h(0.82, 1.0))), stem), cross]

def seven_hooked(h: Habit) -> Strokes:
    """Round at its corner, bent: as Indian and Arab schools teach it."""
    wide = h(0.35, 0.6)
    return [curve((h(0.0, 0.06), h(0.8, 0.95)), (wide * 0.4, h(0.94, 1.02)), (wide * 0.9, 0.96),
        (wide, h(0.78, 0.88)), (wide * h(0.65, 0.85), 0.4), (h(0.05, 0.3), 0))]

# --- 8 ---

def eight_snake(h: Habit) -> Strokes:
    """One stroke, an S that closes; now and then not quite."""
    top, low, waist = h(0.17, 0.27), h(0.2, 0.33), h(0.46, 0.6)
    turn = np.linspace(h(-0.5, 0.4), 2 * np.pi + h(-0.4, 0.5), 40)
    high = (1 + np.cos(turn)) / 2
    y = high ** (np.log(waist) / np.log(0.5))
    x = 0.3 - np.where(y > waist, top, low) * np.sin(2 * turn)
    return [np.stack([x, y], 1)]

def eight_circles(h: Habit) -> Strokes:
    """Two circles."""
    top, low, waist = h(0.15, 0.26), h(0.2, 0.34), h(0.48, 0.6)
    apart = h(-0.03, 0.04)
    upper = arc(0.3 + h(-0.05, 0.05), (1 + waist + apart) / 2, top, (1 - waist - apart) / 2,
        h(-120, 120), 0)
    start, other = h(-150, 150), h(-150, 150)
    upper = arc(0.3 + h(-0.05, 0.05), (1 + waist + apart) / 2, top, (1 - waist - apart) / 2, start,
        start + h(345, 390))
    return [upper, arc(0.3, waist / 2, low, waist / 2, other, other + h(345, 390))]

def eight_open(h: Habit) -> Strokes:
    """Its ends fly apart at the top."""
    low, waist = h(0.18, 0.3), h(0.46, 0.58)
    return [curve((0.3 + h(0.12, 0.3), h(0.92, 1.04)), (0.3 - h(0.12, 0.22), h(0.72, 0.86)),
        (0.3, waist), (0.3 + low, waist / 2), (0.3, 0), (0.3 - low, waist / 2), (0.3, waist),
        (0.3 + h(0.1, 0.3), h(0.75, 1.0)))]

def eight_crossed(h: Habit) -> Strokes:
    """Straight where it crosses, like an hourglass."""
    top, low = h(0.16, 0.28), h(0.2, 0.32)
    return [joined(arc(0.3, 0.8, top, 0.2, h(10, 60), 190), arc(0.3, 0.22, low, 0.22, 20, -200),
        line((0.3 + top * h(0.8, 1.1), h(0.82, 0.95))))]

# --- 9 ---

def nine_straight(h: Habit) -> Strokes:
    """A circle and a straight stem."""
    r = h(0.18, 0.28)
    ry = r * h(0.9, 1.3)
    circle = arc(r, 1 - ry, r, ry, h(0, 50), h(330, 390))
    return [joined(circle, line((2 * r + h(-0.02, 0.04), 1 - h(0.1, 0.4)),
        (2 * r + h(-0.25, 0.06), h(-0.05, 0.02))))]

def nine_bent(h: Habit) -> Strokes:
    """A bent stem that ends to the left."""
    r, ry = h(0.18, 0.28), h(0.19, 0.28)
    circle = arc(r, 1 - ry, r, ry, h(10, 50), 360)
    tail = curve((2 * r, 1 - ry), (2 * r, 0.4), (2 * r - h(0.05, 0.2), 0.1),
        (h(0.0, 0.25), h(-0.04, 0.04)))
    return [joined(circle, tail)]

def nine_hooked(h: Habit) -> Strokes:
    """Like a g: with a hook below."""
    r, ry = h(0.18, 0.28), h(0.18, 0.26)
    circle = arc(r, 1 - ry, r, ry, h(10, 60), 360)
    hook = curve((2 * r, 1 - ry), (2 * r + h(-0.03, 0.04), 0.3), (2 * r - 0.08, 0.03), (r, 0),
        (h(-0.06, 0.08), h(0.06, 0.24)))
    return [joined(circle, hook)]

def nine_looped(h: Habit) -> Strokes:
    """The loop is written last, from the foot up, like an e or a ρ turned."""
    r = h(0.17, 0.27)
    lean = h(-0.1, 0.15)
    return [curve((h(-0.05, 0.15), h(0.62, 0.75)), (r * 1.2 + 0.1, h(0.7, 0.8)),
        (2 * r + 0.08, 0.88), (r + 0.1, 1), (h(0.0, 0.08), 0.82), (h(0.06, 0.14), h(0.5, 0.6)),
        (0.12 + lean, 0.3), (h(0.1, 0.3) + lean, h(-0.05, 0.05)))]

def nine_eyed(h: Habit) -> Strokes:
    """Like an e: the loop is begun in its middle, and the stem runs down from its left."""
    wide, start = h(0.32, 0.55), h(0.38, 0.66)
    return [curve((h(0.0, 0.12), start), (wide * 0.7, start + 0.1), (wide, 0.86), (wide * 0.55, 1),
        (h(0.02, 0.08), 0.82), (h(0.08, 0.16), h(0.45, 0.55)), (h(0.14, 0.24), h(0.16, 0.24)),
        (h(0.2, 0.45), h(-0.04, 0.06)))]

def nine_open(h: Habit) -> Strokes:
    """Its circle is not closed; like a lower-case g or a y with a bowl."""
    r, ry = h(0.17, 0.26), h(0.18, 0.26)
    bowl = arc(r, 1 - ry, r, ry, h(45, 80), h(310, 345))
    stem = curve((2 * r + 0.02, h(0.9, 1.02)), (2 * r + h(-0.04, 0.05), 0.5),
        (2 * r - h(-0.05, 0.3), h(-0.06, 0.04)))
    return [joined(bowl, stem)] if h.chance(0.6) else [bowl, stem]


# Forms of each digit, with how often hands have them.
DIGITS: dict[str, list[tuple[Form, float]]] = {
    "0": [(zero_oval, 5), (zero_open, 2), (zero_spiral, 1), (zero_looped, 2), (zero_slashed, 2),
          (zero_dotted, 0.5), (zero_halves, 1), (zero_pointed, 1.5)],
    "1": [(one_plain, 5), (one_flagged, 3), (one_roof, 2.5), (one_based, 2), (one_hooked, 1.5),
          (one_short, 0.5)],
    "2": [(two_round, 4), (two_looped, 3), (two_angular, 2), (two_swan, 2)],
    "3": [(three_round, 5), (three_flat, 2), (three_looped, 2), (three_deep, 1)],
    "4": [(four_open, 4), (four_bowl, 2), (four_closed, 3), (four_lightning, 2),
          (four_cursive, 1.5)],
    "5": [(five_barred, 4), (five_flying, 3), (five_one, 2), (five_snake, 2), (five_root, 1.6),
          (five_stem, 0.7), (five_sharp, 0.7)],
    "6": [(six_round, 5), (six_straight, 2), (six_curled, 1.5), (six_hooked, 1)],
    "7": [(seven_plain, 4), (seven_crossed, 4), (seven_flagged, 2), (seven_slavic, 1.5),
          (seven_dagger, 0.7), (seven_hooked, 1)],
    "8": [(eight_snake, 5), (eight_circles, 2), (eight_open, 1.5), (eight_crossed, 1.5)],
    "9": [(nine_straight, 4), (nine_bent, 3), (nine_hooked, 2), (nine_looped, 1.2),
          (nine_eyed, 0.8), (nine_open, 1.5)],
}
ZEROS_TO_LINK: list[Form] = [zero_oval, zero_open, zero_looped]

# --- marks ---

def slash(h: Habit) -> Strokes:
    """Short or far above and below the digits, steep or lying."""
    low, high, wide = h(-0.35, 0.1), h(0.85, 1.4), h(0.1, 0.75)
    return [curve((0, low), (wide / 2 + h(-0.04, 0.04), (low + high) / 2), (wide, high))]

def minus(h: Habit) -> Strokes:
    """Short or long, level or not, now and then a wave."""
    y, wide, rise = h(0.3, 0.62), h(0.15, 0.75), h(-0.06, 0.08)
    return [curve((0, y), (wide / 2, y + rise / 2 + h(-0.03, 0.03)), (wide, y + rise))]

def plus(h: Habit) -> Strokes:
    """Upright or turned a little; in two strokes or one."""
    y, wide, high = h(0.35, 0.58), h(0.25, 0.75), h(0.25, 0.8)
    x, tilt = wide / 2 + h(-0.06, 0.06), h(-0.05, 0.08)
    level = line((0, y - tilt), (wide, y + tilt))
    stem = line((x + h(-0.04, 0.08), y + high / 2), (x, y - high / 2))
    return [joined(stem, level)] if h.chance(0.12) else [stem, level]

def equals(h: Habit) -> Strokes:
    """Two lines, nearly level."""
    y, wide, apart = h(0.28, 0.5), h(0.3, 0.75), h(0.12, 0.32)
    first = line((0, y + apart), (wide, y + apart + h(-0.05, 0.05)))
    return [first, line((h(-0.06, 0.08), y), (wide + h(-0.08, 0.08), y + h(-0.05, 0.05)))]

def point(h: Habit) -> Strokes:
    """A dot, a short dash or a tiny ring."""
    if h.chance(0.12):
        r = h(0.03, 0.06)
        return [arc(r, r, r, r, 0, 340)]
    long, angle = h(0.0, 0.12), h(-90, 60)
    high = h(0.3, 0.5) if h.chance(0.12) else h(-0.03, 0.1)  # in some countries at half height
    return [_dash(0.0, high, long, angle)]

def _dash(x: float, y: float, long: float, angle: float) -> Points:
    turn = np.radians(angle)
    return line((x, y), (x + long * np.cos(turn), y + long * np.sin(turn)))

def comma(h: Habit) -> Strokes:
    """A bent tail, or a bar like a small 1."""
    deep, high = h(0.1, 0.35), h(0.0, 0.18)
    if h.chance(0.5):
        return [line((h(0.02, 0.16), high), (0, -deep))]
    return [curve((0.05, high), (h(0.06, 0.12), high - 0.05), (h(0.03, 0.08), -deep * 0.5),
        (h(-0.06, 0.0), -deep))]

def colon(h: Habit) -> Strokes:
    """Two dots or dashes."""
    low, apart, long, angle = h(0.02, 0.25), h(0.25, 0.55), h(0.0, 0.1), h(-90, 60)
    return [_dash(0, low, long, angle), _dash(h(-0.03, 0.06), low + apart, long, angle)]

def bracket(h: Habit) -> Strokes:
    """Round, flat like a 1, or square."""
    low, high, deep = h(-0.3, 0.05), h(0.95, 1.3), h(0.04, 0.3)
    middle = (low + high) / 2
    if h.chance(0.12):
        return [line((deep, high), (0, high), (0, low), (deep, low))]
    return [curve((deep, high), (deep * 0.25, (high + middle) / 2), (h(-0.03, 0.03), middle),
        (deep * 0.25, (low + middle) / 2), (deep * h(0.7, 1.2), low))]

def closing(h: Habit) -> Strokes:
    """The other bracket."""
    return [stroke * (-1, 1) + (0.3, 0) for stroke in bracket(h)]


MARK_FORMS: dict[str, Form] = {
    "/": slash, "-": minus, "+": plus, "=": equals, ".": point,
    ",": comma, ":": colon, "(": bracket, ")": closing,
}
# fmt: on

# --- letting go ---


@dataclass(frozen=True)
class Bend:
    """How one hand leans and stretches all that it writes."""

    slant: float  # columns to the right for each row upwards
    aspect: float  # widths are multiplied by it
    turn: float  # radians against the clock
    wobble: float  # how strongly lines waver, as a share of the height

    def matrix(self, rng: Generator) -> NDArray[np.float64]:
        """(2, 2), for points as columns, a little different each time."""
        turn = self.turn + rng.normal(0, 0.03)
        slant = self.slant + rng.normal(0, 0.03)
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        aspect = self.aspect * np.exp(rng.normal(0, 0.05))
        return turned @ np.array([[aspect, slant], [0, 1]])

    def bent(self, strokes: Strokes, rng: Generator) -> Strokes:
        """Strokes as this hand writes them this time."""
        matrix = self.matrix(rng).T
        waves, phases = rng.normal(0, 4, (3, 2)), rng.uniform(0, 2 * np.pi, 3)
        strength = rng.normal(0, self.wobble, (3, 2))
        return [s @ matrix + np.sin(s @ waves.T + phases) @ strength for s in strokes]


def any_bend(pen: Pen, rng: Generator) -> Bend:
    """How a hand may bend: mostly a little, some much; pens with nibs often lean far."""
    much = rng.random() < 0.25
    slant = rng.uniform(-25, 35) if much else rng.normal(6, 8)
    if pen.kind == "fountain" and rng.random() < 0.5:
        slant = rng.uniform(12, 40)
    aspect = np.exp(rng.uniform(np.log(0.5), np.log(1.6)) if much else rng.normal(0, 0.15))
    if pen.width > 0.2:
        aspect = max(aspect, 0.9 + 3 * (pen.width - 0.2))  # or its loops would be filled
    wobble = rng.uniform(0.015, 0.04) if rng.random() < 0.15 else rng.uniform(0.0, 0.015)
    lean = float(np.tan(np.radians(slant)))
    return Bend(lean, float(aspect), float(rng.normal(0, 0.04)), float(wobble))

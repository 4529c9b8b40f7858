"""A grey picture -> ink: 0 where there is paper, about 1 where there is ink.

Several readings of the picture are weighed: ink darker or brighter than paper, the light even or
the background followed in windows of several widths. Each gets as much credit as it explains
by strokes (`strokes.py`). A picture of two clearly separated tones needs no correction of light,
so only its polarity is asked for; any other is divided by its background.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import median, quantile
from tinydigits.reader.light import background, running
from tinydigits.reader.strokes import NOTHING, Evidence, weigh
from tinydigits.reader.tones import (
    FAINTEST,
    LEFT,
    NOISE_MARGIN,
    Tones,
    View,
    noise_of,
    papers,
    smoothed,
    view,
)

Plane = NDArray[np.float32]

# Pixels: so small a picture counts as evenly lit. What its edges and its noise leave flat tells
# nothing: drawn MNIST 97.0 % rightly without it, with 40, 64 and 100 98.3, 98.8 and 99.0 %, but
# vignettes round touching pairs of 80 to 100 pixels then cost 1 %.
_SMALL = 64
_GLARE = 0.05 * 255  # what even black sends back: a camera's veiling glare is a few percent
_NOISY = 0.07  # of plain ink's contrast: noise above this is smoothed
# Which of the candidates is taken; found on development pictures (benchmarks/NOTES.md).
STROKES = 0.5  # of the ink at least is strokes: 0.35 to 0.65 do alike
_AS_GOOD = 0.85  # of the best score is as good: 0.8 to 0.9 do alike
_SAFE = 3.0  # strokes fit so often into a window, which leaves room where two of them meet
# Polarity, on 60 pictures each of 25 kinds of shadows, boards, forms: 13 wrong without the paper's
# edges, one with them, and with any price from 0.4 to 1.6.
_EDGE = 0.8  # of a stroke is what an edge of the paper costs, length for length
_WORTH_ASKING = 0.5  # of the best score
_PALEST = 0.6  # of plain ink, all that is strongest within three strokes' width; see NOTES.md
_RULED = 0.25  # of the ink: thin rules, 0.28 to 0.48 where longer than digits, to 0.17 in noise

_LOG = np.log(np.arange(256, dtype=np.float32) + np.float32(_GLARE))


@dataclass(frozen=True)
class Ink:
    """The ink of a picture.

    Attributes:
        amount: float32 (height, width); paper is near 0, a plain stroke near 1.
        noise: standard deviation of the noise that is left in `amount`.
    """

    amount: Plane
    noise: float


@dataclass(frozen=True)
class Candidate:
    """One way to see a picture.

    Attributes:
        dark: whether ink is darker than paper.
        paper: the tone of the paper under even light, else None.
        window: width, in the view's pixels, of the window that follows the light, else None.
        evidence: what the view shows of its strokes.
        score: what that is worth beside the others' scores.
        edges: how long the edges of its paper are, in pixels, weighed as strokes are.
    """

    dark: bool
    paper: float | None
    window: int | None
    evidence: Evidence
    score: float
    edges: float


def find_ink(grey: Tones | Plane, even: bool | None = None) -> Ink | None:
    """Separate ink from paper.

    Args:
        grey: (height, width), bytes, or floats in [0, 1].
        even: whether the light counts as even, where that is doubtful; None: if the picture is
            small.

    Returns:
        The ink, or None where nothing stands out from the paper as strokes do.
    """
    tones = as_bytes(grey)
    seen = view(tones)
    chosen = choose(candidates(seen, is_small(tones.shape) if even is None else even))
    return measure(tones, chosen, seen.scale) if chosen else None


def is_small(shape: tuple[int, ...]) -> bool:
    """Whether a picture of this shape counts as evenly lit until it turns out illegible."""
    return max(shape) <= _SMALL


def as_bytes(grey: Tones | Plane) -> Tones:
    """A picture's tones, whether it comes in bytes or in floats in [0, 1]."""
    return np.asarray(grey if grey.dtype == np.uint8 else np.rint(255 * grey), np.uint8)


def choose(weighed: list[Candidate]) -> Candidate | None:
    """The reading that explains most by strokes, with the narrowest window that does as well.

    A narrow window follows shadows best, but light is never followed at the scale of strokes.
    Polarity is asked for first: gaps between strokes look like strokes, but where they count as
    ink, the paper has an edge wherever they end.
    """
    plain = [each for each in weighed if each.score > 0]
    if not plain:
        return None
    asked = _WORTH_ASKING * max(each.score for each in plain)
    dark = max((each for each in plain if each.score >= asked), key=_net).dark
    plain = [each for each in plain if each.dark == dark]
    # A digit cropped so that hardly any paper is left has few strokes clear of the border.
    fit = [each for each in plain if fits_window(each)]
    fit = fit or [each for each in plain if not each.window]
    if not fit:
        cleanest = max(plain, key=_net)
        ruled = _net(cleanest) > 0 and cleanest.evidence.consistent >= _RULED
        return cleanest if ruled else None
    best = max(fit, key=_within)
    alike = [
        each
        for each in fit
        if _within(each) >= _AS_GOOD * _within(best)
        and (each.window or np.inf) >= _SAFE * each.evidence.width
    ]
    return min(alike, key=lambda each: each.window or 0, default=best)


def _net(each: Candidate) -> float:
    return each.score - _EDGE * each.edges


def _within(each: Candidate) -> float:
    """The score, less where ink leaves the picture: so do the shadows that a wide window leaves."""
    return each.score * (1 - each.evidence.border)


def fits_window(each: Candidate) -> bool:
    """Whether its strokes fit well into its window, and are most of its ink."""
    wide_enough = each.window is None or each.window >= 2 * each.evidence.width
    return wide_enough and each.evidence.consistent >= STROKES


def candidates(seen: View, even: bool) -> list[Candidate]:
    """The readings that are worth weighing; `even` as in `find_ink`."""
    found = papers(seen)
    if found is None:
        return []
    tones = (found.dark, found.bright)
    flat = [seen_evenly(seen, dark, tones[dark]) for dark in (False, True)]
    best = max(flat, key=lambda each: each.score)
    strokes = best.score == 0 or best.evidence.consistent >= STROKES  # or none at all
    if even or (found.only and found.flat[best.dark] and strokes):
        return flat
    followed = [each for dark in (True, False) for each in _unevenly_lit(seen, dark)]
    return followed + flat if found.only else followed


def seen_evenly(seen: View, dark: bool, paper: float) -> Candidate:
    """The candidate of ink `dark` or bright on this tone of paper, in even light."""
    contrast = _LOG - np.float32(np.log(paper + _GLARE))
    evidence = weigh((-contrast if dark else contrast).take(seen.tones), _faintest(seen, paper))
    return Candidate(dark, paper, None, evidence, evidence.score(), 0.0)


def _faintest(seen: View, paper: float) -> float:
    """The least contrast of ink, as a difference of logarithms."""
    return max(FAINTEST, NOISE_MARGIN * seen.noise) / (paper + _GLARE)


def _unevenly_lit(seen: View, dark: bool) -> Iterator[Candidate]:
    """Candidates with windows of doubling width.

    Only strokes that the narrower window before found too are counted: a window that fits the
    strokes finds what a window of twice its width finds, but gaps and shadows change.
    """
    tones = _LOG.take(seen.tones)
    faintest = _faintest(seen, float(np.median(seen.tones)))
    window, before = 5, NOTHING
    while window < max(tones.shape):
        light = _LOG.take(background(seen.tones, window, dark=dark))
        evidence = weigh(np.abs(light - tones), faintest)
        score, edges = evidence.score(before.length), _edges(light, faintest)
        yield Candidate(dark, None, window, evidence, score, edges)
        window, before = 2 * window - 1, evidence


def _edges(light: Plane, faintest: float) -> float:
    """How long the edges of a paper are, looked for in every other row and column."""
    total = 0.0
    for lines in (light[::2], light[:, ::2].T):
        steps = np.abs(np.diff(lines))
        total += 2 * float(steps[steps > faintest].sum())
    return total


def measure(tones: Tones, chosen: Candidate, scale: float) -> Ink | None:
    """Measure the chosen reading at full size, smoothed as far as noise asks and strokes allow."""
    width = chosen.evidence.width / scale
    amount = _amount(tones, chosen, scale)
    noise, level = noise_of(amount), _level(amount)
    passes = 0
    while passes < len(LEFT) and width > 2 * passes + 3 and _left(noise, passes) > _NOISY * level:
        tones, passes = smoothed(tones), passes + 1
    if passes:
        amount = _amount(tones, chosen, scale)
        noise, level = _left(noise, passes), _level(amount)
    if level <= 0:
        return None
    ink = Ink(amount / np.float32(level), noise / level)
    return ink if chosen.dark else Ink(_evened(ink, width), ink.noise)


def _evened(ink: Ink, width: float) -> Plane:
    """Ink that is paler than plain ink, but plain beside its paper, made darker.

    Chalk in shadow: light multiplies what it sends back, and the board is too dark to say by what.
    """
    least = max(_PALEST, 10 * ink.noise)
    if least >= 1:
        return ink.amount
    near = np.asarray(255 * np.clip(ink.amount, 0, 1), np.uint8)
    for axis in (0, 1):
        near = running(np.maximum, near, 2 * round(1.5 * width) + 1, axis)
    level: Plane = np.maximum(near * np.float32(1 / 255), np.float32(least))
    return ink.amount / level


def _left(noise: float, passes: int) -> float:
    return noise * (1.0, *LEFT)[passes]


def _amount(tones: Tones, chosen: Candidate, scale: float) -> Plane:
    """How far each pixel differs from paper: of the light there, if it had to be followed.

    Light multiplies, so dark ink is measured as the share of light that it takes. A board sends
    back so little that its own smears would count as light; chalk is measured as it is.
    """
    sign = np.float32(-1 if chosen.dark else 1)
    if chosen.window is None:
        return (tones - np.float32(chosen.paper)) * sign
    window = round(chosen.window / scale) | 1
    paper = background(tones, window, dark=chosen.dark, beyond=True).astype(np.float32)
    amount = (tones - paper) * sign
    if chosen.dark:
        amount /= paper + np.float32(_GLARE)
    return amount - np.float32(median(_sampled(amount, 100)))  # noise put the paper at its extreme


def _level(amount: Plane) -> float:
    """Plain ink: the upper quartile of all that is at least half as strong as the strongest."""
    sample = _sampled(amount, 200)
    strongest = np.sort(sample, axis=None)[-1 - sample.size // 500]
    if strongest <= 0:
        return 0.0
    return quantile(sample[sample > 0.5 * strongest], 0.75)


def _sampled(plane: Plane, side: int) -> Plane:
    """Every n-th row and column, about `side` of each."""
    return plane[:: 1 + len(plane) // side, :: 1 + plane.shape[1] // side]

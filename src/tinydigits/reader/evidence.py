"""How probable it is that something is a digit, from all that finder and recogniser say of it.

What speaks for it is put into a few numbers, and a logistic regression weighs them. It was fitted
to drawn pages by writers that neither network learned from (weights/finder/calibrate.py); its
weights travel in the finder's file.
"""

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Plane
from tinydigits.reader.centres import DIGIT, LETTER, MARK, Centre
from tinydigits.reader.finder import FEATURES, UNIT, Evidence, Maps
from tinydigits.reader.glyph import Glyph

_LEAST_CHANCE = 0.002  # of log-odds; the most is as far from 1 (chosen)
_LEAST_SHARE = 1e-4  # of a digit, before its logarithm is taken (chosen)

# Of a finder that has not been calibrated: what its digit's heat and the recogniser say.
PLAIN = Evidence((1.0, 0.5), tuple(float(name in ("digit", "read")) for name in FEATURES))


def seen(maps: Maps, centre: Centre, glyph: Glyph) -> Plane:
    """What the finder says of something: the first of `FEATURES` but "one", (10,)."""
    row, column = int(centre.y * maps.scale / 4), int(centre.x * maps.scale / 4)
    near = maps.heat[:, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].max((1, 2))
    y, x = np.nonzero(glyph.mine)
    y, x = y + glyph.offset[1], x + glyph.offset[0]
    left, top, right, bottom = x.min(), y.min(), x.max() + 1, y.max() + 1
    wide, tall = float(right - left), float(bottom - top)
    away = maps.offsets[:, y // 2, x // 2]
    across, down = x + 0.5 + away[0] - (left + right) / 2, y + 0.5 + away[1] - (top + bottom) / 2
    told = centre.width * maps.scale, centre.height * maps.scale
    return np.array(
        [
            _log_odds(near[DIGIT]),
            _log_odds(near[LETTER]),
            _log_odds(near[MARK]),
            _log_odds(centre.classes[:10].sum()),
            maps.ink[0, y, x].mean(),
            maps.ink[1, y, x].mean(),
            np.hypot(across, down).mean() / max(wide, tall),
            np.abs(np.log((wide, tall)) - np.log(told)).sum(),
            np.log2(max(wide, tall) / UNIT),
            centre.turns[0],
        ],
        np.float32,
    )


def weigh(evidence: Evidence, seen: Plane, classes: Plane, read: Plane) -> tuple[Plane, Plane]:
    """Probabilities that things are digits, and of which.

    Args:
        evidence: the weights.
        seen: (n, 10), of each thing.
        classes: (n, 10), the finder's probabilities of the digits.
        read: (n, 10), the recogniser's.

    Returns:
        Of each thing the probabilities of the ten digits if it is one, (n, 10), and the probability
        that it is the most probable of them, (n,).
    """
    digits = mixed(evidence.mix, classes, read)
    odds = features(seen, digits) @ np.array(evidence.weights)
    return digits, np.asarray(1 / (1 + np.exp(-odds)))


def reported(evidence: Evidence, chance: float) -> float:
    """The probability that is told of a digit whose evidence gives it this chance.

    What is decided between is weighed as it was fitted on drawn crops; how often such digits are
    right was measured on whole pictures of other kinds (Platt, 1999).
    """
    slope, shift = evidence.line
    chance = min(max(chance, 1e-6), 1 - 1e-6)
    return float(1 / (1 + np.exp(-(slope * np.log(chance / (1 - chance)) + shift))))


def mixed(mix: tuple[float, ...], classes: Plane, read: Plane) -> Plane:
    """The digits' probabilities (n, 10) by finder and recogniser together."""
    classes = classes / np.maximum(classes.sum(1, keepdims=True), 1e-9)
    logs = [np.log(np.maximum(each, _LEAST_SHARE)) for each in (read, classes)]
    logits = mix[0] * logs[0] + mix[1] * logs[1]
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def features(seen: Plane, digits: Plane) -> NDArray[np.float64]:
    """All `FEATURES` of n things, (n, 12)."""
    every = np.ones(len(seen)), seen, _log_odds(digits.max(1))
    return np.column_stack(every).astype(np.float64)


def _log_odds(chance: Plane) -> Plane:
    chance = np.clip(chance, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
    return np.asarray(np.log(chance / (1 - chance)))

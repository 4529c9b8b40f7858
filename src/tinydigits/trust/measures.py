"""How right, how sure and how calibrated: probabilities and labels in, numbers out.

Throughout, `probabilities` are floats (N, 10) whose rows sum to 1, `labels` are integers (N,) from
0 to 9, and a confidence is the probability of the digit that is read, the largest of a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Flags, Labels, Probabilities

BINS = 15


@dataclass(frozen=True)
class Share:
    """`count` of `n`, as a fraction, with Wilson's 95 % interval.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927. It
    holds for other images drawn like these, not for other kinds of images, nor for other seeds.
    """

    n: int
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """The images whose confidence lies from `low` to `high`: how many, how sure, how right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far probabilities can be believed."""

    # The expected calibration error, 0 to 1: the mean distance of confidence and accuracy over bins
    # of equal width (Guo et al., "On calibration of modern neural networks", 2017, section 2)
    error: float
    loss: float  # see `loss`
    # The mean over images of the summed squared distance from the right answer, 0 to 2 (G. W.
    # Brier, "Verification of forecasts expressed in terms of probability", 1950)
    brier: float
    bins: list[Bin]  # those that hold an image, in order


@dataclass(frozen=True)
class Coverage:
    """How much can be answered if no more than `risk` of the answers may be wrong."""

    risk: float  # the share of wrong answers that is allowed
    share: float  # of the images that may be answered, 0 to 1
    confidence: float  # the least with which an answer is given; infinite if none can be
    wrong: int  # of the answers that are given, how many are wrong


def spread(n: int, wanted: int) -> NDArray[np.int64]:
    """Up to `wanted` numbers below n, evenly spread: MNIST's first test images are the easiest."""
    return np.unique(np.linspace(0, n - 1, min(n, wanted)).astype(int))


def share(count: int, n: int) -> Share:
    """`count` of `n` with Wilson's interval; of none, the interval is all of [0, 1]."""
    from scipy.stats import binomtest

    if n == 0:
        return Share(0, 0, float("nan"), 0.0, 1.0)
    low, high = binomtest(count, n).proportion_ci(method="wilson")
    return Share(n, count, count / n, float(low), float(high))


def share_of(flags: Flags | Sequence[bool]) -> Share:
    """How many of the flags are set."""
    return share(int(np.sum(flags)), len(flags))


def calibration(probabilities: Probabilities, labels: Labels) -> Calibration:
    """Compare what a model says of its own certainty with how often it is right."""
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    filled = [
        Bin(
            i / BINS,
            (i + 1) / BINS,
            int(own.sum()),
            float(confidence[own].mean()),
            right[own].mean(),
        )
        for i, own in enumerate(_bin_masks(confidence))
        if own.any()
    ]
    return Calibration(
        error=calibration_error(confidence, right),
        loss=loss(probabilities.astype(float), labels),
        brier=float(((probabilities - np.eye(10)[labels]) ** 2).sum(1).mean()),
        bins=filled,
    )


def loss(probabilities: Probabilities, labels: Labels) -> float:
    """The mean negative log-likelihood of the labels, in nats."""
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_label, 1e-12)).mean())


def calibration_error(confidence: NDArray[np.floating], right: Flags) -> float:
    """The expected calibration error of confidences (N,) in answers that are right or not (N,)."""
    gaps = [abs(float((confidence - right)[own].sum())) for own in _bin_masks(confidence)]
    return sum(gaps) / len(confidence)


def _bin_masks(confidence: NDArray[np.floating]) -> list[Flags]:
    numbers = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [numbers == number for number in range(BINS)]


def risk_coverage(
    probabilities: Probabilities, labels: Labels
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of wrong answers, (N,), when the surest 1, 2, ... N are given: coverage, risk.

    After Geifman and El-Yaniv, "Selective classification for deep neural networks", 2017. Images
    of equal confidence are answered in the order given.
    """
    order = np.argsort(-probabilities.max(1), kind="stable")
    wrong = (probabilities.argmax(1) != labels)[order]
    answered = np.arange(1, len(labels) + 1)
    return answered / len(labels), np.cumsum(wrong) / answered


def coverage(probabilities: Probabilities, labels: Labels, risk: float) -> Coverage:
    """The most that can be answered with `risk` of it wrong at most, by confidence alone."""
    shares, risks = risk_coverage(probabilities, labels)
    allowed = np.flatnonzero(risks <= risk)
    if not allowed.size:
        return Coverage(risk, 0.0, float("inf"), 0)
    last = int(allowed[-1])
    least = -np.sort(-probabilities.max(1))[last]
    return Coverage(risk, float(shares[last]), float(least), round(risks[last] * (last + 1)))


def auroc(digits: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """The probability that a digit has a larger score than something else; ties count half."""
    from sklearn.metrics import roc_auc_score

    truth = np.repeat([1, 0], [len(digits), len(others)])
    return float(roc_auc_score(truth, np.concatenate([digits, others])))

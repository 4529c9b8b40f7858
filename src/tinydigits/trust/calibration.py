"""Whether a model knows when it is right: calibration, and what can be answered at what risk."""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Labels, Plane, Probabilities
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.recognise import probabilities
from tinydigits.trust.measures import (
    Calibration,
    Coverage,
    Share,
    calibration,
    coverage,
    loss,
    risk_coverage,
    share_of,
    spread,
)

RISKS = (0.001, 0.0005, 0.002)  # the first is the one that is spoken of
_POINTS = 200  # of the curve that is kept


@dataclass(frozen=True)
class Confidence:
    """How far a model's own certainty can be believed."""

    alone: Calibration  # the network by itself
    before: Calibration  # in the reader's views, without a temperature
    after: Calibration  # in the reader's views, at `temperature`
    temperature: float  # what log-probabilities are divided by
    # Whether it was fitted here, since the file has none: on either half of the images for the
    # other, so that no image is judged by itself. `temperature` is then that for all of them
    fitted: bool
    coverage: list[Coverage]  # what can be answered at each of `RISKS`, after
    curve: list[tuple[float, float]]  # points of (share answered, share wrong of it), after
    sure: Share  # at the reader's threshold, `MIN_CONFIDENCE`: how many images are answered
    sure_wrong: Share  # of these, how many wrong


def confidence(
    alone: Probabilities, views: Plane, labels: Labels, temperature: float
) -> Confidence:
    """Judge the certainty of answers.

    Args:
        alone: the network's own probabilities (N, 10).
        views: log-probabilities (N, views, 10) in the reader's views.
        labels: (N,).
        temperature: the model's; 1 means that it has none, and one is fitted.
    """
    fitted = temperature == 1
    after = cross_fitted(views, labels) if fitted else probabilities(views, temperature)
    shares, risks = risk_coverage(after, labels)
    sure = after.max(1) >= MIN_CONFIDENCE
    return Confidence(
        alone=calibration(alone, labels),
        before=calibration(probabilities(views, 1.0), labels),
        after=calibration(after, labels),
        temperature=fit_temperature(views, labels) if fitted else temperature,
        fitted=fitted,
        coverage=[coverage(after, labels, risk) for risk in RISKS],
        curve=[(float(shares[i]), float(risks[i])) for i in spread(len(labels), _POINTS)],
        sure=share_of(sure),
        sure_wrong=share_of((after.argmax(1) != labels)[sure]),
    )


def fit_temperature(log_probs: Plane, labels: Labels) -> float:
    """The temperature whose probabilities, averaged over the views, cost the labels least.

    Guo et al., "On calibration of modern neural networks", 2017, section 4.2; by trying 401 of
    them between 0.2 and 5.

    Args:
        log_probs: (N, views, 10).
        labels: (N,).
    """
    trials = np.exp(np.linspace(np.log(0.2), np.log(5), 401))
    costs = [loss(probabilities(log_probs, trial), labels) for trial in trials]
    return round(float(trials[int(np.argmin(costs))]), 3)


def cross_fitted(log_probs: Plane, labels: Labels) -> Probabilities:
    """Probabilities (N, 10): every other image at the temperature that suits those between."""
    found = np.empty((len(labels), 10), np.float32)
    for own in (slice(0, None, 2), slice(1, None, 2)):
        others = slice(1 - own.start, None, 2)
        temperature = fit_temperature(log_probs[others], labels[others])
        found[own] = probabilities(log_probs[own], temperature)
    return found

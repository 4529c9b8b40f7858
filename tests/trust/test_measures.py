"""The measures against scikit-learn's, against formulas written out, and by counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from tinydigits.trust.calibration import confidence, fit_temperature
from tinydigits.trust.measures import BINS, auroc, calibration, coverage, risk_coverage, share

N = 500
Answers = tuple[NDArray[np.float64], NDArray[np.int64]]  # probabilities and labels


@pytest.fixture
def answers() -> Answers:
    """Probabilities that are sometimes wrong and seldom as sure as they should be."""
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(0, 2, (N, 10)), rng.integers(0, 10, N)
    logits[np.arange(N), labels] += 3
    powers = np.exp(logits)
    return powers / powers.sum(1, keepdims=True), labels


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_his_formula(pair: tuple[int, int]) -> None:
    count, n = pair
    z, p = norm.ppf(0.975), count / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found = share(count, n)
    assert found.share == p
    assert found.low == pytest.approx(middle - half, abs=1e-9)
    assert found.high == pytest.approx(middle + half, abs=1e-9)


def test_of_nothing_nothing_is_known() -> None:
    found = share(0, 0)
    assert np.isnan(found.share)
    assert (found.low, found.high) == (0, 1)


def test_loss_and_brier_score_are_scikit_learns(answers: Answers) -> None:
    probabilities, labels = answers
    found = calibration(probabilities, labels)
    assert found.loss == pytest.approx(log_loss(labels, probabilities))
    brier = brier_score_loss(labels, probabilities, labels=range(10), scale_by_half=False)
    assert found.brier == pytest.approx(brier)


def test_the_calibration_error_is_the_gap_of_scikit_learns_curve(answers: Answers) -> None:
    probabilities, labels = answers
    sure, right = probabilities.max(1), probabilities.argmax(1) == labels
    found = calibration(probabilities, labels)
    accuracy, certainty = calibration_curve(right, sure, n_bins=BINS)
    assert [each.accuracy for each in found.bins] == pytest.approx(accuracy)
    assert [each.confidence for each in found.bins] == pytest.approx(certainty)
    weights = np.histogram(sure, BINS, (0, 1))[0]
    gaps = np.abs(accuracy - certainty) * weights[weights > 0] / N
    assert found.error == pytest.approx(gaps.sum())


def test_risk_and_coverage_by_counting(answers: Answers) -> None:
    probabilities, labels = answers
    sure, wrong = probabilities.max(1), probabilities.argmax(1) != labels
    shares, risks = risk_coverage(probabilities, labels)
    for threshold in np.sort(sure)[::50]:
        answered = sure >= threshold
        place = int(answered.sum()) - 1
        assert shares[place] == pytest.approx(answered.mean())
        assert risks[place] == pytest.approx(wrong[answered].mean())
    found = coverage(probabilities, labels, 0.05)
    given_answers = sure >= found.confidence
    assert given_answers.mean() == pytest.approx(found.share)
    assert found.wrong == wrong[given_answers].sum()
    assert found.wrong / given_answers.sum() <= 0.05
    more = sure >= np.sort(sure)[::-1][given_answers.sum()]
    assert wrong[more].mean() > 0.05


def test_nothing_can_be_answered_where_the_surest_is_wrong() -> None:
    probabilities = np.eye(10)[[1, 2]] * 0.5 + 0.05
    probabilities[0] *= 1.01
    assert coverage(probabilities, np.array([7, 2]), 0.001).share == 0


def test_auroc_counts_pairs() -> None:
    rng = np.random.default_rng(0)
    digits, others = rng.integers(0, 20, 60).astype(float), rng.integers(0, 15, 40).astype(float)
    above = (digits[:, None] > others).mean() + 0.5 * (digits[:, None] == others).mean()
    assert auroc(digits, others) == pytest.approx(above)


def test_the_temperature_found_is_the_one_that_spoiled_the_probabilities() -> None:
    """Labels drawn from probabilities, whose logarithms are then made three times as large."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 1, 10)).astype(np.float32)
    powers = np.exp(logits[:, 0])
    chances = powers / powers.sum(1, keepdims=True)
    labels = (chances.cumsum(1) > rng.random((4000, 1))).argmax(1)
    assert fit_temperature(3 * logits, labels) == pytest.approx(3, rel=0.05)
    found = confidence(chances**3 / (chances**3).sum(1, keepdims=True), 3 * logits, labels, 1.0)
    assert found.fitted
    assert found.before.error > 0.2
    assert found.after.error < 0.03
    told = confidence(chances, 3 * logits, labels, 3.0)
    assert not told.fitted
    assert told.after.loss == pytest.approx(found.after.loss, abs=1e-3)

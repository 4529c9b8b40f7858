"""Learning rates: the published errors, when the goal is reached, and when the error rises."""

from itertools import pairwise

import pytest

from tinydigits.backprop.example import Example, backward, forward, update
from tinydigits.backprop.sweep import RATES, descend, first_rise, learn, sweep

HALVES, APART = Example(), Example(targets=(0.01, 0.99))


@pytest.mark.parametrize(
    ("example", "errors"),
    [
        (
            HALVES,
            (
                0.0095721394655,
                0.00636996967866,
                0.0017820220655,
                0.000478649220607,
                0.000196837526123,
                2.0923623351e-06,
            ),
        ),
        (
            APART,
            (
                0.162215423546,
                0.110252061546,
                0.0463570612981,
                0.0266979194958,
                0.0203069583103,
                0.00850628171513,
            ),
        ),
    ],
)
def test_the_error_after_67_updates(example, errors):
    curves = sweep(example, RATES, 67)
    assert [curve.rate for curve in curves] == list(RATES)
    assert [curve.errors[67] for curve in curves] == pytest.approx(errors, rel=1e-9)


def test_the_goal_is_reached_by_that_update_and_not_before():
    errors = learn(APART, 2.0, 2000).errors
    reached = learn(APART, 2.0, 0).updates_to_goal
    assert errors[reached] < 1e-4 <= errors[reached - 1]


def test_the_error_first_rises_at_a_rate_of_67():
    rate = first_rise(HALVES)
    assert rate == pytest.approx(67.1, abs=0.05)
    assert _rises(HALVES, rate * 1.001)
    for lower in (2.0, 10.0, 40.0, 60.0, 66.0, rate * 0.999):
        assert not _rises(HALVES, lower)


def test_no_rate_raises_the_error_when_the_targets_are_far_apart():
    assert first_rise(APART) is None
    assert not _rises(APART, 1e6)


def test_the_reason_given_for_the_limit_is_right():
    # The curvature of E along the gradient, at the start and at the bottom (see `first_rise`).
    start, trace, gradients = next(descend(HALVES, 1.0))
    square = sum(gradient**2 for gradient in gradients[:8])
    ends = [update(HALVES, start, gradients, -step) for step in (1e-4, -1e-4)]
    up, down = (backward(HALVES, end, forward(HALVES, end)) for end in ends)
    curvature = sum(
        g * (a - b) / 2e-4 for g, a, b in zip(gradients[:8], up[:8], down[:8], strict=True)
    )
    assert curvature / square == pytest.approx(0.025, abs=0.0005)
    assert 2 * square / curvature == pytest.approx(79, abs=0.5)
    bottom = (trace.a_h1**2 + trace.a_h2**2) / 16
    assert bottom == pytest.approx(0.032, abs=0.0005)
    assert 2 / bottom == pytest.approx(62, abs=0.5)


def _rises(example, rate):
    errors = learn(example, rate, 300).errors
    return any(b > a for a, b in pairwise(errors) if a > 1e-20)

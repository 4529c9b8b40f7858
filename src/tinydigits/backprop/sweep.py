"""Learning rates compared: how the error of the worked example falls, and when it stops falling.

Published texts about this example warn that a rate of 2.0 overshoots. It doesn't: it is the
fastest of the six, and the error first rises at a rate of about 67. See `first_rise` for why.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tinydigits.backprop.example import Example, Parameters, Trace, backward, forward, update
from tinydigits.errors import TinydigitsError

RATES = (0.1, 0.2, 0.5, 0.8, 1.0, 2.0)
USUAL_RATE = 0.5
GOAL = 1e-4
# How long to wait for the goal. The slowest usual case, rate 0.1 towards 0.01 and 0.99, needs
# 35,581 updates.
PATIENCE = 50_000
HIGHEST_RATE = 1e6
MOST_UPDATES = 100_000


# Where learning stands after some number of updates: parameters, forward pass, gradients.
State = tuple[Parameters, Trace, Parameters]


class Curve(NamedTuple):
    """The error at one learning rate.

    Args:
        rate: the learning rate.
        errors: E after 0, 1, 2 ... updates.
        updates_to_goal: how many updates bring E below GOAL; None if PATIENCE ones do not.
    """

    rate: float
    errors: list[float]
    updates_to_goal: int | None


def descend(example: Example, rate: float) -> Iterator[State]:
    """Gradient descent: the states after 0, 1, 2 ... updates, without end."""
    parameters = example.start
    while True:
        trace = forward(example, parameters)
        gradients = backward(example, parameters, trace)
        yield parameters, trace, gradients
        parameters = update(example, parameters, gradients, rate)


def learn(example: Example, rate: float, updates: int) -> Curve:
    """The error after each of `updates` updates, and when it came below GOAL.

    The search for the goal goes on beyond `updates`, up to PATIENCE.

    Raises:
        TinydigitsError: the rate is not above 0 and at most a million, or `updates` not
            between 0 and 100,000.
    """
    if not 0 < rate <= HIGHEST_RATE:  # so that nan fails too
        raise TinydigitsError(
            f"a learning rate must be above 0 and at most {HIGHEST_RATE:.0f}, not {rate}"
        )
    if not 0 <= updates <= MOST_UPDATES:
        raise TinydigitsError(
            f"the number of updates must be between 0 and {MOST_UPDATES:,}, not {updates}"
        )
    # Outputs lie between 0 and 1, so targets outside leave an error that nothing can remove.
    least = sum(0.5 * max(target - 1, -target, 0) ** 2 for target in example.targets)
    last = max(updates, PATIENCE if least < GOAL else 0)
    errors = []
    reached = None
    for count, (_, trace, _) in enumerate(descend(example, rate)):
        error = trace.E
        if count <= updates:
            errors.append(error)
        if reached is None and error < GOAL:
            reached = count
        if count == last or (count >= updates and reached is not None):
            break
    return Curve(rate, errors, reached)


def sweep(example: Example, rates: Sequence[float] = RATES, updates: int = 100) -> list[Curve]:
    """One curve for each learning rate; see `learn`."""
    return [learn(example, rate, updates) for rate in rates]


def first_rise(example: Example, updates: int = 200) -> float | None:
    """The learning rate above which the error rises at one of the first `updates` updates.

    A step raises E only if it passes the bottom of the valley and climbs as far up the other
    side. In a parabola of curvature c that takes a rate above 2/c, so what counts is how sharply
    E curves, and here it hardly does: every path from a weight to E passes a sigmoid, which is
    nowhere steeper than ¼. With targets of 0.5 the curvature along the gradient is 0.025 at the
    start and about ¼²·(a_h1² + a_h2²) = 0.032 at the bottom, which would allow rates of 79 and
    of 62; the true surface, between the two, allows 67. A rate of 2 is nowhere near.

    Found by doubling the rate from 1 and then halving the interval, to six digits, on the
    assumption that above a rate that is too high all are. None if no doubling up to half a
    million raises the error.
    """
    low, high = 0.0, 1.0
    while not _rises(example, high, updates):
        low, high = high, 2 * high
        if high > HIGHEST_RATE:
            return None
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        if _rises(example, middle, updates):
            high = middle
        else:
            low = middle
    return high


def _rises(example: Example, rate: float, updates: int) -> bool:
    previous = float("inf")
    for _, trace, _ in islice(descend(example, rate), updates + 1):
        error = trace.E
        if error < 1e-20:  # what moves from here on is the rounding
            return False
        if error > previous:
            return True
        previous = error
    return False

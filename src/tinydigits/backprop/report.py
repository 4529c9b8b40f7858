"""The worked example in words: what `tinydigits backprop` prints, and the same as plain numbers."""

import re
from typing import Any

from tinydigits.backprop.example import (
    FORWARD,
    Example,
    Parameters,
    Trace,
    backward,
    chains,
    finite_differences,
    forward,
    update,
)
from tinydigits.backprop.sweep import GOAL, PATIENCE, Curve, first_rise

_NAME = re.compile(r"\b(?:a_)?[a-zE]\d")


def explain(example: Example, rate: float, curves: list[Curve]) -> str:
    """Every step of one update, the check of the gradients and the table of learning rates."""
    trace = forward(example, example.start)
    gradients = backward(example, example.start, trace)
    parts = [
        _setting(example),
        _forward(example, trace),
        _backward(example, trace),
        _check(example, gradients),
        _update(example, gradients, rate),
        _rates(example, curves),
    ]
    return "\n\n".join(parts)


def as_numbers(example: Example, curves: list[Curve]) -> dict[str, Any]:
    """The same at full precision, for JSON."""
    trace = forward(example, example.start)
    gradients = backward(example, example.start, trace)
    differences = finite_differences(example, example.start)
    return {
        "example": {
            "inputs": example.inputs,
            "targets": example.targets,
            "weights": example.start[:8],
            "biases": example.start[8:],
            "train_biases": example.train_biases,
        },
        "initial": {
            "trace": trace._asdict(),
            "error": trace.E,
            "gradients": {name: getattr(gradients, name) for name in example.trained},
            "finite_differences": {name: getattr(differences, name) for name in example.trained},
        },
        "learning_rates": {
            str(curve.rate): {"errors": curve.errors, "updates_to_1e-4": curve.updates_to_goal}
            for curve in curves
        },
        "first_rise": first_rise(example),
    }


def named_values(example: Example) -> dict[str, float]:
    """Every number of the first forward pass by its name: i1, t1, w1, h1, a_h1, E ..."""
    trace = forward(example, example.start)
    given = dict(zip(("i1", "i2", "t1", "t2"), (*example.inputs, *example.targets), strict=True))
    return given | example.start._asdict() | trace._asdict()


def _setting(example: Example) -> str:
    numbers = named_values(example)
    shown = ["i1", "i2", "t1", "t2", *_shown(example)]
    return "The example\n" + _wrap([f"{name} = {numbers[name]:g}" for name in shown])


def _forward(example: Example, trace: Trace) -> str:
    lines = ["Forward: from the inputs to the error"]
    for name, value in trace._asdict().items():
        symbols = _without_biases(example, FORWARD[name])
        with_numbers = _substitute(symbols, example)
        lines.append(f"  {name:<4} = {symbols:<26} = {with_numbers:<44} = {value:.12g}")
    return "\n".join(lines)


def _backward(example: Example, trace: Trace) -> str:
    lines = ["Backward: how the error changes with each weight"]
    for name, chain in chains(example, example.start, trace).items():
        lines += [
            f"  ∂E/∂{name} = {chain.names}",
            f"        = {chain.symbols}",
            f"        = {_substitute(chain.symbols, example)}",
            f"        = {chain.value:.12g}",
        ]
    return "\n".join(lines)


def _check(example: Example, gradients: Parameters) -> str:
    differences = finite_differences(example, example.start)
    lines = [
        "Check: the same gradients without calculus, (E(w + 0.00001) − E(w − 0.00001)) / 0.00002",
        "          chain rule            finite difference     they differ by",
    ]
    for name in example.trained:
        ours, theirs = getattr(gradients, name), getattr(differences, name)
        lines.append(f"  ∂E/∂{name} {ours:<21.12g} {theirs:<21.12g} {abs(ours - theirs):.0e}")
    return "\n".join(lines)


def _update(example: Example, gradients: Parameters, rate: float) -> str:
    moved = update(example, example.start, gradients, rate)
    lines = [f"Update at a learning rate of {rate:g}: each weight minus rate times gradient"]
    for name in example.trained:
        before, after = getattr(example.start, name), getattr(moved, name)
        gradient = _number(getattr(gradients, name), 12)
        lines.append(f"  {name} = {before:g} − {rate:g}·{gradient} = {after:.12g}")
    before, after = (forward(example, parameters).E for parameters in (example.start, moved))
    lines.append(f"  E  = {before:.12g} before, {after:.12g} after")
    return "\n".join(lines)


def _rates(example: Example, curves: list[Curve]) -> str:
    updates = len(curves[0].errors) - 1
    lines = [
        "Learning rates",
        f"  {'rate':<8}{f'E after {updates} updates':<24}updates to E < {GOAL:g}",
    ]
    for curve in curves:
        needed = curve.updates_to_goal
        reached = f"not within {max(updates, PATIENCE):,}" if needed is None else f"{needed:,}"
        lines.append(f"  {curve.rate!s:<8}{curve.errors[-1]:<24.12g}{reached}")
    return "\n".join(lines + _limit(first_rise(example)))


def _limit(rate: float | None) -> list[str]:
    if rate is None:
        return ["  No rate up to half a million makes the error rise in the first 200 updates."]
    return [
        f"  The error first rises, at some update, above a rate of {rate:.1f}. Below that a step",
        "  may pass the bottom of the valley, but never climbs as far up the other side.",
    ]


def _shown(example: Example) -> tuple[str, ...]:
    return Parameters._fields if example.has_biases else Parameters._fields[:8]


def _without_biases(example: Example, symbols: str) -> str:
    return symbols if example.has_biases else re.sub(r" \+ b\d", "", symbols)


def _substitute(symbols: str, example: Example) -> str:
    """The formula with six digits of each number in place of its name."""
    numbers = named_values(example)
    return _NAME.sub(lambda match: _number(numbers[match[0]], 6), symbols)


def _number(value: float, digits: int) -> str:
    """The value for use in a formula, where a minus sign needs brackets around it."""
    text = f"{value:.{digits}g}"
    return f"({text})" if value < 0 else text


def _wrap(items: list[str]) -> str:
    rows = [items[start : start + 4] for start in range(0, len(items), 4)]
    return "\n".join("  " + "".join(f"{item:<14}" for item in row).rstrip() for row in rows)

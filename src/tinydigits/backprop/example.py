"""Back propagation by hand: a network of two inputs, two hidden units and two outputs.

Read it from top to bottom next to the formulas. Going forward, every unit adds up what reaches
it and squashes the sum:

    h1 = w1·i1 + w2·i2 + b1    a_h1 = σ(h1)        o1 = w5·a_h1 + w6·a_h2 + b2    a_o1 = σ(o1)
    h2 = w3·i1 + w4·i2 + b1    a_h2 = σ(h2)        o2 = w7·a_h1 + w8·a_h2 + b2    a_o2 = σ(o2)

    E = E1 + E2 = ½·(t1 − a_o1)² + ½·(t2 − a_o2)²

Going back, the chain rule says how much E changes with each weight, and the update moves every
weight a little way downhill. The numbers are those of the worked example that is everywhere on
the web (without biases, or with b1 = 0.35 and b2 = 0.60); the gradients are not, because many of
the published ones are wrong: see `chains`.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from tinydigits.errors import TinydigitsError

# Far beyond any number that teaches something; within it nothing here can overflow.
LARGEST = 1e6


class Parameters(NamedTuple):
    """What learning changes: eight weights, and one bias shared by the units of each layer.

    The defaults are where the worked example starts. Gradients have the same ten names.
    """

    w1: float = 0.15
    w2: float = 0.20
    w3: float = 0.25
    w4: float = 0.30
    w5: float = 0.40
    w6: float = 0.45
    w7: float = 0.50
    w8: float = 0.55
    b1: float = 0.0
    b2: float = 0.0


START = Parameters()


@dataclass(frozen=True)
class Example:
    """One training example and the parameters that learning starts from.

    Args:
        inputs: i1 and i2.
        targets: t1 and t2, what the outputs a_o1 and a_o2 should become.
        start: the parameters before the first update.
        train_biases: whether an update moves b1 and b2 too.

    Raises:
        TinydigitsError: a number is not finite, or is larger than a million.
    """

    inputs: tuple[float, float] = (0.05, 0.10)
    targets: tuple[float, float] = (0.5, 0.5)
    start: Parameters = START
    train_biases: bool = False

    def __post_init__(self) -> None:
        for number in (*self.inputs, *self.targets, *self.start):
            if not abs(number) <= LARGEST:  # so that nan fails too
                raise TinydigitsError(
                    f"inputs, targets, weights and biases must be numbers between "
                    f"-{LARGEST:.0f} and {LARGEST:.0f}, not {number}"
                )

    @property
    def has_biases(self) -> bool:
        """Whether b1 and b2 play a part: they are trained, or not 0."""
        return self.train_biases or any(self.start[8:])

    @property
    def trained(self) -> tuple[str, ...]:
        """The names of the parameters that an update moves: eight, or ten with the biases."""
        return Parameters._fields if self.train_biases else Parameters._fields[:8]


# --- Forward: from the inputs to the error ---------------------------------------------------


class Trace(NamedTuple):
    """Every value between the inputs and the error, in the order in which they are computed."""

    h1: float
    h2: float
    a_h1: float
    a_h2: float
    o1: float
    o2: float
    a_o1: float
    a_o2: float
    E1: float
    E2: float
    E: float


# The formulas of `forward` as text, for the command and for the cells of the workbook.
FORWARD = {
    "h1": "w1·i1 + w2·i2 + b1",
    "h2": "w3·i1 + w4·i2 + b1",
    "a_h1": "σ(h1)",
    "a_h2": "σ(h2)",
    "o1": "w5·a_h1 + w6·a_h2 + b2",
    "o2": "w7·a_h1 + w8·a_h2 + b2",
    "a_o1": "σ(o1)",
    "a_o2": "σ(o2)",
    "E1": "½·(t1 − a_o1)²",
    "E2": "½·(t2 − a_o2)²",
    "E": "E1 + E2",
}


def sigmoid(x: float) -> float:
    """σ(x) = 1 / (1 + e^−x), which lies between 0 and 1 and has the derivative σ·(1 − σ)."""
    if x < 0:  # the same number, written so that e^−x cannot overflow
        return math.exp(x) / (1 + math.exp(x))
    return 1 / (1 + math.exp(-x))


def forward(example: Example, parameters: Parameters) -> Trace:
    """The forward pass: what each unit receives, what it gives, and the error."""
    i1, i2 = example.inputs
    t1, t2 = example.targets
    w1, w2, w3, w4, w5, w6, w7, w8, b1, b2 = parameters

    h1 = w1 * i1 + w2 * i2 + b1
    h2 = w3 * i1 + w4 * i2 + b1
    a_h1 = sigmoid(h1)
    a_h2 = sigmoid(h2)

    o1 = w5 * a_h1 + w6 * a_h2 + b2
    o2 = w7 * a_h1 + w8 * a_h2 + b2
    a_o1 = sigmoid(o1)
    a_o2 = sigmoid(o2)

    E1 = 0.5 * (t1 - a_o1) ** 2
    E2 = 0.5 * (t2 - a_o2) ** 2
    return Trace(h1, h2, a_h1, a_h2, o1, o2, a_o1, a_o2, E1, E2, E1 + E2)


# --- Backward: from the error to the gradients -----------------------------------------------


def backward(example: Example, parameters: Parameters, trace: Trace) -> Parameters:
    """The gradient of E along each parameter, ∂E/∂w1 to ∂E/∂b2, by the chain rule.

    Every line uses the parameters of the forward pass. A common mistake is to change w5 to w8
    first and to send the error back through the changed ones, which gives other numbers.
    """
    i1, i2 = example.inputs
    t1, t2 = example.targets
    _, _, _, _, w5, w6, w7, w8, _, _ = parameters
    _, _, a_h1, a_h2, _, _, a_o1, a_o2, _, _, _ = trace

    # How E changes with what each output unit receives: ∂E/∂o = ∂E/∂a_o · ∂a_o/∂o.
    o1 = (a_o1 - t1) * a_o1 * (1 - a_o1)
    o2 = (a_o2 - t2) * a_o2 * (1 - a_o2)

    # Each hidden unit feeds both outputs, so the error reaches it along two ways, and they add.
    a1 = o1 * w5 + o2 * w7
    a2 = o1 * w6 + o2 * w8
    h1 = a1 * a_h1 * (1 - a_h1)
    h2 = a2 * a_h2 * (1 - a_h2)

    # A weight's gradient is what its unit got back, times what the weight carried forward.
    return Parameters(
        w1=h1 * i1,
        w2=h1 * i2,
        w3=h2 * i1,
        w4=h2 * i2,
        w5=o1 * a_h1,
        w6=o1 * a_h2,
        w7=o2 * a_h1,
        w8=o2 * a_h2,
        b1=h1 + h2,
        b2=o1 + o2,
    )


def update(
    example: Example, parameters: Parameters, gradients: Parameters, rate: float
) -> Parameters:
    """One step downhill: each trained parameter minus the learning rate times its gradient."""
    p, g = parameters, gradients
    return Parameters(
        w1=p.w1 - rate * g.w1,
        w2=p.w2 - rate * g.w2,
        w3=p.w3 - rate * g.w3,
        w4=p.w4 - rate * g.w4,
        w5=p.w5 - rate * g.w5,
        w6=p.w6 - rate * g.w6,
        w7=p.w7 - rate * g.w7,
        w8=p.w8 - rate * g.w8,
        b1=p.b1 - rate * g.b1 if example.train_biases else p.b1,
        b2=p.b2 - rate * g.b2 if example.train_biases else p.b2,
    )


# --- The same gradients, explained and checked -----------------------------------------------


class Factor(NamedTuple):
    """One factor of a chain: its name, such as ∂a_h1/∂h1, its formula and its value."""

    name: str
    symbols: str
    value: float


class Chain(NamedTuple):
    """A derivative of E: one product of factors for each way to E, and the products add."""

    ways: tuple[tuple[Factor, ...], ...]

    @property
    def names(self) -> str:
        """The chain rule as written in a book: ∂E/∂a_o1 · ∂a_o1/∂o1 · ∂o1/∂w5."""
        return " + ".join(" · ".join(factor.name for factor in way) for way in self.ways)

    @property
    def symbols(self) -> str:
        """The formula: (a_o1 − t1)·a_o1·(1 − a_o1)·a_h1."""
        return " + ".join("·".join(factor.symbols for factor in way) for way in self.ways)

    @property
    def value(self) -> float:
        """The number."""
        return sum(math.prod(factor.value for factor in way) for way in self.ways)

    def as_factor(self, name: str) -> Factor:
        """The whole chain as one factor of a longer one."""
        return Factor(name, f"({self.symbols})", self.value)


def chains(example: Example, parameters: Parameters, trace: Trace) -> dict[str, Chain]:
    """Every gradient as its chain of factors, by name and by number, in the order of derivation.

    First the output weights; then the error that reaches each hidden unit, `a_h1` and `a_h2`;
    then the hidden weights, which build on it; last the biases, if they are trained.

    The factor to watch is ∂a_h2/∂h2 in w3 and w4. Of nine published spreadsheets of this example
    seven have a_h1·(1 − a_h1) in its place, which is wrong by only 3 parts in 10,000.
    """
    i1, i2 = example.inputs
    t1, t2 = example.targets
    _, _, _, _, w5, w6, w7, w8, _, _ = parameters
    _, _, a_h1, a_h2, _, _, a_o1, a_o2, _, _, _ = trace

    # The error, and each sigmoid: σ has the derivative σ·(1 − σ).
    miss1 = Factor("∂E/∂a_o1", "(a_o1 − t1)", a_o1 - t1)
    miss2 = Factor("∂E/∂a_o2", "(a_o2 − t2)", a_o2 - t2)
    bend_o1 = Factor("∂a_o1/∂o1", "a_o1·(1 − a_o1)", a_o1 * (1 - a_o1))
    bend_o2 = Factor("∂a_o2/∂o2", "a_o2·(1 − a_o2)", a_o2 * (1 - a_o2))
    bend_h1 = Factor("∂a_h1/∂h1", "a_h1·(1 − a_h1)", a_h1 * (1 - a_h1))
    bend_h2 = Factor("∂a_h2/∂h2", "a_h2·(1 − a_h2)", a_h2 * (1 - a_h2))

    # A weighted sum: its derivative along a weight is what the weight multiplies, and the reverse.
    o1, o2 = (miss1, bend_o1), (miss2, bend_o2)
    found = {
        "w5": Chain(((*o1, Factor("∂o1/∂w5", "a_h1", a_h1)),)),
        "w6": Chain(((*o1, Factor("∂o1/∂w6", "a_h2", a_h2)),)),
        "w7": Chain(((*o2, Factor("∂o2/∂w7", "a_h1", a_h1)),)),
        "w8": Chain(((*o2, Factor("∂o2/∂w8", "a_h2", a_h2)),)),
        "a_h1": Chain(((*o1, Factor("∂o1/∂a_h1", "w5", w5)), (*o2, Factor("∂o2/∂a_h1", "w7", w7)))),
        "a_h2": Chain(((*o1, Factor("∂o1/∂a_h2", "w6", w6)), (*o2, Factor("∂o2/∂a_h2", "w8", w8)))),
    }
    h1 = (found["a_h1"].as_factor("∂E/∂a_h1"), bend_h1)
    h2 = (found["a_h2"].as_factor("∂E/∂a_h2"), bend_h2)
    found |= {
        "w1": Chain(((*h1, Factor("∂h1/∂w1", "i1", i1)),)),
        "w2": Chain(((*h1, Factor("∂h1/∂w2", "i2", i2)),)),
        "w3": Chain(((*h2, Factor("∂h2/∂w3", "i1", i1)),)),
        "w4": Chain(((*h2, Factor("∂h2/∂w4", "i2", i2)),)),
    }
    if example.train_biases:  # a bias has derivative 1 in each of the two sums that share it
        found["b1"] = Chain((h1, h2))
        found["b2"] = Chain((o1, o2))
    return found


def finite_differences(example: Example, parameters: Parameters, step: float = 1e-5) -> Parameters:
    """The gradients without any calculus: (E(p + step) − E(p − step)) / (2·step) for each p.

    Central differences are off by a multiple of step² and by the rounding of E divided by step;
    1e-5 keeps both small and leaves eight or nine correct digits.
    """
    quotients = []
    for name, value in parameters._asdict().items():
        above = forward(example, parameters._replace(**{name: value + step})).E
        below = forward(example, parameters._replace(**{name: value - step})).E
        quotients.append((above - below) / (2 * step))
    return Parameters(*quotients)

"""The engine against finite differences and PyTorch, and its behaviour as a graph."""

import contextlib
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.backprop.oracle import compare
from tinydigits.backprop.engine import Tensor
from tinydigits.backprop.example import Example, Parameters, backward, forward
from tinydigits.backprop.layers import sigmoid

with contextlib.suppress(ModuleNotFoundError):  # what compares with PyTorch skips without it
    import torch

floats = st.floats(-2, 2).map(lambda x: round(x, 3))


def arrays(shape):
    return hnp.arrays(np.float64, shape, elements=floats)


shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
array_pairs = shapes.flatmap(
    lambda found: st.tuples(*(arrays(shape) for shape in found.input_shapes))
)

# Each works on Tensor and on torch.Tensor alike, so PyTorch is the oracle for the same line.
OPERATIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / (b * b + 1.0),
    "power": lambda a, b: (a * a + 0.5) ** 1.5 + b**3,
    "negative": lambda a, b: -a + -b,
    "exp and log": lambda a, b: a.exp() + (b * b + 0.1).log(),
    "numbers on the left": lambda a, b: (2.0 - a) * 3.0 / 4.0 + 1.0 / (b * b + 1.0) + (1.0 + b),
    "used twice": lambda a, b: a * a + a * b + b,
    "sum": lambda a, b: a.sum() * b + (a * b).mean(),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@settings(max_examples=40)
@given(values=array_pairs)
def test_arithmetic_with_broadcasting(operation, values):
    compare(operation, operation, *values)


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((4, 1, 2, 3), (5, 3, 1))],
)
def test_matrix_products(left, right):
    generator = np.random.default_rng(0)
    values = generator.normal(size=left), generator.normal(size=right)
    compare(operator.matmul, operator.matmul, *values)


@pytest.mark.parametrize("axis", [None, 0, 2, -1, (0, 2), (1, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_and_means(axis, keepdims):
    value = np.random.default_rng(1).normal(size=(2, 3, 4))
    axes = (0, 1, 2) if axis is None else axis  # what PyTorch calls all of them

    def both(x):
        of = axis if isinstance(x, Tensor) else axes
        return x.sum(of, keepdims) * 2.0 + x.mean(of, keepdims)

    compare(both, both, value)


@given(hnp.arrays(np.float64, (3, 4), elements=st.sampled_from([0.0, 1.0, 2.0])))
def test_the_largest_takes_the_first_of_equals(value):
    x = Tensor(value, requires_grad=True)
    x.max(axis=1).sum().backward()
    expected = np.zeros((3, 4))
    expected[np.arange(3), value.argmax(axis=1)] = 1
    np.testing.assert_array_equal(x.grad, expected)


@pytest.mark.parametrize(
    "index",
    [1, slice(None, None, 2), (slice(None), -1), ([0, 0, 2], [1, 1, 3]), np.array([2, 2, 0])],
    ids=str,
)
def test_indexing_adds_up_what_is_picked_twice(index):
    picked = operator.itemgetter(index)
    compare(picked, picked, np.random.default_rng(2).normal(size=(3, 4)))


def test_every_intermediate_result_keeps_its_gradient():
    """As PyTorch does where retain_grad() asks for it, also over two calls."""
    pytest.importorskip("torch")
    value = np.random.default_rng(3).normal(size=(3, 4))

    def pass_twice(x):
        squares = x * x
        scaled = squares.reshape(4, 3) @ (squares * 0.5)
        rows = scaled.sum(1)
        error = (rows * rows).mean()
        results = (squares, scaled, rows, error)
        for result in results:
            if isinstance(x, torch.Tensor):
                result.retain_grad()
        error.backward(**({"retain_graph": True} if isinstance(x, torch.Tensor) else {}))
        error.backward()
        return [result.grad for result in (x, *results)]

    ours = pass_twice(Tensor(value, requires_grad=True))
    theirs = pass_twice(torch.tensor(value, requires_grad=True))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their.numpy(), rtol=1e-12)


def test_gradients_of_two_leaves_are_separate_arrays():
    a, b = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    (a + b).sum().backward()
    a.grad += 1
    np.testing.assert_allclose(b.grad, [1.0])


def test_a_graph_of_20_000_layers():
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + x * 5e-5
    y.backward()
    assert y.data == pytest.approx(2.0)
    assert x.grad == pytest.approx(2.0)


def test_constants_are_left_out():
    image, weight = Tensor([2.0]), Tensor([3.0], requires_grad=True)
    result = image * weight
    assert [source for source, _ in result.edges] == [weight]
    result.backward()
    assert image.grad is None
    assert not (image * image).edges


def test_float32_stays_float32():
    x = Tensor(np.ones((2, 2), np.float32), requires_grad=True)
    y = ((2.0 * x + np.ones(2) - 1) / 3).exp().mean(axis=0) ** 2
    assert y.data.dtype == np.float32
    y.sum().backward()
    assert x.grad.dtype == np.float32


def test_arrays_on_the_left():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.array([3.0, 4.0]) * x + np.array([1.0, 1.0])
    assert isinstance(y, Tensor)
    np.testing.assert_allclose(y.data, [4.0, 9.0])


def test_backward_needs_a_single_number():
    with pytest.raises(ValueError, match=r"single number, not from shape \(2,\)"):
        Tensor([1.0, 2.0], requires_grad=True).backward()


def test_a_matrix_product_needs_matrices():
    with pytest.raises(ValueError, match="two axes or more"):
        Tensor([1.0]) @ Tensor([1.0])


@pytest.mark.parametrize(
    "example",
    [
        Example(),
        Example((-0.7, 1.3), (0.01, 0.99), Parameters(w3=-2.0, b1=0.35, b2=0.60), True),
    ],
)
def test_the_worked_example_three_ways(example):
    """By hand, by the engine and by PyTorch, to 1e-12."""
    pytest.importorskip("torch")
    by_hand = backward(example, example.start, forward(example, example.start))
    for make, squash in (
        (lambda value: Tensor(value, requires_grad=True), sigmoid),
        (lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True), torch.sigmoid),
    ):
        hidden = make(np.array(example.start[:4]).reshape(2, 2))
        output = make(np.array(example.start[4:8]).reshape(2, 2))
        b1, b2 = make(example.start.b1), make(example.start.b2)
        inputs = make(np.array(example.inputs).reshape(2, 1))
        targets = make(np.array(example.targets).reshape(2, 1))
        missed = squash(output @ squash(hidden @ inputs + b1) + b2) - targets
        error = (missed * missed).sum() * 0.5
        error.backward()
        assert float(error.data) == pytest.approx(forward(example, example.start).E, rel=1e-12)
        found = [*hidden.grad.ravel(), *output.grad.ravel(), b1.grad, b2.grad]
        assert [float(each) for each in found] == pytest.approx(list(by_hand), rel=1e-12)

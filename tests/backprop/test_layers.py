"""Every layer against finite differences and PyTorch, over odd shapes, strides and ties."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.oracle import compare
from tinydigits.backprop import layers
from tinydigits.backprop.engine import Tensor

with contextlib.suppress(ModuleNotFoundError):  # what compares with PyTorch skips without it
    import torch
    from torch.nn import functional as F

seeds = st.integers(0, 10_000)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def check_by_differences(layer, *values, step=1e-6):
    """All gradients of a layer against central finite differences."""
    leaves = [Tensor(value.copy(), requires_grad=True) for value in values]
    result = layer(*leaves)
    weights = np.cos(np.arange(result.data.size)).reshape(result.shape)
    (result * weights).sum().backward()
    for which, value in enumerate(values):
        quotients = np.zeros_like(value)
        for place in np.ndindex(value.shape):
            ends = []
            for shift in (step, -step):
                moved = [each.copy() for each in values]
                moved[which][place] += shift
                ends.append((layer(*map(Tensor, moved)).data * weights).sum())
            quotients[place] = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(leaves[which].grad, quotients, rtol=1e-5, atol=1e-7)


@st.composite
def convolutions(draw):
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding, stride = draw(st.integers(0, 2)), draw(st.integers(1, 3))
    rows = draw(st.integers(max(1, kernel[0] - 2 * padding), 6))
    columns = draw(st.integers(max(1, kernel[1] - 2 * padding), 6))
    n, channels, outputs = (draw(st.integers(1, 3)) for _ in range(3))
    seed = draw(seeds)
    image = normal(seed, n, channels, rows, columns)
    weight = normal(seed + 1, outputs, channels, *kernel)
    return (image, weight, normal(seed + 2, outputs)), padding, stride


@given(convolutions())
def test_convolution_against_pytorch(case):
    values, padding, stride = case
    compare(
        lambda x, w, b: layers.conv2d(x, w, b, padding, stride),
        lambda x, w, b: F.conv2d(x, w, b, stride, padding),
        *values,
    )


def test_a_kernel_larger_than_the_image_is_refused():
    with pytest.raises(ValueError):
        layers.conv2d(Tensor(np.ones((1, 1, 2, 2))), Tensor(np.ones((1, 1, 3, 3))), Tensor([0.0]))


poolings = st.tuples(
    st.integers(1, 3), st.integers(1, 3), st.integers(3, 7), st.integers(3, 7), seeds
)


@given(poolings, st.booleans())
def test_max_pooling_with_overlaps_gaps_and_ties(case, ties):
    size, stride, rows, columns, seed = case
    value = normal(seed, 2, 3, rows, columns)
    value = np.round(value) if ties else value
    compare(
        lambda x: layers.max_pool2d(x, size, stride),
        lambda x: F.max_pool2d(x, size, stride),
        value,
    )


@given(poolings)
def test_average_pooling(case):
    size, stride, rows, columns, seed = case
    compare(
        lambda x: layers.avg_pool2d(x, size, stride),
        lambda x: F.avg_pool2d(x, size, stride),
        normal(seed, 2, 3, rows, columns),
    )


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.integers(2, 4), seeds)
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_and_its_running_statistics(training, n, channels, rows, columns, seed):
    pytest.importorskip("torch")
    value = normal(seed, n, channels, rows, columns) * 3 + 1
    ours = [normal(seed + 1, channels), np.abs(normal(seed + 2, channels)) + 0.5]
    theirs = [torch.tensor(each) for each in ours]
    before = [each.copy() for each in ours]
    compare(
        lambda x, w, b: layers.batch_norm(x, w, b, *ours, training),
        lambda x, w, b: F.batch_norm(x, *theirs, w, b, training),
        value,
        normal(seed + 3, channels),
        normal(seed + 4, channels),
        rtol=1e-7,
    )
    for our, their, start in zip(ours, theirs, before, strict=True):
        np.testing.assert_allclose(our, their.numpy(), rtol=1e-12)
        assert training != np.array_equal(our, start)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (layers.relu, lambda x: torch.relu(x)),
        (layers.sigmoid, lambda x: torch.sigmoid(x)),
        (layers.log_softmax, lambda x: torch.log_softmax(x, 1)),
    ],
)
@given(seed=seeds, scale=st.sampled_from([1.0, 10.0, 300.0]))
def test_elementwise_layers(ours, theirs, seed, scale):
    value = normal(seed, 4, 5) * scale
    value[0, :2] = 0  # where relu has its corner
    compare(ours, theirs, value)


def test_negative_log_likelihood():
    labels = np.array([2, 0, 2, 1])
    compare(
        lambda x: layers.nll_loss(layers.log_softmax(x), labels),
        lambda x: F.nll_loss(torch.log_softmax(x, 1), torch.tensor(labels)),
        normal(0, 4, 3),
    )


def test_dropout_keeps_the_mean_and_its_gradient_is_the_mask():
    x = Tensor(np.ones((100, 100)), requires_grad=True)
    result = layers.dropout(x, 0.3, np.random.default_rng(0))
    kept = result.data != 0
    np.testing.assert_allclose(result.data[kept], 1 / 0.7)
    assert kept.mean() == pytest.approx(0.7, abs=0.02)
    result.sum().backward()
    np.testing.assert_array_equal(x.grad, result.data)


LAYERS = {
    "conv2d": (lambda x, w, b: layers.conv2d(x, w, b, 1, 2), (2, 2, 5, 4), (3, 2, 3, 2), (3,)),
    "max_pool2d": (lambda x: layers.max_pool2d(x, 3, 2), (1, 2, 7, 5)),
    "avg_pool2d": (lambda x: layers.avg_pool2d(x, 2, 1), (1, 2, 5, 4)),
    "batch_norm": (
        lambda x, w, b: layers.batch_norm(x, w, b, np.zeros(2), np.ones(2), True),
        *((2, 2, 3, 1), (2,), (2,)),
    ),
    "relu": (layers.relu, (4, 5)),
    "sigmoid": (layers.sigmoid, (4, 5)),
    "log_softmax": (layers.log_softmax, (4, 5)),
    "nll_loss": (lambda x: layers.nll_loss(layers.log_softmax(x), [2, 0, 4, 2]), (4, 5)),
    "dropout": (lambda x: layers.dropout(x, 0.4, np.random.default_rng(0)), (4, 5)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_gradient_by_finite_differences(name):
    layer, *shapes = LAYERS[name]
    check_by_differences(layer, *(normal(seed, *shape) for seed, shape in enumerate(shapes)))

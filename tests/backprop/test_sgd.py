"""Stochastic gradient descent against PyTorch's."""

import numpy as np
import pytest

from tinydigits.backprop.engine import Tensor
from tinydigits.backprop.sgd import SGD


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("cleared", [True, False])
def test_steps_are_pytorchs(momentum, cleared):
    torch = pytest.importorskip("torch")
    start = np.random.default_rng(0).normal(size=3)
    ours, theirs = Tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    optimizers = SGD([ours], 0.1, momentum), torch.optim.SGD([theirs], 0.1, momentum)
    for _ in range(5):
        for optimizer, parameter in zip(optimizers, (ours, theirs), strict=True):
            if cleared:
                optimizer.zero_grad()
            (parameter * parameter * parameter).sum().backward()
            optimizer.step()
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-12)
    optimizers[0].zero_grad()
    assert ours.grad is None


def test_a_parameter_without_a_gradient_stays():
    unused = Tensor(np.ones(2), requires_grad=True)
    SGD([unused], 0.1, 0.9).step()
    np.testing.assert_array_equal(unused.data, [1.0, 1.0])

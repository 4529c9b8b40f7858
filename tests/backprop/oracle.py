"""PyTorch as the oracle of the engine and its layers."""

import numpy as np
import pytest

from tinydigits.backprop.engine import Tensor


def compare(ours, theirs, *values, rtol=1e-10):
    """Outputs and all gradients of the same formula here and in PyTorch, in float64."""
    torch = pytest.importorskip("torch")
    our_leaves = [Tensor(value, requires_grad=True) for value in values]
    their_leaves = [torch.tensor(value, requires_grad=True) for value in values]
    our_result, their_result = ours(*our_leaves), theirs(*their_leaves)
    expected = their_result.detach().numpy()
    np.testing.assert_allclose(our_result.data, expected, rtol=rtol, atol=1e-12)
    # Uneven weights, so that a transposed or summed gradient cannot pass.
    weights = np.cos(np.arange(our_result.data.size)).reshape(our_result.shape)
    (our_result * weights).sum().backward()
    (their_result * torch.tensor(weights)).sum().backward()
    for our, their in zip(our_leaves, their_leaves, strict=True):
        expected = np.zeros(our.shape) if their.grad is None else their.grad.numpy()
        found = np.zeros(our.shape) if our.grad is None else our.grad
        assert found.shape == our.shape
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-11)

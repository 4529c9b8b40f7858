"""ReLU, batch norm and a 1x1 convolution in one against PyTorch's layers in float64."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, transition

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")


def example(count: int, height: int, width: int) -> tuple[nn.Sequential, Tensor]:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.ReLU(), nn.BatchNorm2d(32), nn.Conv2d(32, 8, 1))
    with torch.no_grad():
        layers[1].weight.copy_(torch.linspace(-1, 2, 32))
        layers[1].bias.copy_(torch.linspace(-1, 1, 32))
    x = torch.randn(count, 32, height, width).to(memory_format=torch.channels_last)
    return layers, x.requires_grad_()


@pytest.mark.parametrize("size", [(20, 10, 10), (1, 28, 28), (5, 7, 9), (1, 1, 3)], ids=str)
def test_values_gradients_and_statistics_are_those_of_the_layers(
    size: tuple[int, int, int], assert_learns_as: Callable[[nn.Module, nn.Module, float], None]
) -> None:
    layers, x = example(*size)
    exact_layers, exact_x = copy.deepcopy(layers).double(), x.detach().double().requires_grad_()
    assert transition.usable(list(layers), x)
    found, exact = transition.transition(x, list(layers)), exact_layers(exact_x)
    torch.testing.assert_close(found.double(), exact, rtol=1e-5, atol=1e-5)
    gradient = torch.randn(found.shape)
    found.backward(gradient)
    exact.backward(gradient.double())
    assert x.grad is not None and exact_x.grad is not None
    assert (x.grad - exact_x.grad).norm() <= 1e-5 * exact_x.grad.norm()
    assert_learns_as(layers, exact_layers, 1e-5)


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            layers, x = example(33, 14, 12)
            y = transition.transition(x, list(layers))
            y.square().sum().backward()
            results.append([y.detach(), x.grad, *(p.grad for p in layers.parameters())])
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert other is not None
        assert torch.equal(one, other)


def test_other_layers_are_left_alone() -> None:
    layers, x = example(2, 8, 8)
    relu, norm, layer = layers
    assert transition.usable([relu, norm, layer, nn.ReLU()], x)
    assert not transition.usable([relu, norm], x)
    assert not transition.usable([norm, norm, layer], x)
    assert not transition.usable([relu, norm, nn.Conv2d(32, 10, 1)], x)
    assert not transition.usable([relu, norm, nn.Conv2d(32, 8, 3)], x)
    assert not transition.usable([relu, norm, layer], x.bfloat16())
    assert not transition.usable(list(layers.eval()), x)

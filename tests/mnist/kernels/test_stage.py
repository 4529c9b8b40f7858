"""The stage from the images to the first transition against PyTorch's layers in float64."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, stage

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")


def example(count: int, height: int, width: int) -> tuple[nn.Sequential, Tensor]:
    torch.manual_seed(0)
    layers = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(32), nn.MaxPool2d(2)),
        nn.Conv2d(32, 8, 1),
    )
    with torch.no_grad():  # some scales negative: there the largest is the smallest
        for norm in (layers[2], layers[5]):
            norm.weight.copy_(torch.linspace(-1, 2, len(norm.weight)))
            norm.bias.copy_(torch.linspace(-1, 1, len(norm.bias)))
    x = torch.randn(count, 1, height, width)
    return layers.to(memory_format=torch.channels_last), x  # type: ignore[call-overload]


@pytest.mark.parametrize("size", [(20, 10, 10), (3, 28, 28), (5, 7, 9), (2, 3, 4)], ids=str)
def test_values_gradients_and_statistics_are_those_of_the_layers(
    size: tuple[int, int, int], assert_learns_as: Callable[[nn.Module, nn.Module, float], None]
) -> None:
    layers, x = example(*size)
    exact_layers = copy.deepcopy(layers).double()
    assert stage.usable(list(layers), x)
    found, exact = stage.stage(x, list(layers)), exact_layers(x.double())
    torch.testing.assert_close(found.double(), exact, rtol=1e-5, atol=1e-4)
    gradient = torch.randn(found.shape).to(memory_format=torch.channels_last)
    found.backward(gradient)
    exact.backward(gradient.double())
    assert_learns_as(layers, exact_layers, 2e-5)


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            layers, x = example(33, 14, 12)
            y = stage.stage(x, list(layers))
            y.square().sum().backward()
            grads = [parameter.grad for parameter in layers.parameters()]
            results.append([y.detach(), *grads])
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert torch.equal(one, other)


def test_other_layers_are_left_alone() -> None:
    layers, x = example(2, 8, 8)
    every = list(layers)
    assert stage.usable([*every, nn.ReLU()], x)
    assert not stage.usable(every[:7], x)
    assert not stage.usable([*every[:7], nn.ReLU()], x)
    assert not stage.usable([*every[:7], nn.Conv2d(32, 10, 1)], x)
    assert not stage.usable([*every[:6], nn.MaxPool2d(3), every[7]], x)
    assert not stage.usable([*every[:3], nn.Conv2d(16, 32, 3), *every[4:]], x)
    assert not stage.usable([nn.Conv2d(1, 16, 3), *every[1:]], x)
    assert not stage.usable(every, x.bfloat16())
    assert not stage.usable(every, x.clone().requires_grad_())
    assert not stage.usable(list(layers.eval()), x)

"""Stages of several layers in one against PyTorch's layers in float64."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, stage, transition

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")
FUSED = {"stage": stage.stage, "transition": transition.transition}
USABLE = {"stage": stage.usable, "transition": transition.usable}
both = pytest.mark.parametrize("name", FUSED)


def example(name: str, count: int, height: int, width: int) -> tuple[nn.Sequential, Tensor]:
    """The stage from the images to the first transition; a transition: ReLU, norm, 1x1."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.ReLU(), nn.BatchNorm2d(32), nn.Conv2d(32, 8, 1))
    x = torch.randn(count, 32, height, width).to(memory_format=torch.channels_last)
    if name == "stage":
        layers = nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(32), nn.MaxPool2d(2)),
            nn.Conv2d(32, 8, 1),
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        x = torch.randn(count, 1, height, width)
    with torch.no_grad():  # some scales negative: there the largest is the smallest
        for norm in layers:
            if isinstance(norm, nn.BatchNorm2d):
                norm.weight.copy_(torch.linspace(-1, 2, len(norm.weight)))
                norm.bias.copy_(torch.linspace(-1, 1, len(norm.bias)))
    return layers, x.requires_grad_(name == "transition")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(("stage", size) for size in ((20, 10, 10), (3, 28, 28), (5, 7, 9), (2, 3, 4))),
        *(("transition", size) for size in ((20, 10, 10), (1, 28, 28), (5, 7, 9), (1, 1, 3))),
    ],
    ids=str,
)
def test_values_gradients_and_statistics_are_those_of_the_layers(
    name: str,
    size: tuple[int, int, int],
    assert_learns_as: Callable[[nn.Module, nn.Module, float], None],
) -> None:
    layers, x = example(name, *size)
    exact_layers = copy.deepcopy(layers).double()
    exact_x = x.detach().double().requires_grad_(x.requires_grad)
    assert USABLE[name](list(layers), x)
    found, exact = FUSED[name](x, list(layers)), exact_layers(exact_x)
    atol = 1e-4 if name == "stage" else 1e-5
    torch.testing.assert_close(found.double(), exact, rtol=1e-5, atol=atol)
    gradient = torch.randn(found.shape)
    if name == "stage":
        gradient = gradient.to(memory_format=torch.channels_last)
    found.backward(gradient)
    exact.backward(gradient.double())
    if name == "transition":
        assert x.grad is not None and exact_x.grad is not None
        assert (x.grad - exact_x.grad).norm() <= 1e-5 * exact_x.grad.norm()
    assert_learns_as(layers, exact_layers, 2e-5 if name == "stage" else 1e-5)


@both
def test_the_number_of_threads_changes_nothing(name: str) -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            layers, x = example(name, 33, 14, 12)
            y = FUSED[name](x, list(layers))
            y.square().sum().backward()
            learned = [x, *layers.parameters()] if x.requires_grad else layers.parameters()
            results.append([y.detach(), *(each.grad for each in learned)])
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert torch.equal(one, other)


def test_other_layers_are_left_alone() -> None:
    layers, x = example("stage", 2, 8, 8)
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
    layers, x = example("transition", 2, 8, 8)
    relu, norm, layer = layers
    assert transition.usable([relu, norm, layer, nn.ReLU()], x)
    assert not transition.usable([relu, norm], x)
    assert not transition.usable([norm, norm, layer], x)
    assert not transition.usable([relu, norm, nn.Conv2d(32, 10, 1)], x)
    assert not transition.usable([relu, norm, nn.Conv2d(32, 8, 3)], x)
    assert not transition.usable([relu, norm, layer], x.bfloat16())
    assert not transition.usable(list(layers.eval()), x)

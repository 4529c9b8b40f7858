"""Winograd's convolution against PyTorch's in float64."""

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, convolution

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")
CHANNELS = pytest.mark.parametrize(("inputs", "outputs"), [(8, 16), (16, 32), (32, 64)])


def example(inputs: int, outputs: int, size: tuple[int, ...], pad: int) -> tuple[nn.Conv2d, Tensor]:
    torch.manual_seed(0)
    layer = nn.Conv2d(inputs, outputs, 3, padding=pad).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    count, *sides = size
    x = torch.randn(count, inputs, *sides).to(memory_format=torch.channels_last)
    return layer, x.requires_grad_()


@CHANNELS
@pytest.mark.parametrize("pad", [0, 1])
@pytest.mark.parametrize(
    "size", [(2, 28, 28), (5, 7, 9), (3, 14, 5), (1, 3, 4), (40, 6, 6)], ids=str
)
def test_values_and_gradients_are_those_of_the_layer(
    inputs: int, outputs: int, size: tuple[int, ...], pad: int
) -> None:
    layer, x = example(inputs, outputs, size, pad)
    assert convolution.usable(layer, x)
    exact_layer = nn.Conv2d(inputs, outputs, 3, padding=pad).double()
    exact_layer.load_state_dict(layer.state_dict())
    exact_x = x.detach().double().requires_grad_()
    found, exact = convolution.convolve(x, layer), exact_layer(exact_x)
    assert found.is_contiguous(memory_format=torch.channels_last)
    gradient = torch.randn(found.shape).to(memory_format=torch.channels_last)
    found.backward(gradient)
    exact.backward(gradient.double())
    for mine, theirs in (
        (found, exact),
        (x.grad, exact_x.grad),
        (layer.weight.grad, exact_layer.weight.grad),
        (layer.bias.grad, exact_layer.bias.grad),
    ):
        assert mine is not None
        assert theirs is not None
        # Of the largest: a transform's rounding is as large as its largest value's.
        assert (mine - theirs).abs().max() <= 1e-5 * theirs.abs().max()


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            layer, x = example(16, 32, (9, 28, 28), 1)
            y = convolution.convolve(x, layer)
            y.square().sum().backward()
            assert layer.bias is not None
            results.append((y.detach(), x.grad, layer.weight.grad, layer.bias.grad))
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("layer", "channels"),
    [
        (nn.Conv2d(16, 32, 1), 16),
        (nn.Conv2d(16, 32, 3, padding=2), 16),
        (nn.Conv2d(16, 32, 3, stride=2), 16),
        (nn.Conv2d(16, 32, 3, bias=False), 16),
        (nn.Conv2d(16, 32, 3, groups=16), 16),
        (nn.Conv2d(1, 16, 3), 1),
        (nn.Conv2d(16, 32, 3).eval(), 16),
    ],
    ids=str,
)
def test_other_layers_are_left_to_pytorch(layer: nn.Conv2d, channels: int) -> None:
    x = torch.randn(2, channels, 8, 8).to(memory_format=torch.channels_last)
    assert not convolution.usable(layer, x)


def test_bfloat16_is_left_to_pytorch() -> None:
    layer, x = example(16, 32, (2, 8, 8), 1)
    assert not convolution.usable(layer, x.bfloat16())
    with torch.autocast("cpu", torch.bfloat16):
        assert not convolution.usable(layer, x)

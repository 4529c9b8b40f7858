"""3x3 convolutions in float32 with a quarter of the multiplications, in C.

Winograd's minimal filtering F(4x4, 3x3), forwards and for both gradients, as in Lavin and Gray,
"Fast algorithms for convolutional neural networks", 2016. The transforms are exact; rounding adds
about 1e-6 of the result. Where a processor multiplies in bfloat16, PyTorch's are faster.
"""

from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from tinydigits.mnist.kernels import compiled

_CHANNELS = {(8, 16), (16, 32), (32, 64)}  # what convolution.c is compiled for


def usable(layer: nn.Module, x: Tensor) -> TypeGuard[nn.Conv2d]:
    """Whether `convolve` does what this layer would do with x, in training."""
    return (
        isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (3, 3)
        and (layer.in_channels, layer.out_channels) in _CHANNELS
        and layer.padding in ((0, 0), (1, 1))
        and layer.stride == layer.dilation == (1, 1)
        and layer.groups == 1
        and layer.bias is not None
        and compiled.suits(layer, x)
    )


def convolve(x: Tensor, layer: nn.Conv2d) -> Tensor:
    """The layer's convolution of x (N, C, H, W), float32, channels last."""
    pad = int(layer.padding[0])
    result: Tensor = _Convolve.apply(x, layer.weight, layer.bias, pad)  # type: ignore[no-untyped-call]
    return result


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, pad: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.pad = pad
        count, inputs, height, width = x.shape
        outputs = len(weight)
        y = activations(count, outputs, height + 2 * pad - 2, width + 2 * pad - 2)
        sizes = (count, height, width, pad)
        compiled.call(f"convolve_{inputs}_{outputs}", sizes, x, spread(weight), bias, y)
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        dx = torch.empty_like(x)
        count, inputs, height, width = x.shape
        sums = torch.empty(compiled.PARTS, 36 * inputs + 1, len(weight))
        sizes = (count, height, width, ctx.pad)
        swapped = spread(weight.transpose(0, 1))
        compiled.call(f"convolve_back_{inputs}_{len(weight)}", sizes, x, dy, swapped, dx, sums)
        return dx, *added_up(sums), None


def activations(*shape: int) -> Tensor:
    """Float32, channels last, not yet filled."""
    return torch.empty(shape, memory_format=torch.channels_last)


def spread(weight: Tensor) -> Tensor:
    """Kernels (O, I, 3, 3) as convolution.c multiplies by them, (36, I * O)."""
    kernels = weight.permute(2, 3, 1, 0).reshape(9, -1).contiguous()
    u = torch.empty(36, kernels.shape[1])
    compiled.call("spread_kernels", (kernels.shape[1],), kernels, u)
    return u


def added_up(parts: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients (O, I, 3, 3) and (O,) of kernels and biases from (PARTS, 36 * I + 1, O)."""
    inputs, outputs = parts.shape[1] // 36, parts.shape[2]
    d_weight, d_bias = torch.empty(9, inputs * outputs), torch.empty(outputs)
    compiled.call("gather_kernels", (inputs, outputs), parts, d_weight, d_bias)
    return d_weight.reshape(3, 3, inputs, outputs).permute(3, 2, 0, 1), d_bias

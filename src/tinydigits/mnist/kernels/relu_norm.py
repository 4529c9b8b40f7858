"""ReLU, batch norm and pooling in one, in C: a fifth of a training step on a CPU saved.

PyTorch reads and writes the activations anew for each of them, forwards and backwards, and most of
a step that isn't convolution is that.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tinydigits.mnist.kernels import compiled
from tinydigits.mnist.kernels.norm import TYPES, Line, call, pooled

_CHANNELS = (16, 32, 64)  # what relu_norm.c is compiled for


def usable(layers: Sequence[nn.Module], x: Tensor) -> bool:
    """Whether `relu_norm` does what the first two layers would do with x, in training."""
    return (
        len(layers) > 1
        and isinstance(layers[0], nn.ReLU)
        and isinstance(layers[1], nn.BatchNorm2d)
        and layers[1].num_features in _CHANNELS
        and layers[1].affine
        and compiled.suits(layers[1], x, *TYPES)
    )


def relu_norm(x: Tensor, norm: nn.BatchNorm2d, pool: bool) -> Tensor:
    """ReLU, batch norm in training mode and, if `pool`, the largest of each 2x2 window.

    x is (N, C, H, W), float32 or bfloat16, channels last, with 16, 32 or 64 channels. The running
    statistics of `norm` are updated.
    """
    result: Tensor = _ReluNorm.apply(x, norm.weight, norm.bias, norm, pool)  # type: ignore[no-untyped-call]
    return result


class _ReluNorm(torch.autograd.Function):
    """y = scale * relu(x) + offset, scale and offset made of the mean and variance of relu(x)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, norm: nn.BatchNorm2d, pool: bool
    ) -> Tensor:
        sums = torch.empty(2, x.shape[1], dtype=torch.float64)
        call("sums", x, None, sums)
        line = Line(norm, sums, x.numel() // x.shape[1])
        if pool:
            y, which = pooled(x, line)
        else:
            y, which = torch.empty_like(x), None
            call("norm", x, line.scale.float(), line.offset.float(), y)
        ctx.save_for_backward(x, which)
        ctx.line = line
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, which = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        sums = torch.empty(2, x.shape[1], dtype=torch.float64)
        dx = torch.empty_like(x)
        if which is None:
            call("sums", x, dy, sums)
            d_weight, d_bias, back = ctx.line.gradients(sums)
            call("back", x, dy, *back, dx)
        else:
            call("sums_pool", x, dy, which, sums)
            d_weight, d_bias, back = ctx.line.gradients(sums)
            call("back_pool", x, dy, which, *back, dx)
        return dx, d_weight, d_bias, None, None

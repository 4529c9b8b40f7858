"""ReLU, batch norm and pooling in one, in C: a fifth of a training step on a CPU saved.

PyTorch reads and writes the activations anew for each of them, forwards and backwards, and most of
a step that isn't convolution is that. Where `fused.c` cannot be compiled (no compiler, not Linux),
or on a GPU, the layers run one by one as they are: `through` computes the same either way.
"""

from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from tinydigits.mnist import compiled, convolution, stage, transition
from tinydigits.mnist.norm import TYPES, Line, call, pooled

_CHANNELS = (16, 32)  # what fused.c is compiled for


def through(layers: nn.Sequential, x: Tensor) -> Tensor:
    """What the layers make of x, one after the other."""
    waiting = list(layers)
    while waiting:
        first, *rest = waiting
        if stage.usable(waiting, x):
            x, waiting = stage.stage(x, waiting), waiting[stage.LAYERS :]
        elif transition.usable(waiting, x):
            x, waiting = transition.transition(x, waiting), waiting[transition.LAYERS :]
        elif isinstance(first, nn.ReLU) and rest and _usable(rest[0], x):
            pool = len(rest) > 1 and isinstance(rest[1], nn.MaxPool2d) and rest[1].kernel_size == 2
            x = relu_norm(x, rest[0], pool)
            waiting = rest[2:] if pool else rest[1:]
        elif len(rest) == 1 and _swap(first, rest[0]):
            x, waiting = first(rest[0](x)), []
        elif isinstance(first, nn.Conv2d) and convolution.usable(first, x):
            x, waiting = convolution.convolve(x, first), rest
        else:
            x, waiting = first(x), rest
    return x


def relu_norm(x: Tensor, norm: nn.BatchNorm2d, pool: bool) -> Tensor:
    """ReLU, batch norm in training mode and, if `pool`, the largest of each 2x2 window.

    x is (N, C, H, W), float32 or bfloat16, channels last, with 16 or 32 channels. The running
    statistics of `norm` are updated.
    """
    result: Tensor = _ReluNorm.apply(x, norm.weight, norm.bias, norm, pool)  # type: ignore[no-untyped-call]
    return result


def _swap(layer: nn.Module, pool: nn.Module) -> bool:
    """Whether the mean of a 1x1 convolution's outputs is that convolution of the mean, for less."""
    return (
        layer.training
        and isinstance(layer, nn.Conv2d)
        and layer.kernel_size == layer.stride == (1, 1)
        and layer.padding == (0, 0)
        and isinstance(pool, nn.AvgPool2d)
    )


def _usable(norm: nn.Module, x: Tensor) -> TypeGuard[nn.BatchNorm2d]:
    return (
        isinstance(norm, nn.BatchNorm2d)
        and norm.training
        and norm.num_features in _CHANNELS
        and x.device.type == "cpu"
        and x.dtype in TYPES
        and x.is_contiguous(memory_format=torch.channels_last)
        and compiled.library() is not None
    )


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

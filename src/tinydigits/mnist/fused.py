"""ReLU, batch norm and pooling in one, in C: a fifth of a training step on a CPU saved.

PyTorch reads and writes the activations anew for each of them, forwards and backwards, and most of
a step that isn't convolution is that. Where `fused.c` cannot be compiled (no compiler, not Linux),
or on a GPU, the layers run one by one as they are: `through` computes the same either way.
"""

from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from tinydigits.mnist import compiled, convolution

_CHANNELS = (16, 32)  # what fused.c is compiled for
_TYPES = {torch.bfloat16: "bf16", torch.float32: "f32"}
_MARKS = {torch.bfloat16: torch.int16, torch.float32: torch.int32}


def through(layers: nn.Sequential, x: Tensor) -> Tensor:
    """What the layers make of x, one after the other."""
    waiting = list(layers)
    while waiting:
        first, *rest = waiting
        if isinstance(first, nn.ReLU) and rest and _usable(rest[0], x):
            pool = len(rest) > 1 and isinstance(rest[1], nn.MaxPool2d) and rest[1].kernel_size == 2
            x = relu_norm(x, rest[0], pool)
            waiting = rest[2:] if pool else rest[1:]
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


def _usable(norm: nn.Module, x: Tensor) -> TypeGuard[nn.BatchNorm2d]:
    return (
        isinstance(norm, nn.BatchNorm2d)
        and norm.training
        and norm.num_features in _CHANNELS
        and x.device.type == "cpu"
        and x.dtype in _TYPES
        and x.is_contiguous(memory_format=torch.channels_last)
        and compiled.library() is not None
    )


class _ReluNorm(torch.autograd.Function):
    """y = scale * relu(x) + offset, scale and offset made of the mean and variance of relu(x)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, norm: nn.BatchNorm2d, pool: bool
    ) -> Tensor:
        count, channels, height, width = x.shape
        positions = count * height * width
        sums = torch.empty(2, channels, dtype=torch.float64)
        _call("sums", x, None, sums)
        mean = sums[0] / positions
        variance = sums[1] / positions - mean**2
        _update(norm, mean, variance * (positions / (positions - 1)))
        inverse_std = (variance + norm.eps).rsqrt()
        scale = weight.double() * inverse_std
        offset = bias.double() - scale * mean
        which = None
        if pool:
            size = (count, channels, height // 2, width // 2)
            y = torch.empty(size, dtype=x.dtype, memory_format=torch.channels_last)
            which = torch.empty_like(y, dtype=_MARKS[x.dtype])
            _call("norm_pool", x, scale.float(), offset.float(), y, which)
        else:
            y = torch.empty_like(x)
            _call("norm", x, scale.float(), offset.float(), y)
        ctx.save_for_backward(x, which, mean, inverse_std, scale)
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, which, mean, inverse_std, scale = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        positions = x.numel() // x.shape[1]
        sums = torch.empty(2, x.shape[1], dtype=torch.float64)
        if which is None:
            _call("sums", x, dy, sums)
        else:
            _call("sums_pool", x, dy, which, sums)
        d_bias = sums[0]
        d_weight = (sums[1] - mean * d_bias) * inverse_std
        # dx = scale * (dy - mean of dy - normalised x * mean of dy * normalised x), as a line in x
        slope = -scale * inverse_std * d_weight / positions
        constant = -scale * d_bias / positions - slope * mean
        line = (scale.float(), slope.float(), constant.float())
        dx = torch.empty_like(x)
        if which is None:
            _call("back", x, dy, *line, dx)
        else:
            _call("back_pool", x, dy, which, *line, dx)
        return dx, d_weight.float(), d_bias.float(), None, None


def _update(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    assert norm.momentum is not None
    norm.running_mean.lerp_(mean.float(), norm.momentum)
    norm.running_var.lerp_(variance.float(), norm.momentum)
    norm.num_batches_tracked.add_(1)


def _call(name: str, x: Tensor, *others: Tensor | None) -> None:
    """Call fused.c's function for x's type and channels."""
    count, channels, height, width = x.shape
    compiled.call(f"{name}_{_TYPES[x.dtype]}_{channels}", (count, height, width), x, *others)

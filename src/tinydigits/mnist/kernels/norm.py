"""Batch norm of a ReLU as a line, forwards and backwards, from sums that `relu_norm.c` has made."""

import torch
from torch import Tensor, nn

from tinydigits.mnist.kernels import compiled

TYPES = {torch.bfloat16: "bf16", torch.float32: "f32"}  # that relu_norm.c is compiled for
_MARKS = {torch.bfloat16: torch.int16, torch.float32: torch.int32}


class Line:
    """y = scale * relu(x) + offset, each of them (C,), float64.

    Args:
        norm: in training mode; its running statistics are updated.
        sums: (2, C), float64: over all positions, of relu(x) and of its square.
        positions: how many there are.
    """

    def __init__(self, norm: nn.BatchNorm2d, sums: Tensor, positions: int) -> None:
        self.positions = positions
        self.mean = sums[0] / self.positions
        variance = sums[1] / self.positions - self.mean**2
        self.inverse_std = (variance + norm.eps).rsqrt()
        self.scale = norm.weight.detach().double() * self.inverse_std
        self.offset = norm.bias.detach().double() - self.scale * self.mean
        assert norm.running_mean is not None
        assert norm.running_var is not None
        assert norm.num_batches_tracked is not None
        assert norm.momentum is not None
        unbiased = variance * (self.positions / (self.positions - 1))
        norm.running_mean.lerp_(self.mean.float(), norm.momentum)
        norm.running_var.lerp_(unbiased.float(), norm.momentum)
        norm.num_batches_tracked.add_(1)

    def gradients(self, sums: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor]]:
        """What comes back: the weight's gradient, the bias's, and dx as a line in dy and in x.

        Args:
            sums: (2, C), float64: over all positions, of dy and of dy * relu(x).

        Returns:
            Both gradients, and scale, slope and constant (C,) of
            dx = scale * dy + slope * x + constant where x > 0; all of it float32.
        """
        d_bias = sums[0]
        d_weight = (sums[1] - self.mean * d_bias) * self.inverse_std
        # dx = scale * (dy - mean of dy - normalised x * mean of dy * normalised x)
        slope = -self.scale * self.inverse_std * d_weight / self.positions
        constant = -self.scale * d_bias / self.positions - slope * self.mean
        line = (self.scale.float(), slope.float(), constant.float())
        return d_weight.float(), d_bias.float(), line


def pooled(x: Tensor, line: Line) -> tuple[Tensor, Tensor]:
    """The largest of the line's y in each 2x2 window, and which of its four corners that was."""
    count, channels, height, width = x.shape
    size = (count, channels, height // 2, width // 2)
    y = torch.empty(size, dtype=x.dtype, memory_format=torch.channels_last)
    which = torch.empty_like(y, dtype=_MARKS[x.dtype])
    call("norm_pool", x, line.scale.float(), line.offset.float(), y, which)
    return y, which


def call(name: str, x: Tensor, *others: Tensor | None) -> None:
    """Call relu_norm.c's function for x's type and channels."""
    count, channels, height, width = x.shape
    compiled.call(f"{name}_{TYPES[x.dtype]}_{channels}", (count, height, width), x, *others)

"""From the first convolution to the second's pooling in one, in C: two thirds of the arithmetic.

In float32 the activations of this stage are 13 and 26 MB for a batch of 256, more than a
processor's cache, and PyTorch reads and writes them 34 times (in units of 13 MB) on the way there
and back. Taken image by image, one image's stay in the cache from one layer to the next: 19 times.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tinydigits.mnist import compiled, convolution
from tinydigits.mnist.norm import Line, call, pooled

_KINDS = (nn.ReLU, nn.BatchNorm2d, nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d)


def usable(layers: Sequence[nn.Module], x: Tensor) -> bool:
    """Whether the first six layers are such a stage, for `stage` to take x through."""
    if len(layers) < 6 or not all(map(isinstance, layers, _KINDS)):
        return False
    convolution_layer, pool = layers[2], layers[5]
    assert isinstance(convolution_layer, nn.Conv2d)
    return (
        (convolution_layer.in_channels, convolution_layer.padding) == (16, (1, 1))
        and convolution.usable(convolution_layer, x)
        and bool(pool.kernel_size == 2)
    )


def stage(x: Tensor, layers: Sequence[Any]) -> Tensor:
    """ReLU, batch norm, 3x3 convolution, ReLU, batch norm, and the largest of each 2x2 window.

    x is (N, 16, H, W), float32, channels last. The norms' running statistics are updated.
    """
    first, layer, second = layers[1], layers[2], layers[4]
    parameters = (first.weight, first.bias, layer.weight, layer.bias, second.weight, second.bias)
    result: Tensor = _Stage.apply(x, first, second, *parameters)  # type: ignore[no-untyped-call]
    return result


class _Stage(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, first: nn.BatchNorm2d, second: nn.BatchNorm2d, *parameters: Tensor
    ) -> Tensor:
        _, _, weight, bias, _, _ = parameters
        count, channels, height, width = x.shape
        sums = torch.empty(2, channels, dtype=torch.float64)
        call("sums", x, None, sums)
        before = Line(first, sums, x)
        y = torch.empty((count, len(weight), height, width), memory_format=torch.channels_last)
        sums = torch.empty(2, len(weight), dtype=torch.float64)
        line = (before.scale.float(), before.offset.float())
        arrays = (x, *line, convolution.spread(weight), bias, y, sums)
        compiled.call("stage_forward", (count, height, width), *arrays)
        after = Line(second, sums, y)
        result, which = pooled(y, after)
        ctx.save_for_backward(x, y, which, weight)
        ctx.before, ctx.after = before, after
        return result

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, y, which, weight = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        count, channels, height, width = x.shape
        sums = torch.empty(2, len(weight), dtype=torch.float64)
        call("sums_pool", y, dy, which, sums)
        d_weight_after, d_bias_after, back = ctx.after.gradients(sums)

        d_normed, dx = torch.empty_like(x), torch.empty_like(x)
        parts = torch.empty(convolution.PARTS, 36 * channels + 1, len(weight))
        sums = torch.empty(2, channels, dtype=torch.float64)
        line = (ctx.before.scale.float(), ctx.before.offset.float())
        turned = convolution.spread(convolution.turned(weight))
        arrays = (x, *line, y, dy, which, *back, turned, d_normed, parts, sums)
        compiled.call("stage_backward", (count, height, width), *arrays)
        d_kernel = convolution.added_up(parts)
        d_weight, d_bias, back = ctx.before.gradients(sums)
        call("back", x, d_normed, *back, dx)
        return dx, None, None, d_weight, d_bias, *d_kernel, d_weight_after, d_bias_after

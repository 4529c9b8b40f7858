"""From the images to the second pooling in one, in C: three quarters of the arithmetic.

In float32 the activations of this stage are 13 and 26 MB for a batch of 256, more than most
processors' caches, and PyTorch reads and writes them 37 times (in units of 13 MB) on the way there
and back. Taken image by image, one image's stay in the cache from one layer to the next; what the
first convolution makes is computed anew instead of stored, and so is what pooling chooses: 7 times.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tinydigits.mnist import compiled, convolution
from tinydigits.mnist.norm import Line, call

LAYERS = 7
_KINDS = (
    *(nn.Conv2d, nn.ReLU, nn.BatchNorm2d),
    *(nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d),
)


def usable(layers: Sequence[Any], x: Tensor) -> bool:
    """Whether the first layers are such a stage, for `stage` to take x through."""
    if len(layers) < LAYERS or not all(map(isinstance, layers, _KINDS)):
        return False
    first, second, pool = layers[0], layers[3], layers[6]
    return bool(
        (first.in_channels, first.out_channels, second.in_channels) == (1, 16, 16)
        and first.kernel_size == (3, 3)
        and first.stride == first.dilation == first.padding == second.padding == (1, 1)
        and first.bias is not None
        and convolution.usable(second, x)
        and pool.kernel_size == 2
        and not x.requires_grad
        and x.is_contiguous()
    )


def stage(x: Tensor, layers: Sequence[Any]) -> Tensor:
    """3x3 convolution, ReLU and batch norm, twice, and the largest of each 2x2 window.

    x is (N, 1, H, W), float32, without a gradient of its own. The norms' running statistics are
    updated.
    """
    first, first_norm, second, second_norm = layers[0], layers[2], layers[3], layers[5]
    parameters = (first.weight, first.bias, first_norm.weight, first_norm.bias)
    parameters += (second.weight, second.bias, second_norm.weight, second_norm.bias)
    norms = (first_norm, second_norm)
    result: Tensor = _Stage.apply(x, *norms, *parameters)  # type: ignore[no-untyped-call]
    return result


class _Stage(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, first: nn.BatchNorm2d, second: nn.BatchNorm2d, *parameters: Tensor
    ) -> Tensor:
        kernel, (weight, bias) = _kernel(*parameters[:2]), parameters[4:6]
        (count, _, height, width), channels = x.shape, len(weight)
        sums = torch.empty(2, len(parameters[0]), dtype=torch.float64)
        compiled.call("stage_sums", (count, height, width), x, kernel, sums)
        before = Line(first, sums, count * height * width)
        y = convolution.activations(count, channels, height, width)
        best = convolution.activations(count, channels, height // 2, width // 2)
        sums = torch.empty(2, channels, dtype=torch.float64)
        sign = second.weight.detach().sign()
        line = (before.scale.float(), before.offset.float())
        arrays = (x, kernel, *line, convolution.spread(weight), bias, sign, y, best, sums)
        compiled.call("stage_forward", (count, height, width), *arrays)
        after = Line(second, sums, count * height * width)
        result = torch.empty_like(best)
        call("norm", best, after.scale.float(), after.offset.float(), result)
        ctx.save_for_backward(x, kernel, weight, y, best, sign)
        ctx.before, ctx.after = before, after
        return result

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, kernel, weight, y, best, sign = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        (count, _, height, width), (outputs, channels) = x.shape, weight.shape[:2]
        sums = torch.empty(2, outputs, dtype=torch.float64)
        call("sums", best, dy, sums)
        d_weight_after, d_bias_after, back = ctx.after.gradients(sums)

        parts = torch.empty(convolution.PARTS, 36 * channels + 1, outputs)
        sums = torch.empty(2, channels, dtype=torch.float64)
        firsts = torch.empty(10, 3, channels, dtype=torch.float64)
        line = (ctx.before.scale.float(), ctx.before.offset.float())
        turned = convolution.spread(convolution.turned(weight))
        arrays = (x, kernel, *line, y, dy, sign, *back, turned, parts, sums, firsts)
        compiled.call("stage_backward", (count, height, width), *arrays)
        d_norm_weight, d_norm_bias, back = ctx.before.gradients(sums)
        # The gradient of the first convolution's outputs is a line in three things, and so is this.
        d_kernel = (firsts * torch.stack(back)).sum(1).float()
        d_first = (d_kernel[:9].T.reshape(channels, 1, 3, 3), d_kernel[9])
        d_second = convolution.added_up(parts)
        norms = (d_norm_weight, d_norm_bias), (d_weight_after, d_bias_after)
        return None, None, None, *d_first, *norms[0], *d_second, *norms[1]


def _kernel(weight: Tensor, bias: Tensor) -> Tensor:
    """The first convolution as stage.c multiplies by it: (16, outputs), 9 places and the bias."""
    kernel = torch.zeros(16, len(weight))
    kernel[:9] = weight.reshape(-1, 9).T
    kernel[9] = bias
    return kernel

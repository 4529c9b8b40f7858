"""From the images to the first transition in one, in C: three quarters of the arithmetic.

In float32 the activations of this stage are 13 and 26 MB for a batch of 256, more than most
processors' caches, and PyTorch's layers read and write 13 MB over fifty times on the way there and
back. Taken image by image, one image's stay in the cache from one layer to the next; what the first
convolution makes is computed anew instead of stored: what remains is 13 MB five and a half times.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tinydigits.mnist.kernels import compiled, convolution, transition
from tinydigits.mnist.kernels.norm import Line

LAYERS = 8
_KINDS = (
    *(nn.Conv2d, nn.ReLU, nn.BatchNorm2d),
    *(nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d, nn.Conv2d),
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
        and transition.follows(layers[5], layers[7])
        and not x.requires_grad
        and x.is_contiguous()
    )


def stage(x: Tensor, layers: Sequence[Any]) -> Tensor:
    """3x3 convolution, ReLU and batch norm, twice, 2x2 max pooling and a 1x1 convolution.

    x is (N, 1, H, W), float32, without a gradient of its own. The norms' running statistics are
    updated.
    """
    first, _, before, second, _, after, _, last = layers[:LAYERS]
    trained = (first, before, second, after, last)
    parameters = [parameter for layer in trained for parameter in (layer.weight, layer.bias)]
    result: Tensor = _Stage.apply(x, before, after, *parameters)  # type: ignore[no-untyped-call]
    return result


class _Stage(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, before: nn.BatchNorm2d, after: nn.BatchNorm2d, *parameters: Tensor
    ) -> Tensor:
        kernel, (weight, bias) = _kernel(*parameters[:2]), parameters[4:6]
        (count, _, height, width), (channels, inputs) = x.shape, weight.shape[:2]
        sums = torch.empty(2, inputs, dtype=torch.float64)
        compiled.call("stage_sums", (count, height, width), x, kernel, sums)
        line = Line(before, sums, count * height * width)
        y = convolution.activations(count, channels, height, width)
        best = convolution.activations(count, channels, height // 2, width // 2)
        sums = torch.empty(2, channels, dtype=torch.float64)
        sign = after.weight.detach().sign()
        first = (x, kernel, line.scale.float(), line.offset.float())
        arrays = (*first, convolution.spread(weight), bias, sign, y, best, sums)
        compiled.call("stage_forward", (count, height, width), *arrays)
        last = parameters[8:]
        mixture = transition.Mixture(after, last[0], last[1], sums, count * height * width)
        ctx.save_for_backward(*first, weight, y, best, sign)
        ctx.line, ctx.mixture = line, mixture
        return mixture.forward(best)

    @staticmethod
    def backward(ctx: Any, dz: Tensor) -> tuple[Tensor | None, ...]:
        *first, weight, y, best, sign = ctx.saved_tensors
        dz = dz.contiguous(memory_format=torch.channels_last)
        after, back = ctx.mixture.backward(best, dz)

        (count, _, height, width), (outputs, channels) = first[0].shape, weight.shape[:2]
        parts = torch.empty(compiled.PARTS, 36 * channels + 1, outputs)
        sums = torch.empty(2, channels, dtype=torch.float64)
        products = torch.empty(10, 3, channels, dtype=torch.float64)
        swapped = convolution.spread(weight.transpose(0, 1))
        arrays = (*first, y, sign, dz, *back, swapped, parts, sums, products)
        compiled.call("stage_backward", (count, height, width), *arrays)
        d_norm_weight, d_norm_bias, line = ctx.line.gradients(sums)
        # The gradient of the first convolution's outputs is a line in three things, and so is this.
        d_kernel = (products * torch.stack(line)).sum(1).float()
        d_first = (d_kernel[:9].T.reshape(channels, 1, 3, 3), d_kernel[9])
        d_second = convolution.added_up(parts)
        return None, None, None, *d_first, d_norm_weight, d_norm_bias, *d_second, *after


def _kernel(weight: Tensor, bias: Tensor) -> Tensor:
    """The first convolution as stage.c multiplies by it: (10, outputs), 9 places and the bias."""
    return torch.cat([weight.reshape(-1, 9).T, bias[None]])

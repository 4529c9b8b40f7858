"""A whole network of few channels, or of separable convolutions, in C, in float32: both ways.

What other layers are made of, products of matrices over channels, leaves vectors half empty where
there are 3 or 10 channels, and PyTorch takes as long for them as for 16 or 32. Here a vector holds
one position of sixteen images, so that any number of channels fills it.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tinydigits.mnist.kernels import compiled

LANES = 16  # images in a vector
_MOST_CHANNELS = 24  # from about there on, other kernels are as fast, if nothing is depthwise


class _Block(NamedTuple):
    """A convolution, ReLU or none, batch norm or none, and 2x2 max pooling after that or none."""

    convolution: nn.Conv2d
    sides: tuple[int, int]  # of what the convolution makes
    relu: bool = False
    norm: nn.BatchNorm2d | None = None
    pool: bool = False

    def parameters(self) -> list[Tensor]:
        """Weights and biases of the convolution and of the norm, 0 and 1 where they have none."""
        found = [self.convolution.weight, _or(self.convolution.bias, torch.zeros, self.channels)]
        if self.norm:
            found.append(_or(self.norm.weight, torch.ones, self.channels))
            found.append(_or(self.norm.bias, torch.zeros, self.channels))
        return found

    @property
    def channels(self) -> int:
        return self.convolution.out_channels

    def pooled(self) -> list[int]:
        return [side >> self.pool for side in self.sides]


def _or(parameter: Tensor | None, make: Callable[[int], Tensor], count: int) -> Tensor:
    return make(count) if parameter is None else parameter


def usable(layers: Sequence[nn.Module], x: Tensor) -> bool:
    """Whether `narrow` does what all of these layers but the last two would do, in training.

    The last two are a 1x1 convolution and the mean of its maps.
    """
    return (
        len(layers) > 2
        and layers[0].training
        and x.shape[0] % LANES == 0
        and x.shape[1] == 1
        and x.dtype == torch.float32
        and x.device.type == "cpu"
        and not x.requires_grad
        and isinstance(layers[-1], nn.AvgPool2d)
        and _pays(_blocks(layers[:-2], x))
        and compiled.library() is not None
    )


def _pays(blocks: list[_Block]) -> bool:
    """Whether there are blocks, and they take less time than PyTorch's layers."""
    convolutions = [block.convolution for block in blocks]
    return bool(blocks) and (
        any(layer.groups > 1 for layer in convolutions)
        or max(layer.out_channels for layer in convolutions) <= _MOST_CHANNELS
    )


def narrow(x: Tensor, layers: Sequence[nn.Module]) -> Tensor:
    """The means of the maps that the layers but the last two make of images: (N, C, 1, 1).

    x is (N, 1, H, W), float32, without a gradient of its own. The norms' running statistics are
    updated. It is float32, too, where PyTorch's layers would compute in bfloat16.
    """
    blocks = _blocks(layers[:-2], x)
    parameters = [parameter for block in blocks for parameter in block.parameters()]
    result: Tensor = _Narrow.apply(x, blocks, *parameters)  # type: ignore[no-untyped-call]
    return result


def _blocks(layers: Sequence[nn.Module], x: Tensor) -> list[_Block]:
    """The layers by blocks; none where C has no place for one of them."""
    blocks: list[_Block] = []
    sides = list(x.shape[2:])
    for layer in layers:
        last = blocks[-1] if blocks else None
        if isinstance(layer, nn.Conv2d) and _fits(layer):
            lost = layer.kernel_size[0] - 1 - 2 * int(layer.padding[0])
            sides = [side - lost for side in sides]
            blocks.append(_Block(layer, (sides[0], sides[1])))
        elif isinstance(layer, nn.Dropout) and layer.p == 0:
            continue
        elif last is None or last.pool:
            return []
        elif isinstance(layer, nn.ReLU) and not last.norm:
            blocks[-1] = last._replace(relu=True)
        elif isinstance(layer, nn.BatchNorm2d) and layer.training and last.relu and not last.norm:
            blocks[-1] = last._replace(norm=layer)
        elif isinstance(layer, nn.MaxPool2d) and layer.kernel_size == 2 and last.norm:
            blocks[-1] = last._replace(pool=True)
            if any(side % 2 for side in sides):
                return []
            sides = blocks[-1].pooled()
        else:
            return []
    return blocks


def _fits(layer: nn.Conv2d) -> bool:
    return (
        layer.kernel_size in ((1, 1), (3, 3))
        and layer.padding in ((0, 0), tuple(side // 2 for side in layer.kernel_size))
        and layer.stride == layer.dilation == (1, 1)
        and (layer.groups == 1 or layer.groups == layer.in_channels == layer.out_channels)
    )


@dataclass(frozen=True)
class _Plan:
    """Where everything is in the arrays of narrow.c, whose blocks are the rows of `table`."""

    table: Tensor
    groups: int
    weights: int
    channels: int
    space: int
    outputs: int
    largest: int  # map without its border
    most: int  # weights and biases of a block


def _plan(blocks: list[_Block], x: Tensor) -> _Plan:
    kernels = [_kernel(block.convolution) for block in blocks]
    flags = [(block.relu, block.norm is not None, block.pool) for block in blocks]
    sides = [block.sides for block in blocks]
    sizes = (len(x) // LANES, *x.shape[2:])
    return _planned(*sizes, *zip(kernels, sides, flags, strict=True))


def _kernel(layer: nn.Conv2d) -> tuple[int, ...]:
    """The first values of a Block in narrow.c."""
    channels = (layer.in_channels, layer.out_channels)
    return (*channels, layer.kernel_size[0], int(layer.padding[0]), layer.groups)


@functools.lru_cache(maxsize=32)
def _planned(groups: int, height: int, width: int, *blocks: Any) -> _Plan:
    borders = [padding for (*_, padding, _), _, _ in blocks] + [0]

    def maps(channels: int, sides: Sequence[int], border: int) -> int:
        high, wide = (side + 2 * border for side in sides)
        return groups * channels * high * wide * LANES

    at = weights = channels = largest = most = outputs = 0
    space, rows = maps(1, (height, width), borders[0]), []
    for (kernel, sides, flags), border in zip(blocks, borders[1:], strict=True):
        inputs, outputs, side, _, parts = kernel
        _, norm, pool = flags
        pooled = [length >> pool for length in sides]
        y = space
        z = y + maps(outputs, sides, 0) if norm else y
        space = z + maps(outputs, pooled, border)
        rows.append((*kernel, *sides, *map(int, flags), border, at, y, z, weights, channels))
        at = z
        count = outputs * (inputs // parts * side**2 + 1)
        weights += count + 2 * outputs * norm
        channels += outputs
        largest, most = max(largest, maps(outputs, pooled, 0)), max(most, count)
    return _Plan(torch.tensor(rows), groups, weights, channels, space, outputs, largest, most)


class _Narrow(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, blocks: list[_Block], *parameters: Tensor) -> Tensor:
        plan = _plan(blocks, images)
        flat = torch.cat([parameter.flatten() for parameter in parameters])
        eps = [block.norm.eps if block.norm else 0.0 for block in blocks]
        norms = torch.empty(plan.channels, 5, dtype=torch.float64)
        space, means = torch.empty(plan.space), torch.empty(len(images), plan.outputs)
        sizes = (len(blocks), plan.groups, *images.shape[2:], plan.weights, plan.channels)
        arrays = (plan.table, images.flatten(), flat, torch.tensor(eps, dtype=torch.float64))
        last = (plan.space, plan.outputs)
        compiled.call("narrow_forward", (*sizes, *last), *arrays, norms, space, means)
        _update(blocks, norms.float(), len(images))
        ctx.plan, ctx.shapes = plan, [parameter.shape for parameter in parameters]
        ctx.save_for_backward(flat, norms, space)
        return means[:, :, None, None]

    @staticmethod
    def backward(ctx: Any, d_means: Tensor) -> tuple[Tensor | None, ...]:
        flat, norms, space = ctx.saved_tensors
        plan = ctx.plan
        d_means, gradients = d_means.flatten(1).contiguous(), torch.empty_like(flat)
        buffers = (torch.empty(plan.largest), torch.empty(plan.largest))
        parts = torch.empty(compiled.PARTS * LANES * plan.most)
        sizes = (
            len(plan.table),
            plan.groups,
            plan.weights,
            plan.channels,
            plan.space,
            plan.outputs,
        )
        arrays = (plan.table, flat, norms, space, d_means, *buffers, parts, gradients)
        compiled.call("narrow_backward", (*sizes, plan.largest, plan.most), *arrays)
        split = gradients.split([shape.numel() for shape in ctx.shapes])
        views = [part.view(shape) for part, shape in zip(split, ctx.shapes, strict=True)]
        return None, None, *views


def _update(blocks: list[_Block], norms: Tensor, images: int) -> None:
    """Blend mean and unbiased variance, the first two columns, into the running statistics."""
    parts = norms.split([block.convolution.out_channels for block in blocks])
    for block, found in zip(blocks, parts, strict=True):
        if (norm := block.norm) is None:
            continue
        assert norm.running_mean is not None and norm.running_var is not None
        assert norm.num_batches_tracked is not None and norm.momentum is not None
        positions = images * block.sides[0] * block.sides[1]
        norm.running_mean.lerp_(found[:, 0], norm.momentum)
        norm.running_var.lerp_(found[:, 1] * (positions / (positions - 1)), norm.momentum)
        norm.num_batches_tracked.add_(1)

"""Batch norm of a ReLU and a 1x1 convolution from 32 channels to 8 as one product, in C.

A norm is a line in each channel once the batch's sums are known, so the convolution of what it
makes is a convolution of the ReLU itself, with other kernels: nothing normed is ever stored. On the
way back the sums that the norm asks for follow from the convolution's own gradient.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tinydigits.mnist.kernels import compiled, convolution
from tinydigits.mnist.kernels.norm import Line, call

LAYERS = 3
_CHANNELS = (32, 8)  # what transition.c is compiled for


def usable(layers: Sequence[nn.Module], x: Tensor) -> bool:
    """Whether `transition` does what the first three layers would do with x, in training."""
    return (
        len(layers) >= LAYERS
        and isinstance(layers[0], nn.ReLU)
        and follows(layers[1], layers[2])
        and compiled.suits(layers[2], x)
    )


def follows(norm: nn.Module, layer: nn.Module) -> bool:
    """Whether these two are such a batch norm, in training, and such a convolution."""
    return (
        isinstance(norm, nn.BatchNorm2d)
        and norm.training
        and norm.affine
        and isinstance(layer, nn.Conv2d)
        and (layer.in_channels, layer.out_channels) == _CHANNELS
        and layer.kernel_size == layer.stride == (1, 1)
        and layer.padding == (0, 0)
        and layer.bias is not None
    )


def transition(x: Tensor, layers: Sequence[Any]) -> Tensor:
    """ReLU, batch norm and 1x1 convolution, (N, 32, H, W) -> (N, 8, H, W).

    x is float32, channels last. The norm's running statistics are updated.
    """
    _, norm, layer = layers[:LAYERS]
    parameters = (norm.weight, norm.bias, layer.weight, layer.bias)
    result: Tensor = _Transition.apply(x, norm, *parameters)  # type: ignore[no-untyped-call]
    return result


class _Transition(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, norm: nn.BatchNorm2d, *parameters: Tensor) -> Tensor:
        _, _, weight, bias = parameters
        sums = torch.empty(2, x.shape[1], dtype=torch.float64)
        call("sums", x, None, sums)
        mixture = Mixture(norm, weight, bias, sums, x.numel() // x.shape[1])
        ctx.save_for_backward(x)
        ctx.mixture = mixture
        return mixture.forward(x)

    @staticmethod
    def backward(ctx: Any, dz: Tensor) -> tuple[Tensor | None, ...]:
        (x,) = ctx.saved_tensors
        dz = dz.contiguous(memory_format=torch.channels_last)
        gradients, back = ctx.mixture.backward(x, dz)
        dx = torch.empty_like(x)
        compiled.call("transition_back", (x.numel() // x.shape[1],), x, dz, *back, dx)
        return dx, None, *gradients


class Mixture:
    """z = (the 1x1 convolution's) weight * (scale * relu(x) + offset) + bias.

    Args:
        norm: in training mode; its running statistics are updated.
        weight: of the convolution, (O, I, 1, 1).
        bias: of the convolution, (O,).
        sums: as `Line` takes them.
        positions: how many there are.
    """

    def __init__(
        self, norm: nn.BatchNorm2d, weight: Tensor, bias: Tensor, sums: Tensor, positions: int
    ) -> None:
        self.line = Line(norm, sums, positions)
        self.weight = weight.detach().flatten(1).double()
        self.bias = bias.detach().double()

    def forward(self, x: Tensor) -> Tensor:
        """The outputs z (N, O, H, W) from x (N, I, H, W), before its ReLU."""
        count, _, height, width = x.shape
        z = convolution.activations(count, len(self.weight), height, width)
        u = (self.weight * self.line.scale).T.float().contiguous()
        bias = ((self.weight * self.line.offset).sum(1) + self.bias).float()
        compiled.call("transition", (count * height * width,), x, u, bias, z)
        return z

    def backward(
        self, x: Tensor, dz: Tensor
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, Tensor, Tensor]]:
        """From x and z's gradient: the parameters' gradients, and dx as a line in dz and in x.

        Returns:
            The gradients of the norm's weight and bias and of the convolution's; and w (O, I),
            slope and constant (I,) of dx = dz * w + slope * x + constant where x > 0.
        """
        outputs, inputs = self.weight.shape
        found = torch.empty(outputs * inputs + outputs, dtype=torch.float64)
        compiled.call("transition_sums", (x.numel() // inputs,), x, dz, found)
        products, d_bias = found[:-outputs].view(outputs, inputs), found[-outputs:]
        # Of the gradient of what is normed, and of its product with relu(x).
        sums = torch.stack([part.mul(self.weight).sum(0) for part in (d_bias[:, None], products)])
        d_norm_weight, d_norm_bias, (_, slope, constant) = self.line.gradients(sums)
        d_weight = products * self.line.scale + d_bias[:, None] * self.line.offset
        gradients = (d_norm_weight, d_norm_bias, d_weight.float()[:, :, None, None], d_bias.float())
        return gradients, ((self.weight * self.line.scale).float(), slope, constant)

"""A network's layers in the few kinds that every file of them has a place for."""

import copy

from torch import nn

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.model import Net


def plain_layers(model: Net) -> list[nn.Module]:
    """The network in evaluation mode as convolutions, ReLU, batch norms and pools.

    Dropout is left out. A separable convolution (1x1, then 3x3 of each map by itself) becomes the
    3x3 convolution that it amounts to, and a batch norm without weights one with ones and zeros.

    Raises:
        TinydigitsError: a convolution of groups is not the second half of a separable one.
    """
    found: list[nn.Module] = []
    for layer in model.layers:
        match layer:
            case nn.Dropout():
                continue
            case nn.BatchNorm2d(affine=False):
                found.append(_with_weights(layer))
            case nn.Conv2d() if layer.groups > 1 and found:
                found.append(_product(found.pop(), layer))
            case _:
                found.append(layer)
    return found


def _product(first: nn.Module, depthwise: nn.Conv2d) -> nn.Conv2d:
    """A separable convolution as one, whose weights (O, I, 3, 3) are products of the two's."""
    if not (
        isinstance(first, nn.Conv2d)
        and (first.kernel_size, first.stride, first.padding) == ((1, 1), (1, 1), (0, 0))
        and (first.groups, first.bias) == (1, None)
        and depthwise.groups == depthwise.out_channels
    ):
        raise TinydigitsError(f"there is no place in a file for {depthwise} after {first}")
    one = copy.deepcopy(depthwise)
    one.in_channels, one.groups = first.in_channels, 1
    one.weight = nn.Parameter(first.weight.detach() * depthwise.weight.detach())
    return one


def _with_weights(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    found = nn.BatchNorm2d(norm.num_features, norm.eps)
    found.load_state_dict(norm.state_dict(), strict=False)
    return found.eval()

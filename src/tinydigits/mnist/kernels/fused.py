"""What a network's layers make of images, several layers at a time where C can do that in training.

This is the door to the kernels: each module beside it is one kernel, its C in the file of the same
name, with `usable`, which says for which layers it stands. Where the C cannot be compiled (no
compiler, not Linux), or on a GPU, the layers run one by one as they are, to the same results.
"""

from typing import Any

from torch import Tensor, nn

from tinydigits.mnist.kernels import convolution, narrow, relu_norm, stage, transition


def through(layers: nn.Sequential, x: Tensor) -> Tensor:
    """What the layers make of x, one after the other."""
    waiting: list[Any] = list(layers)
    while waiting:
        first, *rest = waiting
        if narrow.usable(waiting, x):
            x, waiting = waiting[-2](narrow.narrow(x, waiting)), []  # what comes is a mean already
        elif stage.usable(waiting, x):
            x, waiting = stage.stage(x, waiting), waiting[stage.LAYERS :]
        elif transition.usable(waiting, x):
            x, waiting = transition.transition(x, waiting), waiting[transition.LAYERS :]
        elif relu_norm.usable(waiting, x):
            pool = len(rest) > 1 and isinstance(rest[1], nn.MaxPool2d) and rest[1].kernel_size == 2
            x, waiting = relu_norm.relu_norm(x, rest[0], pool), rest[1 + pool :]
        elif len(rest) == 1 and _swap(first, rest[0]):
            x, waiting = first(rest[0](x)), []
        elif convolution.usable(first, x):
            x, waiting = convolution.convolve(x, first), rest
        else:
            x, waiting = first(x), rest
    return x


def _swap(layer: nn.Module, pool: nn.Module) -> bool:
    """Whether the mean of a 1x1 convolution's outputs is that convolution of the mean, for less."""
    return (
        layer.training
        and isinstance(layer, nn.Conv2d)
        and layer.kernel_size == layer.stride == (1, 1)
        and layer.padding == (0, 0)
        and isinstance(pool, nn.AvgPool2d)
    )

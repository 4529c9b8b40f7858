"""A trained network -> the same network in integers of 8 bits.

Activations are bytes, weights integers from -63 to 63, sums of their products integers of 32 bits.
A layer turns its sums into bytes by a power of two of each channel's own,

    byte = min(255, max(0, round((bias + sum of weight * byte) / 2**shift)))

rounded half to even, so that any machine gets the same bytes. What a byte of a channel stands for,
`scale * byte + offset`, goes into the weights and biases of the next layer: so do mean and standard
deviation of the pixels and batch norm, and scales need not be powers of two to cost nothing. ReLU
is the limit at 0. Where zeros are padded, offsets are absent: positions at a border have biases of
their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.model import SIDE, Net
from tinydigits.mnist.pixels import unit_interval
from tinydigits.mnist.plain import plain_layers

LARGEST_WEIGHT = 63  # 2 * 63 * 255 is below 2**15: no processor's sums of two products saturate
EXACT = 2**24  # up to which float32, in which ONNX Runtime rounds and `run` multiplies, is exact
_LARGEST_BIAS = 2**20  # in units of a product
_MOST_POSITIONS = 2**16 // 256  # whose bytes add up within 16 bits
_EDGES = [0, 1, -1]  # first, inner and last row or column
_BATCH = 500  # images


@dataclass(frozen=True)
class Layer:
    """A 3x3 or 1x1 convolution of bytes to bytes, with max pooling after it or not."""

    weight: NDArray[np.int8]  # int8 (O, I, K, K)
    # int32 (3, 3, O) where zeros are padded, by first, inner, last row and column; else (1, 1, O)
    bias: NDArray[np.int32]
    shift: NDArray[np.uint8]  # uint8 (O,), from 1; sums are divided by 2 to the power of it
    pool: bool  # whether the largest byte of each 2x2 window is kept
    side: int  # of its square input, in pixels

    @property
    def padding(self) -> int:
        """Rows and columns of zeros around the input."""
        return len(self.bias) // 2

    @property
    def computed(self) -> int:
        """The side of what the convolution makes, before pooling."""
        kernel: int = self.weight.shape[2]
        return self.side + 2 * self.padding - kernel + 1


@dataclass(frozen=True)
class Integers:
    """The network in integers: its layers, then ten sums of products."""

    layers: tuple[Layer, ...]  # of convolutions, the first of which takes the image's bytes
    # int8 (10, C), by which the sums of each of the last layer's maps are multiplied
    weight: NDArray[np.int8]
    bias: NDArray[np.int32]  # int32 (10,)
    step: float  # what a score of 1 stands for; log-probabilities are log_softmax(step * scores)

    @property
    def multiply_adds(self) -> int:
        """Products of an activation and a weight that an image takes."""
        convolutions = [layer.computed**2 * layer.weight.size for layer in self.layers]
        return sum(convolutions) + self.weight.size


@torch.inference_mode()
def quantise(model: Net, images: Tensor) -> Integers:
    """The network in integers, with the ranges of activations that these images need.

    Weights are rounded, and the mean error that this causes on the images is taken off the biases.

    Args:
        model: on the CPU.
        images: a sample of the training images, bytes or floats in [0, 1], (N, 1, 28, 28).

    Raises:
        TinydigitsError: the network has layers, or weights, that integers have no place for.
    """
    images = unit_interval(images)
    mean, std = model.mean.double(), model.std.double()
    meaning = _Meaning((1 / (255 * std))[None], (-mean / std)[None])
    exact, found = (images - model.mean) / model.std, (255 * images).round()
    layers: list[Layer] = []
    *blocks, last = _blocks(model)
    for block in blocks:
        exact = block.activations(exact)
        layer, meaning = _rounded(block, meaning, exact, found)
        exact, found = block.rest(exact), run(layer, found)
        layers.append(layer)
    # The mean of each map is taken first: the last convolution is of one position.
    positions = found[0, 0].numel()
    if last.kernel_size != 1 or positions > _MOST_POSITIONS:
        raise TinydigitsError(
            "in integers, a network must end in a 1x1 convolution and the mean of maps of at most "
            f"{_MOST_POSITIONS} positions"
        )
    weight = last.weight.flatten(1) * meaning.scale
    step = float(weight.abs().max()) / LARGEST_WEIGHT
    rounded = (weight / step).round()
    bias = last.bias + last.weight.flatten(1) @ meaning.offset
    bias += (weight - step * rounded) @ found.double().mean((0, 2, 3))
    integers = (positions * bias / step).round()
    _check(rounded.abs().sum(1) * positions * 255 + integers.abs())
    return Integers(
        tuple(layers),
        rounded.to(torch.int8).numpy(),
        integers.to(torch.int32).numpy(),
        step / positions,
    )


@dataclass
class _Meaning:
    """What bytes stand for: scale * byte + offset, each (C,), float64."""

    scale: Tensor
    offset: Tensor


@dataclass
class _Block:
    """A convolution and what follows it, up to the next."""

    convolution: nn.Conv2d
    others: list[nn.Module] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.weight = self.convolution.weight.double()
        self.kernel_size = self.convolution.kernel_size[0]
        self.padding = int(self.convolution.padding[0])
        assert self.convolution.bias is not None
        self.bias = self.convolution.bias.double()

    def kinds(self) -> list[type[nn.Module]]:
        return [type(layer) for layer in self.others]

    def norm(self) -> nn.BatchNorm2d | None:
        return next((one for one in self.others if isinstance(one, nn.BatchNorm2d)), None)

    def activations(self, x: Tensor) -> Tensor:
        """What the convolution makes of x, and ReLU of that if it follows."""
        y: Tensor = self.convolution(x)
        return y.relu() if nn.ReLU in self.kinds() else y

    def rest(self, x: Tensor) -> Tensor:
        """What batch norm and pooling, if they follow, make of x."""
        for layer in self.others:
            x = x if isinstance(layer, nn.ReLU) else layer(x)
        return x


def _blocks(model: Net) -> Iterator[_Block]:
    """The network's convolutions, each with what follows it; the mean at the end is left out."""
    layers = plain_layers(model)
    if not layers or not isinstance(layers[-1], nn.AvgPool2d):
        raise TinydigitsError("in integers, a network must end in the mean of its maps")
    side, block = SIDE, None
    for layer in layers[:-1]:
        if isinstance(layer, nn.Conv2d):
            if block:
                yield block
            _check_convolution(layer)
            block = _Block(layer)
            side += 2 * block.padding - block.kernel_size + 1
            continue
        known: list[type[nn.Module]] = [nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d]
        at = known.index(type(layer)) if type(layer) in known else -1
        # Batch norm before ReLU would be another network; so would pooling before either.
        if block is None or at < 0 or set(block.kinds()) & set(known[at:]):
            raise TinydigitsError(f"in integers, there is no place for {layer} where it stands")
        if isinstance(layer, nn.MaxPool2d):
            if layer.kernel_size != 2 or side % 2:
                raise TinydigitsError(f"in integers, {layer} must be of 2x2 and of an even side")
            side //= 2
        block.others.append(layer)
    assert block is not None
    if block.others:
        raise TinydigitsError("in integers, the last convolution must be followed by the mean only")
    yield block


def _check_convolution(layer: nn.Conv2d) -> None:
    fits = (
        layer.kernel_size in ((1, 1), (3, 3))
        and layer.stride == layer.dilation == (1, 1)
        and layer.groups == 1
        and layer.bias is not None
        and layer.padding in ((0, 0), tuple(side // 2 for side in layer.kernel_size))
    )
    if not fits:
        raise TinydigitsError(
            f"in integers, {layer} must be 1x1 or 3x3 with stride 1, a bias, and a padding that "
            "keeps the size or none"
        )


def _rounded(
    block: _Block, meaning: _Meaning, exact: Tensor, found: Tensor
) -> tuple[Layer, _Meaning]:
    """A block in integers, and what its bytes stand for.

    Args:
        block: the layers.
        meaning: of the bytes that come in.
        exact: the activations (N, O, H, W) of the sample, before batch norm.
        found: the sample as the layers before have it in integers, (N, I, H, W).
    """
    # Offsets as a picture: at a border fewer of them are added up.
    side, pad = found.shape[-1], block.padding
    offsets = meaning.offset[None, :, None, None].expand(1, -1, side, side)
    bias = F.conv2d(offsets, block.weight, block.bias, padding=pad)[0].permute(1, 2, 0)
    bias = bias[_EDGES][:, _EDGES] if pad else bias[:1, :1]

    weight = block.weight * meaning.scale[:, None, None]
    unit = weight.abs().amax((1, 2, 3)) / LARGEST_WEIGHT
    # A channel without weights is its bias, which has to fit.
    unit = torch.maximum(unit, bias.abs().amax((0, 1)) / _LARGEST_BIAS).clamp_min(1e-30)
    rounded = (weight / unit[:, None, None, None]).round()
    error = weight - rounded * unit[:, None, None, None]

    rectified = nn.ReLU in block.kinds()
    low, high = exact.amin((0, 2, 3)).double(), exact.amax((0, 2, 3)).double()
    low = torch.zeros_like(low) if rectified else low
    shift = ((high - low) / (255 * unit)).log2().ceil().clamp(1, 15)
    scale = unit * 2**shift
    if not rectified:  # what the bytes reach beyond the sample, on both sides alike
        low = (low + high - 255 * scale) / 2
    bias = bias - low + F.conv2d(found, error.float(), padding=pad).double().mean((0, 2, 3))
    integers = (bias / unit).round()

    offset = low
    if (norm := block.norm()) is not None:
        assert norm.running_mean is not None and norm.running_var is not None
        line = norm.weight.double() * (norm.running_var.double() + norm.eps).rsqrt()
        pool = nn.MaxPool2d in block.kinds()
        # The largest once normed is the least byte where the norm turns signs: then bytes, too.
        turned = (line < 0) & pool
        sign = torch.where(turned, -1.0, 1.0).double()
        rounded *= sign[:, None, None, None]
        integers = sign * integers + torch.where(turned, 255 * 2**shift, 0)
        offset = torch.where(turned, offset + 255 * scale, offset)
        offset = line * (offset - norm.running_mean.double()) + norm.bias.double()
        scale = line * sign * scale
    _check(rounded.abs().sum((1, 2, 3)) * 255 + integers.abs().amax((0, 1)))
    layer = Layer(
        rounded.to(torch.int8).numpy(),
        integers.to(torch.int32).numpy(),
        shift.to(torch.uint8).numpy(),
        nn.MaxPool2d in block.kinds(),
        side,
    )
    return layer, _Meaning(scale, offset)


def _check(largest: Tensor) -> None:
    """Refuse sums that might be too large for exact arithmetic."""
    if not float(largest.max()) < EXACT:  # so also where they are not numbers
        raise TinydigitsError(
            "this network cannot be written in integers of 8 bits: a layer's bias is too large "
            f"beside its weights (sums up to {float(largest.max()):.3g}, but less than "
            f"{EXACT} is needed)"
        )


def scores(integers: Integers, images: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Ten integer scores of each image: bytes (N, 28, 28), ink 255 -> int32 (N, 10)."""
    weight, bias = torch.from_numpy(integers.weight).int(), torch.from_numpy(integers.bias)
    found = []
    for x in torch.tensor(images)[:, None].float().split(_BATCH):
        for layer in integers.layers:
            x = run(layer, x)
        found.append(x.sum((2, 3)).int() @ weight.T + bias)
    return torch.cat(found).numpy()


def run(layer: Layer, x: Tensor) -> Tensor:
    """The bytes that a layer makes of bytes (N, I, H, W), both as float32, which is exact here."""
    weight = torch.from_numpy(layer.weight).float()
    y = F.conv2d(x, weight, padding=layer.padding)
    y += torch.from_numpy(bias_map(layer)).float()
    y *= torch.from_numpy(0.5 ** layer.shift.astype(np.float32))[:, None, None]
    y = y.round_().clamp_(0, 255)
    return F.max_pool2d(y, 2) if layer.pool else y


def bias_map(layer: Layer) -> NDArray[np.int32]:
    """The biases where they are added: (O, side, side) where zeros are padded, else (O, 1, 1)."""
    at = places(layer)
    bias = layer.bias[at][:, at] if layer.padding else layer.bias
    return np.ascontiguousarray(bias.transpose(2, 0, 1))


def places(layer: Layer) -> NDArray[np.int64]:
    """For each row, or column, of what the convolution makes: 0, the first, 1, inner, 2, last."""
    at = np.ones(layer.computed, np.int64)
    at[0], at[-1] = 0, 2
    return at

"""The network of 17,466 parameters and its siblings; two functions that train and test them."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.kernels.dropout import Dropout
from tinydigits.mnist.kernels.fused import through
from tinydigits.mnist.optim import MovingAverage, set_rate
from tinydigits.mnist.pixels import unit_interval
from tinydigits.mnist.recipe import NetName

SIDE = 28  # of images, pixels
_GPU_STEPS = 100  # between looks at the losses, since at each look the host waits for a GPU


class Diverged(TinydigitsError):
    """Training came to a loss or to weights that are not finite numbers."""


def _original(dropout: float) -> nn.Sequential:
    """Three blocks of 3x3 convolutions, joined by 1x1 transitions."""
    return nn.Sequential(
        # 28x28: edges and strokes
        *_normed(1, 16, padding=1),
        *_normed(16, 32, padding=1),
        nn.MaxPool2d(2),
        # 14x14: corners and loops
        nn.Conv2d(32, 8, 1),
        Dropout(dropout),
        *_normed(8, 16),
        *_normed(16, 32),
        # 10x10 to 6x6: digits
        nn.Conv2d(32, 8, 1),
        Dropout(dropout),
        nn.Conv2d(8, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 10, 1),
        nn.AvgPool2d(6),
    )


def _sibling(dropout: float, channels: tuple[int, int, int, int]) -> nn.Sequential:
    """Four 3x3 convolutions, pooled twice: most weights multiply at 16 positions or 4.

    With so few channels, batch norm everywhere gains more than the original's 1x1 transitions.
    """
    edges, corners, parts, digits = channels
    return nn.Sequential(
        # 28x28: edges
        *_normed(1, edges, padding=1),
        nn.MaxPool2d(2),
        # 14x14: corners
        *_normed(edges, corners),
        nn.MaxPool2d(2),
        Dropout(dropout),
        # 6x6 to 2x2: digits
        *_normed(corners, parts),
        *_normed(parts, digits),
        nn.Conv2d(digits, 10, 1),
        nn.AvgPool2d(2),
    )


def _normed(inputs: int, outputs: int, padding: int = 0) -> tuple[nn.Module, ...]:
    """A 3x3 convolution, ReLU and batch norm."""
    return nn.Conv2d(inputs, outputs, 3, padding=padding), nn.ReLU(), nn.BatchNorm2d(outputs)


def _separable(
    dropout: float, edges: int, channels: int, mixes: Sequence[int], padding: Sequence[int]
) -> nn.Sequential:
    """A 3x3 convolution, pooled, and separable ones, which have few weights for their work.

    A separable convolution mixes the maps (1x1), then filters each by itself (3x3). Together the
    two are one 3x3 convolution whose kernels are products (Haase and Amthor, "Rethinking depthwise
    separable convolutions", 2020). All that are padded filter alike, and so do all others. Batch
    norm has no weights of its own: those of the next convolution do the same.

    Args:
        dropout: probability with which a value is dropped after pooling.
        edges: maps of the first convolution.
        channels: maps of each separable one.
        mixes: which weights each separable one mixes by; equal numbers share them.
        padding: of each separable one, 0 or 1.
    """
    inputs = (edges, *[channels] * max(mixes))
    mixing = [nn.Conv2d(count, channels, 1, bias=False) for count in inputs]
    filters = {
        pad: nn.Conv2d(channels, channels, 3, padding=pad, groups=channels)
        for pad in sorted(set(padding))
    }
    separable: list[nn.Module] = []
    for mix, pad in zip(mixes, padding, strict=True):
        separable += [mixing[mix], filters[pad], nn.ReLU()]
        separable.append(nn.BatchNorm2d(channels, affine=False))
    layers = nn.Sequential(
        # 26x26: edges
        *(nn.Conv2d(1, edges, 3), nn.ReLU(), nn.BatchNorm2d(edges, affine=False)),
        nn.MaxPool2d(2),
        Dropout(dropout),
        # 13x13 to 5x5: digits
        *separable,
        nn.Conv2d(channels, 10, 1),
        nn.AvgPool2d(5),
    )
    # From PyTorch's own start, which is smaller and has biases, one unit in a hundred dies.
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return layers


_four = partial(_separable, mixes=(0, 1, 2, 2), padding=(0, 0, 0, 0))
_seven = partial(_separable, mixes=range(7), padding=(1, 1, 0, 1, 0, 0, 0))
_ten = partial(_separable, mixes=range(10), padding=(1, 1, 0, 1, 1, 0, 1, 0, 1, 0))

# The siblings' layers, given a dropout, from the channels of their 3x3 convolutions.
SIBLINGS: dict[NetName, Callable[[float], nn.Sequential]] = {
    "700": partial(_four, edges=7, channels=12),  # 692 parameters
    "2k": partial(_four, edges=11, channels=24),  # 2,016
    "8k": partial(_seven, edges=12, channels=32),  # 7,618
    "40k": partial(_ten, edges=16, channels=64),  # 39,978
    "chip": partial(_sibling, channels=(8, 12, 24, 24)),  # 9,166
}


class Net(nn.Module):
    """The original's convolutional network, layer for layer, or a sibling.

    Its layers end in one score map per class, whose average is the class's score. Takes float32
    images (N, 1, 28, 28) in [0, 1], ink 1, and returns log-probabilities (N, 10). Mean and standard
    deviation of MNIST's training pixels are buffers, so they travel with the weights.

    Args:
        dropout: probability with which the transitions drop a value in training.
        net: "original", or a name in `SIBLINGS`.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, dropout: float = 0.30, net: NetName = "original") -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.1307))
        self.register_buffer("std", torch.tensor(0.3081))
        make = _original if net == "original" else SIBLINGS[net]
        self.layers = make(dropout)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1] -> log-probabilities (N, 10).

        Raises:
            ValueError: the images have another shape.
        """
        if images.shape[1:] != (1, SIDE, SIDE):
            raise ValueError(f"expected images of shape (N, 1, 28, 28), got {tuple(images.shape)}")
        scores = through(self.layers, (images - self.mean) / self.std)
        return F.log_softmax(scores.flatten(1).float(), dim=1)

    def summary(self) -> str:
        """The layer table: type, output shape and parameters of each layer, and the totals."""
        import torchinfo

        was_training = self.training
        table = torchinfo.summary(
            self,
            input_size=(1, 1, 28, 28),
            col_names=("output_size", "num_params"),
            device=self.mean.device,
            verbose=0,
        )
        self.train(was_training)
        return str(table)


def train(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
    *,
    rates: Sequence[float] = (),
    average: MovingAverage | None = None,
    precision: torch.dtype = torch.float32,
    on_step: Callable[[Tensor], Any] | None = None,
) -> tuple[float, float]:
    """Train for one epoch.

    Args:
        model: takes images, returns log-probabilities; updated in place.
        batches: pairs of images (N, 1, 28, 28) in [0, 1] and labels, on the model's device. Labels
            are int64 (N,), or float32 (N, 10): for each image a distribution over the classes, of
            which the likeliest counts as the right one.
        optimizer: makes the updates.
        rates: each update's learning rate, as a share of the optimiser's own; if empty, just that.
        average: follows the weights after each update, if given.
        precision: what the layers compute in; the weights stay float32.
        on_step: called with each update's loss, a scalar tensor still on the device.

    Returns:
        Mean loss and accuracy over the epoch, as the weights were when each batch came by.

    Raises:
        Diverged: a loss is not a finite number; the message says at which step. On a GPU that is
            noticed up to 100 steps later.
    """
    model.train()
    total, losses, right, seen = 0.0, list[Tensor](), list[Tensor](), 0
    for step, (images, labels) in enumerate(batches):
        if rates:
            set_rate(optimizer, rates[step])
        with torch.autocast(images.device.type, precision, enabled=precision != torch.float32):
            log_probs = model(images)
        # Log-probabilities are logits too, so this is the negative log-likelihood.
        loss = F.cross_entropy(log_probs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if average:
            average.update()
        classes = labels if labels.ndim == 1 else labels.argmax(1)
        losses.append(loss.detach() * len(labels))
        if images.device.type == "cpu" or len(losses) == _GPU_STEPS:
            total += _sum(losses, step)
            losses.clear()
        right.append((log_probs.argmax(1) == classes).sum())
        seen += len(labels)
        if on_step:
            on_step(loss.detach())
    total += _sum(losses, step)
    return total / seen, torch.stack(right).sum().item() / seen


def _sum(losses: list[Tensor], last: int) -> float:
    """The sum of the losses of some steps, of which the last has this number, from 0."""
    values = torch.stack(losses).tolist() if losses else []
    for step, value in enumerate(values, last + 2 - len(values)):
        if not math.isfinite(value):
            raise Diverged(f"the loss of step {step} is not a finite number")
    return math.fsum(values)


def test(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean negative log-likelihood and accuracy (a fraction) on images and their labels (N,)."""
    log_probs = predict(model, images)
    loss = F.nll_loss(log_probs, labels).item()
    return loss, (log_probs.argmax(1) == labels).double().mean().item()


@torch.inference_mode()
def predict(model: nn.Module, images: Tensor, batch_size: int = 125) -> Tensor:
    """Log-probabilities (N, 10) of images (N, 1, 28, 28), the model in evaluation mode.

    Raises:
        TinydigitsError: the images are neither bytes nor floats in [0, 1].
        Diverged: the model's outputs are not finite numbers.
    """
    was_training = model.training
    model.eval()
    log_probs = torch.cat([model(unit_interval(batch)) for batch in images.split(batch_size)])
    model.train(was_training)
    if not log_probs.isfinite().all():
        raise Diverged("the network's outputs are not finite numbers")
    return log_probs

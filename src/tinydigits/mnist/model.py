"""The network: 17,466 parameters, 3x3 convolutions, and two functions that train and test it."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tinydigits.mnist.fused import through
from tinydigits.mnist.optim import MovingAverage


class Dropout(nn.Dropout):
    """`nn.Dropout` whose mask takes a CPU an eighth of the time: 16 random bits for each value.

    PyTorch's own draws one value after the other, on one thread: a tenth of a training step.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Values of any shape -> the same, some of them 0 and the rest divided by 1 - p."""
        if not self.training or self.p == 0 or input.device.type != "cpu":
            return super().forward(input)
        words = torch.empty(-(-input.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        draws = words.view(torch.int16).as_strided(input.shape, input.stride())
        kept = draws >= round(self.p * 2**16) - 2**15
        return input * kept * (1 / (1 - self.p))


class Net(nn.Module):
    """The original's convolutional network, layer for layer.

    Three blocks of 3x3 convolutions joined by 1x1 transitions, ending in one score map per
    class whose average is the class's score. Takes float32 images (N, 1, 28, 28) in [0, 1],
    ink 1, and returns log-probabilities (N, 10). Mean and standard deviation of MNIST's
    training pixels are buffers, so they travel with the weights.

    Args:
        dropout: probability with which the transitions drop a value in training.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, dropout: float = 0.30) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.1307))
        self.register_buffer("std", torch.tensor(0.3081))
        self.layers = nn.Sequential(
            # 28x28: edges and strokes
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(32),
            # 14x14: corners and loops
            nn.MaxPool2d(2),
            nn.Conv2d(32, 8, 1),
            Dropout(dropout),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.Conv2d(16, 32, 3),
            nn.ReLU(),
            nn.BatchNorm2d(32),
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

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1] -> log-probabilities (N, 10).

        Raises:
            ValueError: the images have another shape.
        """
        if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
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


def update(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    *,
    label_smoothing: float = 0.0,
    precision: torch.dtype = torch.float32,
    networks: int = 1,
) -> tuple[Tensor, Tensor]:
    """One update of the weights; its arguments are those of `train`.

    Returns:
        The loss and how many images were read rightly, before the update, still on the device.
    """
    with torch.autocast(images.device.type, precision, enabled=precision != torch.float32):
        log_probs = model(images)
    # Log-probabilities are logits too, so this is the negative log-likelihood, smoothed.
    loss = F.cross_entropy(log_probs, labels, label_smoothing=label_smoothing)
    optimizer.zero_grad()
    (loss * networks).backward()
    optimizer.step()
    return loss.detach(), (log_probs.argmax(1) == labels).sum()


def train(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
    *,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    average: MovingAverage | None = None,
    on_step: Callable[[Tensor], Any] | None = None,
    update: Callable[..., tuple[Tensor, ...]] = update,
    **options: Any,
) -> tuple[float, float]:
    """Train for one epoch, updating `model` in place.

    Args:
        model: takes images, returns log-probabilities.
        batches: pairs of images (N, 1, 28, 28) in [0, 1] and labels (N,), on the model's device.
        optimizer: makes the updates.
        scheduler: sets the learning rate of the next update, if given.
        average: follows the weights after each update, if given.
        on_step: called with each update's loss, a scalar tensor still on the device.
        update: does what `update` does, perhaps faster.
        options: `label_smoothing`, the share of each label that is spread evenly over all classes;
            `precision`, what the layers compute in (the weights stay float32); `networks`, how
            many of them the model holds side by side, each to learn as if alone.

    Returns:
        Mean loss and accuracy over the epoch, as the weights were when each batch came by.
    """
    model.train()
    losses: list[Tensor] = []
    right: list[Tensor] = []
    seen = 0
    for images, labels in batches:
        loss, correct = update(model, optimizer, images, labels, **options)
        if scheduler:
            scheduler.step()
        if average:
            average.update()

        losses.append(loss * len(labels))
        right.append(correct)
        seen += len(labels)
        if on_step:
            on_step(loss)
    # Only here does the host wait for a GPU.
    return torch.stack(losses).sum().item() / seen, torch.stack(right).sum().item() / seen


def test(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean negative log-likelihood and accuracy (a fraction) on uint8 images and their labels."""
    log_probs = predict(model, images)
    loss = F.nll_loss(log_probs, labels).item()
    return loss, (log_probs.argmax(1) == labels).double().mean().item()


@torch.inference_mode()
def predict(model: nn.Module, images: Tensor, batch_size: int = 500) -> Tensor:
    """Log-probabilities (N, 10) of uint8 images (N, 1, 28, 28), the model in evaluation mode."""
    was_training = model.training
    model.eval()
    log_probs = torch.cat([model(batch.float() / 255) for batch in images.split(batch_size)])
    model.train(was_training)
    return log_probs

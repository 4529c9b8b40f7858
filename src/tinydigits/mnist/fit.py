"""Training: a recipe and data in, a trained model and its history out. Nothing is written.

What happens to one batch (forward, loss, backward, step) is the loop in `model.train`; this
module makes the batches and runs the epochs.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from tinydigits.mnist.augment import warp
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import (
    choose_device,
    choose_precision,
    cpu_threads,
    keep_memory,
    seeded,
)
from tinydigits.mnist.model import FULL_SIZE, Diverged, Net, test, train
from tinydigits.mnist.optim import MovingAverage, make_optimizer
from tinydigits.mnist.pixels import unit_interval
from tinydigits.mnist.recipe import Recipe
from tinydigits.mnist.weights import load_teachers


@dataclass(frozen=True)
class Epoch:
    """One line of the history: losses are mean negative log-likelihoods, accuracies fractions.

    The test set's are NaN if it was not scored after this epoch.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    seconds: float
    test_loss: float = math.nan
    test_accuracy: float = math.nan


@dataclass
class Training:
    """All that a run is between two epochs: enough to go on as if it had never stopped."""

    recipe: Recipe
    network: Net
    optimizer: torch.optim.Optimizer
    average: MovingAverage | None
    teachers: list[Net] = field(default_factory=list)
    history: list[Epoch] = field(default_factory=list)

    @property
    def model(self) -> Net:
        """The model to use: the averaged weights where the recipe averages, else the network."""
        return cast(Net, self.average.module) if self.average else self.network

    def tensors(self) -> dict[str, Tensor]:
        """The state as named tensors: network, momentum and average."""
        named = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            if parameter in self.optimizer.state:
                named[f"momentum.{name}"] = self.optimizer.state[parameter]["momentum_buffer"]
        if self.average:
            averaged = self.average.module.state_dict()
            named |= {f"average.{name}": value for name, value in averaged.items()}
        return named

    def restore(self, tensors: dict[str, Tensor], history: list[Epoch], steps: int) -> None:
        """Take the state that `tensors` gave after `steps` updates and this history.

        Raises:
            KeyError, RuntimeError: the tensors are not those of this recipe.
        """

        def part(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

        self.network.load_state_dict(part("network."))
        if self.average:
            self.average.module.load_state_dict(part("average."))
            self.average.updates = steps
        momentum = part("momentum.")
        for name, parameter in self.network.named_parameters():
            if momentum:
                buffer = torch.empty_like(parameter).copy_(momentum[name])
                self.optimizer.state[parameter]["momentum_buffer"] = buffer
        self.history = list(history)


def start(recipe: Recipe) -> Training:
    """A freshly initialised run of this recipe, on its device.

    Raises:
        TinydigitsError: there is no such device, or a teacher is no trained network.
    """
    device = choose_device(recipe.device)
    if device.type == "cpu":
        keep_memory()
    with seeded(recipe.seed, device):
        network = Net(recipe.dropout, recipe.net).to(device)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = make_optimizer(recipe, network.parameters())
    average = MovingAverage(network, recipe.average_decay) if recipe.average_decay else None
    teachers = [
        teacher.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        for teacher in load_teachers(recipe)
    ]
    return Training(recipe, network, optimizer, average, teachers)


def fit(
    recipe: Recipe,
    data: Data,
    *,
    training: Training | None = None,
    on_step: Callable[[Tensor], Any] | None = None,
    on_epoch: Callable[[Training], Any] | None = None,
    score_each_epoch: bool = True,
) -> Training:
    """Train by the recipe.

    On the CPU the same recipe, data and thread count give the same weights bit for bit, however
    often the run is interrupted and resumed.

    Args:
        recipe: all the choices.
        data: images and labels; moved to the recipe's device.
        training: a run to go on with, by default a new one. It is changed in place.
        on_step: called with each update's loss, a scalar tensor on the device.
        on_epoch: called after each epoch, with its line added to the history.
        score_each_epoch: score the test images after each epoch, for the curves alone.

    Returns:
        The run at its end: `model` and `history`.

    Raises:
        Diverged: a loss or a weight is not a finite number. The history ends with the epoch before,
            the weights do not.
    """
    training = training or start(recipe)
    device = training.network.mean.device
    data = data.to(device)
    precision = choose_precision(recipe.precision, device)
    with cpu_threads(recipe.threads):
        for epoch in range(len(training.history) + 1, recipe.epochs + 1):
            began = time.perf_counter()
            with _naming(recipe, epoch, steps_per_epoch(recipe, data)):
                with seeded(_mixed(recipe.seed, epoch), device):
                    trained = train(
                        training.network,
                        epoch_batches(recipe, data, epoch, training.teachers),
                        training.optimizer,
                        rates=epoch_rates(recipe, data, epoch),
                        average=training.average,
                        label_smoothing=recipe.label_smoothing,
                        precision=precision,
                        on_step=on_step,
                    )
                if not all(value.isfinite().all() for value in training.tensors().values()):
                    raise Diverged("the last step left weights that are not finite numbers")
                tested: tuple[float, ...] = ()
                if score_each_epoch:
                    tested = test(training.model, data.test_images, data.test_labels)
            seconds = time.perf_counter() - began
            training.history.append(Epoch(epoch, *trained, seconds, *tested))
            if on_epoch:
                on_epoch(training)
    return training


@contextmanager
def _naming(recipe: Recipe, epoch: int, steps: int) -> Iterator[None]:
    """Let a run that diverges say which it is, where it was, and what to try."""
    try:
        yield
    except Diverged as error:
        rates = f"--learning-rate (now {recipe.learning_rate:g})"
        if recipe.optimizer == "muon":
            rates += f" or --muon-learning-rate (now {recipe.muon_learning_rate:g})"
        raise Diverged(
            f"{recipe.name}, seed {recipe.seed}: training diverged in epoch {epoch}, of {steps} "
            f"steps: {error}; lower {rates}"
        ) from error


def epoch_batches(
    recipe: Recipe, data: Data, epoch: int, teachers: Sequence[Net] = ()
) -> Iterator[tuple[Tensor, Tensor]]:
    """The epoch's batches: images shuffled and warped by a generator of this seed and epoch.

    With teachers a label is, for the recipe's share, what they make of the very same image, on
    average (distillation: Beyer et al., "Knowledge distillation: a good teacher is patient and
    consistent", 2022).
    """
    device, count = data.train_images.device, len(data.train_labels)
    generator = torch.Generator(device).manual_seed(_mixed(recipe.seed, epoch))
    orders = [
        torch.randperm(count, generator=generator, device=device)
        for _ in range(passes(recipe, data))
    ]
    steps = steps_per_epoch(recipe, data)
    batches = torch.cat(orders).split(recipe.batch_size)
    for step, indices in enumerate(batches, (epoch - 1) * steps):
        strength = warp_strength(recipe, step, recipe.epochs * steps)
        images = warp(
            unit_interval(data.train_images[indices]),
            generator,
            rotation=recipe.rotation * strength,
            scale=recipe.scale * strength,
            shear=recipe.shear * strength,
            shift=recipe.shift * strength,
            elastic=recipe.elastic * strength,
            size=image_size(recipe, step, recipe.epochs * steps),
        )
        labels = data.train_labels[indices]
        if recipe.mix:
            images, labels = _mixed_up(images, labels, recipe.mix, generator)
        if teachers:
            with torch.no_grad():
                answers = torch.stack([teacher(images).exp() for teacher in teachers]).mean(0)
            labels = torch.lerp(_distributions(labels), answers, recipe.teacher_share)
        yield images, labels


def _mixed_up(
    images: Tensor, labels: Tensor, largest: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Each image, and its label, with another's mixed in, by a share of its own up to `largest`.

    Source: Zhang et al., "mixup: beyond empirical risk minimization", 2018, with uniform shares.
    """
    count, device = len(images), images.device
    shares = torch.rand(count, 1, 1, 1, generator=generator, device=device) * largest
    others = torch.randperm(count, generator=generator, device=device)
    labels = _distributions(labels)
    mixed_labels = torch.lerp(labels, labels[others], shares[:, :, 0, 0])
    return torch.lerp(images, images[others], shares), mixed_labels


def _distributions(labels: Tensor) -> Tensor:
    """Labels (N,), or distributions already, as distributions (N, 10)."""
    return F.one_hot(labels, 10).float() if labels.ndim == 1 else labels


def epoch_rates(recipe: Recipe, data: Data, epoch: int) -> list[float]:
    """The learning rate of each of the epoch's updates, as a share of the peak."""
    steps = steps_per_epoch(recipe, data)
    updates = range((epoch - 1) * steps, epoch * steps)
    return [rate_factor(recipe, step, recipe.epochs * steps) for step in updates]


def steps_per_epoch(recipe: Recipe, data: Data) -> int:
    """Updates in one epoch, the last of them perhaps on a smaller batch."""
    return math.ceil(passes(recipe, data) * len(data.train_labels) / recipe.batch_size)


def passes(recipe: Recipe, data: Data) -> int:
    """How often an epoch passes over the training set: once, unless it is a small one."""
    return math.ceil(recipe.epoch_images / len(data.train_labels))


def rate_factor(recipe: Recipe, step: int, total: int) -> float:
    """What the peak learning rate is multiplied by at update `step` of `total`, from 0."""
    warmup = recipe.warmup * total
    if step < warmup:
        return (step + 1) / (warmup + 1)
    left = (total - step) / max(1.0, total - warmup)
    if recipe.schedule == "linear":
        return left
    if recipe.schedule == "cosine":
        return 0.5 - 0.5 * math.cos(math.pi * left)
    return 1.0


def warp_strength(recipe: Recipe, step: int, total: int) -> float:
    """What the largest warps are multiplied by at update `step` of `total`, from 0."""
    left = (total - step) / total
    return min(1.0, left / recipe.warp_fade) if recipe.warp_fade else 1.0


def image_size(recipe: Recipe, step: int, total: int) -> int:
    """The side of the images at update `step` of `total`, from 0: they grow by 4 pixels at once.

    The network is free of the images' size, and early on the smaller ones teach as much for half
    the work (progressive resizing: Howard, 2018, in fast.ai's DAWNBench entry).
    """
    growing = recipe.growth * total
    if step >= growing:
        return FULL_SIZE
    return recipe.first_size + int((FULL_SIZE - recipe.first_size) * step / growing) // 4 * 4


def _mixed(seed: int, epoch: int) -> int:
    """One seed per epoch of each run, so that an epoch can be repeated alone."""
    return seed * 10_007 + epoch

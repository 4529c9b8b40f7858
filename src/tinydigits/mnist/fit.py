"""Training: a recipe and data in, a trained model and its history out. Nothing is written.

What happens to one batch (forward, loss, backward, step) is the loop in `model.train`; this
module makes the batches and runs the epochs.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from tinydigits.mnist.augment import warp
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import (
    Captured,
    choose_device,
    choose_precision,
    cpu_threads,
    keep_memory,
    seeded,
)
from tinydigits.mnist.many import Networks
from tinydigits.mnist.model import Net, test, train, update
from tinydigits.mnist.optim import MovingAverage, Muon
from tinydigits.mnist.recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """One line of the history: losses are mean negative log-likelihoods, accuracies fractions.

    The test set's are NaN if it was not scored after this epoch.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float


@dataclass
class Training:
    """All that a run is between two epochs: enough to go on as if it had never stopped."""

    recipe: Recipe
    network: Net
    optimizer: torch.optim.Optimizer
    scheduler: LambdaLR
    average: MovingAverage | None
    seeds: tuple[int, ...]
    update: Callable[..., tuple[Tensor, ...]]
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
        self.scheduler.last_epoch = steps
        for group, initial, rate in zip(
            self.optimizer.param_groups,
            self.scheduler.base_lrs,
            self.scheduler.lr_lambdas,
            strict=True,
        ):
            learning_rate = initial * rate(steps)
            if isinstance(learning_rate, Tensor):
                group["lr"].copy_(learning_rate)
            else:
                group["lr"] = learning_rate


def start(recipe: Recipe, data: Data, seeds: Sequence[int] = ()) -> Training:
    """A freshly initialised run of this recipe, on its device.

    Given several seeds, it is a run of that many networks side by side (`many.Networks`), instead
    of one with the recipe's seed.
    """
    device = choose_device(recipe.device)
    if device.type == "cpu":
        keep_memory()
    seeds = tuple(seeds) or (recipe.seed,)
    networks = [_network(recipe, seed, device) for seed in seeds]
    network = Networks(networks) if len(seeds) > 1 else networks[0]
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer: torch.optim.Optimizer
    if recipe.optimizer == "muon":
        optimizer = Muon(
            network.parameters(),
            recipe.learning_rate,
            recipe.muon_learning_rate,
            recipe.momentum,
            recipe.weight_decay,
            copies=len(seeds),
        )
    else:
        optimizer = torch.optim.SGD(
            network.parameters(),
            recipe.learning_rate,
            recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=recipe.nesterov,
            fused=device.type == "cuda",
        )
    if device.type == "cuda":  # where a recorded step finds them
        for group in optimizer.param_groups:
            group["lr"] = torch.tensor(group["lr"], device=device)
    total = recipe.epochs * steps_per_epoch(recipe, data)
    scheduler = LambdaLR(optimizer, lambda step: rate_factor(recipe, step, total))
    average = MovingAverage(network, recipe.average_decay) if recipe.average_decay else None
    step = Captured(update) if device.type == "cuda" else update
    return Training(recipe, network, optimizer, scheduler, average, seeds, step)


def _network(recipe: Recipe, seed: int, device: torch.device) -> Net:
    with seeded(seed, device):
        return Net(recipe.dropout).to(device)


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
        score_each_epoch: score the test images after each epoch, for the curves; nothing depends
            on it.

    Returns:
        The run at its end: `model` and `history`.
    """
    training = training or start(recipe, data)
    device = training.network.mean.device
    data = data.to(device)
    precision = choose_precision(recipe.precision, device)
    with cpu_threads(recipe.threads):
        for epoch in range(len(training.history) + 1, recipe.epochs + 1):
            began = time.perf_counter()
            with seeded(_mixed(recipe.seed, epoch), device):
                train_loss, train_accuracy = train(
                    training.network,
                    epoch_batches(recipe, data, epoch, training.seeds),
                    training.optimizer,
                    scheduler=training.scheduler,
                    average=training.average,
                    on_step=on_step,
                    update=training.update,
                    label_smoothing=recipe.label_smoothing,
                    precision=precision,
                    networks=len(training.seeds),
                )
            test_loss = test_accuracy = math.nan
            if score_each_epoch:
                test_loss, test_accuracy = test(training.model, data.test_images, data.test_labels)
            seconds = time.perf_counter() - began
            training.history.append(
                Epoch(epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds)
            )
            if on_epoch:
                on_epoch(training)
    return training


def epoch_batches(
    recipe: Recipe, data: Data, epoch: int, seeds: Sequence[int] = ()
) -> Iterator[tuple[Tensor, Tensor]]:
    """The epoch's batches: images shuffled and warped by a generator of this seed and epoch.

    Several seeds' batches come together, one seed's after the other's.
    """
    device, count = data.train_images.device, len(data.train_labels)
    generators = [
        torch.Generator(device).manual_seed(_mixed(seed, epoch)) for seed in seeds or (recipe.seed,)
    ]
    orders = [
        torch.cat(
            [torch.randperm(count, generator=g, device=device) for _ in range(passes(recipe, data))]
        )
        for g in generators
    ]
    steps = steps_per_epoch(recipe, data)
    batches = torch.stack(orders).split(recipe.batch_size, dim=1)
    for step, batch in enumerate(batches, (epoch - 1) * steps):
        indices, strength = batch.flatten(), warp_strength(recipe, step, recipe.epochs * steps)
        images = warp(
            data.train_images[indices].float() / 255,
            generators,
            rotation=recipe.rotation * strength,
            scale=recipe.scale * strength,
            shear=recipe.shear * strength,
            shift=recipe.shift * strength,
            elastic=recipe.elastic * strength,
        )
        yield images, data.train_labels[indices]


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


def _mixed(seed: int, epoch: int) -> int:
    """One seed per epoch of each run, so that an epoch can be repeated alone."""
    return seed * 10_007 + epoch

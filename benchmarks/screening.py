"""Ideas for `best` and its settings, screened on the last 10,000 training images.

The first twelve runs are a Plackett-Burman design: each changes about half of eleven things at
once, so that a line through all runs tells the effect of each. The others change one thing or two.

Errors on the validation images vary by several from run to run. Their mean over twelve mildly
warped copies of these images varies less, and is what the runs are compared by.

    python benchmarks/screening.py                  # the table, from results/screening.jsonl
    python benchmarks/screening.py --run NAME ...   # some of the runs again, 5 to 10 minutes each
"""

import argparse
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from tinydigits.mnist.augment import warp
from tinydigits.mnist.bench import settings
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.device import choose_precision, cpu_threads
from tinydigits.mnist.fit import (
    Training,
    epoch_batches,
    rate_factor,
    start,
    steps_per_epoch,
    warp_strength,
)
from tinydigits.mnist.model import test, train
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.mnist.runs import versions

RESULTS = Path(__file__).parent / "results" / "screening.jsonl"
PLACKETT_BURMAN = (1, 1, -1, 1, 1, 1, -1, -1, -1, 1, -1)  # the first row; the next ones turn it
BASE = preset("best").changed(threads=1)  # each line holds the settings that it was then
MILDER = {key: 0.75 * getattr(BASE, key) for key in ("rotation", "scale", "shear", "shift")}

# Ideas that no recipe has, 0 when unused.
EXTRAS = (
    "rate_floor",  # the learning rate falls to this share of its peak
    "thickness",  # strokes grow or shrink by at most this share of a pixel ring
    "loss_cap",  # in the second half, an image whose loss is larger teaches nothing
)

# Two levels of each of the design's eleven things: in the row -1 and +1.
FACTORS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"muon_learning_rate": 0.02}, {"muon_learning_rate": 0.045}),
    ({"weight_decay": 0.01}, {"weight_decay": 0.05}),
    ({"warmup": 0.2}, {"warmup": 0.05}),
    ({}, {"rate_floor": 0.1, "average_decay": 0.998}),
    ({}, MILDER),
    ({"elastic": 0.5}, {"elastic": 0.75}),
    ({}, {"thickness": 0.3}),
    ({}, {"loss_cap": 3.0}),
    ({"warp_fade": 0.4}, {"warp_fade": 0.7}),
    ({}, {"schedule": "linear"}),
    ({}, {"momentum": 0.95, "learning_rate": 0.05}),
]


def runs() -> dict[str, dict[str, Any]]:
    """The changes of each run, its seed among them."""
    named = {}
    rows = [PLACKETT_BURMAN[-i:] + PLACKETT_BURMAN[:-i] for i in range(11)] + [(-1,) * 11]
    for number, row in enumerate(rows):
        changes: dict[str, Any] = {"seed": number % 3}
        for (low, high), sign in zip(FACTORS, row, strict=True):
            changes |= high if sign > 0 else low
        named[f"design-{number}"] = changes
    return named | {
        "base-0": {"seed": 0},
        "base-1": {"seed": 1},
        "slower": {"seed": 1, "muon_learning_rate": 0.02},
        "less-elastic": {"seed": 1, "elastic": 0.35},
        "less-decay": {"seed": 1, "weight_decay": 0.005},
        "more-decay": {"seed": 1, "weight_decay": 0.035},
        "short-fade": {"seed": 1, "warp_fade": 0.2},
        "long-average": {"seed": 1, "rate_floor": 0.2, "average_decay": 0.999},
        "float32": {"seed": 1, "precision": "float32"},
    }


class Extended:
    """Training by a recipe and the extras."""

    def __init__(self, recipe: Recipe, extras: dict[str, float], data: Data) -> None:
        self.recipe, self.extras, self.data = recipe, extras, data
        self.step = 0
        self.steps = recipe.epochs * steps_per_epoch(recipe, data)

    def fit(self) -> Training:
        """As `tinydigits.mnist.fit.fit`, with the extras."""
        training = start(self.recipe, self.data)
        training.scheduler = LambdaLR(training.optimizer, self.rate)
        precision = choose_precision(self.recipe.precision, torch.device("cpu"))
        for epoch in range(1, self.recipe.epochs + 1):
            loss, accuracy = train(
                training.network,
                self.batches(epoch),
                training.optimizer,
                scheduler=training.scheduler,
                average=training.average,
                update=partial(self.update, precision=precision),
            )
            print(f"epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.4f}", flush=True)
        return training

    def rate(self, step: int) -> float:
        """What the peak learning rate is multiplied by."""
        floor = self.extras["rate_floor"] if step >= self.recipe.warmup * self.steps else 0.0
        return floor + (1 - floor) * rate_factor(self.recipe, step, self.steps)

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The epoch's batches, their strokes thicker or thinner."""
        generator = torch.Generator().manual_seed(999_999 + self.recipe.seed * 10_007 + epoch)
        for images, labels in epoch_batches(self.recipe, self.data, epoch):
            self.step += 1
            if most := self.extras["thickness"]:
                most *= warp_strength(self.recipe, self.step, self.steps)
                amount = (torch.rand(len(images), 1, 1, 1, generator=generator) * 2 - 1) * most
                thicker = F.max_pool2d(images, 3, 1, 1) - images
                thinner = -F.max_pool2d(-images, 3, 1, 1) - images
                images = images + amount.clamp(min=0) * thicker + (-amount).clamp(min=0) * thinner
            yield images, labels

    def update(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        images: Tensor,
        labels: Tensor,
        precision: torch.dtype,
    ) -> tuple[Tensor, Tensor]:
        """As `tinydigits.mnist.model.update`, with the cap."""
        with torch.autocast("cpu", precision, enabled=precision != torch.float32):
            log_probs = model(images)
        losses = F.nll_loss(log_probs, labels, reduction="none")
        if self.extras["loss_cap"] and self.step > self.steps / 2:
            losses = losses.clamp(max=self.extras["loss_cap"])
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
        return losses.mean().detach(), (log_probs.argmax(1) == labels).sum()


def measured(model: nn.Module, data: Data) -> dict[str, float]:
    """Errors and loss on the validation images, plain and warped; errors on the training images."""
    loss, accuracy = test(model, data.test_images, data.test_labels)
    generator = [torch.Generator().manual_seed(1)]
    errors, losses = [], []
    for _ in range(12):
        images = warp(
            data.test_images.float() / 255, generator, rotation=5, scale=0.04, shear=0.06, shift=0.8
        )
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            log_probs = torch.cat([model(batch) for batch in images.split(500)])
        errors.append((log_probs.argmax(1) != data.test_labels).sum().item())
        losses.append(F.nll_loss(log_probs, data.test_labels).item())
    trained = test(model, data.train_images, data.train_labels)[1]
    return {
        "errors": round((1 - accuracy) * len(data.test_labels)),
        "loss": loss,
        "warped_errors": sum(errors) / len(errors),
        "warped_loss": sum(losses) / len(losses),
        "train_errors": round((1 - trained) * len(data.train_labels)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", nargs="+", choices=runs(), metavar="NAME", default=[])
    for name in parser.parse_args().run:
        data = load_data("mnist").held_out()
        changes = runs()[name]
        extras = {key: changes.get(key, 0.0) for key in EXTRAS}
        recipe = BASE.changed(**{k: v for k, v in changes.items() if k not in EXTRAS})
        began = time.perf_counter()
        with cpu_threads(recipe.threads):
            training = Extended(recipe, extras, data).fit()
            seconds = time.perf_counter() - began
            numbers = measured(training.model, data)
        line = {"run": name, "changes": changes, **numbers, "seconds": round(seconds)}
        line |= {"versions": versions(), "settings": settings(recipe)}
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")

    print("| run | errors | warped | on training images | changes |\n|---|---|---|---|---|")
    for text in RESULTS.read_text().splitlines():
        line = json.loads(text)
        listed = ", ".join(f"{key} {value}" for key, value in line["changes"].items())
        errors = f"{line['errors']} | {line['warped_errors']:.1f} | {line['train_errors']}"
        print(f"| {line['run']} | {errors} | {listed} |")


if __name__ == "__main__":
    main()

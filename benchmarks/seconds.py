"""Seconds of training to a mean of 99.0, 99.4 and 99.5 % on MNIST's test images, in three ways.

Ours, the original's, and the quickest recipe that we found published: tuomaso/train_mnist_fast, one
epoch of Adam with a one-cycle rate. An arm is a way and its length. Arms take turns, seed by seed,
in one process. A run's seconds are those of its training, from the first random weight on: reading
MNIST and scoring the test images, once after the last epoch, are left out. Each run is a line of
results/seconds.jsonl and is not repeated on a processor of its kind, so that an interrupted
measurement goes on where it stopped.

    python benchmarks/seconds.py                            # one thread; others may compute, too
    python benchmarks/seconds.py --arms quick theirs-1 --seeds 3
    python benchmarks/seconds.py --threads 2                # nothing else should run
    python benchmarks/seconds.py --arms quick --validate    # for a choice: the last training images
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common import RESULTS, arguments
from tinydigits.files import append_line
from tinydigits.mnist import bench
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.device import cpu_threads, device_name, keep_memory
from tinydigits.mnist.evaluate import evaluate
from tinydigits.mnist.fit import fit
from tinydigits.mnist.kernels import compiled
from tinydigits.mnist.model import Net, predict, train
from tinydigits.mnist.pixels import unit_interval
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.mnist.runs import versions
from training import pil_loader, with_torch_dropout

LINES = RESULTS / "seconds.jsonl"
Line = dict[str, Any]
Lengths = Iterator[tuple[int, nn.Module]]  # epochs trained, and the model then


@dataclass(frozen=True)
class Arm:
    """A way to train and its length: epochs of the first `images` training images."""

    way: str
    epochs: int
    seeds: int = 10
    images: int = 60_000
    base: str = "fast"  # the recipe if the way is ours
    changes: dict[str, Any] = field(default_factory=dict)  # in that recipe

    def recipe(self) -> Recipe:
        """What `fit` is given if the way is ours."""
        recipe = preset("original" if self.way == "original" else self.base)
        return recipe.changed(device="cpu", epochs=self.epochs, **self.changes)

    def settings(self) -> dict[str, Any]:
        """All that makes this arm another one."""
        if self.way in ("published", "theirs"):
            return {"way": self.way, "epochs": self.epochs, "images": self.images, **THEIRS}
        found = {"way": self.way, "images": self.images, **bench.settings(self.recipe())}
        if self.way == "original":
            del found["epochs"]  # its rate is constant: a shorter run is the beginning of a longer
        return found


THEIRS: dict[str, Any] = {"batch_size": 256, "learning_rate": 0.01, "betas": [0.7, 0.9]}
ARMS = {
    "quick": Arm("ours", 2, base="quick"),
    "original": Arm("original", 3, seeds=3),
    "published": Arm("published", 1),
    "theirs-1": Arm("theirs", 1),
    "theirs-2": Arm("theirs", 2, seeds=5),
    "theirs-4": Arm("theirs", 4, seeds=5),
    "theirs-8": Arm("theirs", 8, seeds=3),
    "fast-1": Arm("ours", 1),
    "fast-2": Arm("ours", 2),
    "fast-3": Arm("ours", 3),
    "fast-4": Arm("ours", 4),
}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), help="these only")
    parser.add_argument("--seeds", type=int, default=10, help="of each arm, at most")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--validate", action="store_true", help="on the last training images")
    options = parser.parse_args()
    data = load_data("mnist")
    data = data.held_out() if options.validate else data
    arms = {name: ARMS[name] for name in options.arms}
    for line in measure(arms, data, LINES, options.seeds, options.threads):
        print(
            f"{line['arm']} seed {line['seed']}, {line['epochs']} epochs: {line['accuracy']:.2%}, "
            f"{line['processor_seconds']:.1f} s of processor, {line['seconds']:.1f} s",
            flush=True,
        )


def measure(
    arms: dict[str, Arm], data: Data, path: Path, seeds: int = 10, threads: int = 1
) -> Iterator[Line]:
    """Run what `path` lacks, the arms in turn for each seed; give each new line as it is kept."""
    keep_memory()  # for every way alike, though only ours asks for it
    device = device_name(torch.device("cpu"), threads)
    with cpu_threads(threads):
        warm: set[str] = set()
        for seed in range(seeds):
            for name, arm in arms.items():
                kept = {line["epochs"] for line in read(path, arm, data.name, device, seed)}
                if seed >= arm.seeds or arm.epochs in kept:
                    continue
                if arm.way not in warm:  # what is done once, as compiling, is in no run's seconds
                    list(WAYS[arm.way](replace(arm, epochs=1), 0, first(data, 1280)))
                    warm.add(arm.way)
                for line in run(name, arm, seed, data):
                    if line["epochs"] not in kept:
                        append_line(path, line)
                        yield line


def run(name: str, arm: Arm, seed: int, data: Data) -> Iterator[Line]:
    """Train, and score the test images at the end; of the original's way after each epoch.

    A constant rate makes each epoch the end of a run of its own. Scoring is in no seconds.
    """
    threads = torch.get_num_threads()
    lengths = WAYS[arm.way](arm, seed, first(data, arm.images))
    seconds = processor = 0.0
    while True:
        began, processor_began = time.perf_counter(), time.process_time()
        reached = next(lengths, None)
        if reached is None:
            return
        seconds += time.perf_counter() - began
        processor += time.process_time() - processor_began
        epochs, model = reached
        report = evaluate(predict(model, data.test_images), data.test_labels, data.name)
        yield {
            "arm": name,
            "seed": seed,
            "dataset": data.name,
            "epochs": epochs,
            "accuracy": report.accuracy,
            "errors": report.errors,
            "seconds": round(seconds, 2),
            "processor_seconds": round(processor, 2),
            "threads": threads,
            "device": device_name(torch.device("cpu"), threads),
            "versions": versions(),
            "settings": arm.settings(),
        }


def read(
    path: Path, arm: Arm, dataset: str, device: str | None = None, seed: int | None = None
) -> list[Line]:
    """The lines of this arm as it is now set, in their order; perhaps of one device and seed."""
    texts = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    defaults = bench.GONE | bench.settings(Recipe())
    return [
        line
        for line in map(json.loads, texts)
        if line["dataset"] == dataset
        and device in (None, line["device"])
        and seed in (None, line["seed"])
        and defaults | line["settings"] == defaults | arm.settings()
    ]


def first(data: Data, images: int) -> Data:
    """The data with no more than so many training images."""
    return replace(
        data, train_images=data.train_images[:images], train_labels=data.train_labels[:images]
    )


def ours(arm: Arm, seed: int, data: Data) -> Lengths:
    """By a recipe of ours; each length has a schedule of its own."""
    yield arm.epochs, fit(arm.recipe().changed(seed=seed), data, score_each_epoch=False).model


def original(arm: Arm, seed: int, data: Data) -> Lengths:
    """The original's way: PIL images, a DataLoader, PyTorch's layers one by one."""
    torch.manual_seed(seed)
    net = with_torch_dropout(Net())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    with patch.object(compiled, "library", lambda: None):
        for epoch in range(1, arm.epochs + 1):
            train(net, pil_loader(data.train_images, data.train_labels, 256, True), optimizer)
            yield epoch, net


def published(arm: Arm, seed: int, data: Data) -> Lengths:
    """The way of train_mnist_fast as it is published, for a GPU."""
    return theirs(arm, seed, data, torch.contiguous_format)


def theirs(
    arm: Arm, seed: int, data: Data, layout: torch.memory_format = torch.channels_last
) -> Lengths:
    """The same computation with channels last in memory, about half the time on a processor.

    Their images are shuffled once and normalised. Preparing them is in no run's seconds, as it is
    not in what they report.
    """
    torch.manual_seed(seed)
    order = torch.randperm(len(data.train_labels))
    images = (unit_interval(data.train_images[order]) - 0.1307) / 0.3081
    return _theirs(arm, images, data.train_labels[order], layout)


def _theirs(arm: Arm, images: Tensor, labels: Tensor, layout: torch.memory_format) -> Lengths:
    net = their_network().to(memory_format=layout)
    size, rate, betas = THEIRS["batch_size"], THEIRS["learning_rate"], THEIRS["betas"]
    batches = list(zip(images.split(size), labels.split(size), strict=True))
    optimizer = torch.optim.Adam(net.parameters(), rate, tuple(betas))
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=arm.epochs * len(batches), cycle_momentum=False
    )
    for _ in range(arm.epochs):
        for inputs, targets in batches:
            optimizer.zero_grad()
            F.nll_loss(net(inputs), targets).backward()
            optimizer.step()
            cycle.step()
    yield arm.epochs, nn.Sequential(Normalised(), net)


def their_network() -> nn.Module:
    """Two convolutions and two dense layers: 215,194 parameters."""
    return nn.Sequential(
        *(nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10), nn.LogSoftmax(1)),
    )


class Normalised(nn.Module):
    """Images in [0, 1], as their network wants them."""

    def forward(self, images: Tensor) -> Tensor:
        """Take off the mean and divide by the standard deviation."""
        return (images - 0.1307) / 0.3081


Way = Callable[[Arm, int, Data], Lengths]
WAYS: dict[str, Way] = {
    "original": original,
    "published": published,
    "theirs": theirs,
    "ours": ours,
}


if __name__ == "__main__":
    main()

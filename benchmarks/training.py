"""Seconds per epoch, against the original's way and without one measure of ours at a time.

Each arm trains in a process of its own, in turn, several rounds, and counts with its median: on
7,680 images after 1,920 that don't count, given per epoch of 60,000. The variables that make a
newer processor an older one (see `device.vector_instructions`) give that kind's numbers.

    python benchmarks/training.py                  # about ten minutes; nothing else should run
    ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 python benchmarks/training.py
    python benchmarks/training.py --shared         # where others compute, too: processor time
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from common import SHARED, THREADS, arguments, clock, keep
from tinydigits.mnist import fit
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.device import choose_precision
from tinydigits.mnist.kernels import compiled, convolution
from tinydigits.mnist.model import Net, train
from tinydigits.mnist.recipe import preset

ROUNDS = 3
IMAGES, WARM_UP, TIMED = 60_000, 1_920, 7_680
BATCH_SIZE = 256

# The ways that are compared, and what the table calls each.
ARMS = {
    "original": "the original's way: PIL images, DataLoader, float32",
    "ours": "ours, the original's recipe",
    "fast": "ours, recipe `fast`: warps, Muon, averaging",
    "layers": "ours, original's recipe, every layer by itself",
    "convolutions": "ours, original's recipe, PyTorch's convolutions",
}
Batches = Iterable[tuple[Tensor, Tensor]]


def main() -> None:
    parser = arguments(__doc__, shared=True)
    parser.add_argument("--arm", choices=ARMS, help=argparse.SUPPRESS)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), help="these only")
    options = parser.parse_args()
    if options.arm:
        print(json.dumps(seconds_per_epoch(options.arm)))
        return
    seconds = measure(options.arms)
    original = statistics.median(seconds["original"])
    arms = {
        name: {
            "what": ARMS[name],
            "batch_size": BATCH_SIZE,
            "threads": THREADS,
            "seconds_per_epoch": statistics.median(every),
            "times_faster_than_original": original / statistics.median(every),
            "all": every,
        }
        for name, every in seconds.items()
    }
    found = {"arms": arms, "original_test_seconds": original_test_seconds()}
    keep("training", {**found, "peak_bytes": peak_bytes()})


def measure(names: list[str]) -> dict[str, list[float]]:
    """Seconds per epoch of each arm and round, in turn, each in a process of its own."""
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(ROUNDS):
        for name in names:
            command = [sys.executable, __file__, "--arm", name, *(["--shared"] if SHARED else [])]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds[name].append(json.loads(output))
            print(f"round {number + 1} {name}: {seconds[name][-1]:.1f} s", file=sys.stderr)
    return seconds


def seconds_per_epoch(arm: str) -> float:
    """Of one arm, in this process."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    data = load_data("mnist")
    arguments, batches = usual_way(data) if arm == "original" else our_way(arm, data)
    steps = TIMED // BATCH_SIZE
    train(batches=islice(batches, -(-WARM_UP // BATCH_SIZE)), **arguments)
    began = clock()
    train(batches=islice(batches, steps), **arguments)
    return (clock() - began) / (steps * BATCH_SIZE) * IMAGES


def usual_way(data: Data) -> tuple[dict[str, Any], Iterator]:
    """Arguments of `train`, and batches, as the original has them."""
    compiled.library = lambda: None  # PyTorch's layers, as they are
    net = with_torch_dropout(Net())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    batches = pil_loader(data.train_images, data.train_labels, BATCH_SIZE, True)
    return {"model": net, "optimizer": optimizer}, iter(batches)


def our_way(arm: str, data: Data) -> tuple[dict[str, Any], Iterator]:
    """Arguments of `train`, and batches: those of `fit`, perhaps without one of its measures."""
    if arm == "convolutions":
        convolution.usable = lambda *_: False
    if arm == "layers":
        compiled.library = lambda: None
    recipe = preset("fast" if arm == "fast" else "original").changed(
        batch_size=BATCH_SIZE, device="cpu"
    )
    training = fit.start(recipe)
    arguments = {
        "model": training.network,
        "optimizer": training.optimizer,
        "average": training.average,
        "precision": choose_precision(recipe.precision, training.network.mean.device),
    }
    every = (fit.epoch_batches(recipe, data, epoch) for epoch in range(1, 99))
    return arguments, chain.from_iterable(every)


def pil_loader(images: Tensor, labels: Tensor, batch_size: int, shuffle: bool) -> Batches:
    """The usual way: a Dataset that makes a PIL image, a tensor and its normalisation each time."""
    import numpy as np
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class Pictures(Dataset):
        def __len__(self) -> int:
            return len(labels)

        def __getitem__(self, index: int) -> tuple[Tensor, int]:
            picture = Image.fromarray(images[index, 0].numpy())
            pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
            pixels = pixels[None].to(torch.float32).div(255).sub(0.1307).div(0.3081)
            return pixels, int(labels[index])

    return DataLoader(Pictures(), batch_size=batch_size, shuffle=shuffle)


def with_torch_dropout(net: Net) -> Net:
    """The network with PyTorch's dropout instead of ours."""
    for index, layer in enumerate(net.layers):
        if isinstance(layer, nn.Dropout):
            net.layers[index] = nn.Dropout(layer.p)
    return net


def original_test_seconds() -> float:
    """Scoring the 10,000 test images the original's way, which it does after every epoch."""
    data, net = load_data("mnist"), Net().eval()
    torch.set_num_threads(THREADS)
    began = clock()
    with torch.no_grad():
        for images, _ in pil_loader(data.test_images, data.test_labels, 256, False):
            net(images)
    return clock() - began


def peak_bytes() -> int:
    """Peak resident memory of what `make train` runs, shortened to one epoch."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tinydigits", "train", "--data", "mnist"]
        command += ["--recipe", "fast", "--epochs", "1", "--out", str(Path(folder) / "run")]
        kilobytes = subprocess.check_output([sys.executable, "-c", program, *command])
    return 1024 * int(kilobytes)


if __name__ == "__main__":
    main()

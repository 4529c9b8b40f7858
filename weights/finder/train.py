"""Train the finder from nothing, on crops that are drawn as it learns.

    python weights/finder/train.py [--handwriting DIR] [--data-dir DIR] [--out FOLDER] [--workers N]

DIR holds the handwriting that `pictures/material.py` names; without it MNIST's training images,
strokes and fonts are all there is. Every step learns from 16 crops: 4 that are new, and 12 of the
3,000 before them. Which ones, is decided by the step's number alone, so a run that was cut off goes
on from its newest checkpoint as if nothing had happened. FOLDER gets checkpoint.safetensors (every
few minutes, and when interrupted), log.jsonl, finder.onnx of the averaged weights, and seen.png,
which shows what the finder sees in crops that it never learns from. A training that was cut off
exits with an error, so that `make finder` calibrates (calibrate.py) only what is done.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from finder.export import export
from finder.net import Finder
from finder.picture import draw_seen
from finder.targets import Lesson, batch, lesson, losses
from pictures.hands import Material
from pictures.training.crops import draw_crop
from tinydigits.mnist.optim import MovingAverage

STEPS = 33_400
BATCH, FRESH, KEPT = 16, 4, 3000
RATE, WEIGHT_DECAY = 2e-3, 1e-3
WARM, COOL = 300, 0.2  # steps up to the full rate; share of the steps in which it falls to 0
AVERAGE = 0.9995  # of the weights, over about 2,000 steps
LARGEST_GRADIENT = 15.0
SAVED_EVERY = 180.0  # seconds
ANOTHER, TRIES = 10**9, 3  # added to the seed of a crop that could not be drawn; how often
AHEAD = 3  # steps whose crops are drawn while one is learned

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Place:
    """Where the handwriting is."""

    handwriting: Path | None
    data_dir: Path | None


def rate(step: int) -> float:
    """The learning rate: warmed up, steady, and falling to 0 at the end."""
    cool = (STEPS - step) / (COOL * STEPS)
    return RATE * min(1.0, (step + 1) / WARM, max(cool, 0.0))


def seeds(step: int) -> list[int]:
    """Which crops a step learns from."""
    new = [step * FRESH + number for number in range(FRESH)]
    rng = np.random.default_rng([72, step])
    first = max(0, step * FRESH - KEPT)
    return new + [int(seed) for seed in rng.integers(first, new[-1] + 1, BATCH - FRESH)]


@cache
def _material(place: Place) -> Material:
    return Material.load("train", place.data_dir, place.handwriting)


def _lesson(place: Place, seed: int) -> Lesson:
    """The crop of that seed; where drawing it fails, another, so that hours of training go on."""
    for other in range(seed, seed + TRIES * ANOTHER, ANOTHER):
        try:
            return lesson(draw_crop(_material(place), other))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            print(f"crop {other}: {error!r} in {where.filename}:{where.lineno}", flush=True)
    raise RuntimeError(f"crop {seed} and {TRIES - 1} in its place could not be drawn")


def lessons(place: Place, first: int, workers: int) -> Iterator[list[Lesson]]:
    """Each step's lessons, drawn by other processes while the steps before are learned."""
    known: OrderedDict[int, Future[Lesson]] = OrderedDict()
    executor: Executor = (
        ProcessPoolExecutor(workers, get_context("spawn")) if workers else ThreadPoolExecutor(1)
    )
    with executor:
        waiting: deque[list[Future[Lesson]]] = deque()
        for step in range(first, STEPS):
            wanted = []
            for seed in seeds(step):
                if seed not in known:
                    known[seed] = executor.submit(_lesson, place, seed)
                known.move_to_end(seed)
                wanted.append(known[seed])
            waiting.append(wanted)
            while len(known) > KEPT + AHEAD * BATCH:
                known.popitem(last=False)
            if len(waiting) > AHEAD:
                yield [each.result() for each in waiting.popleft()]
        while waiting:
            yield [each.result() for each in waiting.popleft()]


class Training:
    """A finder that is learning: its weights, their average, the optimiser's state, the step."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.net = Finder().to(memory_format=torch.channels_last).train()
        self.average = MovingAverage(self.net, AVERAGE)
        self.average.module.eval()
        kernels = [each for each in self.net.parameters() if each.dim() > 1]
        others = [each for each in self.net.parameters() if each.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": others}],
            weight_decay=0.0,
        )
        self.step = 0

    def learn(self, chosen: list[Lesson]) -> dict[str, float]:
        """One step; the parts of its loss."""
        data = batch(chosen, np.random.default_rng([73, self.step]))
        with torch.autocast("cpu", torch.bfloat16, enabled=_has_bfloat16()):
            found = self.net(data.x.contiguous(memory_format=torch.channels_last))
        parts = losses(found, data)
        loss = torch.stack(list(parts.values())).sum()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), LARGEST_GRADIENT)
        for group in self.optimizer.param_groups:
            group["lr"] = rate(self.step)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.step += 1
        self.average.update()
        return {name: float(part.detach()) for name, part in parts.items()}

    def save(self, path: Path) -> None:
        """All that is needed to go on, in 3 MB."""
        tensors = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        averaged = self.average.module.state_dict()
        tensors |= {f"average.{name}": value for name, value in averaged.items()}
        for number, parameter in enumerate(self._parameters()):
            for name, value in self.optimizer.state[parameter].items():
                tensors[f"optimizer.{number}.{name}"] = value
        tensors = {name: value.contiguous() for name, value in tensors.items()}
        unfinished = path.with_suffix(".new")
        save_file(tensors, unfinished, {"step": str(self.step)})
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a file that `save` made."""
        with safe_open(path, "pt") as file:
            self.step = self.average.updates = int(file.metadata()["step"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        for prefix, network in (("net.", self.net), ("average.", self.average.module)):
            network.load_state_dict(_under(prefix, tensors))
        for number, parameter in enumerate(self._parameters()):
            state = _under(f"optimizer.{number}.", tensors)
            self.optimizer.state[parameter] = {
                name: value.to(memory_format=torch.channels_last) if value.dim() == 4 else value
                for name, value in state.items()
            }

    def _parameters(self) -> list[nn.Parameter]:
        return [each for group in self.optimizer.param_groups for each in group["params"]]


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)
    }


@cache
def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16; else it would be slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def train(place: Place, out: Path, workers: int, until: int) -> int:
    """Learn up to step `until`, or until interrupted; the step that was reached."""
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / CHECKPOINT
    training = Training()
    if checkpoint.exists():
        training.load(checkpoint)
        print(f"going on from step {training.step:,} of {checkpoint}", flush=True)
    averaged, stopping = cast(Finder, training.average.module), list[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stopping.append(number))
    saved, recent, began = time.monotonic(), {}, (time.monotonic(), training.step)
    for chosen in lessons(place, training.step, workers):
        for name, value in training.learn(chosen).items():
            recent[name] = 0.98 * recent.get(name, value) + 0.02 * value
        if training.step % 50 == 0:
            seconds = (time.monotonic() - began[0]) / (training.step - began[1])
            line = {"step": training.step, "seconds": round(seconds, 3)}
            line |= {name: round(value, 4) for name, value in recent.items()}
            with (out / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            hours = seconds * (STEPS - training.step) / 3600
            print(f"{training.step:,} of {STEPS:,}, {hours:.1f} h to go", line, flush=True)
        if time.monotonic() - saved > SAVED_EVERY or stopping or training.step >= until:
            training.save(checkpoint)
            saved = time.monotonic()
        if training.step % 1000 == 0:
            draw_seen(averaged, place.handwriting, place.data_dir, out / "seen.png")
        if stopping or training.step >= until:
            break
    training.save(checkpoint)
    export(averaged, out / "finder.onnx")
    print(f"{checkpoint}: step {training.step:,}", flush=True)
    return training.step


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--handwriting", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/finder"))
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--until", type=int, default=STEPS, help="stop at this step")
    chosen = parser.parse_args()
    if chosen.handwriting and not chosen.handwriting.is_dir():
        sys.exit(f"{chosen.handwriting} is no folder; it should hold the handwriting")
    torch.set_num_threads(chosen.threads)
    place = Place(chosen.handwriting, chosen.data_dir)
    step = train(place, chosen.out, chosen.workers, chosen.until)
    if step < chosen.until:
        sys.exit(f"stopped at step {step:,} of {chosen.until:,}; run it again to go on")


if __name__ == "__main__":
    main()

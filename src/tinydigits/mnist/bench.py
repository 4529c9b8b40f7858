"""Accuracy over many seeds, by a protocol that cannot be forgotten because it is the code.

Seeds are 0, 1, 2 ... in order and none is left out. A choice is made on the last 10,000 training
images (`validate`), never on the test set, which is scored once per run, after its last epoch.
Every run is a line of JSON in a file that only grows; a line counts as long as the recipe's
settings are still those that made it.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tinydigits.errors import TinydigitsError
from tinydigits.files import append_line
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import cpu_threads, device_name
from tinydigits.mnist.evaluate import evaluate
from tinydigits.mnist.fit import fit
from tinydigits.mnist.model import Net, predict
from tinydigits.mnist.recipe import GONE, Recipe
from tinydigits.mnist.runs import versions
from tinydigits.mnist.weights import save_model

Line = dict[str, Any]
# Recipes and data in; each run's line and model out, as it ends, in any order.
Runner = Callable[[Sequence[Recipe], Data], Iterator[tuple[Line, Net]]]

# MNIST test images whose published label a majority of five human annotators did not confirm.
DISPUTED = (
    *(947, 1621, 1901, 2130, 2462, 2597, 2654, 3520),
    *(3558, 5937, 6651, 6783, 8527, 9679, 9729),
)

_WHERE = ("name", "seed", "device", "threads")  # what makes no other recipe


@dataclass(frozen=True)
class Summary:
    """Accuracies (fractions) of n runs: `interval` is Student's 95 % one for their mean."""

    n: int
    mean: float
    std: float
    interval: tuple[float, float]
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Accuracy of one recipe minus another's over the seeds that both have run.

    `interval` is the 95 % one for the mean difference over seeds, on this test set. `sampling` is
    the standard error, in the accuracy of one run, of having just these test images.
    """

    n: int
    difference: float
    interval: tuple[float, float]
    sampling: float


def settings(recipe: Recipe) -> dict[str, Any]:
    """All that a recipe sets except its name, its seed and where it runs."""
    return {name: value for name, value in asdict(recipe).items() if name not in _WHERE}


def run_seeds(
    recipe: Recipe,
    data: Data,
    seeds: int,
    path: Path,
    keep: Path | None = None,
    run: Runner | None = None,
) -> Iterator[Line]:
    """Give the line of each seed from 0 to `seeds` - 1, running those that `path` lacks.

    A finished run is appended to `path` at once, so that an interruption loses one run at most.
    Its weights go into the folder `keep`, if there is one.

    Args:
        recipe: what is run.
        data: what it is run on.
        seeds: how many.
        path: the file of lines.
        keep: a folder for weights.
        run: what runs the recipes that are missing, by default one after the other; see `scale`.

    Raises:
        TinydigitsError: `path` holds something other than such lines.
        OSError: it cannot be written.
    """
    done = {line["seed"]: line for line in read_lines(path, recipe, data.name)}
    yield from (done[seed] for seed in range(seeds) if seed in done)
    missing = [recipe.changed(seed=seed) for seed in range(seeds) if seed not in done]
    for line, model in (run or _one_by_one)(missing, data):
        if keep:
            save_model(model, keep / f"{recipe.name}-{line['seed']}.safetensors")
        append_line(path, line)
        yield line


def _one_by_one(recipes: Sequence[Recipe], data: Data) -> Iterator[tuple[Line, Net]]:
    return (run_seed(recipe, data) for recipe in recipes)


def run_seed(recipe: Recipe, data: Data) -> tuple[Line, Net]:
    """Train by the recipe and score the test images once, after the last epoch.

    `seconds` in the line are those of the whole run, scoring included.
    """
    began = time.perf_counter()
    model = fit(recipe, data, score_each_epoch=False).model
    return score(model, recipe, data, began), model


def score(model: Net, recipe: Recipe, data: Data, began: float) -> Line:
    """Score the test images -> the line of a run that began at `time.perf_counter() == began`."""
    images = data.test_images.to(model.mean.device)
    with cpu_threads(recipe.threads):
        threads = torch.get_num_threads()
        log_probs = predict(model, images).cpu()
    seconds = time.perf_counter() - began
    report = evaluate(log_probs, data.test_labels, data.name)
    return {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "dataset": data.name,
        "accuracy": report.accuracy,
        "loss": report.loss,
        "errors": report.errors,
        "wrong": report.wrong,
        "epochs": recipe.epochs,
        "seconds": round(seconds, 2),
        "threads": threads,
        "device": device_name(images.device, threads),
        "versions": versions(),
        "settings": settings(recipe),
    }


def undisputed(line: Line, images: int) -> float:
    """The run's accuracy on the test images whose labels are not `DISPUTED`."""
    wrong = set(line["wrong"]) - set(DISPUTED)
    return 1 - len(wrong) / (images - len(DISPUTED))


def read_lines(path: Path, recipe: Recipe, dataset: str, device: str | None = None) -> list[Line]:
    """The lines of this recipe, as it is now set, on this data set, in the order of their seeds.

    With a device, those of no other.

    Raises:
        TinydigitsError: a line is not JSON or lacks what identifies a run.
    """
    found: dict[int, Line] = {}
    defaults, wanted = GONE | settings(Recipe()), GONE | settings(recipe)
    texts = path.read_bytes().splitlines() if path.exists() else []
    for number, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
            # A setting newer than the line had its default then.
            # A search's trial that was stopped early is no run of its recipe.
            if line.get("stopped") or (device and line["device"] != device):
                continue
            if line["dataset"] == dataset and defaults | line["settings"] == wanted:
                found.setdefault(line["seed"], line)
        except (ValueError, KeyError, TypeError) as error:
            raise TinydigitsError(
                f"{path}, line {number}: is not a benchmark's line; mend or remove it"
            ) from error
    return [found[seed] for seed in sorted(found)]


def summarise(accuracies: Sequence[float]) -> Summary:
    """Mean, standard deviation (n - 1), 95 % interval of the mean, minimum and maximum.

    Raises:
        TinydigitsError: there are none.
    """
    if not accuracies:
        raise TinydigitsError("there are no runs to summarise; run some seeds first")
    values = np.asarray(accuracies)
    mean, half = float(values.mean()), _half_interval(values)
    std = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    interval = (mean - half, mean + half)
    return Summary(len(values), mean, std, interval, float(values.min()), float(values.max()))


def compare(lines: Sequence[Line], others: Sequence[Line], images: int) -> Comparison:
    """Compare two recipes on the seeds that both have, `images` being the size of the test set.

    Raises:
        TinydigitsError: they share no seed.
    """
    mine, theirs = ({line["seed"]: line["accuracy"] for line in group} for group in (lines, others))
    shared = sorted(mine.keys() & theirs.keys())
    if not shared:
        raise TinydigitsError("the two recipes share no seed; run the same seeds of both")
    differences = np.array([mine[seed] - theirs[seed] for seed in shared])
    mean, half = float(differences.mean()), _half_interval(differences)
    accuracy = np.mean([mine[seed] for seed in shared])
    sampling = math.sqrt(accuracy * (1 - accuracy) / images)
    return Comparison(len(shared), mean, (mean - half, mean + half), sampling)


def _half_interval(values: "np.ndarray[Any, np.dtype[np.float64]]") -> float:
    """Half of Student's 95 % interval for the mean; unknown for a single value."""
    from scipy import stats

    if len(values) < 2:
        return math.nan
    return float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))

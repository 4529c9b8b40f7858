"""The run folder: recipe, weights, history and report, readable at every moment of a run.

    recipe.json         the recipe, the data set, and how to find its files again
    model.safetensors   the model as of the last finished epoch (before the first: untrained)
    state.safetensors   what going on needs besides: network, momentum, average, history
    history.jsonl       a line per finished epoch
    report.json         the finished model on the test set, and what it was made with

Every file but the history is written to a temporary name and renamed, and the folder itself is
born complete, so a kill at any moment leaves a folder that can be tested and resumed.
"""

import json
import math
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from tinydigits import __version__
from tinydigits.errors import TinydigitsError
from tinydigits.files import PART, append_line, as_json, atomic_write, naming
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import device_name
from tinydigits.mnist.evaluate import Report
from tinydigits.mnist.fit import Epoch, Training, start, steps_per_epoch
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import GONE, Recipe
from tinydigits.mnist.weights import (
    check_folder,
    digest,
    load_model,
    load_teachers,
    load_tensors,
    save_model,
    save_tensors,
)


@dataclass(frozen=True)
class Run:
    """A run folder, its recipe and its data."""

    path: Path  # the folder
    recipe: Recipe  # by which it is trained
    dataset: str  # the data set's name
    data: str  # the `--data` that finds it again
    digest: str  # of the training set's content
    teachers: tuple[str, ...] = ()  # digests of the networks that it learns from

    def save_epoch(self, training: Training) -> None:
        """Keep the epoch that has just finished."""
        history = [_plain(epoch) for epoch in training.history]
        append_line(self.path / "history.jsonl", history[-1])
        save_model(training.model, self.path / "model.safetensors", epoch=str(len(history)))
        save_tensors(self._state, training.tensors(), {"history": as_json(history)})

    def resume(self, data: Data) -> Training:
        """The training as it was after the last finished epoch.

        Raises:
            TinydigitsError: the data are not those of the run, or its state cannot be read.
        """
        if self.digest != _data_digest(data):  # a folder may have another name now
            if data.name != self.dataset:
                raise TinydigitsError(
                    f"{self.path} was trained on {self.dataset}, not on {data.name}"
                )
            raise TinydigitsError(
                f"{self.path} was trained on other images than {data.name} has now; train again"
            )
        training = start(self.recipe)
        if _digests(training.teachers) != self.teachers:
            raise TinydigitsError(
                f"{self.recipe.teacher}: a teacher has other weights than when {self.path} began; "
                "train again"
            )
        if self._state.exists():
            tensors, metadata = load_tensors(self._state)
            try:
                history = [Epoch(**line) for line in json.loads(metadata["history"])]
                steps = len(history) * steps_per_epoch(self.recipe, data)
                training.restore(tensors, history, steps)
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                raise TinydigitsError(
                    f"{self._state} does not fit the run's recipe; train again"
                ) from error
        lines = (as_json(_plain(epoch)) + "\n" for epoch in training.history)
        atomic_write(self.path / "history.jsonl", "".join(lines))
        return training

    def save_report(self, report: Report, training: Training) -> None:
        """Keep the finished model's result and what it was made with."""
        content = report.as_dict() | {
            "epochs": len(training.history),
            "parameters": sum(p.numel() for p in training.model.parameters()),
            "device": device_name(training.network.mean.device, self.recipe.threads),
            "seconds": sum(epoch.seconds for epoch in training.history),
            "versions": versions(),
        }
        atomic_write(self.path / "report.json", as_json(content, indent=1) + "\n")

    def model(self) -> Net:
        """The model of the last finished epoch.

        Raises:
            TinydigitsError: its weights are missing, damaged or of another network.
        """
        return load_model(self.path)

    def epochs_done(self) -> int:
        """The number of finished epochs."""
        return int(load_tensors(self.path / "model.safetensors")[1].get("epoch", 0))

    @property
    def _state(self) -> Path:
        return self.path / "state.safetensors"


def create_run(path: Path, recipe: Recipe, data: Data, spec: str, model: Net) -> Run:
    """Make the folder of a new run, with the untrained model in it.

    Args:
        path: the folder, which must not exist; its parents may.
        recipe: kept in the folder.
        data: what the run trains on; its name is kept.
        spec: the `--data` value that finds the data again.
        model: the untrained model.

    Raises:
        TinydigitsError: the folder exists.
        OSError: it cannot be written.
    """
    if path.exists():
        raise TinydigitsError(f"{path} exists already; give another --out, or go on with --resume")
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        naming(path.parent),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=PART) as folder,
    ):
        part = Path(folder) / path.name
        part.mkdir()
        known = _data_digest(data)
        content = {"dataset": data.name, "data": spec, "digest": known, "recipe": asdict(recipe)}
        teachers = _digests(load_teachers(recipe))
        content |= {"teachers": teachers} if teachers else {}
        atomic_write(part / "recipe.json", as_json(content, indent=1) + "\n")
        save_model(model, part / "model.safetensors", epoch="0")
        part.rename(path)
    return Run(path, recipe, data.name, spec, known, teachers)


def open_run(path: Path) -> Run:
    """The run in that folder.

    Raises:
        TinydigitsError: there is no folder, or it is not a run's.
    """
    check_folder(path)
    try:
        content = json.loads((path / "recipe.json").read_text(encoding="utf-8"))
        given = (GONE | content["recipe"]).items()
        recipe = Recipe(**{key: value for key, value in given if (key, value) not in GONE.items()})
        known = (content["digest"], tuple(content.get("teachers", ())))
        return Run(path, recipe, content["dataset"], content["data"], *known)
    except (ValueError, KeyError, TypeError) as error:
        raise TinydigitsError(f"{path / 'recipe.json'} is not a run's recipe") from error


def next_path(parent: Path, name: str) -> Path:
    """The first of parent/name-1, parent/name-2 ... that does not exist."""
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


def versions() -> dict[str, str]:
    """What a number depends on: the package, Python and PyTorch."""
    return {
        "tinydigits": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _plain(epoch: Epoch) -> dict[str, float]:
    """The epoch's numbers; the test set's are left out where it was not scored."""
    return {name: value for name, value in asdict(epoch).items() if not math.isnan(value)}


def _data_digest(data: Data) -> str:
    return digest({"images": data.train_images.cpu(), "labels": data.train_labels.cpu()})


def _digests(networks: Sequence[Net]) -> tuple[str, ...]:
    return tuple(
        digest({name: value.cpu() for name, value in network.state_dict().items()})
        for network in networks
    )

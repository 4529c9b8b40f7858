"""The run folder: recipe, weights, history and report, readable at every moment of a run.

    recipe.json         the recipe, the data set, and how to find its files again
    model.safetensors   the model as of the last finished epoch (before the first: untrained)
    state.safetensors   what going on needs besides: network, momentum, average, history
    history.jsonl       a line per finished epoch
    report.json         the finished model on the test set, and what it was made with

Every file but the history is written to a temporary name and renamed, and the folder itself is
born complete, so a kill at any moment leaves a folder that can be tested and resumed.
"""

import hashlib
import json
import math
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from tinydigits import __version__
from tinydigits.errors import TinydigitsError
from tinydigits.files import PART, append_line, as_json, atomic_write, naming
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import device_name
from tinydigits.mnist.evaluate import Report
from tinydigits.mnist.fit import Epoch, Training, start, steps_per_epoch
from tinydigits.mnist.model import NETS, Net
from tinydigits.mnist.recipe import GONE, Recipe


@dataclass(frozen=True)
class Run:
    """A run folder, its recipe and its data."""

    path: Path  # the folder
    recipe: Recipe  # by which it is trained
    dataset: str  # the data set's name
    data: str  # the `--data` that finds it again
    digest: str = ""  # of the training set's content; empty in runs that are older than it
    teachers: tuple[str, ...] = ()  # digests of the networks that it learns from

    def save_epoch(self, training: Training) -> None:
        """Keep the epoch that has just finished."""
        history = [_plain(epoch) for epoch in training.history]
        append_line(self.path / "history.jsonl", history[-1])
        save_model(training.model, self.path / "model.safetensors", epoch=str(len(history)))
        _save_tensors(self._state, training.tensors(), {"history": as_json(history)})

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
            if self.digest:
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
            tensors, metadata = _load_tensors(self._state)
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
        return int(_load_tensors(self.path / "model.safetensors")[1].get("epoch", 0))

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
        digest = _data_digest(data)
        content = {"dataset": data.name, "data": spec, "digest": digest, "recipe": asdict(recipe)}
        teachers = _digests(load_teachers(recipe))
        content |= {"teachers": teachers} if teachers else {}
        atomic_write(part / "recipe.json", as_json(content, indent=1) + "\n")
        save_model(model, part / "model.safetensors", epoch="0")
        part.rename(path)
    return Run(path, recipe, data.name, spec, digest, teachers)


def open_run(path: Path) -> Run:
    """The run in that folder.

    Raises:
        TinydigitsError: there is no folder, or it is not a run's.
    """
    if not (path / "recipe.json").is_file():
        raise TinydigitsError(f"{path} is not a run folder: it has no recipe.json")
    try:
        content = json.loads((path / "recipe.json").read_text(encoding="utf-8"))
        given = (GONE | content["recipe"]).items()
        recipe = Recipe(**{key: value for key, value in given if (key, value) not in GONE.items()})
        known = (content.get("digest", ""), tuple(content.get("teachers", ())))
        return Run(path, recipe, content["dataset"], content["data"], *known)
    except (ValueError, KeyError, TypeError) as error:
        raise TinydigitsError(f"{path / 'recipe.json'} is not a run's recipe") from error


def next_path(parent: Path, name: str) -> Path:
    """The first of parent/name-1, parent/name-2 ... that does not exist."""
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


def save_model(model: Net, path: Path, **metadata: str) -> None:
    """Write the model's parameters and buffers to a safetensors file."""
    _save_tensors(path, model.state_dict(), metadata)


def load_model(path: Path) -> Net:
    """The model in a run folder or a safetensors file, on the CPU, in evaluation mode.

    Raises:
        TinydigitsError: there is none, it is damaged, or it is another network's.
    """
    if path.is_dir():
        open_run(path)
        path = path / "model.safetensors"
    tensors, _ = _load_tensors(path)
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    every = {net: Net(net=net) for net in NETS}
    fitting = [net for net, model in every.items() if _shapes(model) == found]
    model = every[fitting[0] if fitting else "original"].eval()
    if not fitting:
        expected = _shapes(model)
        name = sorted(set(found.items()) ^ set(expected.items()))[0][0]
        raise TinydigitsError(
            f"{path} holds weights of another network: {name} is {found.get(name, 'missing')}, "
            f"but must be {expected.get(name, 'absent')}"
        )
    if not all(value.isfinite().all() for value in tensors.values()):
        raise TinydigitsError(f"{path} holds weights that are not finite numbers; train again")
    model.load_state_dict(tensors)
    return model


def _shapes(model: Net) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def load_teachers(recipe: Recipe) -> list[Net]:
    """The trained networks that the recipe learns from.

    Raises:
        TinydigitsError: as `load_model`.
    """
    paths = [Path(path.strip()) for path in recipe.teacher.split(",") if path.strip()]
    return [load_model(path) for path in paths]


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


def _save_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    atomic_write(path, save(plain, metadata | {"sha256": _digest(plain)}))


def _load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a file, refused if their digest says that they have changed."""
    if not path.is_file():
        raise TinydigitsError(f"{path} does not exist; expected a run folder or a safetensors file")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise TinydigitsError(f"{path} is damaged or not a safetensors file ({error})") from error
    if metadata.get("sha256", _digest(tensors)) != _digest(tensors):
        raise TinydigitsError(f"{path} has been changed since it was saved: its digest differs")
    return tensors, metadata


def _data_digest(data: Data) -> str:
    return _digest({"images": data.train_images.cpu(), "labels": data.train_labels.cpu()})


def _digests(networks: Sequence[Net]) -> tuple[str, ...]:
    return tuple(
        _digest({name: value.cpu() for name, value in network.state_dict().items()})
        for network in networks
    )


def _digest(tensors: dict[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes."""
    digest = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()

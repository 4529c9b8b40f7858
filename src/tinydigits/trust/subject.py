"""What is judged: a model, by itself and through the reader."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tinydigits.arrays import Images, Labels, Plane, Probabilities
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.export import export
from tinydigits.mnist.model import Net
from tinydigits.mnist.pixels import unit_interval
from tinydigits.mnist.recipe import Recipe
from tinydigits.mnist.runs import open_run
from tinydigits.mnist.weights import load_model
from tinydigits.reader.reader import Reader
from tinydigits.reader.recognise import view_log_probs
from tinydigits.trust.reading import Progress, silent

_AT_ONCE = 1000


@dataclass(frozen=True, eq=False)
class Subject:
    """A model to judge."""

    name: str  # what the report calls it
    reader: Reader  # reads pictures by it
    network: Net | None  # its PyTorch network, for gradients; None for an ONNX file, which has none
    recipe: Recipe | None  # by which it was trained, if it is a run's
    digest: str  # the first 12 digits of its file's SHA-256

    @property
    def parameters(self) -> int:
        """How many numbers it has learned; 0 if that cannot be told."""
        return sum(each.numel() for each in self.network.parameters()) if self.network else 0

    @property
    def temperature(self) -> float:
        """What the file says that its log-probabilities are to be divided by; 1 by default."""
        return self.reader.session.temperature

    def alone(self, images: Images, on_image: Progress = silent) -> Probabilities:
        """The network's own probabilities (N, 10) of images (N, 28, 28) in [0, 1], one view."""
        session = self.reader.session
        return _in_portions(lambda part: np.exp(session.log_probs(part)), images, on_image)

    def views(self, images: Images, on_image: Progress = silent) -> Plane:
        """Log-probabilities (N, views, 10) in the reader's views; see `recognise`."""
        session = self.reader.session
        return _in_portions(lambda part: view_log_probs(session, part), images, on_image)


def load_subject(path: Path, temperature: float | None = None) -> Subject:
    """The model in a run folder, a .safetensors file, or an ONNX file.

    Args:
        path: of the folder or file.
        temperature: what calibrates the model; an ONNX file has its own.

    Raises:
        TinydigitsError: it is none of these, damaged, or another kind of model.
        OSError: it cannot be read.
    """
    network = recipe = None
    if path.is_dir() or path.suffix == ".safetensors":
        network = load_model(path)
        reader = reader_of(network, temperature or 1.0)
    elif temperature is None:
        reader = Reader(path)
    else:
        raise TinydigitsError(f"{path}: an ONNX file has a temperature of its own; give none")
    name, weights = path.resolve().name, path
    if path.is_dir():
        recipe, weights = open_run(path).recipe, path / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
    return Subject(name, reader, network, recipe, digest)


def reader_of(network: Net, temperature: float = 1.0) -> Reader:
    """A reader by this network, which is exported for the purpose."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        images = torch.rand(100, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        labels = torch.zeros(100, dtype=torch.int64)
        export(network, path, images, labels, temperature=temperature)
        return Reader(path)


def judged_arrays(data: Data) -> tuple[Images, Labels]:
    """The test images (N, 28, 28) in [0, 1] and their labels (N,)."""
    return unit_interval(data.test_images)[:, 0].numpy(), data.test_labels.numpy()


def _in_portions(answer: Callable[[Images], Plane], images: Images, on_image: Progress) -> Plane:
    found = []
    for start in range(0, len(images), _AT_ONCE):
        found.append(answer(images[start : start + _AT_ONCE]))
        on_image(min(start + _AT_ONCE, len(images)), len(images))
    return np.concatenate(found)

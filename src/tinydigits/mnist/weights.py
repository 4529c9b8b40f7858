"""Networks' weights in safetensors files, with a digest by which a change is noticed."""

import hashlib
import json
from pathlib import Path
from typing import get_args

import torch  # first: where it is missing, that is said, and the extra that brings both
from safetensors import SafetensorError
from safetensors.torch import load, save

from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_write
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import NetName, Recipe


def save_model(model: Net, path: Path, **metadata: str) -> None:
    """Write the model's parameters and buffers to a safetensors file."""
    save_tensors(path, model.state_dict(), metadata)


def load_model(path: Path) -> Net:
    """The model in a run folder or a safetensors file, on the CPU, in evaluation mode.

    Raises:
        TinydigitsError: there is none, it is damaged, or it is another network's.
    """
    if path.is_dir():
        check_folder(path)
        path = path / "model.safetensors"
    tensors, _ = load_tensors(path)
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    every = {net: Net(net=net) for net in get_args(NetName)}
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


def check_folder(path: Path) -> None:
    """Refuse what is no run folder.

    Raises:
        TinydigitsError: it has no recipe.
    """
    if not (path / "recipe.json").is_file():
        raise TinydigitsError(f"{path} is not a run folder: it has no recipe.json")


def save_tensors(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Write named tensors, with their digest, to a safetensors file."""
    # Copies, since the format refuses what layers share.
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    atomic_write(path, save(plain, metadata | {"sha256": digest(plain)}))


def load_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors and metadata of a file, refused if their digest says that they have changed."""
    if not path.is_file():
        raise TinydigitsError(f"{path} does not exist; expected a run folder or a safetensors file")
    content = path.read_bytes()  # at once: a run that trains may replace the file meanwhile
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise TinydigitsError(f"{path} is damaged or not a safetensors file ({error})") from error
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata: dict[str, str] = header.get("__metadata__", {})
    if metadata.get("sha256", digest(tensors)) != digest(tensors):
        raise TinydigitsError(f"{path} has been changed since it was saved: its digest differs")
    return tensors, metadata


def digest(tensors: dict[str, torch.Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes."""
    found = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.contiguous().numpy().tobytes())
    return found.hexdigest()

"""Weights in a safetensors file, which tell by their shapes which sibling of the network it is."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_write
from tinydigits.mnist.model import FULL_SIZE, NETS, Net
from tinydigits.mnist.recipe import Recipe


def save_model(model: Net, path: Path, **metadata: str) -> None:
    """Write the model's parameters and buffers to a safetensors file."""
    save_tensors(path, model.state_dict(), metadata)


def load_model(path: Path) -> Net:
    """The model in a run folder or a safetensors file, on the CPU, in evaluation mode.

    Raises:
        TinydigitsError: there is none, it is damaged, or it is another network's.
    """
    if path.is_dir():
        check_run_folder(path)
        path = path / "model.safetensors"
    tensors, _ = load_tensors(path)
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
        TinydigitsError: as `load_model`, or the recipe has smaller images, too.
    """
    paths = [Path(path.strip()) for path in recipe.teacher.split(",") if path.strip()]
    if paths and recipe.growth and recipe.first_size < FULL_SIZE:
        raise TinydigitsError("teachers read whole images only: give no --growth with --teacher")
    return [load_model(path) for path in paths]


def check_run_folder(path: Path) -> None:
    """Refuse a folder that `tinydigits train` did not make."""
    if not (path / "recipe.json").is_file():
        raise TinydigitsError(f"{path} is not a run folder: it has no recipe.json")


def save_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write named tensors, and metadata with their digest, to a safetensors file."""
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    atomic_write(path, save(plain, metadata | {"sha256": digest_of(plain)}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a file, refused if their digest says that they have changed."""
    if not path.is_file():
        raise TinydigitsError(f"{path} does not exist; expected a run folder or a safetensors file")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise TinydigitsError(f"{path} is damaged or not a safetensors file ({error})") from error
    if metadata.get("sha256", digest_of(tensors)) != digest_of(tensors):
        raise TinydigitsError(f"{path} has been changed since it was saved: its digest differs")
    return tensors, metadata


def digests_of(networks: Sequence[Net]) -> tuple[str, ...]:
    """A digest of each network's weights."""
    return tuple(
        digest_of({name: value.cpu() for name, value in network.state_dict().items()})
        for network in networks
    )


def digest_of(tensors: dict[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes."""
    digest = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()

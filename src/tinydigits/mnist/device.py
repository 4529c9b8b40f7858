"""Where and how PyTorch computes: device, precision, random state and threads."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tinydigits.errors import TinydigitsError


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" picks CUDA, then MPS (Apple's GPUs), then the CPU.

    Raises:
        TinydigitsError: this machine, or this build of PyTorch, has no such device.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, found in there.items() if found))
    if not there.get(name):
        found = ", ".join(device for device, found in there.items() if found)
        raise TinydigitsError(f"there is no device '{name}' here; choose one of: auto, {found}")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """bfloat16 if asked for, or if "auto" and the device computes in it natively, else float32."""
    if name == "auto":
        if device.type == "cpu":
            native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        else:
            native = device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
        name = "bfloat16" if native else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed PyTorch's global generators, which initialisation and dropout use, and restore them.

    MPS keeps its generator's new state: PyTorch's `fork_rng` cannot restore that one.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


@contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """Compute on `count` CPU threads, 0 for as many as now."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""Where and how PyTorch computes: device, precision, random state and threads."""

import ctypes
import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

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


@functools.cache
def keep_memory() -> None:
    """Let freed memory stay with this process, its first 512 MiB in huge pages.

    By default the C library gives each large tensor's memory back to the system and asks for it
    again a moment later, and the system clears every page of it: a fifth to a third of a training
    step on a CPU. Affects the whole process; does nothing where the C library isn't glibc.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return
    trim_threshold, mmap_max, huge_pages = -1, -4, 14  # from malloc.h and mman.h
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, 2**31 - 1)
    libc.malloc.restype = ctypes.c_void_p
    size, page = 512 << 20, 2 << 20
    block = libc.malloc(ctypes.c_size_t(size))
    if block:
        start = -(-block // page) * page
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(block + size - start), huge_pages)
        libc.free(ctypes.c_void_p(block))


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


class Captured:
    """A step on a GPU, recorded as a CUDA graph and replayed: no launches, one by one, from Python.

    The first steps run as usual, on a stream of their own as capturing demands; then one is
    recorded. Batches of another size than the first's always run as usual. What the step reads
    besides images and labels must stay where it is: weights, momenta, learning rates as tensors.

    Args:
        step: takes a model, an optimiser, images, labels and options; returns tensors.
    """

    def __init__(self, step: Callable[..., tuple[Tensor, ...]]) -> None:
        self.step = step
        self.graph = torch.cuda.CUDAGraph()
        self.inputs: tuple[Tensor, ...] = ()
        self.outputs: tuple[Tensor, ...] = ()
        self.calls = 0

    def __call__(
        self, model: Any, optimizer: Any, *inputs: Tensor, **options: Any
    ) -> tuple[Tensor, ...]:
        """What the step returns."""
        self.inputs = self.inputs or tuple(value.clone() for value in inputs)
        if [x.shape for x in inputs] != [x.shape for x in self.inputs]:
            return self.step(model, optimizer, *inputs, **options)
        self.calls += 1
        if self.calls <= 3:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                outputs = self.step(model, optimizer, *inputs, **options)
            torch.cuda.current_stream().wait_stream(side)
            return outputs
        for mine, given in zip(self.inputs, inputs, strict=True):
            mine.copy_(given)
        if not self.outputs:
            with torch.cuda.graph(self.graph):
                self.outputs = self.step(model, optimizer, *self.inputs, **options)
        self.graph.replay()
        return tuple(output.clone() for output in self.outputs)

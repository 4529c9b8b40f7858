"""Where and how PyTorch computes: device, precision, random state and threads."""

import ctypes
import functools
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """bfloat16 if asked for, or if "auto" and the device is faster in it, else float32.

    Of processors those with AMX are: with AVX-512 bf16 alone a step takes 1.7 times as long as in
    float32, whose layers have C of their own.
    """
    if name == "auto":
        if device.type == "cpu":
            faster = vector_instructions() == "AMX"
        else:
            faster = device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
        name = "bfloat16" if faster else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def vector_instructions() -> str:
    """The best vector instructions that PyTorch's kernels use here: "AMX" ... "AVX2", "NEON".

    Not what the processor could do: with `ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2` in the
    environment a newer one is an AVX2 processor in every respect.
    """
    used = torch.backends.cpu.get_cpu_capability()
    if used.startswith("AVX512"):
        if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
            return "AVX2"  # oneDNN, which computes the convolutions, has been told so
        if torch.cpu._is_amx_tile_supported():
            return "AMX"
        return "AVX-512 bf16" if torch.cpu._is_avx512_bf16_supported() else "AVX-512"
    if platform.machine().lower() in ("arm64", "aarch64"):
        return used if used.startswith("SVE") else "NEON"
    return "no vector instructions" if used in ("DEFAULT", "NO AVX") else used


@functools.cache
def processor_model() -> str:
    """The processor as its maker calls it, or its architecture where the system doesn't say."""
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        found = subprocess.run(command, capture_output=True, text=True).stdout
    elif Path("/proc/cpuinfo").exists():
        # x86 says "model name"; ARM a word or nothing, "Model" on a Raspberry Pi.
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        lines = [line.partition(":") for line in told.splitlines()]
        facts = {name.strip(): value for name, _, value in lines}
        found = facts.get("model name") or facts.get("Model") or ""
    else:
        found = platform.processor()
    return " ".join(found.split()) or platform.machine()


def device_name(device: torch.device, threads: int = 0) -> str:
    """The device as a person would name it: "cpu (AMD EPYC, AVX-512 bf16, 2 threads)".

    Args:
        device: where PyTorch computes.
        threads: on how many CPU threads, 0 for as many as now.
    """
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    if device.type == "mps":
        return f"mps ({processor_model()})"
    count = threads or torch.get_num_threads()
    return f"cpu ({processor_model()}, {vector_instructions()}, {count} thread{'s' * (count > 1)})"


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

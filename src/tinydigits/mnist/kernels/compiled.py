"""C of our own, compiled on first use for this processor and kept in the user's cache."""

import ctypes
import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tinydigits.files import atomic_path
from tinydigits.mnist.device import vector_instructions

PARTS = 16  # that sums over a batch are added up in, whatever the number of threads
_SOURCES = sorted(Path(__file__).parent.glob("*.c"))
_HEADER = Path(__file__).with_name("products.h")
_FLAGS = (
    *("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"),
    *("-fopenmp", "-fPIC", "-shared", f"-DPARTS={PARTS}"),
    # OpenMP's functions are those of the library that PyTorch has already loaded: its threads.
    *("-nostartfiles", "-nodefaultlibs", "-Wl,--unresolved-symbols=ignore-all"),
)


@functools.cache
def library() -> ctypes.CDLL | None:
    """The C sources, compiled for this processor; None where it cannot be."""
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
    if not sys.platform.startswith("linux") or not compiler:
        return None
    import pooch

    command = [compiler, *_FLAGS, *_vector_flags()]
    try:
        # Another processor that shares this cache needs a file of its own.
        machine = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
        features = [line for line in machine.splitlines() if line.startswith(("flags", "Features"))]
        texts = [source.read_text(encoding="utf-8") for source in (*_SOURCES, _HEADER)]
        facts = (texts, command, features)
        key = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
        path = Path(pooch.os_cache("tinydigits")) / f"layers-{key}.so"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as part:
                command += ["-o", str(part), *map(str, _SOURCES)]
                subprocess.run(command, check=True, capture_output=True)
        return ctypes.CDLL(str(path), mode=os.RTLD_NOW)
    except (OSError, subprocess.CalledProcessError):
        return None


def _vector_flags() -> tuple[str, ...]:
    """What "-march=native" lacks for the vectors that PyTorch uses: wide ones, or none so wide."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return ()
    used = vector_instructions()
    return (
        ("-mprefer-vector-width=512",) if "AVX-512" in used or used == "AMX" else ("-mno-avx512f",)
    )


def suits(layer: nn.Module, x: Tensor, *types: torch.dtype) -> bool:
    """Whether C may be given x in place of this layer: in training, of a type, channels last.

    The types are float32 unless others are given. Where PyTorch converts it by itself, float32 is
    left to it.
    """
    return (
        layer.training
        and x.device.type == "cpu"
        and x.dtype in (types or (torch.float32,))
        and not (x.dtype == torch.float32 and torch.is_autocast_enabled("cpu"))
        and x.is_contiguous(memory_format=torch.channels_last)
        and library() is not None
    )


def call(name: str, sizes: Sequence[int], *arrays: Tensor | None) -> None:
    """Call the function of that name with sizes, then arrays; None is C's null pointer.

    Raises:
        ValueError: an array has not the type, layout or number of values that the function takes,
            so that C would read or write what is not the array's.
    """
    addresses = list[ctypes.c_void_p | None]()
    for array, (dtype, size) in zip(arrays, _taken(name, *sizes), strict=True):
        if array is None and name.startswith("sums_"):
            addresses.append(None)
        elif array is not None and _is(array, dtype, size):
            addresses.append(ctypes.c_void_p(array.data_ptr()))
        else:
            found = None if array is None else (array.dtype, tuple(array.shape), array.stride())
            raise ValueError(
                f"{name}: array {len(addresses) + 1} is {found}, but must be {size} values of "
                f"{dtype} on the CPU, without gaps, channels last"
            )
    getattr(library(), name)(*map(ctypes.c_int64, sizes), *addresses)


def _is(array: Tensor, dtype: torch.dtype, size: int) -> bool:
    if (array.dtype, array.numel(), array.device.type) != (dtype, size, "cpu"):
        return False
    order = torch.channels_last if array.ndim == 4 else torch.contiguous_format
    return array.is_contiguous(memory_format=order)


# What each function takes: float32 where only the number of values stands, "x" of the type in the
# function's name, "mark" an integer as wide as that. Numbers in the name come first, then sizes.
_ARRAYS: dict[str, Callable[..., list[Any]]] = {
    "sums": lambda c, n, h, w: [("x", n * h * w * c), ("x", n * h * w * c), ("double", 2 * c)],
    "norm": lambda c, n, h, w: [("x", n * h * w * c), c, c, ("x", n * h * w * c)],
    "norm_pool": lambda c, n, h, w: [
        *(("x", n * h * w * c), c, c),
        *(("x", n * (h // 2) * (w // 2) * c), ("mark", n * (h // 2) * (w // 2) * c)),
    ],
    "sums_pool": lambda c, n, h, w: [
        *(("x", n * h * w * c), ("x", n * (h // 2) * (w // 2) * c)),
        *(("mark", n * (h // 2) * (w // 2) * c), ("double", 2 * c)),
    ],
    "back": lambda c, n, h, w: [("x", n * h * w * c)] * 2 + [c, c, c, ("x", n * h * w * c)],
    "back_pool": lambda c, n, h, w: [
        *(("x", n * h * w * c), ("x", n * (h // 2) * (w // 2) * c)),
        *(("mark", n * (h // 2) * (w // 2) * c), c, c, c, ("x", n * h * w * c)),
    ],
    "convolve": lambda i, o, n, h, w, pad: [
        *(n * h * w * i, 36 * i * o, o, n * (h + 2 * pad - 2) * (w + 2 * pad - 2) * o)
    ],
    "convolve_back": lambda i, o, n, h, w, pad: [
        *(n * h * w * i, n * (h + 2 * pad - 2) * (w + 2 * pad - 2) * o, 36 * i * o),
        *(n * h * w * i, PARTS * (36 * i + 1) * o),
    ],
    "spread_kernels": lambda columns: [9 * columns, 36 * columns],
    "gather_kernels": lambda i, o: [PARTS * (36 * i + 1) * o, 9 * i * o, o],
    "stage_sums": lambda n, h, w: [n * h * w, 10 * 16, ("double", 2 * 16)],
    "stage_forward": lambda n, h, w: [
        *(n * h * w, 10 * 16, 16, 16, 36 * 16 * 32, 32, 32),
        *(n * h * w * 32, n * (h // 2) * (w // 2) * 32, ("double", 2 * 32)),
    ],
    "stage_backward": lambda n, h, w: [
        *(n * h * w, 10 * 16, 16, 16, n * h * w * 32, 32, n * (h // 2) * (w // 2) * 8, 8 * 32),
        *(32, 32, 36 * 16 * 32, PARTS * (36 * 16 + 1) * 32),
        *(("double", 2 * 16), ("double", 10 * 3 * 16)),
    ],
    "transition": lambda n: [n * 32, 32 * 8, 8, n * 8],
    "transition_sums": lambda n: [n * 32, n * 8, ("double", 8 * 32 + 8)],
    "transition_back": lambda n: [n * 32, n * 8, 8 * 32, 32, 32, n * 32],
    "narrow_forward": lambda blocks, g, h, w, size, channels, space, o: [
        *(("table", 16 * blocks), 16 * g * h * w, size, ("double", blocks)),
        *(("double", 5 * channels), space, 16 * g * o),
    ],
    "narrow_backward": lambda blocks, g, size, channels, space, o, largest, most: [
        *(("table", 16 * blocks), size, ("double", 5 * channels), space, 16 * g * o),
        *(largest, largest, PARTS * 16 * most, size),
    ],
    "sample": lambda n, h, w, side, row, cells: [
        *(n * h * w, 6 * n, 2 * n * cells**2, side * cells, cells * row, row, n * side**2)
    ],
    "dropout": lambda n, _: [n, ("draws", n), 1, n],
}


@functools.lru_cache(maxsize=256)
def _taken(name: str, *sizes: int) -> list[tuple[torch.dtype, int]]:
    """Type and number of values of each array that the function takes."""
    kind, *variant = re.split(r"_(?=bf16|f32|\d)", name)  # back_pool_f32_16: three parts
    half = "bf16" in variant
    dtypes = {
        "x": torch.bfloat16 if half else torch.float32,
        "mark": torch.int16 if half else torch.int32,
        "draws": torch.int16,
        "table": torch.int64,
        "double": torch.float64,
    }
    numbers = (int(part) for part in variant if part.isdigit())
    arrays = _ARRAYS[kind](*numbers, *sizes)
    return [
        (torch.float32, array) if isinstance(array, int) else (dtypes[array[0]], array[1])
        for array in arrays
    ]

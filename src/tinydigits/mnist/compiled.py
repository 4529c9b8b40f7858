"""C of our own, compiled on first use for this processor and kept in the user's cache."""

import ctypes
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from tinydigits.files import atomic_path
from tinydigits.mnist.device import vector_instructions

_SOURCES = ("fused.c", "winograd.c", "transition.c", "stage.c")
_HEADER = "products.h"
_FLAGS = (
    *("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"),
    *("-fopenmp", "-fPIC", "-shared"),
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
    sources = [Path(__file__).with_name(name) for name in _SOURCES]
    try:
        # Another processor that shares this cache needs a file of its own.
        machine = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
        features = [line for line in machine.splitlines() if line.startswith(("flags", "Features"))]
        read = [*sources, Path(__file__).with_name(_HEADER)]
        facts = ([source.read_text(encoding="utf-8") for source in read], command, features)
        key = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
        path = Path(pooch.os_cache("tinydigits")) / f"layers-{key}.so"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as part:
                command += ["-o", str(part), *map(str, sources)]
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


def call(name: str, sizes: Sequence[int], *arrays: Tensor | None) -> None:
    """Call the function of that name with sizes, then arrays; None is C's null pointer."""
    given = [None if array is None else ctypes.c_void_p(array.data_ptr()) for array in arrays]
    getattr(library(), name)(*map(ctypes.c_int64, sizes), *given)

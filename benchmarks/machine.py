"""What the speed benchmarks share: the machine's name, its clock, and results/speed.json.

With `--shared` they count processor time of one thread: for a machine on which others compute, too.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinydigits.files import atomic_write

ROOT = Path(__file__).parents[1]
SPEED = ROOT / "benchmarks" / "results" / "speed.json"
SHARED = "--shared" in sys.argv
clock = time.process_time if SHARED else time.perf_counter
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
THREADS = 1 if SHARED else CORES


def machine() -> dict[str, Any]:
    """The processor with its vector instructions, and all else that a timing depends on."""
    from tinydigits.mnist.device import processor_model, vector_instructions
    from tinydigits.mnist.runs import versions

    return {
        "processor": f"{processor_model()}, {vector_instructions()}",
        "cores": CORES,
        "system": platform.platform(),
        **versions(),
    }


def keep(part: str, found: dict[str, Any]) -> None:
    """Put what was found, and where, into speed.json.

    Each kind of processor, and each kind of measurement, has a place of its own.
    """
    here, kind = machine(), ", processor time of one thread" if SHARED else ""
    kept = json.loads(SPEED.read_text(encoding="utf-8")) if SPEED.exists() else {}
    kept.setdefault(part, {})[here["processor"] + kind] = {"machine": here, **found}
    atomic_write(SPEED, json.dumps(kept, indent=2) + "\n")
    print(json.dumps(found, indent=2))


def median_seconds(call: Callable[[], Any], repeats: int = 10) -> float:
    """The median of so many calls, after two that don't count."""
    seconds = []
    for _ in range(repeats + 2):
        began = clock()
        call()
        seconds.append(clock() - began)
    return statistics.median(seconds[2:])

"""What the speed benchmarks share: the machine's name, medians, and results/speed.json."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinydigits.files import atomic_write

ROOT = Path(__file__).parents[1]
SPEED = ROOT / "benchmarks" / "results" / "speed.json"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    """Put what was found, and where, into speed.json; each kind of processor has its own place."""
    here = machine()
    kept = json.loads(SPEED.read_text()) if SPEED.exists() else {}
    kept.setdefault(part, {})[here["processor"]] = {"machine": here, **found}
    atomic_write(SPEED, json.dumps(kept, indent=2) + "\n")
    print(json.dumps(found, indent=2))


def median_seconds(call: Callable[[], Any], repeats: int = 10) -> float:
    """The median of so many calls, after two that don't count."""
    seconds = []
    for _ in range(repeats + 2):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[2:])

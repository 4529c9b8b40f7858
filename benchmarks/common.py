"""What the benchmarks share: results/, their arguments, the machine's name and clock, tables.

With `--shared` those of speed count processor time of one thread: for a machine on which others
compute, too.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tinydigits.files import atomic_write

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SHARED = "--shared" in sys.argv
clock = time.process_time if SHARED else time.perf_counter
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
THREADS = 1 if SHARED else CORES
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def arguments(doc: str | None, shared: bool = False) -> argparse.ArgumentParser:
    """A parser for a script that says what it does in its first line; perhaps with `--shared`."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    if shared:
        parser.add_argument("--shared", action="store_true", help="count processor time")
    return parser


def add_sources(parser: argparse.ArgumentParser, handwriting: bool = True) -> None:
    """Let the folders of MNIST and, where it is used, of other handwriting be named."""
    parser.add_argument("--data-dir", type=Path, help="where the MNIST files are")
    if handwriting:
        default = os.environ.get("TINYDIGITS_HANDWRITING")
        parser.add_argument("--handwriting", type=Path, default=default and Path(default))


def load(name: str) -> Any:
    """What results/NAME.json holds, {} if it is not there."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save(name: str, found: Any, quiet: bool = False) -> None:
    """Write results/NAME.json, and print it."""
    text = json.dumps(found, indent=1)
    atomic_write(RESULTS / f"{name}.json", text + "\n")
    if not quiet:
        print(text)


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
    kept = load("speed")
    kept.setdefault(part, {})[here["processor"] + kind] = {"machine": here, **found}
    save("speed", kept, quiet=True)
    print(json.dumps(found, indent=2))


def median_seconds(call: Callable[[], Any], repeats: int = 10) -> float:
    """The median of so many calls, after two that don't count."""
    seconds = []
    for _ in range(repeats + 2):
        began = clock()
        call()
        seconds.append(clock() - began)
    return statistics.median(seconds[2:])


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(map(str, cells))} |" for cells in (titles, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(titles), *lines[1:]])


def percent(share: float, digits: int = 2, sign: str = "") -> str:
    """A share as it stands in a table."""
    return f"{100 * share:{sign}.{digits}f} %"

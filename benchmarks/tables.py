"""The README's tables, made from benchmarks/results/: `python benchmarks/tables.py` rewrites them.

It draws docs/accuracy.png, too, from the same lines.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`. A test fails while README and results
disagree.
"""

import json
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reading_tables import metamorphic_table, reading_table
from tinydigits.files import atomic_write
from tinydigits.mnist.bench import Line, compare, read_lines, summarise, undisputed
from tinydigits.mnist.recipe import PRESETS
from tinydigits.plots import save_figure, seeds

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
CLAIM, LAST_FIVE = 0.9948, 0.9938  # the original's best epoch, and the mean of its last five


def accuracy_table() -> str:
    """A row per recipe that has runs: MNIST test accuracy over its seeds, at the last epoch."""
    rows = [
        "| recipe | epochs | seeds | mean accuracy | standard deviation | 95 % interval | range "
        "| mean without 15 disputed labels |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, lines in accuracy_lines().items():
        found = summarise([line["accuracy"] for line in lines])
        low, high = found.interval
        rows.append(
            f"| `{name}` | {PRESETS[name].epochs} | {found.n} | **{found.mean:.2%}** "
            f"| {100 * found.std:.3f} % | {low:.2%} to {high:.2%} "
            f"| {found.low:.2%} to {found.high:.2%} "
            f"| {statistics.fmean(undisputed(line, 10_000) for line in lines):.2%} |"
        )
    differences = []
    for better, worse in (("fast", "original"), ("best", "original"), ("best", "fast")):
        between = compare(accuracy_lines()[better], accuracy_lines()[worse], 10_000)
        low, high = between.interval
        differences.append(
            f"`{better}` minus `{worse}` {between.difference:.2%} ({low:.2%} to {high:.2%})"
        )
    rows.append(
        f"\nSeed by seed, with 95 % intervals: {', '.join(differences)}. Other test images would "
        f"change a run's accuracy by about {between.sampling:.2%} (standard error)."
    )
    return "\n".join(rows).replace("%", " %").replace("  %", " %")


def accuracy_lines() -> dict[str, list[Line]]:
    """The lines of each recipe that has runs."""
    path = RESULTS / "accuracy.jsonl"
    found = {name: read_lines(path, recipe, "mnist") for name, recipe in PRESETS.items()}
    return {name: lines for name, lines in found.items() if lines}


def draw_accuracy(path: Path) -> None:
    """Every run of every recipe, beside what the original project reports."""
    figure = seeds(
        {name: [line["accuracy"] for line in lines] for name, lines in accuracy_lines().items()},
        {"the original's claim": CLAIM, "its last five epochs": LAST_FIVE},
        "Every run, no seed left out",
    )
    save_figure(figure, path)


def backprop_table() -> str:
    """Updates to E < 0.0001 at each learning rate, and the rate at which E first rises."""
    found = json.loads((RESULTS / "backprop.json").read_text())
    rates = found["learning_rates"]
    updates = [str(curve["updates_to_1e-4"]) for curve in rates.values()]
    return "\n".join(
        [
            f"| learning rate | {' | '.join(rates)} | {found['first_rise']:.1f} |",
            f"|---{'|---' * len(rates)}|---|",
            f"| updates until E < 0.0001 | {' | '.join(updates)} | E first rises |",
        ]
    )


def engine_table() -> str:
    """The real network trained by our engine and by PyTorch, on the same 10,000 images."""
    found = json.loads((RESULTS / "engine.json").read_text())
    rows = [
        "| trained by | runs | MNIST test accuracy | standard deviation | seconds per epoch |",
        "|---|---|---|---|---|",
    ]
    for name, title in (("engine", "our engine"), ("pytorch", "PyTorch")):
        line = found[name]
        rows.append(
            f"| {title} | {line['runs']} | {100 * line['test_accuracy_mean']:.2f} % "
            f"| {100 * line['test_accuracy_std']:.2f} % | {line['seconds_per_epoch_median']:.0f} |"
        )
    return "\n".join(rows)


def speed_table() -> str:
    """Training against others' ways, the seconds to 99.48 %, inference, start and memory."""
    found = json.loads((RESULTS / "speed.json").read_text())
    start = found["cold_start"]
    rows = [
        *training_rows(found),
        "",
        *seconds_rows(found),
        "",
        *inference_rows(found),
        "",
        f"`tinydigits read` on one file takes {start['read_one_file']:.2f} s from a cold start; "
        f"`import torch` alone takes {start['import_torch']:.2f} s. "
        f"`make train` holds at most {found['memory']['peak_bytes'] / 2**20:.0f} MiB.",
    ]
    return "\n".join(rows)


def training_rows(found: dict[str, Any]) -> list[str]:
    """Seconds per epoch of every arm, and the floors."""
    cores = found["machine"]["cores"]
    rows = [
        f"| training, {cores} cores | seconds per epoch | times as fast |",
        "|---|---|---|",
    ]
    rows += [
        f"| {arm['what']} | {arm['seconds_per_epoch']:.1f} "
        f"| {arm['times_faster_than_original']:.2f} |"
        for arm in found["training"]["arms"].values()
    ]
    floors = found["floors"]
    arithmetic = floors["arithmetic_seconds_per_epoch"]
    rows += [
        f"| floor: the convolutions' arithmetic at this machine's best, bfloat16 "
        f"| {arithmetic['bfloat16']:.1f} | |",
        f"| floor: the same in float32 | {arithmetic['float32']:.1f} | |",
        f"| floor: moving the activations | {floors['memory_seconds_per_epoch']:.1f} | |",
    ]
    return rows


def seconds_rows(found: dict[str, Any]) -> list[str]:
    """Seconds and accuracy of `fast`, by its number of epochs."""
    rows = [
        "| `fast` with | seeds | median seconds, scoring included | mean accuracy |",
        "|---|---|---|---|",
    ]
    whole = original_seconds(found)
    return rows + [
        f"| {epochs} epoch{'s' if epochs > 1 else ''} | {runs} | {seconds:.1f}, "
        f"{whole / seconds:.1f} times fewer than the original's {whole:.0f} "
        f"| **{100 * mean:.2f} %** |"
        for epochs, runs, seconds, mean in timed_runs()
    ]


def inference_rows(found: dict[str, Any]) -> list[str]:
    """Latency and throughput of the shipped model, by runtime and by images per call."""
    rows = [
        "| inference | one image, ms | images per second | MNIST test accuracy |",
        "|---|---|---|---|",
    ]
    titles = {"pytorch": "PyTorch", "onnx_float32": "ONNX Runtime", "onnx_int8": "the same, int8"}
    for name, row in found["inference"]["ways"].items():
        way, threads = name.rsplit("_", 1)
        rows.append(
            f"| {titles[way]}, {threads} thread{'s' if threads > '1' else ''} "
            f"| {row['milliseconds_per_image']:.2f} | {row['images_per_second']:,.0f} "
            f"| {100 * row['accuracy']:.2f} % |"
        )
    curve = found["inference"]["images_per_second_by_images_per_call"]
    rows += [
        "",
        f"| images per call, ONNX Runtime, 1 thread | {' | '.join(curve)} |",
        f"|---{'|---' * len(curve)}|",
        f"| images per second | {' | '.join(f'{rate:,.0f}' for rate in curve.values())} |",
    ]
    return rows


def timed_runs() -> list[tuple[int, int, float, float]]:
    """`fast` by its number of epochs: epochs, runs, median seconds, mean accuracy."""
    found = []
    for epochs in range(1, PRESETS["fast"].epochs + 1):
        recipe = PRESETS["fast"].changed(epochs=epochs)
        files = (RESULTS / "accuracy.jsonl", RESULTS / "speed.jsonl")
        lines = max((read_lines(path, recipe, "mnist") for path in files), key=len)
        if lines:
            seconds = statistics.median(line["seconds"] for line in lines)
            mean = statistics.fmean(line["accuracy"] for line in lines)
            found.append((epochs, len(lines), seconds, mean))
    return found


def original_seconds(found: dict[str, Any]) -> float:
    """What the original's 19 epochs take, its scoring after each included."""
    training = found["training"]
    each = training["arms"]["original"]["seconds_per_epoch"] + training["original_test_seconds"]
    return float(19 * each)


TABLES: dict[str, Callable[[], str]] = {
    "accuracy": accuracy_table,
    "backprop": backprop_table,
    "engine": engine_table,
    "metamorphic": metamorphic_table,
    "reading": reading_table,
    "speed": speed_table,
}


def with_tables(text: str) -> str:
    """The text with each table made anew."""
    for name, table in TABLES.items():
        pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text, count = pattern.subn(lambda found, t=table: found[1] + t() + "\n" + found[2], text)
        if count != 1:
            raise SystemExit(f"README.md: expected one place for the table '{name}', found {count}")
    return text


if __name__ == "__main__":
    readme = ROOT / "README.md"
    atomic_write(readme, with_tables(readme.read_text()))
    draw_accuracy(ROOT / "docs" / "accuracy.png")

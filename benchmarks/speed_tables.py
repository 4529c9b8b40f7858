"""The README's tables of speed, from results/: a row, column or table per kind of processor."""

import json
import re
import statistics
from pathlib import Path
from typing import Any

from common import RESULTS, load, percent, table
from tinydigits.mnist.bench import read_lines
from tinydigits.mnist.recipe import PRESETS

Found = dict[str, Any]


def measured(part: str) -> dict[str, Found]:
    """What a part of speed.json says of each processor."""
    found: dict[str, Found] = load("speed")[part]
    return found


def title(processor: str, found: Found) -> str:
    """The processor and how many of its cores were used."""
    if "one thread" in processor:
        return processor
    return f"{processor}, {found['machine']['cores']} cores"


def processor_of(device: str) -> str:
    """The processor of a line's device: "AMD EPYC, AVX2" of "cpu (AMD EPYC, AVX2, 2 threads)"."""
    named = re.fullmatch(r"cpu \((.+), \d+ threads?\)", device)
    return named[1] if named else device


def training_table() -> str:
    """Seconds per epoch the original's way and ours, and a whole run, per kind of processor."""
    titles = ["processor", "the original's way", "the same recipe, ours", "speed-up", "`fast`"]
    titles += ["speed-up", "19 epochs, the original's way", "5 epochs of `fast`"]
    rows = []
    for processor, found in measured("training").items():
        arms = found["arms"]
        cells = [title(processor, found)]
        cells.append(f"{arms['original']['seconds_per_epoch']:.1f} s an epoch")
        for name in ("ours", "fast"):
            cells.append(f"{arms[name]['seconds_per_epoch']:.1f} s an epoch")
            cells.append(f"**{arms[name]['times_faster_than_original']:.2f}**")
        whole = [seconds for epochs, _, seconds, _ in timed_runs(processor) if epochs == 5]
        cells.append(f"{original_seconds(found):.0f} s")
        cells.append(f"**{whole[0]:.0f} s**" if whole else "")
        rows.append(cells)
    return table(titles, rows)


def speed_table() -> str:
    """Every arm of training, the seconds to an accuracy, inference and memory."""
    tables = [arms_table(), *map(seconds_table, measured("training"))]
    tables += [inference_table(*item) for item in measured("inference").items()]
    peaks = [found["peak_bytes"] / 2**20 for found in measured("training").values()]
    tables.append(f"`make train` holds at most {max(peaks):.0f} MiB.")
    return "\n\n".join(table for table in tables if table)


def arms_table() -> str:
    """Seconds per epoch of every arm: a column per processor."""
    columns = measured("training")
    head = ["training: seconds per epoch (times as fast)"]
    head += [title(name, found) for name, found in columns.items()]
    every = [found["arms"] for found in columns.values()]
    titles = {name: arm["what"] for arms in every for name, arm in arms.items()}
    rows = [[what, *(arm_cell(arms.get(name)) for arms in every)] for name, what in titles.items()]
    return table(head, rows)


def arm_cell(arm: Found | None) -> str:
    """Seconds per epoch and how often faster than the original's way, if it was measured."""
    if not arm:
        return ""
    return f"{arm['seconds_per_epoch']:.1f} ({arm['times_faster_than_original']:.2f})"


def seconds_table(processor: str) -> str:
    """Seconds and accuracy of `fast`, by its number of epochs."""
    runs = timed_runs(processor)
    whole = original_seconds(measured("training")[processor])
    rows = [
        [
            f"{epochs} epoch{'s' if epochs > 1 else ''}",
            count,
            f"{seconds:.1f}, {whole / seconds:.1f} times fewer than the original's {whole:.0f}",
            f"**{percent(mean)}**",
        ]
        for epochs, count, seconds, mean in runs
    ]
    titles = [f"`fast` on {processor}", "seeds", "median seconds, scoring included"]
    return table([*titles, "mean accuracy"], rows) if runs else ""


def inference_table(processor: str, found: Found) -> str:
    """Latency and throughput of the shipped model, by runtime."""
    rows = []
    titles = {"pytorch": "PyTorch", "onnx": "ONNX Runtime"}
    for name, row in found["ways"].items():
        way, threads = name.rsplit("_", 1)
        cells = [f"{titles[way]}, {threads} thread{'s' if threads > '1' else ''}"]
        cells += [f"{row['milliseconds_per_image']:.2f}", f"{row['images_per_second']:,.0f}"]
        rows.append([*cells, percent(row["accuracy"])])
    head = [f"inference, {processor}", "one image, ms", "images per second"]
    return table([*head, "MNIST test accuracy"], rows)


def timed_runs(processor: str) -> list[tuple[int, int, float, float]]:
    """`fast` on both cores by its number of epochs: epochs, runs, median seconds, mean accuracy."""
    found = []
    files = (RESULTS / "accuracy.jsonl", RESULTS / "speed.jsonl")
    places = [
        (path, device)
        for path in files
        for device in devices(path)
        if processor_of(device) == processor and not device.endswith(" 1 thread)")
    ]
    for epochs in range(1, PRESETS["fast"].epochs + 1):
        recipe = PRESETS["fast"].changed(epochs=epochs)
        every = [read_lines(path, recipe, "mnist", device) for path, device in places]
        lines = max(every, key=len, default=[])
        if lines:
            seconds = statistics.median(line["seconds"] for line in lines)
            mean = statistics.fmean(line["accuracy"] for line in lines)
            found.append((epochs, len(lines), seconds, mean))
    return found


def devices(path: Path) -> list[str]:
    """The devices that a file has lines of."""
    return sorted(
        {json.loads(text)["device"] for text in path.read_text(encoding="utf-8").splitlines()}
    )


def original_seconds(training: Found) -> float:
    """What the original's 19 epochs take, its scoring after each included."""
    each = training["arms"]["original"]["seconds_per_epoch"] + training["original_test_seconds"]
    return float(19 * each)

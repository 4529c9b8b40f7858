"""The tables, made from benchmarks/results/: `python benchmarks/tables.py` rewrites them.

It draws docs/accuracy.png and docs/speed.png, too, from the same numbers.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->` in README.md or a page of docs/. A test
fails while they and the results disagree.
"""

import json
import re
import statistics
from collections.abc import Callable
from pathlib import Path

from charts import draw_accuracy, draw_speed
from family_tables import draw_family, family_table
from reading_tables import metamorphic_table, reading_table, real_table, weights_table
from scale_tables import plan_table, scale_table
from speed_tables import devices, processor_of, speed_table, training_table
from tinydigits.files import atomic_write
from tinydigits.mnist.bench import Line, compare, read_lines, summarise, undisputed
from tinydigits.mnist.recipe import PRESETS
from trust_tables import trust_table

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


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


def precision_table() -> str:
    """`fast` over seeds in float32, by an AVX2 processor's instructions, and in bfloat16."""
    path = RESULTS / "speed.jsonl"
    kinds = {"float32": "AVX2", "bfloat16": "AMX"}
    places = {name: next(d for d in devices(path) if kind in d) for name, kind in kinds.items()}
    for epochs in range(PRESETS["fast"].epochs, 0, -1):  # the longest that both have runs of
        recipe = PRESETS["fast"].changed(epochs=epochs)
        lines = {name: read_lines(path, recipe, "mnist", place) for name, place in places.items()}
        if all(lines.values()):
            break
    rows = [
        f"| `fast`, {epochs} epochs, in | on | seeds | mean accuracy | standard deviation "
        "| range |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in lines.items():
        found = summarise([line["accuracy"] for line in runs])
        rows.append(
            f"| {name} | {processor_of(places[name])} | {found.n} | **{found.mean:.3%}** "
            f"| {found.std:.3%} | {found.low:.2%} to {found.high:.2%} |"
        )
    between = compare(lines["bfloat16"], lines["float32"], 10_000)
    low, high = between.interval
    rows.append(
        f"\nSeed by seed, bfloat16 minus float32: {between.difference:+.3%} "
        f"({low:+.3%} to {high:+.3%})."
    )
    return "\n".join(rows).replace("%", " %")


def backprop_table() -> str:
    """Updates to E < 0.0001 at each learning rate, and the rate at which E first rises."""
    found = json.loads((RESULTS / "backprop.json").read_text(encoding="utf-8"))
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
    found = json.loads((RESULTS / "engine.json").read_text(encoding="utf-8"))
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


def canvas_table() -> str:
    """What the page's pad reads of digits drawn with the mouse, a row per pen width."""
    found = json.loads((RESULTS / "canvas.json").read_text(encoding="utf-8"))
    rows = [
        "| pen, of a digit's height | digits | right | surely | surely and wrong |",
        "|---|---|---|---|---|",
    ]
    for pen, row in found["pens"].items():
        rows.append(
            f"| {int(pen) / found['height']:.0%} | {row['digits']} | **{row['accuracy']:.1%}** "
            f"| {row['sure'] / row['digits']:.1%} | {row['sure_and_wrong']} |"
        )
    pairs, taken = found["pairs"], found["prediction_ms"]
    rows.append(
        f"\nOf {pairs['numbers']} pairs drawn side by side it reads {pairs['right']} as the right "
        f"number. A prediction while drawing takes {taken['median']:.0f} ms (median; "
        f"{taken['p95']:.0f} ms in 95 of 100; {found['processor']})."
    )
    return "\n".join(rows).replace("%", " %")


def microcontrollers_table() -> str:
    """What the C file needs on each emulated board, and what integers cost in accuracy."""
    found = json.loads((RESULTS / "microcontrollers.json").read_text(encoding="utf-8"))
    rows = [
        "| emulated processor, gcc | flash, bytes | RAM, bytes | stack, bytes "
        "| instructions for an image |",
        "|---|---|---|---|---|",
    ]
    for name, row in found["boards"].items():
        rows.append(
            f"| {name} | {row['flash']:,} | {found['state']:,} | {row['stack']} "
            f"| {row['instructions'] / 1e6:.1f} million |"
        )
    errors = [
        f"`weights/{name}.safetensors` reads {row['float_errors']} wrong in floats and "
        f"{row['integer_errors']} in integers ({row['read_otherwise']} read otherwise)"
        for name, row in found["errors_of_10000"].items()
    ]
    rows.append(
        f"\nFlash holds {found['tables']:,} bytes of tables, the rest is code. An image takes at "
        f"most {found['multiply_adds']:,} multiply-adds. Instructions are the mean of "
        f"{found['images']} MNIST test images. Of the 10,000 test images, {'; '.join(errors)}."
    )
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "accuracy": accuracy_table,
    "backprop": backprop_table,
    "canvas": canvas_table,
    "engine": engine_table,
    "family": family_table,
    "metamorphic": metamorphic_table,
    "microcontrollers": microcontrollers_table,
    "precision": precision_table,
    "reading": reading_table,
    "real": real_table,
    "scale": scale_table,
    "scale-plan": plan_table,
    "speed": speed_table,
    "training": training_table,
    "trust": trust_table,
    "weights": weights_table,
}


def with_tables(text: str) -> str:
    """The text with each table that has a place in it made anew."""
    for name, table in TABLES.items():
        pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, t=table: found[1] + t() + "\n" + found[2], text)
    return text


def main() -> None:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        atomic_write(path, with_tables(path.read_text(encoding="utf-8")))
    draw_accuracy(accuracy_lines(), ROOT / "docs" / "accuracy.png")
    draw_speed(ROOT / "docs" / "speed.png")
    draw_family(ROOT / "docs" / "family.png")


if __name__ == "__main__":
    main()

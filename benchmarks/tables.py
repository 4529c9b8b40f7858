"""The README's tables, made from benchmarks/results/: `python benchmarks/tables.py` rewrites them.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`. A test fails while README and results
disagree.
"""

import json
import re
import statistics
from collections.abc import Callable
from pathlib import Path

from tinydigits.files import atomic_write
from tinydigits.mnist.bench import read_lines, summarise
from tinydigits.mnist.recipe import PRESETS

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def accuracy_table() -> str:
    """A row per recipe that has runs: MNIST test accuracy over its seeds, at the last epoch."""
    rows = [
        "| recipe | epochs | seeds | mean accuracy | standard deviation | 95 % interval | range "
        "| seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, recipe in PRESETS.items():
        lines = read_lines(RESULTS / "accuracy.jsonl", recipe, "mnist")
        if lines:
            found = summarise([line["accuracy"] for line in lines])
            low, high = found.interval
            rows.append(
                f"| `{name}` | {recipe.epochs} | {found.n} | **{found.mean:.2%}** "
                f"| {100 * found.std:.3f} % | {low:.2%} to {high:.2%} "
                f"| {found.low:.2%} to {found.high:.2%} "
                f"| {statistics.median(line['seconds'] for line in lines):.0f} |"
            )
    return "\n".join(rows).replace("%", " %").replace("  %", " %")


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


def reading_table() -> str:
    """The shipped reader on pictures that are not MNIST's own files."""
    found = json.loads((RESULTS / "reading.json").read_text())
    kinds = (
        ("normalise", "MNIST test images as they are, normalised as the reader does, in one view"),
        ("mnist_drawn", "MNIST test digits drawn into pictures: 14 to 400 pixels, any greys"),
        ("usps", "USPS, scanned digits"),
        ("pen_strokes", "pen strokes of 30 writers, drawn with pens of 3 to 14 % of the height"),
        ("pages", "pages of 1 to 6 lines of 1 to 12 MNIST test digits, in the right order"),
        ("pages_touching", "the same, with touching digits"),
    )
    rows = ["| pictures | digits | read rightly | sure | sure and wrong |", "|---|---|---|---|---|"]
    for key, title in kinds:
        line = found[key]
        sure = [f"{100 * line[k]:.2f} %" for k in ("certain", "certain_and_wrong") if k in line]
        rows.append(
            f"| {title} | {line['total']:,} | **{100 * line['accuracy']:.2f} %** "
            f"| {' | '.join(sure or ['', ''])} |"
        )
    rows += ["", "| pictures without a digit | pictures | with a digit | with a sure one |"]
    rows.append("|---|---|---|---|")
    for kind, line in found["no_digits"].items():
        counts = (line["pictures"], line["with_a_digit"], line["with_a_confident_digit"])
        rows.append(f"| {kind} | {' | '.join(map(str, counts))} |")
    speed = found["speed"]
    rows += [
        "",
        f"A cold start on one file takes {speed['cold_start_s']:.2f} s, and one command reads "
        f"{speed['files_per_s']:.0f} small files a second on {speed['cores']} cores.",
    ]
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "accuracy": accuracy_table,
    "backprop": backprop_table,
    "engine": engine_table,
    "reading": reading_table,
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

"""The README's tables, made from benchmarks/results/: `python benchmarks/tables.py` rewrites them.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`. A test fails while README and results
disagree.
"""

import re
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
        "| recipe | epochs | seeds | mean accuracy | standard deviation | 95 % interval | range |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, recipe in PRESETS.items():
        lines = read_lines(RESULTS / "accuracy.jsonl", recipe, "mnist")
        if lines:
            found = summarise([line["accuracy"] for line in lines])
            low, high = found.interval
            rows.append(
                f"| `{name}` | {recipe.epochs} | {found.n} | **{found.mean:.2%}** "
                f"| {100 * found.std:.3f} % | {low:.2%} to {high:.2%} "
                f"| {found.low:.2%} to {found.high:.2%} |"
            )
    return "\n".join(rows).replace("%", " %").replace("  %", " %")


TABLES: dict[str, Callable[[], str]] = {"accuracy": accuracy_table}


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

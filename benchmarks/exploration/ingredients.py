"""What each ingredient of `fast` and `best` is worth, on the last 10,000 training images.

Every variant changes the recipe in one or a few settings; the first 50,000 images are trained on.
Runs are kept in results/validation.jsonl and not repeated. One run's errors vary by about 4 from
seed to seed, so that a difference of less than 8 between single runs says little.

    python benchmarks/exploration/ingredients.py        # the table of the runs there are
    python benchmarks/exploration/ingredients.py --run  # and run what is missing, for hours
"""

import argparse
import statistics
from pathlib import Path
from typing import Any

from tinydigits.mnist.bench import read_lines, run_seeds
from tinydigits.mnist.data import load_data
from tinydigits.mnist.recipe import Recipe, preset

RESULTS = Path(__file__).parents[1] / "results" / "validation.jsonl"
FIRST: dict[str, Any] = {"warp_fade": 0.0, "label_smoothing": 0.05, "dropout": 0.02}
STRONGER: dict[str, Any] = {"elastic": 0.9, "rotation": 12.0, "scale": 0.1, "shear": 0.15}

# Recipe, what is changed in it, how, and how many seeds.
VARIANTS: list[tuple[str, str, dict[str, Any], int]] = [
    ("best", "as it is", {}, 2),
    ("best", "label smoothing 0.05", {"label_smoothing": 0.05}, 1),
    ("best", "the same, dropout 0.02", FIRST | {"warp_fade": 0.4}, 1),
    ("best", "the same, warps that don't fade", FIRST, 1),
    ("best", "the same, batches of 64", FIRST | {"batch_size": 64}, 1),
    ("best", "batches of 256", {"batch_size": 256}, 1),
    ("best", "no elastic warps", {"elastic": 0.0}, 1),
    ("best", "stronger warps of all kinds", STRONGER, 1),
    ("fast", "as it is", {}, 1),
    ("fast", "batches of 128", {"batch_size": 128}, 1),
    ("fast", "batches of 128, warps that fade", {"batch_size": 128, "warp_fade": 0.4}, 1),
    ("fast", "the same, fading longer", {"batch_size": 128, "warp_fade": 0.6}, 1),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", action="store_true", help="run what is missing")
    run = parser.parse_args().run
    data = load_data("mnist").held_out()
    print("| recipe | variant | seeds | errors of 10,000 | loss |\n|---|---|---|---|---|")
    for name, variant, changes, seeds in VARIANTS:
        recipe: Recipe = preset(name).changed(name=name, **changes)
        lines = (
            list(run_seeds(recipe, data, seeds, RESULTS))
            if run
            else read_lines(RESULTS, recipe, data.name)
        )
        if lines:
            errors = [line["errors"] for line in lines]
            loss = statistics.fmean(line["loss"] for line in lines)
            print(
                f"| {name} | {variant} | {len(lines)} "
                f"| {statistics.fmean(errors):.1f} ({', '.join(map(str, errors))}) | {loss:.4f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

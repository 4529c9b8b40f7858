"""What integers of 8 bits cost in accuracy: the same trained networks in floats and in integers.

Means over seeds 0, 1, 2 ... on MNIST's 10,000 test images, none left out, after the last epoch.
Weights that the folder lacks are trained first, and kept there.

    python benchmarks/int8.py                       # five seeds of each network
    python benchmarks/int8.py --recipes family-chip --seeds 10
"""

from pathlib import Path
from typing import Any

from common import arguments, load, save
from family import recipe_of
from microcontrollers import accuracy
from tinydigits.mnist.bench import run_seed
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.mnist.weights import load_model, save_model

RECIPES = {"fast": preset("fast"), "family-chip": recipe_of("chip")}


def trained(recipe: Recipe, data: Data, folder: Path) -> Net:
    """The network that a recipe and its seed give, from the folder if it is there."""
    path = folder / f"{recipe.name}-{recipe.seed}.safetensors"
    if not path.exists():
        save_model(run_seed(recipe, data)[1], path)
    return load_model(path)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--weights", type=Path, default=Path("out/int8"), help="their folder")
    given = parser.parse_args()
    from tinydigits.cli.mnist import CALIBRATION_IMAGES
    from tinydigits.mnist.integers.quantise import quantise

    data = load_data("mnist")
    results: dict[str, Any] = load("int8")
    for name in given.recipes:
        recipe, rows = RECIPES[name].changed(device="cpu"), []
        for seed in range(given.seeds):
            model = trained(recipe.changed(seed=seed), data, given.weights)
            integers = quantise(model, data.train_images[:CALIBRATION_IMAGES])
            row, _ = accuracy(integers, model, data)
            rows.append(row)
            results[name] = {"net": recipe.net, "epochs": recipe.epochs, "runs": rows}
            save("int8", results, quiet=True)
            print(f"{name} seed {seed}: {row}", flush=True)


if __name__ == "__main__":
    main()

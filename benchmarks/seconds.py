"""The seconds to an accuracy: runs of 1 epoch, 2, 3 ... until their mean accuracy is 99.50 %.

Each number of epochs has its own schedule. Seconds include the scoring, and are the median over
seeds. Runs are kept in results/speed.jsonl and not repeated on a processor of their kind. The
original project reports 99.48 %.

    python benchmarks/seconds.py                   # about ten minutes; nothing else should run
    python benchmarks/seconds.py --shortest 3
"""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from common import RESULTS, arguments
from tinydigits.mnist.bench import Line, run_seed, run_seeds, summarise
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.recipe import Recipe, preset

TARGET, SEEDS = 0.9950, 5


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--shortest", type=int, default=1, help="begin with this many epochs")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each number of epochs")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0: as PyTorch picks")
    options = parser.parse_args()
    recipe = preset("fast").changed(threads=options.threads)
    for lines in longer_and_longer(recipe, load_data("mnist"), options.shortest, options.seeds):
        found = summarise([line["accuracy"] for line in lines])
        seconds = median(line["seconds"] for line in lines)
        print(f"{lines[0]['epochs']:2} epochs  {seconds:6.1f} s  ", end="")
        print(f"mean {found.mean:.3%}  n = {found.n}  {lines[0]['device']}", flush=True)


def longer_and_longer(
    recipe: Recipe, data: Data, shortest: int, seeds: int
) -> Iterator[list[Line]]:
    """The lines of all seeds for each number of epochs, until they reach the target."""
    # What is done only once, such as compiling the kernels, is done in a run that isn't counted.
    first = slice(2000)
    few = replace(
        data, train_images=data.train_images[first], train_labels=data.train_labels[first]
    )
    line, _ = run_seed(recipe.changed(epochs=1), few)
    for epochs in range(shortest, recipe.epochs + 1):
        shorter = recipe.changed(epochs=epochs)
        lines = list(
            run_seeds(shorter, data, seeds, RESULTS / "speed.jsonl", device=line["device"])
        )
        yield lines
        if summarise([line["accuracy"] for line in lines]).mean >= TARGET:
            return


if __name__ == "__main__":
    main()

"""The network and its siblings, from 700 to 40,000 parameters: accuracy over ten seeds each.

A run is scored once, on MNIST's test images, after its last epoch; no seed is left out. Widths and
recipes were chosen on the last 10,000 training images (NOTES.md). Runs are kept in
results/family.jsonl, one at a time, so that an interrupted measurement goes on where it stopped.

    python benchmarks/family.py                     # what is missing of all nets and ten seeds
    python benchmarks/family.py --nets 700 2k --seeds 3
    python benchmarks/family.py --nets chip --keep out/int8   # weights, which int8.py reads
    python benchmarks/family.py --validate          # on the last 10,000 training images instead
    python benchmarks/family.py --writers QMNIST    # and keep how errors come together by writer
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from tinydigits.files import as_json, atomic_write
from tinydigits.mnist.bench import Line, read_lines, run_seeds, summarise
from tinydigits.mnist.data import load_data
from tinydigits.mnist.recipe import NetName, Recipe, preset
from tinydigits.mnist.writers import interval_by_writer, read_writers

RESULTS = Path(__file__).parent / "results"
LINES, WRITERS = RESULTS / "family.jsonl", RESULTS / "family_writers.json"


def milder(share: float) -> dict[str, float]:
    """The warps of `fast`, that much of them: a small network has no room for what they teach."""
    fast = preset("fast")
    names = ("rotation", "scale", "shear", "shift")
    return {name: round(share * getattr(fast, name), 4) for name in names}


# Without weight decay, kernels would grow until biases, which SGD moves, are of no account.
_TINY = {"batch_size": 128, "learning_rate": 0.5, "weight_decay": 0.03}
_DEEP = {"muon_learning_rate": 0.1, "warp_fade": 0.4, "weight_decay": 0.02}

# What a sibling's recipe changes in `fast`.
CHANGES: dict[NetName, dict[str, Any]] = {
    "700": {"epochs": 60, "muon_learning_rate": 0.05} | _TINY | milder(0.0),
    "2k": {"epochs": 24, "warp_fade": 0.4} | _TINY | milder(0.35),
    "8k": {"epochs": 20, "elastic": 0.4} | _DEEP | milder(0.85),
    "40k": {"epochs": 10, "elastic": 0.5} | _DEEP,
    "chip": {"epochs": 16, "warp_fade": 0.4, "elastic": 0.4, "weight_decay": 0.02} | milder(0.85),
}


def recipe_of(net: NetName) -> Recipe:
    """The recipe that the net is measured with, on one thread."""
    if net == "original":
        return preset("best")
    return preset("fast").changed(name=f"family-{net}", net=net, threads=1, **CHANGES[net])


def lines_of(net: NetName, data: str = "mnist") -> list[Line]:
    """The runs there are; the original's are those of its recipe `best`."""
    path = RESULTS / "accuracy.jsonl" if net == "original" else LINES
    return read_lines(path, recipe_of(net), data)


def main() -> None:
    nets = get_args(NetName)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nets", nargs="+", choices=nets, default=nets)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the weights of every run")
    parser.add_argument("--writers", type=Path, help="a folder with QMNIST's labels")
    given = parser.parse_args()
    data = load_data("mnist")
    data = data.held_out() if given.validate else data
    path = RESULTS / "validation.jsonl" if given.validate else LINES
    for net in given.nets:
        if net == "original" and not given.validate:
            continue  # `tinydigits bench accuracy --recipe best` makes them
        errors = []
        for line in run_seeds(recipe_of(net), data, given.seeds, path, given.keep):
            errors.append(line["errors"])
            print(
                f"{net} seed {line['seed']}: {errors[-1]} errors, {line['seconds']:.0f} s",
                flush=True,
            )
        found = summarise([1 - count / len(data.test_labels) for count in errors])
        print(
            f"{net}: mean {found.mean:.3%} of {found.n} seeds, standard deviation {found.std:.3%}"
        )
    if given.writers:
        writers = read_writers(given.writers, test=True)
        runs = {net: [line["wrong"] for line in lines_of(net)] for net in nets}
        found = {net: interval_by_writer(wrong, writers) for net, wrong in runs.items() if wrong}
        kept = {net: asdict(interval) for net, interval in found.items()}
        atomic_write(WRITERS, as_json(kept, indent=1) + "\n")
        print(json.dumps(kept))


if __name__ == "__main__":
    main()

"""Make the reader's own weights, and from them the model that the reader ships with.

    python weights/make.py --handwriting DIR [--finder FILE] [--begin FILE] [--out FOLDER]

DIR holds `pendigits-orig.tra.gz`, `usps-zip.train.gz` and `optdigits-orig.tra.gz`, as
pictures/material.py says. The network is `best`'s, and so is the recipe. The images are MNIST's
60,000; what the finder cuts out of pictures drawn as for its own training (cuts.py); drawn pen
strokes, scans, MNIST's digits enlarged; and drawings of no digit. What is no digit has ten equal
probabilities for its label. A third of the writers and scans, other fonts and other hands are kept
for development: what is cut out of pictures by them sets the temperature, and all is scored.
MNIST's test set is scored once, at the end.

It writes weights/reader.safetensors, the reader's digits.onnx and digits.json, and
benchmarks/results/reader_weights.json. Drawings and epochs are kept in FOLDER: a killed run goes
on where it was, to the same weights. With --begin, weights made before go on learning, slowly and
from two fifths of all that: enough where only the finder has changed.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from cuts import NO_DIGIT
from drawings import Drawings, Place, draw
from outliers import KINDS
from pictures.material import BITMAP_FILE, PEN_FILE, SCANNED_FILE
from tinydigits.files import atomic_write
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.export import CHECK_IMAGES, export
from tinydigits.mnist.fit import Training, fit, start
from tinydigits.mnist.layers_file import layers_json
from tinydigits.mnist.model import Net
from tinydigits.mnist.optim import MovingAverage
from tinydigits.mnist.recipe import preset
from tinydigits.mnist.runs import create_run, open_run
from tinydigits.mnist.weights import load_model, save_model
from tinydigits.reader.finder import SHIPPED as FINDER
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.recognise import VIEWS, probabilities, view_log_probs
from tinydigits.reader.session import SHIPPED, Session
from tinydigits.trust.calibration import fit_temperature
from tinydigits.trust.measures import calibration_error

ROOT = Path(__file__).parents[1]
Images = NDArray[np.uint8]
Labels = NDArray[np.int64]

RECIPE = preset("best").changed(name="reader", epochs=20, threads=1)
GOING_ON = RECIPE.changed(epochs=10, learning_rate=0.03, muon_learning_rate=0.01)
SHARE = 0.4  # of the images, to go on with
# Of the weights gone on from, in the end: so that what they could is not forgotten (Wortsman et
# al., "Robust fine-tuning of zero-shot models", 2022).
REMEMBERED = 1 / 3
# Three drawings of each of the 4,996 pen digits to train on, two of each of the 4,861 scans, and
# crops with about five digits each.
TRAINING = (
    Drawings("cuts", 10_000, seed=13),
    Drawings("pens", 3 * 4996, seed=9),
    Drawings("scans", 2 * 4861, seed=5),
    Drawings("outliers", 12_000, seed=7),
    Drawings("mnist", 10_000, seed=8),
)
DIGITS = (
    Drawings("thin pens", 2498, seed=1),
    Drawings("bold pens", 2498, seed=1),
    Drawings("scans", 2430, seed=2),
    Drawings("printed", 1000, seed=4),
    Drawings("cuts", 520, seed=14),
)
OTHERS = tuple(Drawings(kind.__name__, 500, seed=3) for kind in KINDS)

WEIGHTS = ROOT / "weights" / "reader.safetensors"
BEST = ROOT / "weights" / "best.safetensors"
RESULTS = ROOT / "benchmarks" / "results" / "reader_weights.json"


def drawn(wanted: Drawings, place: Place, workers: int) -> tuple[Images, Labels]:
    """A whole set, with a word on how far it is, shuffled in a way that is always the same."""
    portions = []
    for portion in draw(wanted, place, workers):
        portions.append(portion)
        done = sum(len(labels) for _, labels in portions)
        print(f"\r{place.part}, {wanted.kind}: {done:,} images", end="", flush=True)
    print()
    images, labels = (np.concatenate(parts) for parts in zip(*portions, strict=True))
    order = np.random.default_rng(0).permutation(len(labels))
    return images[order], labels[order]


def training_data(mnist: Data, place: Place, workers: int, share: float) -> Data:
    """A share of MNIST and of all drawings, each label a distribution over the ten digits."""
    sets = [
        drawn(replace(wanted, count=round(share * wanted.count)), place, workers)
        for wanted in TRAINING
    ]
    some = slice(round(share * len(mnist.train_labels)))
    sets.append((mnist.train_images[some, 0].numpy(), mnist.train_labels[some].numpy()))
    images, labels = (np.concatenate(parts) for parts in zip(*sets, strict=True))
    known = torch.from_numpy(labels != NO_DIGIT)
    targets = torch.full((len(labels), 10), 0.1)
    targets[known] = F.one_hot(torch.from_numpy(labels)[known], 10).float()
    return Data(
        "reader", torch.from_numpy(images)[:, None], targets, mnist.test_images, mnist.test_labels
    )


def trained(data: Data, folder: Path, begin: Path | None) -> Net:
    """The network after the last epoch; a run that was cut off is gone on with.

    Args:
        data: what it learns from.
        folder: of the run.
        begin: weights to begin with, None for new ones.
    """
    recipe = GOING_ON if begin else RECIPE
    run = (
        open_run(folder)
        if folder.exists()
        else create_run(folder, recipe, data, "reader", start(recipe).network)
    )
    training = run.resume(data)
    if begin and not training.history:
        training.network.load_state_dict(load_model(begin).state_dict())
        training.average = MovingAverage(training.network, recipe.average_decay)

    def keep(training: Training) -> None:
        run.save_epoch(training)
        epoch = training.history[-1]
        print(f"epoch {epoch.epoch} of {recipe.epochs}: loss {epoch.train_loss:.4f}", flush=True)

    fit(recipe, data, training=training, on_epoch=keep, score_each_epoch=False)
    model = run.model()
    if begin:
        before = load_model(begin).state_dict()
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                value.lerp_(before[name], REMEMBERED)
    return model


def scored(found: NDArray[np.float32], labels: Labels) -> dict[str, Any]:
    """How well probabilities (N, 10) fit the labels; of what is no digit, how much is sure."""
    confidence, right = found.max(1), found.argmax(1) == labels
    sure = confidence >= MIN_CONFIDENCE
    row: dict[str, Any] = {"images": len(labels), "sure": round(float(sure.mean()), 4)}
    if labels[0] == NO_DIGIT:
        return row
    error = calibration_error(confidence, right)
    return row | {
        "accuracy": round(float(right.mean()), 4),
        "sure_and_wrong": round(float((sure & ~right).mean()), 4),
        "calibration_error": round(error, 4),
    }


def measured(model: Net, path: Path, sets: dict[str, tuple[Images, Labels]], mnist: Data) -> Any:
    """Set the temperature on the digits that are cut out, and score all.

    The model is exported to `path` to be read as the reader reads.
    """
    export(model, path, mnist.test_images[:CHECK_IMAGES], mnist.test_labels[:CHECK_IMAGES])
    session = Session(path)
    log_probs = {
        name: view_log_probs(session, images / np.float32(255))
        for name, (images, _) in sets.items()
    }
    temperature = fit_temperature(log_probs["cuts"], sets["cuts"][1])
    rows = {
        name: scored(probabilities(log_probs[name], temperature), labels)
        for name, (_, labels) in sets.items()
    }
    return {"temperature": temperature, "sets": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--handwriting", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--finder", type=Path, default=FINDER, help="what cuts digits out")
    parser.add_argument("--begin", type=Path, help="weights to go on from")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "reader-model")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes that draw")
    chosen = parser.parse_args()
    if not chosen.finder.is_file():
        sys.exit(f"{chosen.finder} is not there; `make finder` makes one")
    if chosen.begin and not chosen.begin.is_file():
        sys.exit(f"{chosen.begin} is not there; it should be weights to go on from")
    for name in (PEN_FILE, SCANNED_FILE, BITMAP_FILE):
        if not (chosen.handwriting / name).is_file():
            sys.exit(f"{chosen.handwriting}: holds no {name}, which the reader's weights need")
    mnist = load_data("mnist", chosen.data_dir)
    kept = chosen.out / "drawings"
    place = Place(chosen.handwriting, chosen.data_dir, chosen.finder, "train", kept)
    data = training_data(mnist, place, chosen.workers, SHARE if chosen.begin else 1.0)
    model = trained(data, chosen.out / "run", chosen.begin)

    elsewhere = replace(place, part="development")
    sets = {wanted.kind: drawn(wanted, elsewhere, chosen.workers) for wanted in (*DIGITS, *OTHERS)}
    images, labels = sets["cuts"]
    for name, own in (("cuts", labels != NO_DIGIT), ("cuts of no digit", labels == NO_DIGIT)):
        sets[name] = images[own], labels[own]
    sets["MNIST's test images"] = (mnist.test_images[:, 0].numpy(), mnist.test_labels.numpy())
    networks = {"reader": model, "best": load_model(BEST)}
    results = {
        name: measured(network, chosen.out / f"{name}.onnx", sets, mnist)
        for name, network in networks.items()
    }
    results["min_confidence"] = MIN_CONFIDENCE
    temperature = results["reader"]["temperature"]
    check = mnist.test_images[:CHECK_IMAGES], mnist.test_labels[:CHECK_IMAGES]
    save_model(model, WEIGHTS)
    parity = export(model, SHIPPED, *check, temperature=temperature)
    atomic_write(SHIPPED.with_suffix(".json"), layers_json(model, VIEWS, temperature))
    atomic_write(RESULTS, json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1), parity, sep="\n")


if __name__ == "__main__":
    main()

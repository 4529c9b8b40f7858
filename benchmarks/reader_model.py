"""Make the reader's digits.onnx and digits.json from weights/best.safetensors, calibrated.

    python benchmarks/reader_model.py [--companion FOLDER]

The weights are those of `best`, seed 0, trained on all 60,000 images, so none is left to calibrate
them on. A companion is therefore trained by the same recipe on the first 50,000 only; the
temperature that suits it on the last 10,000, read as the reader reads them, in all views, is
written into digits.onnx. That is honest as far as two trainings by one recipe are equally sure of
themselves; the calibration error on the test set, which nothing was fitted to, is in
results/reading.json.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from score import calibration_error
from tinydigits.files import atomic_write
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.export import CHECK_IMAGES, export
from tinydigits.mnist.fit import fit
from tinydigits.mnist.layers import layers_json
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import preset
from tinydigits.mnist.runs import load_model, save_model
from tinydigits.reader.recognise import VIEWS, probabilities, view_log_probs
from tinydigits.reader.session import SHIPPED, Session

RESULTS = Path(__file__).with_name("results") / "temperature.json"
WEIGHTS = Path(__file__).parents[1] / "weights" / "best.safetensors"


def companion(data: Data, folder: Path) -> Net:
    """The model of recipe `best` trained without the last 10,000 images; kept in `folder`."""
    path = folder / "companion.safetensors"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        save_model(fit(preset("best"), data.held_out(), score_each_epoch=False).model, path)
    return load_model(path)


def fit_temperature(log_probs: np.ndarray, labels: np.ndarray) -> float:
    """The temperature whose probabilities, averaged over the views, cost the labels least.

    Args:
        log_probs: (N, views, 10).
        labels: (N,).
    """
    trials = np.exp(np.linspace(np.log(0.2), np.log(5), 401))
    costs = [
        -np.log(probabilities(log_probs, trial)[np.arange(len(labels)), labels]).mean()
        for trial in trials
    ]
    return round(float(trials[int(np.argmin(costs))]), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--companion", type=Path, default=Path("out/companion"))
    parser.add_argument("--data-dir", type=Path)
    chosen = parser.parse_args()
    data = load_data("mnist", chosen.data_dir)
    held_out = data.held_out()
    images, labels = data.test_images[:CHECK_IMAGES], data.test_labels[:CHECK_IMAGES]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "companion.onnx"
        export(companion(data, chosen.companion), path, images, labels)
        held = held_out.test_images[:, 0].numpy().astype(np.float32) / 255
        log_probs = view_log_probs(Session(path), held)
    truth = held_out.test_labels.numpy()
    temperature = fit_temperature(log_probs, truth)
    result = {"temperature": temperature, "held_out_images": len(truth)}
    for name, value in (("before", 1.0), ("after", temperature)):
        found = probabilities(log_probs, value)
        pairs = list(zip(found.max(1), found.argmax(1) == truth, strict=True))
        result[f"calibration_error_{name}"] = calibration_error(pairs)
    atomic_write(RESULTS, json.dumps(result, indent=1) + "\n")
    model = load_model(WEIGHTS)
    parity = export(model, SHIPPED, images, labels, temperature=temperature)
    atomic_write(SHIPPED.with_suffix(".json"), layers_json(model, VIEWS, temperature))
    print(json.dumps(result), parity, sep="\n")


if __name__ == "__main__":
    main()

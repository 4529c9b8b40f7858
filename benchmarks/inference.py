"""Latency and throughput of `best` by PyTorch and by ONNX Runtime, on one thread and on two.

The ways run in turn, several rounds, and count with their medians.

    python benchmarks/inference.py                 # two minutes; nothing else should run
"""

import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import onnxruntime
import torch

from common import ROOT, THREADS, arguments, clock, keep
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.export import export
from tinydigits.mnist.model import Net
from tinydigits.mnist.pixels import unit_interval
from tinydigits.mnist.weights import load_model

ROUNDS = 3
Call = Callable[[slice], Any]  # reads these test images -> log-probabilities (N, 10)


def main() -> None:
    arguments(__doc__, shared=True).parse_args()
    data = load_data("mnist")
    with tempfile.TemporaryDirectory() as folder:
        calls = ways(data, Path(folder) / "float.onnx")
        ones, many = timings(calls)
        rows = {
            name: {
                "milliseconds_per_image": 1000 * statistics.median(ones[name]),
                "images_per_second": 1 / statistics.median(many[name]),
                "accuracy": accuracy(call, data.test_labels.numpy()),
            }
            for name, call in calls.items()
        }
    keep("inference", {"ways": rows})


def ways(data: Data, path: Path) -> dict[str, Call]:
    """What reads a slice of the test images, by runtime and threads."""
    images = unit_interval(data.test_images)
    model = load_model(ROOT / "weights" / "best.safetensors")
    export(model, path, data.test_images[:256], data.test_labels[:256])
    calls: dict[str, Call] = {}
    for threads in range(1, min(2, THREADS) + 1):
        calls[f"pytorch_{threads}"] = partial(eager, model, images, threads)
        session = open_session(path, threads)
        calls[f"onnx_{threads}"] = partial(run_session, session, images.numpy())
    return calls


def eager(model: Net, images: torch.Tensor, threads: int, part: slice) -> Any:
    torch.set_num_threads(threads)
    with torch.inference_mode():
        return model(images[part]).numpy()


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run_session(session: onnxruntime.InferenceSession, images: Any, part: slice) -> Any:
    return session.run(None, {"images": images[part]})[0]


def timings(calls: dict[str, Call]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds per image of each way and round, one image at a time and 250 at a time."""
    ones: dict[str, list[float]] = {name: [] for name in calls}
    many: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(ROUNDS + 1):
        for name, call in calls.items():
            began = clock()
            for index in range(200):
                call(slice(index, index + 1))
            middle = clock()
            for start in range(0, 5000, 250):
                call(slice(start, start + 250))
            if number:  # the first round warms up
                ones[name].append((middle - began) / 200)
                many[name].append((clock() - middle) / 5000)
    return ones, many


def accuracy(call: Call, labels: Any) -> float:
    """The share of all test images that it reads rightly."""
    parts = [slice(start, start + 500) for start in range(0, len(labels), 500)]
    right = sum(int((call(part).argmax(1) == labels[part]).sum()) for part in parts)
    return right / len(labels)


if __name__ == "__main__":
    main()

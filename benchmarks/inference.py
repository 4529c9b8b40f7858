"""Latency and throughput of the shipped model by runtime, and the cold start of `tinydigits read`.

Whatever is compared runs in turn, several rounds, and counts with its median.

    python benchmarks/inference.py                 # two minutes; nothing else should run
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from PIL import Image

from common import ROOT, THREADS, arguments, clock, keep, median_seconds
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
        calls, sizes = ways(data, Path(folder))
        ones, many = timings(calls)
        rows = {
            name: {
                "milliseconds_per_image": 1000 * statistics.median(ones[name]),
                "images_per_second": 1 / statistics.median(many[name]),
                "accuracy": accuracy(call, data.test_labels.numpy()),
            }
            for name, call in calls.items()
        }
        curve = by_images_per_call(calls["onnx_float32_1"])
    found = {"ways": rows, "bytes": sizes, "images_per_second_by_images_per_call": curve}
    keep("inference", {**found, "cold_start": cold_start(data)})


def ways(data: Data, folder: Path) -> tuple[dict[str, Call], dict[str, int]]:
    """What reads a slice of the test images, by runtime and threads; the files' sizes in bytes."""
    images = unit_interval(data.test_images)
    model = load_model(ROOT / "weights" / "best.safetensors")
    files = {"onnx_float32": folder / "float.onnx", "onnx_int8": folder / "int8.onnx"}
    labels, calibration = data.test_labels, data.train_images[:1000]
    export(model, files["onnx_float32"], data.test_images[:256], labels[:256])
    export(model, files["onnx_int8"], data.test_images, labels, calibration=calibration)
    calls: dict[str, Call] = {}
    for threads in range(1, min(2, THREADS) + 1):
        calls[f"pytorch_{threads}"] = partial(eager, model, images, threads)
        for name, path in files.items():
            session = open_session(path, threads)
            calls[f"{name}_{threads}"] = partial(run_session, session, images.numpy())
    return calls, {name: path.stat().st_size for name, path in files.items()}


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


def by_images_per_call(call: Call) -> dict[str, float]:
    """Images per second by the number of images in a call."""
    curve = {}
    for size in (1, 4, 16, 64, 256, 1024):
        parts = [slice(start, start + size) for start in range(0, max(1, 2048 - size), size)]
        seconds = median_seconds(lambda parts=parts: [call(part) for part in parts])
        curve[str(size)] = len(parts) * size / seconds
    return curve


def accuracy(call: Call, labels: Any) -> float:
    """The share of all test images that it reads rightly."""
    parts = [slice(start, start + 500) for start in range(0, len(labels), 500)]
    right = sum(int((call(part).argmax(1) == labels[part]).sum()) for part in parts)
    return right / len(labels)


def cold_start(data: Data) -> dict[str, float]:
    """`tinydigits read` on one file, and what merely importing PyTorch takes, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "one.png"
        Image.fromarray(data.test_images[0, 0].numpy()).save(picture)
        commands = {
            "read_one_file": [sys.executable, "-m", "tinydigits", "read", str(picture)],
            "import_torch": [sys.executable, "-c", "import torch"],
            "python": [sys.executable, "-c", "pass"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(11):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    main()

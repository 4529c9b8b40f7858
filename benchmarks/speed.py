"""Speed on this machine: training against the original's way, inference, cold starts, and floors.

Everything that is compared runs in turn, several rounds in one go, and counts with its median.
Training is timed in processes of their own (an arm each), on 15,360 images after 3,840 that don't
count, and given per epoch of 60,000. Writes results/speed.json and docs/speed.png; the seconds to
an accuracy come from `tinydigits bench speed` and `bench accuracy --recipe fast`.

    python benchmarks/speed.py                     # about ten minutes; nothing else should run
    python benchmarks/speed.py --only training
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
ROUNDS = 3
IMAGES, WARM_UP, TIMED = 60_000, 3_840, 15_360
CORES = len(os.sched_getaffinity(0))

# Arms of the comparison: how it trains, batch size, threads, and what the table calls it.
ARMS = {
    "original": ("pil", 256, CORES, "the original's way: PIL images, DataLoader, float32"),
    "example": ("example", 64, CORES, "PyTorch's example network, the same way, batches of 64"),
    "ours": ("ours", 256, CORES, "ours, the original's recipe"),
    "fast": ("fast", 256, CORES, "ours, recipe `fast`: warps, Muon, averaging"),
    "layers": ("layers", 256, CORES, "ours, original's recipe, every layer by itself"),
    "no_memory": ("no_memory", 256, CORES, "ours, original's recipe, memory given back each time"),
    "float32": ("float32", 256, CORES, "ours, original's recipe, in float32"),
    "nchw": ("nchw", 256, CORES, "ours, original's recipe, default memory layout"),
    "dropout": ("dropout", 256, CORES, "ours, original's recipe, PyTorch's dropout"),
    "batch_64": ("ours", 64, CORES, "ours, original's recipe, batches of 64"),
    "batch_128": ("ours", 128, CORES, "ours, original's recipe, batches of 128"),
    "batch_512": ("ours", 512, CORES, "ours, original's recipe, batches of 512"),
    "batch_1024": ("ours", 1024, CORES, "ours, original's recipe, batches of 1,024"),
    "one_thread": ("ours", 256, 1, "ours, original's recipe, batches of 256, one thread"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = {
        "training": training,
        "inference": inference,
        "cold_start": cold_start,
        "floors": floors,
        "memory": memory,
    }
    parser.add_argument("--only", choices=parts, action="append", help="measure these parts")
    parser.add_argument("--arm", choices=ARMS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.arm:
        print(json.dumps(arm(options.arm)))
        return
    path = RESULTS / "speed.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    for name in options.only or parts:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found[name] = parts[name]()
        found["machine"] = machine()
        from tinydigits.files import atomic_write

        atomic_write(path, json.dumps(found, indent=2) + "\n")
        print(json.dumps(found[name], indent=2))
    picture(found, ROOT / "docs" / "speed.png")


def machine() -> dict:
    import torch

    from tinydigits.mnist.device import device_name
    from tinydigits.mnist.runs import versions

    device = device_name(torch.device("cpu"))
    return {"device": device, "cores": CORES, "system": platform.platform(), **versions()}


def training() -> dict:
    """Each arm in turn, in a fresh process, `ROUNDS` times: seconds per epoch."""
    seconds: dict[str, list[float]] = {name: [] for name in ARMS}
    for number in range(ROUNDS):
        for name in ARMS:
            command = [sys.executable, __file__, "--arm", name]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds[name].append(json.loads(output))
            print(f"round {number + 1} {name}: {seconds[name][-1]:.1f} s", file=sys.stderr)
    return {
        "arms": {
            name: {
                "what": what,
                "batch_size": batch_size,
                "threads": threads,
                "seconds_per_epoch": statistics.median(seconds[name]),
                "times_faster_than_original": statistics.median(seconds["original"])
                / statistics.median(seconds[name]),
                "all": seconds[name],
            }
            for name, (_, batch_size, threads, what) in ARMS.items()
        },
        "original_test_seconds": original_test_seconds(),
    }


def arm(name: str) -> float:
    """Seconds per epoch of one arm, in this process."""
    import torch

    from tinydigits.mnist.data import load_data

    way, batch_size, threads, _ = ARMS[name]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    make = usual_way if way in ("pil", "example") else our_way
    step, batches = make(way, batch_size, load_data("mnist"))
    for _ in range(-(-WARM_UP // batch_size)):
        step(*next(batches))
    steps = TIMED // batch_size
    began = time.perf_counter()
    for _ in range(steps):
        step(*next(batches))
    return (time.perf_counter() - began) / (steps * batch_size) * IMAGES


def usual_way(way: str, batch_size: int, data: Any) -> tuple[Callable, Iterator]:
    """What makes an update, and batches: the original's network or PyTorch's example one."""
    import torch
    from torch.nn import functional as F

    from tinydigits.mnist.model import Net

    optimizer: torch.optim.Optimizer
    if way == "example":
        net = example_network()
        optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0)
    else:
        net = with_torch_dropout(Net())
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net.train()

    def step(images: torch.Tensor, labels: torch.Tensor) -> None:
        optimizer.zero_grad()
        F.nll_loss(net(images), labels).backward()
        optimizer.step()

    return step, iter(pil_loader(data.train_images, data.train_labels, batch_size, True))


def our_way(way: str, batch_size: int, data: Any) -> tuple[Callable, Iterator]:
    """What makes an update, and batches: `fit`'s, perhaps without one of its measures."""
    import torch

    from tinydigits.mnist import fit, fused
    from tinydigits.mnist.model import train
    from tinydigits.mnist.recipe import preset

    if way == "no_memory":
        fit.keep_memory = lambda: None
    if way == "layers":
        fused.library = lambda: None
    recipe = preset("fast" if way == "fast" else "original").changed(
        batch_size=batch_size,
        device="cpu",
        precision="float32" if way == "float32" else "auto",
    )
    training = fit.start(recipe)
    network = training.network
    if way == "nchw":
        network.to(memory_format=torch.contiguous_format)
    if way == "dropout":
        with_torch_dropout(network)
    precision = fit.choose_precision(recipe.precision, network.mean.device)

    def step(images: torch.Tensor, labels: torch.Tensor) -> None:
        batch, average = [(images, labels)], training.average
        train(network, batch, training.optimizer, average=average, precision=precision)

    every = (fit.epoch_batches(recipe, data, epoch) for epoch in range(1, 99))
    return step, itertools.chain.from_iterable(every)


def pil_loader(images, labels, batch_size: int, shuffle: bool):
    """The usual way: a Dataset that makes a PIL image, a tensor and its normalisation each time."""
    import numpy as np
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class Pictures(Dataset):
        def __len__(self) -> int:
            return len(labels)

        def __getitem__(self, index: int):
            picture = Image.fromarray(images[index, 0].numpy())
            pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
            pixels = pixels[None].to(torch.float32).div(255).sub(0.1307).div(0.3081)
            return pixels, int(labels[index])

    return DataLoader(Pictures(), batch_size=batch_size, shuffle=shuffle)


def with_torch_dropout(net):
    """The network with PyTorch's dropout instead of ours."""
    from torch import nn

    for index, layer in enumerate(net.layers):
        if isinstance(layer, nn.Dropout):
            net.layers[index] = nn.Dropout(layer.p)
    return net


def example_network():
    """PyTorch's MNIST example: two convolutions, two dense layers, 1.2 million parameters."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
        nn.LogSoftmax(1),
    )


def original_test_seconds() -> float:
    """Scoring the 10,000 test images the original's way, which it does after every epoch."""
    import torch

    from tinydigits.mnist.data import load_data
    from tinydigits.mnist.model import Net

    data, net = load_data("mnist"), Net().eval()
    began = time.perf_counter()
    with torch.no_grad():
        for images, _ in pil_loader(data.test_images, data.test_labels, 256, False):
            net(images)
    return time.perf_counter() - began


def inference() -> dict:
    """Latency of one image and images per second, in turn, on one thread and on two."""
    from tinydigits.mnist.data import load_data

    data = load_data("mnist")
    ways, sizes = readers(data)
    ones: dict[str, list[float]] = {name: [] for name in ways}
    many: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, call in ways.items():
            began = time.perf_counter()
            for index in range(200):
                call(slice(index, index + 1))
            middle = time.perf_counter()
            for start in range(0, 5000, 250):
                call(slice(start, start + 250))
            if number:  # the first round warms up
                ones[name].append((middle - began) / 200)
                many[name].append((time.perf_counter() - middle) / 5000)
    curve = {}
    for size in (1, 4, 16, 64, 256, 1024):
        parts = [slice(start, start + size) for start in range(0, max(1, 2048 - size), size)]
        call = ways["onnx_float32_1"]
        seconds = _median_seconds(lambda parts=parts, call=call: [call(part) for part in parts])
        curve[size] = len(parts) * size / seconds
    rows = {
        name: {
            "milliseconds_per_image": 1000 * statistics.median(ones[name]),
            "images_per_second": 1 / statistics.median(many[name]),
            "accuracy": accuracy(call, data.test_labels.numpy()),
        }
        for name, call in ways.items()
    }
    return {"ways": rows, "bytes": sizes, "images_per_second_by_images_per_call": curve}


def readers(data: Any) -> tuple[dict[str, Callable], dict[str, int]]:
    """What reads a slice of the test images, by runtime and threads; the files' sizes in bytes."""
    import onnxruntime
    import torch

    from tinydigits.mnist.export import export
    from tinydigits.mnist.runs import load_model

    images = data.test_images.float() / 255
    arrays = images.numpy()
    model = load_model(ROOT / "weights" / "best.safetensors").eval()

    def session(path: Path, threads: int) -> Callable:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        found = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return lambda part: found.run(None, {"images": arrays[part]})[0]

    def eager(threads: int) -> Callable:
        def call(part: slice):
            torch.set_num_threads(threads)
            with torch.inference_mode():
                return model(images[part]).numpy()

        return call

    with tempfile.TemporaryDirectory() as folder:
        files = {"onnx_float32": Path(folder, "float.onnx"), "onnx_int8": Path(folder, "int8.onnx")}
        labels, calibration = data.test_labels, data.train_images[:1000]
        export(model, files["onnx_float32"], data.test_images[:256], labels[:256])
        export(model, files["onnx_int8"], data.test_images, labels, calibration=calibration)
        ways: dict[str, Callable] = {}
        for threads in (1, 2):
            ways[f"pytorch_{threads}"] = eager(threads)
            ways |= {f"{k}_{threads}": session(path, threads) for k, path in files.items()}
        return ways, {name: path.stat().st_size for name, path in files.items()}


def accuracy(call: Callable, labels: Any) -> float:
    """The share of all test images that it reads rightly."""
    parts = [slice(start, start + 500) for start in range(0, len(labels), 500)]
    right = sum(int((call(part).argmax(1) == labels[part]).sum()) for part in parts)
    return right / len(labels)


def cold_start() -> dict:
    """`tinydigits read` on one file, and what merely importing PyTorch takes, in turn."""
    from PIL import Image

    from tinydigits.mnist.data import load_data

    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "one.png"
        Image.fromarray(load_data("mnist").test_images[0, 0].numpy()).save(picture)
        commands = {
            "read_one_file": [str(Path(sys.executable).with_name("tinydigits")), "read", picture],
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


def floors() -> dict:
    """What the arithmetic alone would take at this machine's best, and moving the activations.

    Arithmetic: the multiplications and additions of the convolutions, three times those of a
    forward pass (less the first layer's input gradient), at the rate of a large matrix product.
    Memory: every layer's output written and read once forwards, and read again and its gradient
    written and read backwards, in bfloat16, at the rate of copying a large tensor.
    """
    import torch
    from torch import nn

    from tinydigits.mnist.model import Net

    torch.set_num_threads(CORES)
    operations, values = [], []

    def look(layer: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        values.append(output.numel())
        if isinstance(layer, nn.Conv2d):
            per_value = 2 * layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]
            operations.append(output.numel() * per_value)

    net = Net().eval()
    for layer in net.layers:
        layer.register_forward_hook(look)
    net(torch.zeros(1, 1, 28, 28))
    training_operations = 3 * sum(operations) - operations[0]
    rates = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        a, b = (torch.randn(2048, 2048).to(dtype) for _ in range(2))
        rates[name] = 2 * 2048**3 / _median_seconds(lambda a=a, b=b: a @ b)
    large, copied = torch.zeros(2, 64 << 20)
    copy_rate = 2 * large.numel() * 4 / _median_seconds(lambda: copied.copy_(large))
    moved = 5 * 2 * sum(values)
    return {
        "training_operations_per_image": training_operations,
        "operations_per_second": rates,
        "bytes_moved_per_image": moved,
        "bytes_per_second": copy_rate,
        "arithmetic_seconds_per_epoch": {
            name: IMAGES * training_operations / rate for name, rate in rates.items()
        },
        "memory_seconds_per_epoch": IMAGES * moved / copy_rate,
    }


def _median_seconds(call: Callable) -> float:
    seconds = []
    for _ in range(12):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[2:])


def memory() -> dict:
    """Peak resident bytes of what `make train` runs, shortened to one epoch."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("tinydigits")), "train", "--data", "mnist"]
        command += ["--recipe", "fast", "--epochs", "1", "--out", str(Path(folder) / "run")]
        kilobytes = subprocess.check_output([sys.executable, "-c", program, *command])
    return {"peak_bytes": 1024 * int(kilobytes)}


def picture(found: dict, path: Path) -> None:
    """Left: seconds per epoch, ours and others', over the floors. Right: accuracy over seconds."""
    from matplotlib.figure import Figure

    from tables import CLAIM, LAST_FIVE, original_seconds, timed_runs
    from tinydigits.plots import save_figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    bars, curve = figure.subplots(1, 2)
    arms = found["training"]["arms"]
    shown = ("example", "original", "float32", "ours", "fast")
    seconds = [arms[name]["seconds_per_epoch"] for name in shown]
    labels = [arms[name]["what"].replace("`", "").replace(": ", ":\n", 1) for name in shown]
    colours = ["#999999", "#999999", "#9ecae1", "#3182bd", "#08519c"]
    drawn = bars.barh(labels[::-1], seconds[::-1], color=colours[::-1])
    bars.bar_label(drawn, fmt="%.1f s", padding=3)
    floor = found["floors"]["arithmetic_seconds_per_epoch"]["bfloat16"]
    bars.axvline(floor, color="black", linestyle=":", linewidth=1)
    bars.text(
        floor, 1, f" arithmetic alone, {floor:.1f} s", va="bottom", fontsize=8,
        transform=bars.get_xaxis_transform(),
    )  # fmt: skip
    bars.set(xlabel=f"seconds per epoch, {CORES} cores", xlim=(0, 1.15 * max(seconds)))
    bars.spines[["top", "right"]].set_visible(False)
    bars.tick_params("y", labelsize=8)
    epochs, _, seconds, means = zip(*timed_runs(), strict=True)
    means = [100 * mean for mean in means]
    curve.plot(seconds, means, "o-", color="#08519c", label="fast, by number of epochs")
    for number, x, y in zip(epochs, seconds, means, strict=True):
        curve.annotate(str(number), (x, y), xytext=(5, -11), textcoords="offset points", fontsize=8)
    whole = original_seconds(found)
    curve.plot(
        whole, 100 * CLAIM, "x", color="#cb181d", label="the original's claim: one lucky epoch"
    )
    curve.plot(
        whole, 100 * LAST_FIVE, "o", color="#cb181d", label="the mean of its last five epochs"
    )
    curve.axhline(100 * CLAIM, color="#cb181d", linestyle=":", linewidth=1)
    curve.set(
        xscale="log", xlabel="seconds, scoring included", ylabel="mean MNIST test accuracy, %"
    )
    curve.set_xticks(ticks := [30, 60, 120, 300, 600, 1200], [str(tick) for tick in ticks])
    curve.set_xticks([], minor=True)
    curve.legend(fontsize=8, loc="upper right")
    curve.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)


if __name__ == "__main__":
    main()

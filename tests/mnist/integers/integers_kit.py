"""Networks to write in integers, and running what is written."""

import copy
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import NetName

Bytes = NDArray[np.uint8]
Compile = Callable[..., Path]
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic")


def untrained(seed: int, name: NetName = "original") -> Net:
    """A network whose batch norms have statistics, lines up and down, and offsets that count."""
    torch.manual_seed(seed)
    net = Net(0.0, name)
    for layer in net.layers:
        if isinstance(layer, nn.BatchNorm2d):
            if layer.affine:
                nn.init.normal_(layer.weight)
                nn.init.normal_(layer.bias)
            layer.momentum = 1.0
    with torch.no_grad():
        net(pictures(200, 7).float() / 255)
    return net.eval()


def weights(name: str) -> Net:
    """A network whose weights are in the repository."""
    from tinydigits.mnist.weights import load_model

    return load_model(Path(__file__).parents[3] / "weights" / f"{name}.safetensors").eval()


def odd_network() -> Net:
    """Channels that four does not divide, and a first layer without padding."""
    torch.manual_seed(0)
    net = Net()
    net.layers = nn.Sequential(
        *(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.BatchNorm2d(3), nn.MaxPool2d(2)),
        *(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 7, 1)),
        *(nn.Conv2d(7, 10, 1), nn.AvgPool2d(13)),
    )
    return net.eval()


def pictures(count: int, seed: int) -> Tensor:
    """Bytes (N, 1, 28, 28): a third of them noise to the border, the rest blots on blank paper."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    for image in images[count // 3 :]:
        y, x = np.mgrid[:28, :28]
        distance = np.hypot(y - rng.uniform(6, 22), x - rng.uniform(6, 22))
        image[np.abs(distance - rng.uniform(0, 9)) > rng.uniform(1, 4)] = 0
    return torch.from_numpy(images)[:, None]


def needed(program: str) -> str:
    """A program that must be there on CI; elsewhere the test is skipped without it."""
    if shutil.which(program) is None:
        message = f"this needs {program}; .ci/run says which packages have what"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return program


def answers(program: list[str | Path], images: Bytes) -> NDArray[np.int64]:
    """What a program answers to images: (N, 11), ten scores and the digit."""
    done = subprocess.run(list(map(str, program)), input=images.tobytes(), capture_output=True)
    assert not done.returncode and not done.stderr, done.stderr
    return np.array([line.split() for line in done.stdout.splitlines()], np.int64)


def onnx_scores(model: onnx.ModelProto, images: NDArray[np.float32]) -> NDArray[np.int32]:
    """The value that the file calls `scores`."""
    model = copy.deepcopy(model)
    integer = onnx.TensorProto.INT32
    model.graph.output.append(onnx.helper.make_tensor_value_info("scores", integer, ["batch", 10]))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return np.asarray(session.run(["scores"], {"images": images[:, None]})[0])

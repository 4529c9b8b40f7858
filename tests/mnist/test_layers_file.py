"""Walking the exported list of layers, with NumPy alone, gives what PyTorch gives."""

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.layers_file import layers_json
from tinydigits.mnist.model import Net

Array = np.ndarray


def array(text: str, *shape: int) -> Array:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(*shape).astype(np.float64)


def walk(facts: dict[str, Any], images: Array) -> Array:
    """Images (N, 1, 28, 28) -> scores (N, 10), by what the file says and nothing else."""
    x = (images - facts["mean"]) / facts["std"]
    for layer in facts["layers"]:
        x = LAYERS[layer["type"]](layer, x)
    return x.reshape(len(x), -1)


def conv2d(layer: dict[str, Any], x: Array) -> Array:
    kernel, padding = layer["kernel"], layer["padding"]
    shape = (layer["out_channels"], layer["in_channels"], kernel, kernel)
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    windows = sliding_window_view(x, (kernel, kernel), axis=(2, 3))
    windows = windows[:, :, :: layer["stride"], :: layer["stride"]]
    out = np.einsum("ncyxij,ocij->noyx", windows, array(layer["weight"], *shape))
    return out + array(layer["bias"], -1, 1, 1)


def batch_norm(layer: dict[str, Any], x: Array) -> Array:
    weight, bias, mean, var = (array(layer[k], -1, 1, 1) for k in ("weight", "bias", "mean", "var"))
    return (x - mean) / np.sqrt(var + layer["eps"]) * weight + bias


def pooled(layer: dict[str, Any], x: Array) -> Array:
    kernel = layer["kernel"]
    windows = sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::kernel, ::kernel]
    return windows.max((4, 5)) if layer["type"] == "max_pool" else windows.mean((4, 5))


LAYERS = {
    "conv2d": conv2d,
    "batch_norm": batch_norm,
    "relu": lambda _, x: np.maximum(x, 0),
    "max_pool": pooled,
    "avg_pool": pooled,
}


def test_walking_the_list_is_the_network() -> None:
    torch.manual_seed(0)
    net, images = Net(), torch.rand(20, 1, 28, 28)
    net(images)  # running statistics that are not the first ones
    net.eval()
    facts = json.loads(layers_json(net, [(1.0, 0.0), (0.85, 0.0)], 1.3))
    assert (facts["views"], facts["temperature"]) == ([[1.0, 0.0], [0.85, 0.0]], 1.3)
    scores = walk(facts, images.numpy())
    with torch.inference_mode():
        expected = net.double()(images.double())
    log_probs = torch.from_numpy(scores).log_softmax(1)
    assert torch.allclose(log_probs, expected.double(), atol=1e-5)


def test_a_layer_without_a_place_is_refused() -> None:
    net = Net()
    net.layers.append(torch.nn.Tanh())
    with pytest.raises(TinydigitsError, match=r"no place in the JSON file.*Tanh"):
        layers_json(net, [(1.0, 0.0)])

"""A trained network as one small JSON file: its layers in order, with their settings and weights.

Whoever walks that list has the network, without PyTorch, ONNX or a copy of the architecture: the
browser page does. Weights are base64 of little-endian float32 in C order; convolutions' have shape
(out_channels, in_channels, kernel, kernel). Dropout is left out: it does nothing when reading.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from tinydigits.errors import TinydigitsError
from tinydigits.layers_file import FORMAT
from tinydigits.mnist.model import Net
from tinydigits.mnist.plain import plain_layers


def layers_json(model: Net, views: Sequence[tuple[float, float]], temperature: float = 1.0) -> str:
    """Everything that turns an image into calibrated probabilities, as JSON.

    Scores are the last layer's output for (image - mean) / std, the image (1, 28, 28) in [0, 1];
    probabilities are the mean over the views of softmax(scores / temperature).

    Args:
        model: the network.
        views: (size, degrees counterclockwise) of each view of an image.
        temperature: what the scores are divided by.

    Raises:
        TinydigitsError: the network has a layer that the format does not know.
    """
    facts = {
        "format": FORMAT,
        "labels": "0123456789",
        "mean": round(float(model.mean), 7),
        "std": round(float(model.std), 7),
        "views": [list(view) for view in views],
        "temperature": temperature,
        "layers": [_layer(layer) for layer in plain_layers(model)],
    }
    return json.dumps(facts, separators=(",", ":"), allow_nan=False) + "\n"


def _layer(layer: nn.Module) -> dict[str, Any]:
    match layer:
        case nn.Conv2d():
            return {
                "type": "conv2d",
                "in_channels": layer.in_channels,
                "out_channels": layer.out_channels,
                "kernel": layer.kernel_size[0],
                "stride": layer.stride[0],
                "padding": layer.padding[0],
                "weight": _base64(layer.weight),
                "bias": _base64(layer.bias),
            }
        case nn.BatchNorm2d():
            return {
                "type": "batch_norm",
                "channels": layer.num_features,
                "eps": layer.eps,
                "weight": _base64(layer.weight),
                "bias": _base64(layer.bias),
                "mean": _base64(layer.running_mean),
                "var": _base64(layer.running_var),
            }
        case nn.ReLU():
            return {"type": "relu"}
        case nn.MaxPool2d():
            return {"type": "max_pool", "kernel": layer.kernel_size}
        case nn.AvgPool2d():
            return {"type": "avg_pool", "kernel": layer.kernel_size}
    raise TinydigitsError(f"there is no place in the JSON file for a layer of type {layer}")


def _base64(values: Tensor | None) -> str:
    assert values is not None
    return base64.b64encode(values.detach().cpu().numpy().astype("<f4").tobytes()).decode()

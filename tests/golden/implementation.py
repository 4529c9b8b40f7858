"""What README.md in this folder specifies, written from its text alone, in float64."""

import base64
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

import tinydigits

Array = np.ndarray
FACTS = json.loads(
    (Path(tinydigits.__file__).parent / "reader" / "digits.json").read_text(encoding="utf-8")
)


def image_of(ink: Array) -> Array:
    """Steps 1 to 3: ink of any size -> 28x28."""
    if not ink.any():
        return np.zeros((28, 28))
    strong = sorted(ink[ink > ink.max() / 2])
    place = 0.6 * (len(strong) - 1)
    below, above = strong[math.floor(place)], strong[math.ceil(place)]
    ink = np.clip(ink / max(below + (above - below) * (place % 1), 0.001), 0, 1)
    gain = max(1, max(box(ink, 0.5).shape) / 20)
    ink = box(np.clip(0.5 + (ink - 0.5) * gain, 0, 1), 0.1)
    height, width = (max(1, round(side * 20 / max(ink.shape))) for side in ink.shape)
    small = resampled(resampled(ink, height).T, width).T
    small = small / small.max()
    image = np.zeros((28, 28))
    top, left = (first_of(small.sum(1 - axis)) for axis in (0, 1))
    image[top : top + height, left : left + width] = small
    return image


def box(ink: Array, level: float) -> Array:
    """The smallest box that holds all values above the level."""
    rows, columns = np.nonzero(ink > level)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def resampled(values: Array, count: int) -> Array:
    """As many rows as are asked for."""
    scale = len(values) / count
    rows = []
    for i in range(count):
        weights = [
            max(0, 1 - abs(j + 0.5 - (i + 0.5) * scale) / max(scale, 1)) for j in range(len(values))
        ]
        rows.append(np.array(weights) @ values / sum(weights))
    return np.array(rows)


def first_of(sums: Array) -> int:
    """The row, or column, where the digit begins, by the sums over its rows."""
    centre = sum(i * value for i, value in enumerate(sums)) / sum(sums)
    return min(max(round(14 - centre), 0), 28 - len(sums))


def view(image: Array, size: float, degrees: float) -> Array:
    """Step 4."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    seen = np.zeros((28, 28))
    for r, c in np.ndindex(28, 28):
        row = 13.5 + (sine * (c - 13.5) + cosine * (r - 13.5)) / size
        column = 13.5 + (cosine * (c - 13.5) - sine * (r - 13.5)) / size
        for y in (math.floor(row), math.floor(row) + 1):
            for x in (math.floor(column), math.floor(column) + 1):
                if 0 <= y < 28 and 0 <= x < 28:
                    seen[r, c] += (1 - abs(row - y)) * (1 - abs(column - x)) * image[y, x]
    return seen


def scores_of(seen: Array, facts: dict[str, Any] = FACTS) -> Array:
    """Step 5: 28x28 -> ten scores."""
    values = (seen[None] - facts["mean"]) / facts["std"]
    for layer in facts["layers"]:
        array = {
            name: np.frombuffer(base64.b64decode(value), "<f4").astype(float)
            for name, value in layer.items()
            if isinstance(value, str) and name != "type"
        }
        match layer["type"]:
            case "conv2d":
                side, step = layer["kernel"], layer["stride"]
                weight = array["weight"].reshape(layer["out_channels"], -1)
                padded = np.pad(values, ((0, 0), *2 * ((layer["padding"],) * 2,)))
                height, width = ((n - side) // step + 1 for n in padded.shape[1:])
                values = np.empty((len(weight), height, width))
                for y, x in np.ndindex(height, width):
                    window = padded[:, y * step : y * step + side, x * step : x * step + side]
                    values[:, y, x] = weight @ window.ravel() + array["bias"]
            case "relu":
                values = np.maximum(values, 0)
            case "batch_norm":
                mean, var, scale, shift = (
                    array[name][:, None, None] for name in ("mean", "var", "weight", "bias")
                )
                values = (values - mean) / np.sqrt(var + layer["eps"]) * scale + shift
            case "max_pool" | "avg_pool" as kind:
                side = layer["kernel"]
                channels, height, width = (
                    n // d for n, d in zip(values.shape, (1, side, side), strict=True)
                )
                values = values[:, : height * side, : width * side]
                values = values.reshape(channels, height, side, width, side)
                values = values.max((2, 4)) if kind == "max_pool" else values.mean((2, 4))
    return values.ravel()


def answer(image: Array) -> tuple[Array, Array]:
    """Steps 4 to 6: 28x28 -> log-probabilities of each view (3, 10), and probabilities (10,)."""
    scores = np.array([scores_of(view(image, *each)) for each in FACTS["views"]])
    powers = np.exp(scores / FACTS["temperature"])
    log_probs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    return log_probs, (powers / powers.sum(1, keepdims=True)).mean(0)

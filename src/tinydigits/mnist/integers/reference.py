"""The network in integers, run by NumPy: what the C file and the ONNX file are held against."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tinydigits.mnist.integers.quantise import Integers, Layer, bias_map

_BATCH = 20  # images whose windows fit a cache
# Products of matrices are quickest in float32, and exact: `quantise` keeps sums below 2**24.
_Bytes = NDArray[np.float32]


def scores(integers: Integers, images: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Ten integer scores of each image: bytes (N, 28, 28), ink 255 -> int32 (N, 10)."""
    found = np.empty((len(images), 10), np.int32)
    for start in range(0, len(images), _BATCH):
        x = images[start : start + _BATCH, :, :, None].astype(np.float32)
        for layer in integers.layers:
            x = _layer(layer, x)
        sums = x.sum((1, 2)).astype(np.int32)
        found[start : start + _BATCH] = sums @ integers.weight.T.astype(np.int32) + integers.bias
    return found


def _layer(layer: Layer, x: _Bytes) -> _Bytes:
    """Bytes (N, H, W, I) -> bytes (N, H, W, O)."""
    pad, (outputs, _, kernel, _) = layer.padding, layer.weight.shape
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = sliding_window_view(x, (kernel, kernel), (1, 2)).transpose(0, 1, 2, 4, 5, 3)
    weight = layer.weight.transpose(2, 3, 1, 0).reshape(-1, outputs).astype(np.float32)
    products = windows.reshape(-1, len(weight)) @ weight
    sums = products.reshape(*windows.shape[:3], outputs) + bias_map(layer).transpose(1, 2, 0)
    # rint rounds half to even.
    y = np.rint(sums * np.float32(0.5) ** layer.shift).clip(0, 255).astype(np.float32)
    if layer.pool:
        y = np.maximum(y[:, ::2], y[:, 1::2])
        y = np.maximum(y[:, :, ::2], y[:, :, 1::2])
    return y

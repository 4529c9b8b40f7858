"""Net rebuilt on the engine: the same 17,466 parameters and the same file as the PyTorch one.

Given the same weights and batch it returns the outputs, the loss, all 17,466 gradients and the
running statistics of `tinydigits.mnist.model.Net`; the tests compare them in float64. It reads and
writes that network's safetensors file, so that either can train what the other reads.
"""

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike
from safetensors import SafetensorError
from safetensors.numpy import load, save

from tinydigits.backprop import layers
from tinydigits.backprop.engine import Array, Tensor
from tinydigits.backprop.sgd import SGD
from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_write

PARAMETERS = 17_466
# A layer's place in this list is its number in the file's names: layers.0.weight and so on.
LAYERS: tuple[tuple[str, *tuple[int, ...]], ...] = (
    ("conv", 1, 16, 3, 1),  # from 1 to 16 channels, 3x3 kernels, padding 1
    ("relu",),
    ("norm", 16),
    ("conv", 16, 32, 3, 1),
    ("relu",),
    ("norm", 32),
    ("max_pool", 2),
    ("conv", 32, 8, 1, 0),
    ("dropout",),
    ("conv", 8, 16, 3, 0),
    ("relu",),
    ("norm", 16),
    ("conv", 16, 32, 3, 0),
    ("relu",),
    ("norm", 32),
    ("conv", 32, 8, 1, 0),
    ("dropout",),
    ("conv", 8, 16, 3, 0),
    ("relu",),
    ("conv", 16, 32, 3, 0),
    ("relu",),
    ("conv", 32, 10, 1, 0),
    ("avg_pool", 6),
)


class Net:
    """The convolutional network.

    Args:
        dropout: probability with which the transitions drop a value in training.
        seed: of the weights' start, drawn as PyTorch draws it, and of dropout.
        dtype: float32 to train, float64 to compare.
    """

    def __init__(self, dropout: float = 0.30, seed: int = 0, dtype: DTypeLike = np.float32) -> None:
        self.dropout = dropout
        self.dtype = np.dtype(dtype)
        self.generator = np.random.default_rng(seed)
        self.parameters: dict[str, Tensor] = {}
        # What is kept but not trained: pixel statistics, running statistics, their counts.
        self.buffers: dict[str, Array] = {
            "mean": np.array(0.1307, dtype),
            "std": np.array(0.3081, dtype),
        }
        for number, (kind, *sizes) in enumerate(LAYERS):
            if kind == "conv":
                self._add_conv(f"layers.{number}", *sizes[:3])
            elif kind == "norm":
                self._add_norm(f"layers.{number}", sizes[0])

    def _add_conv(self, name: str, inputs: int, outputs: int, kernel: int) -> None:
        # He et al. 2015 as in PyTorch: uniform within 1/√(values that a kernel reads).
        bound = 1 / np.sqrt(inputs * kernel * kernel)
        for part, shape in (("weight", (outputs, inputs, kernel, kernel)), ("bias", (outputs,))):
            start = self.generator.uniform(-bound, bound, shape).astype(self.dtype)
            self.parameters[f"{name}.{part}"] = Tensor(start, requires_grad=True)

    def _add_norm(self, name: str, channels: int) -> None:
        for part, start in (("weight", np.ones), ("bias", np.zeros)):
            self.parameters[f"{name}.{part}"] = Tensor(
                start(channels, self.dtype), requires_grad=True
            )
        self.buffers[f"{name}.running_mean"] = np.zeros(channels, self.dtype)
        self.buffers[f"{name}.running_var"] = np.ones(channels, self.dtype)
        self.buffers[f"{name}.num_batches_tracked"] = np.array(0, np.int64)

    def __call__(self, images: Array, training: bool = False) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1], ink 1 -> log-probabilities (N, 10).

        In training, values are dropped and batch norm uses and records the batch's statistics.

        Raises:
            ValueError: the images have another shape.
        """
        if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
            raise ValueError(f"expected images of shape (N, 1, 28, 28), got {images.shape}")
        standard = (images - self.buffers["mean"]) / self.buffers["std"]
        x = Tensor(standard.astype(self.dtype))
        for number, (kind, *sizes) in enumerate(LAYERS):
            x = self._layer(x, f"layers.{number}", kind, sizes, training)
        return layers.log_softmax(x.reshape(len(images), 10))

    def _layer(self, x: Tensor, name: str, kind: str, sizes: list[int], training: bool) -> Tensor:
        match kind:
            case "conv":
                weight, bias = self._weights(name)
                return layers.conv2d(x, weight, bias, padding=sizes[3])
            case "norm":
                if training:
                    self.buffers[f"{name}.num_batches_tracked"] += 1
                mean, var = (self.buffers[f"{name}.running_{part}"] for part in ("mean", "var"))
                return layers.batch_norm(x, *self._weights(name), mean, var, training)
            case "dropout":
                return layers.dropout(x, self.dropout, self.generator) if training else x
            case "max_pool":
                return layers.max_pool2d(x, sizes[0])
            case "avg_pool":
                return layers.avg_pool2d(x, sizes[0])
            case _:
                return layers.relu(x)

    def _weights(self, name: str) -> tuple[Tensor, Tensor]:
        return self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"]

    def state_dict(self) -> dict[str, Array]:
        """Every array of the network by its name in the file; floats as float32."""
        arrays = {name: tensor.data for name, tensor in self.parameters.items()} | self.buffers
        return {
            name: array if array.dtype == np.int64 else array.astype(np.float32)
            for name, array in arrays.items()
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Take over every array of `state`, in this network's precision.

        Raises:
            TinydigitsError: a name is missing or unknown, or an array has another shape.
        """
        expected = self.state_dict()
        if state.keys() != expected.keys():
            wrong = ", ".join(sorted(state.keys() ^ expected.keys())[:3])
            raise TinydigitsError(f"these are not the weights of Net: missing or unknown {wrong}")
        for name, array in state.items():
            if array.shape != expected[name].shape:
                raise TinydigitsError(
                    f"these are not the weights of Net: {name} should have shape "
                    f"{expected[name].shape}, not {array.shape}"
                )
            if name in self.parameters:
                self.parameters[name].data = array.astype(self.dtype)
            else:
                self.buffers[name] = array.astype(self.buffers[name].dtype)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the weights as the safetensors file that the PyTorch network writes."""
        atomic_write(path, save(self.state_dict()))

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read the weights of either network.

        Raises:
            OSError: the file cannot be read.
            TinydigitsError: it is not a safetensors file, or not of this network.
        """
        with open(path, "rb") as file:
            content = file.read()
        try:
            self.load_state_dict(load(content))
        except SafetensorError as error:
            raise TinydigitsError(f"{path} is not a safetensors file: {error}") from error


def train_epoch(
    net: Net,
    optimizer: SGD,
    images: Array,
    labels: Array,
    order: Array,
    batch_size: int = 64,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Train once through images (N, 1, 28, 28) in [0, 1] and labels (N,), in the given order.

    Args:
        net: trained in place.
        optimizer: moves net's parameters.
        images: float, ink 1.
        labels: integers 0 to 9.
        order: permutation of N; the caller owns the randomness.
        batch_size: images per step.
        report: called with the step's number and its loss.

    Returns:
        The mean loss over the steps.
    """
    losses = []
    for step, start in enumerate(range(0, len(order), batch_size)):
        batch = order[start : start + batch_size]
        loss = layers.nll_loss(net(images[batch], training=True), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.data))
        report(step, losses[-1])
    return float(np.mean(losses))


def accuracy(net: Net, images: Array, labels: Array, batch_size: int = 250) -> float:
    """The part of images (N, 1, 28, 28) whose most probable digit is the label."""
    right = 0
    for start in range(0, len(labels), batch_size):
        log_probs = net(images[start : start + batch_size]).data
        right += int((log_probs.argmax(axis=1) == labels[start : start + batch_size]).sum())
    return right / len(labels)

"""The layers of a convolutional network as operations on the engine's tensors.

Definitions and defaults follow PyTorch's layers of the same names, so that the two can be compared
to the last digit. Images have shape (N, C, H, W): batch, channels, rows, columns. Nothing here
loops over images or pixels; `_fold` loops over the few positions inside a kernel.
"""

import numpy as np

from tinydigits.backprop.engine import Array, Tensor


def relu(x: Tensor) -> Tensor:
    """Keep what is positive, else 0; the gradient at 0 is taken as 0."""
    positive = x.data > 0
    return Tensor(x.data * positive, (x, lambda g: g * positive))


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^−x)."""
    result = np.exp(-np.logaddexp(0, -x.data))  # the same, and e^−x cannot overflow
    return Tensor(result, (x, lambda g: g * result * (1 - result)))


def dropout(x: Tensor, probability: float, generator: np.random.Generator) -> Tensor:
    """In training, set each value to 0 with `probability`, below 1; the others grow to make up."""
    kept = generator.random(x.shape) >= probability
    return x * (kept / (1 - probability))


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, padding: int = 0, stride: int = 1) -> Tensor:
    """Cross-correlation of images (N, C, H, W) with kernels (O, C, h, w), plus a bias (O,).

    Each window under the kernel becomes a column; then it is one matrix product per image.
    """
    outputs, channels, *kernel = weight.shape
    columns = unfold(x, (kernel[0], kernel[1]), stride, padding)
    n, _, _, rows, width = columns.shape
    columns = columns.reshape(n, channels * kernel[0] * kernel[1], rows * width)
    result = weight.reshape(outputs, -1) @ columns + bias.reshape(outputs, 1)
    return result.reshape(n, outputs, rows, width)


def max_pool2d(x: Tensor, size: int, stride: int | None = None) -> Tensor:
    """The largest value of each `size` x `size` window; of equal ones the first counts."""
    return unfold(x, (size, size), stride or size).max(axis=2)


def avg_pool2d(x: Tensor, size: int, stride: int | None = None) -> Tensor:
    """The mean of each `size` x `size` window."""
    return unfold(x, (size, size), stride or size).mean(axis=2)


def unfold(x: Tensor, kernel: tuple[int, int], stride: int = 1, padding: int = 0) -> Tensor:
    """Every window of images (N, C, H, W), as an array (N, C, h·w, rows, columns).

    Raises:
        ValueError: the kernel is larger than the padded image.
    """
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(x.data, around) if padding else x.data
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(2, 3))
    views = views[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)
    n, channels, h, w, rows, columns = views.shape

    def way_back(g: Array) -> Array:
        image = _fold(g.reshape(views.shape), padded.shape, stride)
        return image[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]

    return Tensor(views.reshape(n, channels, h * w, rows, columns), (x, way_back))


def _fold(windows: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Add windows (N, C, h, w, rows, columns) back to where `unfold` read them."""
    image = np.zeros(shape, windows.dtype)
    _, _, h, w, rows, columns = windows.shape
    for y in range(h):
        for x in range(w):
            image[:, :, y : y + stride * rows : stride, x : x + stride * columns : stride] += (
                windows[:, :, y, x]
            )
    return image


def batch_norm(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    running_mean: Array,
    running_var: Array,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Give every channel of images (N, C, H, W) mean 0 and variance 1, then scale and shift it.

    In training the batch's own statistics are used, and the running ones, both (C,), move towards
    them in place; otherwise the running ones are used. (Ioffe and Szegedy 2015, algorithms 1, 2.)
    """
    channel = (1, -1, 1, 1)
    if training:
        count = x.data.size // x.shape[1]
        mean = x.mean(axis=(0, 2, 3), keepdims=True)
        centred = x - mean
        var = (centred * centred).mean(axis=(0, 2, 3), keepdims=True)
        running_mean += momentum * (mean.data.ravel() - running_mean)
        running_var += momentum * (var.data.ravel() * (count / (count - 1)) - running_var)
    else:
        centred = x - running_mean.reshape(channel)
        var = Tensor(running_var.reshape(channel))
    scale = weight.reshape(*channel) * (var + eps) ** -0.5
    return centred * scale + bias.reshape(*channel)


def log_softmax(scores: Tensor) -> Tensor:
    """Scores (N, K) -> logarithms of probabilities (N, K) that add up to 1 in each row."""
    # Taking a constant off each row changes nothing but keeps e^score from overflowing.
    largest: Array = scores.data.max(axis=1, keepdims=True)
    shifted = scores - largest
    return shifted - shifted.exp().sum(axis=1, keepdims=True).log()


def nll_loss(log_probs: Tensor, labels: Array) -> Tensor:
    """The mean negative log-probability of the right labels (N,), integers below K."""
    right = log_probs[np.arange(len(labels)), labels]
    return -right.mean()

"""The network in integers: what it may hold, how near it is to floats, and ONNX equal to NumPy."""

import copy

import numpy as np
import onnx
import pytest
import torch
from integers_kit import Bytes, odd_network, onnx_scores, pictures, untrained
from torch import nn

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.integers import quantise as module
from tinydigits.mnist.integers.onnx_file import onnx_model
from tinydigits.mnist.integers.quantise import Integers, quantise, scores
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import NetName


def by_hand(integers: Integers, image: Bytes) -> list[int]:
    """The scores of one image in Python's own integers, position by position."""
    x = [[[int(value)] for value in row] for row in image]
    for layer in integers.layers:
        x = by_hand_layer(layer, x)
    maps = len(x[0][0])
    sums = [sum(pixel[channel] for row in x for pixel in row) for channel in range(maps)]
    rows = zip(integers.weight.tolist(), integers.bias.tolist(), strict=True)
    return [
        bias + sum(weight * value for weight, value in zip(row, sums, strict=True))
        for row, bias in rows
    ]


def by_hand_layer(layer: module.Layer, x: list[list[list[int]]]) -> list[list[list[int]]]:
    weight, side, pad = layer.weight.tolist(), len(x), layer.padding
    kernel, out = len(weight[0][0]), len(x) + 2 * layer.padding - len(weight[0][0]) + 1
    found = []
    for y in range(out):
        found.append([])
        for z in range(out):
            places = [
                (y + i - pad, z + j - pad, i, j) for i in range(kernel) for j in range(kernel)
            ]
            inside = [(a, b, i, j) for a, b, i, j in places if 0 <= a < side and 0 <= b < side]
            border = [0 if at == 0 else 2 if at == out - 1 else 1 for at in (y, z)]
            biases = layer.bias[border[0] if pad else 0][border[1] if pad else 0].tolist()
            pixel = []
            for channel, kernels in enumerate(weight):
                total = biases[channel]
                for a, b, i, j in inside:
                    total += sum(plane[i][j] * v for plane, v in zip(kernels, x[a][b], strict=True))
                divisor = 1 << int(layer.shift[channel])
                whole, rest = divmod(total, divisor)
                up = 2 * rest > divisor or (2 * rest == divisor and whole % 2)
                pixel.append(min(255, max(0, whole + up)))
            found[-1].append(pixel)
    if not layer.pool:
        return found
    return [
        [
            [max(four) for four in zip(*found[y][z : z + 2], *found[y + 1][z : z + 2], strict=True)]
            for z in range(0, out, 2)
        ]
        for y in range(0, out, 2)
    ]


def test_numpy_has_the_integers_that_python_has(images: Bytes) -> None:
    integers = quantise(odd_network(), pictures(50, 0))
    assert scores(integers, images[:3]).tolist() == [by_hand(integers, i) for i in images[:3]]


def test_any_number_of_images(integers: Integers, images: Bytes) -> None:
    found = scores(integers, images)
    assert np.array_equal(scores(integers, images[:21]), found[:21])
    assert scores(integers, images[:0]).shape == (0, 10)


def test_onnx_has_the_integers_that_numpy_has(integers: Integers, images: Bytes) -> None:
    model = onnx_model(integers)
    onnx.checker.check_model(model, full_check=True)
    floats = images.astype(np.float32) / 255
    assert np.array_equal(onnx_scores(model, floats), scores(integers, images))


@pytest.mark.parametrize(
    ("name", "seed"), [("original", 0), ("original", 1), ("original", 2), ("2k", 0)]
)
def test_integers_are_near_to_floats(name: NetName, seed: int) -> None:
    """Lines down before pooling and offsets at borders included: noise reaches every border."""
    net, images = untrained(seed, name), pictures(90, 20 + seed)
    integers = quantise(net, pictures(200, 10 + seed))
    with torch.inference_mode():
        exact = net(images.float() / 255).numpy()
    found = integers.step * scores(integers, images[:, 0].numpy())
    found -= np.log(np.exp(found).sum(1, keepdims=True))
    spread = (exact - exact.mean(0)).std()
    assert np.sqrt(np.mean((found - exact) ** 2)) < 0.25 * spread


def test_at_a_border_offsets_are_not_padded() -> None:
    torch.manual_seed(0)
    first, norm, second = (
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.Conv2d(4, 4, 3, padding=1),
    )
    nn.init.constant_(norm.bias, 3.0)
    end = (nn.MaxPool2d(2), nn.Conv2d(4, 10, 1), nn.AvgPool2d(14))
    net, images = Net(), pictures(60, 3)
    net.layers = nn.Sequential(first, nn.ReLU(), norm, second, nn.ReLU(), *end)
    integers = quantise(net.eval(), images)
    with torch.inference_mode():
        exact = net(images.float() / 255).numpy()
    found = integers.step * scores(integers, images[:, 0].numpy())
    found -= np.log(np.exp(found).sum(1, keepdims=True))
    assert np.abs(found - exact).max() < 0.01


def test_sums_are_exact_and_products_do_not_saturate(integers: Integers) -> None:
    for layer in integers.layers:
        weight = np.abs(layer.weight.astype(int))
        assert weight.max() == 63  # of 7 bits, and all of them used
        most = weight.sum((1, 2, 3)) * 255 + np.abs(layer.bias).max((0, 1))
        assert most.max() < 2**24
        assert layer.shift.min() >= 1
    assert 2 * 63 * 255 < 2**15  # two products, as older processors add them up


def test_a_channel_without_weights_is_its_bias(net: Net, images: Bytes) -> None:
    net = copy.deepcopy(net)
    with torch.no_grad():
        net.layers[0].weight[3] = 0
        net.layers[9].weight[2] = 0
    integers = quantise(net, pictures(100, 1))
    exact = net(torch.from_numpy(images)[:, None].float() / 255).detach().numpy()
    found = integers.step * scores(integers, images)
    found -= np.log(np.exp(found).sum(1, keepdims=True))
    assert np.corrcoef(found.ravel(), exact.ravel())[0, 1] > 0.99


CONV, NORM, POOL = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.MaxPool2d(2)
END = (nn.Conv2d(4, 10, 1), nn.AvgPool2d(13))


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((CONV, nn.Tanh(), POOL, *END), "no place for Tanh"),
        ((nn.ReLU(), CONV, POOL, *END), "no place for ReLU"),
        ((CONV, NORM, nn.ReLU(), POOL, *END), "no place for ReLU"),
        ((CONV, POOL, nn.ReLU(), *END), "no place for ReLU"),
        ((CONV, nn.ReLU(), POOL, nn.Dropout(0.5), nn.ReLU(), *END), "no place for ReLU"),
        ((CONV, nn.MaxPool2d(13), *END), "of 2x2 and of an even side"),
        ((CONV, POOL, nn.Conv2d(4, 4, 1), nn.MaxPool2d(2), *END), "of an even side"),
        ((nn.Conv2d(1, 4, 5, padding=1), POOL, *END), "must be 1x1 or 3x3"),
        ((nn.Conv2d(1, 4, 3, stride=2), *END), "must be 1x1 or 3x3"),
        ((nn.Conv2d(1, 4, 3, bias=False), POOL, *END), "must be 1x1 or 3x3"),
        ((CONV, POOL, END[0]), "must end in the mean of its maps"),
        ((CONV, POOL, END[0], nn.ReLU(), END[1]), "followed by the mean only"),
        ((CONV, POOL, nn.Conv2d(4, 10, 3), nn.AvgPool2d(11)), "must end in a 1x1 convolution"),
        ((CONV, nn.Conv2d(4, 10, 1), nn.AvgPool2d(26)), "at most 256 positions"),
    ],
    ids=str,
)
def test_other_networks_are_refused(layers: tuple[nn.Module, ...], said: str) -> None:
    net = Net()
    net.layers = nn.Sequential(*layers)
    with pytest.raises(TinydigitsError, match=said):
        quantise(net.eval(), pictures(10, 0))


def test_weights_that_are_no_numbers_are_refused(net: Net) -> None:
    net = copy.deepcopy(net)
    with torch.no_grad():
        net.layers[3].weight[0, 0, 0, 0] = torch.nan
    with pytest.raises(TinydigitsError, match="cannot be written in integers"):
        quantise(net, pictures(10, 0))


@pytest.mark.mnist
def test_the_shipped_weights_read_as_well(mnist: Data, best: Net) -> None:
    """1,000 of the test images; benchmarks/results/microcontrollers.json has all."""
    integers = quantise(best, mnist.train_images[:1000])
    images = mnist.test_images[2000:3000]
    with torch.inference_mode():
        exact = best(images.float() / 255).argmax(1).numpy()
    found = scores(integers, images[:, 0].numpy()).argmax(1)
    assert (found != exact).sum() <= 2

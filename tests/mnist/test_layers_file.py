"""Walking the exported list of layers, with NumPy alone, gives what PyTorch gives."""

import json

import pytest
import torch
from torch import nn

from tests.golden.implementation import scores_of
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.layers_file import layers_json
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import NetName


@pytest.mark.parametrize("name", ["original", "700"])
def test_walking_the_list_is_the_network(name: NetName) -> None:
    torch.manual_seed(0)
    net, images = Net(net=name), torch.rand(20, 1, 28, 28)
    net(images)  # running statistics that are not the first ones
    net.eval()
    facts = json.loads(layers_json(net, [(1.0, 0.0), (0.85, 0.0)], 1.3))
    assert (facts["views"], facts["temperature"]) == ([[1.0, 0.0], [0.85, 0.0]], 1.3)
    with torch.inference_mode():
        expected = net.double()(images[:3].double())
    for image, log_probs in zip(images, expected, strict=False):
        scores = torch.from_numpy(scores_of(image[0].double().numpy(), facts))
        torch.testing.assert_close(scores.log_softmax(0), log_probs.double(), rtol=0, atol=1e-5)


def test_a_layer_without_a_place_is_refused() -> None:
    net = Net()
    net.layers.append(nn.Tanh())
    with pytest.raises(TinydigitsError, match=r"no place in the JSON file.*Tanh"):
        layers_json(net, [(1.0, 0.0)])


@pytest.mark.parametrize(
    "before",
    [nn.Conv2d(1, 4, 3, bias=False), nn.Conv2d(1, 4, 1), nn.Conv2d(1, 4, 1, stride=2, bias=False)],
    ids=str,
)
def test_a_convolution_of_groups_that_is_not_half_of_a_separable_one_is_refused(
    before: nn.Conv2d,
) -> None:
    net = Net()
    grouped = nn.Conv2d(4, 4, 3, groups=4)
    net.layers = nn.Sequential(nn.Conv2d(1, 4, 1, bias=False), grouped, nn.AvgPool2d(26))
    layers_json(net, [(1.0, 0.0)])
    net.layers[0] = before
    with pytest.raises(TinydigitsError, match=r"no place in a file for Conv2d.*groups=4\) after"):
        layers_json(net, [(1.0, 0.0)])
    net.layers[1] = nn.Conv2d(4, 4, 3, groups=2)
    with pytest.raises(TinydigitsError, match=r"no place in a file for Conv2d.*groups=2\) after"):
        layers_json(net, [(1.0, 0.0)])

import re
from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.model import SIBLINGS, Diverged, Net, _sum, predict, test, train
from tinydigits.mnist.recipe import NetName

# pytest must not take the package's own test function for a test.
test.__test__ = False  # type: ignore[attr-defined]

TABLE = """\
Conv2d 16x28x28 160
ReLU 16x28x28 0
BatchNorm2d 16x28x28 32
Conv2d 32x28x28 4640
ReLU 32x28x28 0
BatchNorm2d 32x28x28 64
MaxPool2d 32x14x14 0
Conv2d 8x14x14 264
Dropout 8x14x14 0
Conv2d 16x12x12 1168
ReLU 16x12x12 0
BatchNorm2d 16x12x12 32
Conv2d 32x10x10 4640
ReLU 32x10x10 0
BatchNorm2d 32x10x10 64
Conv2d 8x10x10 264
Dropout 8x10x10 0
Conv2d 16x8x8 1168
ReLU 16x8x8 0
Conv2d 32x6x6 4640
ReLU 32x6x6 0
Conv2d 10x6x6 330
AvgPool2d 10x1x1 0
"""


def test_the_layer_table_is_the_original_one() -> None:
    summary = Net().summary()
    rows = re.findall(r"─(\w+): 2-\d+\s+\[1, (\d+), (\d+), (\d+)\]\s+([\d,]+|--)", summary)
    found = "".join(
        f"{kind} {'x'.join(shape)} {count.replace(',', '').replace('--', '0')}\n"
        for kind, *shape, count in rows
    )
    assert found == TABLE
    assert "Total params: 17,466" in summary
    assert "Non-trainable params: 0" in summary


def test_parameters_and_buffers() -> None:
    net = Net()
    assert sum(p.numel() for p in net.parameters() if p.requires_grad) == 17_466
    buffers = dict(net.named_buffers())
    assert buffers["mean"].item() == pytest.approx(0.1307)
    assert buffers["std"].item() == pytest.approx(0.3081)
    assert [m.p for m in net.modules() if isinstance(m, nn.Dropout)] == [0.30, 0.30]
    assert [m.p for m in Net(0.1).modules() if isinstance(m, nn.Dropout)] == [0.1, 0.1]


@pytest.mark.parametrize(
    ("name", "count"),
    [("700", 692), ("2k", 2_016), ("8k", 7_618), ("40k", 39_978), ("chip", 9_166)],
)
def test_siblings_are_as_large_as_their_names(name: NetName, count: int) -> None:
    net = Net(0.2, name).train()
    assert sum(p.numel() for p in net.parameters()) == count
    assert [m.p for m in net.modules() if isinstance(m, nn.Dropout)] == [0.2]
    assert net(torch.rand(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("name", ["700", "2k", "8k", "40k"])
def test_no_unit_of_a_small_sibling_begins_near_death(name: NetName) -> None:
    """Biases are 0, and each output's weights of length 1 on average."""
    torch.manual_seed(0)
    layers = [layer for layer in Net(net=name).layers if isinstance(layer, nn.Conv2d)]
    assert not any(layer.bias.any() for layer in layers if layer.bias is not None)
    lengths = torch.cat([layer.weight.flatten(1).norm(dim=1) for layer in layers])
    assert lengths.square().mean().item() == pytest.approx(1, abs=0.15)


def test_every_name_of_a_net_is_one() -> None:
    assert ("original", *SIBLINGS) == get_args(NetName)


def test_the_output_is_log_softmax_of_normalised_pixels() -> None:
    net = Net().eval()
    images = torch.rand(3, 1, 28, 28)
    log_probs = net(images)
    assert log_probs.shape == (3, 10)
    torch.testing.assert_close(log_probs.exp().sum(1), torch.ones(3))
    scores = net.layers((images - 0.1307) / 0.3081)
    torch.testing.assert_close(log_probs, F.log_softmax(scores.mean((2, 3)), 1))


@pytest.mark.parametrize(
    "shape", [(28, 28), (1, 28, 28), (2, 3, 28, 28), (1, 1, 32, 32), (1, 1, 56, 28)]
)
def test_a_wrong_shape_is_refused_with_the_right_one(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected images of shape \(N, 1, 28, 28\), got \("):
        Net()(torch.zeros(shape))


def test_train_is_the_textbook_loop(tiny_data: Data) -> None:
    """Against the same steps written out, weights and all, dropout off."""
    torch.manual_seed(0)
    ours, theirs = Net(0.0), Net(0.0)
    theirs.load_state_dict(ours.state_dict())
    images, labels = tiny_data.train_images.float() / 255, tiny_data.train_labels
    batches = list(zip(images.split(100), labels.split(100), strict=True))

    steps: list[float] = []
    optimizer = torch.optim.SGD(ours.parameters(), 0.05, 0.9)
    loss, accuracy = train(ours, batches, optimizer, on_step=lambda x: steps.append(x.item()))

    theirs.train()
    optimizer = torch.optim.SGD(theirs.parameters(), 0.05, 0.9)
    losses, right = [], 0
    for batch, target in batches:
        optimizer.zero_grad()
        output = theirs(batch)
        error = F.nll_loss(output, target)
        error.backward()
        optimizer.step()
        losses.append(error.item())
        right += int((output.argmax(1) == target).sum())
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value, msg=name)
    assert steps == pytest.approx(losses)
    assert loss == pytest.approx(sum(losses) / 3)
    assert accuracy == right / 300


def test_train_learns_from_distributions_and_counts_their_likeliest_class(tiny_data: Data) -> None:
    torch.manual_seed(0)
    net = Net(0.0)
    images, labels = tiny_data.train_images[:50].float() / 255, tiny_data.train_labels[:50]
    targets = torch.rand(50, 10).softmax(1)
    with torch.no_grad():
        log_probs = net.train()(images)
    optimizer = torch.optim.SGD(net.parameters(), 0.0)
    loss, accuracy = train(net, [(images, targets)], optimizer)
    assert loss == pytest.approx(-(targets * log_probs).sum(1).mean().item(), rel=1e-5)
    assert accuracy == (log_probs.argmax(1) == targets.argmax(1)).double().mean().item()
    assert train(net, [(images, labels)], optimizer)[1] != accuracy


def test_predict_takes_bytes_or_their_floats_and_nothing_else(tiny_data: Data) -> None:
    net, images = Net(), tiny_data.test_images
    torch.testing.assert_close(predict(net, images.float() / 255), predict(net, images))
    with pytest.raises(TinydigitsError, match="floats from 0 to 255, but must be from 0 to 1"):
        predict(net, images.float())


def test_test_scores_in_evaluation_mode_and_leaves_the_mode_alone(tiny_data: Data) -> None:
    net = Net().train()
    images, labels = tiny_data.test_images, tiny_data.test_labels
    loss, accuracy = test(net, images, labels)
    assert net.training
    log_probs = net.eval()(images.float() / 255)
    assert loss == pytest.approx(F.nll_loss(log_probs, labels).item(), rel=1e-5)
    assert accuracy == (log_probs.argmax(1) == labels).double().mean().item()
    torch.testing.assert_close(predict(net, images, batch_size=7), log_probs.detach())


def test_on_a_gpu_where_many_losses_are_looked_at_together_the_step_is_the_right_one() -> None:
    losses = [torch.tensor(value) for value in (1.0, 2.0, torch.inf, torch.nan)]
    assert _sum(losses[:2], 200) == 3
    with pytest.raises(Diverged, match="step 201 "):  # the last is number 201 counted from 0
        _sum(losses, 201)


def test_outputs_that_are_not_finite_are_no_predictions() -> None:
    net = Net()
    with torch.no_grad():
        net.layers[0].weight[0] = torch.nan  # type: ignore[index]
    with pytest.raises(Diverged, match="outputs are not finite"):
        predict(net, torch.rand(3, 1, 28, 28))

"""Networks of few channels, in C, against PyTorch's layers in float64."""

import copy

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, narrow
from tinydigits.mnist.kernels.fused import through
from tinydigits.mnist.model import SIBLINGS, Net

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")
NARROW = tuple(SIBLINGS)  # the original has wide plain convolutions


def network(name: str = "700") -> Net:
    torch.manual_seed(0)
    net = Net(0.0, name)  # type: ignore[arg-type]
    with torch.no_grad():  # some negative: there the largest is the smallest; none 0
        for norm in net.layers:
            if isinstance(norm, nn.BatchNorm2d) and norm.affine:
                norm.weight.copy_(torch.linspace(-0.97, 2.21, len(norm.weight)))
                norm.bias.copy_(torch.linspace(-1, 1, len(norm.bias)))
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def images(count: int, seed: int = 1) -> Tensor:
    """On a grid of quarters, so that windows have ties, as paper has."""
    torch.manual_seed(seed)
    return (torch.rand(count, 1, 28, 28) * 4).round() / 4


def gradients(layers: nn.Sequential, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    layers.zero_grad()
    scores = through(layers, x)
    scores[:, 3].square().mean().backward()
    return scores.detach(), [p.grad for p in layers.parameters() if p.grad is not None]


@pytest.mark.parametrize("name", NARROW)
def test_values_gradients_and_statistics_are_those_of_the_layers(name: str) -> None:
    ours = network(name).layers
    x = images(16)
    assert narrow.usable(list(ours), x)
    theirs = copy.deepcopy(ours).double()
    torch.testing.assert_close(through(ours, x).double(), theirs(x.double()), rtol=1e-4, atol=1e-5)
    for mine, exactly in zip(ours.buffers(), theirs.buffers(), strict=True):
        torch.testing.assert_close(mine.double(), exactly.double(), rtol=1e-5, atol=1e-6)

    # Of 300,000 values one may lie so near 0 that rounding decides whether ReLU keeps its gradient.
    farthest = [farthest_gradient(ours, images(16, seed)) for seed in range(1, 9)]
    assert min(farthest) <= 1e-4


def farthest_gradient(layers: nn.Sequential, x: Tensor) -> float:
    """The largest distance of a gradient from that of the layers in float64, as a share of it."""
    _, found = gradients(layers, x)
    _, exact = gradients(copy.deepcopy(layers).double(), x.double())
    assert len(found) == len(exact) == len(list(layers.parameters()))
    pairs = list(zip(found, exact, strict=True))[:-1]  # the last biases' sum to 0
    return max(float((mine - exactly).norm() / exactly.norm()) for mine, exactly in pairs)


def test_it_serves_siblings_and_leaves_the_rest_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = list[int]()
    whole = narrow.narrow
    monkeypatch.setattr(narrow, "narrow", lambda x, layers: calls.append(1) or whole(x, layers))
    for name in ("original", *SIBLINGS):
        Net(0.0, name)(images(16))
    assert len(calls) == len(NARROW)
    for odd in (Net(0.3, "700"), Net(0.0, "700").eval(), Net(0.0, "700").double()):
        dtype = next(odd.parameters()).dtype
        odd.layers((images(16).to(dtype) - 0.1307) / 0.3081)
    Net(0.0, "700")(images(17))  # no whole vectors
    assert len(calls) == len(NARROW)


@pytest.mark.parametrize("name", NARROW)
def test_batches_without_whole_vectors_are_left_to_kernels_that_can(name: str) -> None:
    ours = network(name)
    ours(images(17)).mean().backward()
    assert all(parameter.grad is not None for parameter in ours.parameters())


@pytest.mark.parametrize(
    "wrong",
    [
        nn.Conv2d(4, 4, 3, padding=1, stride=2),
        nn.Conv2d(4, 4, 3, padding=1, groups=2),
        nn.Conv2d(4, 25, 3, padding=1),
        nn.Conv2d(4, 4, 5, padding=2),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(4),
        nn.Dropout(0.1),
        nn.Tanh(),
    ],
    ids=str,
)
def test_what_c_has_no_place_for_is_left_to_pytorch(wrong: nn.Module) -> None:
    first, last = nn.Conv2d(1, 4, 3), nn.Conv2d(25 if "25" in str(wrong) else 4, 10, 1)
    right = [first, nn.Dropout(0.0), last, nn.AvgPool2d(6)]
    assert narrow.usable(right, images(16))
    assert not narrow.usable([first, wrong, *right[1:]], images(16))


def test_what_is_not_a_number_stays_so() -> None:
    net, x = network(), images(32)
    x[3, 0, 5, 5] = torch.nan
    assert net(x).isnan().all()  # through the norms, that of the whole batch


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            layers = network().layers
            means = narrow.narrow(images(80), list(layers))
            means.square().sum().backward()
            results.append([means.detach(), *(p.grad for p in layers[:-2].parameters())])
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert other is not None
        assert torch.equal(one, other)
        assert one.abs().max() > 0

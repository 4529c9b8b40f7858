"""The fused layers against PyTorch's own, one by one."""

import copy
import functools

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, relu_norm, stage, transition
from tinydigits.mnist.model import Net

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")


PRECISIONS = pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)


def activations(channels: int, height: int, width: int, dtype: torch.dtype) -> Tensor:
    """On a grid of quarters, so that windows have ties, as rounded activations do."""
    torch.manual_seed(0)
    x = (torch.randn(6, channels, height, width) * 4).round() / 4
    return x.to(dtype).to(memory_format=torch.channels_last)


def norms(channels: int) -> tuple[nn.BatchNorm2d, nn.BatchNorm2d]:
    ours, theirs = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
    with torch.no_grad():  # some scales negative: there the largest is the smallest
        ours.weight.copy_(torch.linspace(-1, 2, channels))
        ours.bias.copy_(torch.linspace(-1, 1, channels))
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


@PRECISIONS
@pytest.mark.parametrize("channels", [16, 32, 64])
@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("size", [(10, 10), (7, 9), (8, 5), (3, 2)], ids=str)
def test_values_gradients_and_statistics_are_those_of_the_layers(
    size: tuple[int, int], pool: bool, channels: int, dtype: torch.dtype
) -> None:
    x = activations(channels, *size, dtype)
    ours, theirs = norms(channels)
    mine = x.clone().requires_grad_()
    y = relu_norm.relu_norm(mine, ours, pool)
    # The oracle in float64, so that only our own rounding remains.
    exact = x.double().requires_grad_()
    expected = theirs.double()(torch.relu(exact))
    expected = nn.functional.max_pool2d(expected, 2) if pool else expected
    exactness = 2**-8 if dtype == torch.bfloat16 else 2**-20
    torch.testing.assert_close(y.double(), expected, rtol=exactness, atol=exactness / 4)
    torch.manual_seed(1)
    gradient = torch.randn(y.shape).to(dtype).to(memory_format=torch.channels_last)
    y.backward(gradient)
    expected.backward(gradient.double())
    assert mine.grad is not None
    torch.testing.assert_close(mine.grad.double(), exact.grad, rtol=2 * exactness, atol=exactness)
    for name in ("weight", "bias"):
        found, wanted = getattr(ours, name).grad, getattr(theirs, name).grad
        torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=1e-4)
    for name in ("running_mean", "running_var"):
        torch.testing.assert_close(getattr(ours, name).double(), getattr(theirs, name))
    assert ours.num_batches_tracked == 1


@PRECISIONS
@pytest.mark.parametrize("pool", [False, True])
def test_what_is_not_a_number_stays_so(pool: bool, dtype: torch.dtype) -> None:
    x = activations(16, 5, 5, dtype)
    x[0, 3, 1, 1] = torch.nan
    ours, _ = norms(16)
    y = relu_norm.relu_norm(x, ours, pool)
    assert y[:, 3].isnan().all()
    assert not y[:, :3].isnan().any()


@PRECISIONS
@pytest.mark.parametrize("pool", [False, True])
def test_the_number_of_threads_changes_nothing(pool: bool, dtype: torch.dtype) -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            x = activations(32, 27, 28, dtype).requires_grad_()
            y = relu_norm.relu_norm(x, norms(32)[0], pool)
            y.sum().backward()
            results.append((y.detach(), x.grad))
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert torch.equal(one, other)


@PRECISIONS
def test_the_network_learns_the_same_with_and_without(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(1)
    images = torch.rand(32, 1, 28, 28)

    def step() -> tuple[Tensor, list[Tensor | None]]:
        torch.manual_seed(0)
        net = Net(0.0).train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            log_probs = net(images)
        log_probs[:, 3].mean().backward()
        return log_probs.detach(), [parameter.grad for parameter in net.parameters()]

    calls = []
    for module, name in ((relu_norm, "relu_norm"), (stage, "stage"), (transition, "transition")):
        whole = getattr(module, name)
        called = functools.partial(lambda whole, *given: calls.append(1) or whole(*given), whole)
        monkeypatch.setattr(module, name, called)
    with_fused = step()
    expected = 4 if dtype == torch.bfloat16 else 3  # in float32 a stage has two of the four norms
    assert len(calls) == expected
    monkeypatch.setattr(compiled, "library", lambda: None)
    without = step()
    assert len(calls) == expected
    exactness = 0.02 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(with_fused[0], without[0], rtol=exactness, atol=exactness)
    for mine, theirs in zip(with_fused[1], without[1], strict=True):
        assert mine is not None
        assert theirs is not None
        assert (mine - theirs).norm() <= 0.1 * theirs.norm() + 1e-3


def test_in_float32_the_networks_gradients_are_those_of_float64() -> None:
    torch.manual_seed(0)
    images, ours = torch.rand(16, 1, 28, 28), Net(0.0)
    theirs = copy.deepcopy(ours).double()
    ours.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    ours(images)[:, 3].mean().backward()
    scores = theirs.layers((images.double() - theirs.mean) / theirs.std)
    scores.flatten(1).log_softmax(1)[:, 3].mean().backward()
    for (name, mine), exact in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert mine.grad is not None
        assert exact.grad is not None
        # PyTorch's own layers in float32 are off by up to 1 %, by their sums of many values.
        assert (mine.grad - exact.grad).norm() <= 1e-4 * exact.grad.norm(), name

"""The fused layers against PyTorch's own, one by one."""

import pytest
import torch
from torch import Tensor, nn

from tinydigits.mnist import fused
from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.model import Net

pytestmark = pytest.mark.skipif(fused.library() is None, reason="no C compiler, or not Linux")


def activations(channels: int, size: int) -> Tensor:
    """On a grid of quarters, so that windows have ties, as rounded activations do."""
    torch.manual_seed(0)
    x = (torch.randn(6, channels, size, size) * 4).round() / 4
    return x.bfloat16().to(memory_format=torch.channels_last)


def norms(channels: int) -> tuple[nn.BatchNorm2d, nn.BatchNorm2d]:
    ours, theirs = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
    with torch.no_grad():  # some scales negative: there the largest is the smallest
        ours.weight.copy_(torch.linspace(-1, 2, channels))
        ours.bias.copy_(torch.linspace(-1, 1, channels))
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


@pytest.mark.parametrize("channels", [16, 32])
@pytest.mark.parametrize("pool", [False, True])
def test_values_gradients_and_statistics_are_those_of_the_layers(channels: int, pool: bool) -> None:
    x = activations(channels, 10)
    ours, theirs = norms(channels)
    mine = x.clone().requires_grad_()
    y = fused.relu_norm(mine, ours, pool)
    # The oracle in float64, so that only our own rounding to bfloat16 remains.
    exact = x.double().requires_grad_()
    expected = theirs.double()(torch.relu(exact))
    expected = nn.functional.max_pool2d(expected, 2) if pool else expected
    torch.testing.assert_close(y.double(), expected, rtol=2**-8, atol=1e-3)
    torch.manual_seed(1)
    gradient = torch.randn(y.shape).bfloat16().to(memory_format=torch.channels_last)
    y.backward(gradient)
    expected.backward(gradient.double())
    assert exact.grad is not None
    torch.testing.assert_close(mine.grad.double(), exact.grad, rtol=2**-7, atol=1e-3)
    for name in ("weight", "bias"):
        found, wanted = getattr(ours, name).grad, getattr(theirs, name).grad
        torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=1e-4)
    for name in ("running_mean", "running_var"):
        torch.testing.assert_close(getattr(ours, name).double(), getattr(theirs, name))
    assert ours.num_batches_tracked == 1


def test_what_is_not_a_number_stays_so() -> None:
    x = activations(16, 4)
    x[0, 3, 1, 1] = torch.nan
    ours, _ = norms(16)
    y = fused.relu_norm(x, ours, pool=True)
    assert y[:, 3].isnan().all()
    assert not y[:, :3].isnan().any()


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            x = activations(32, 28).requires_grad_()
            y = fused.relu_norm(x, norms(32)[0], pool=True)
            y.sum().backward()
            results.append((y.detach(), x.grad))
    for one, other in zip(*results, strict=True):
        assert one is not None
        assert torch.equal(one, other)


def test_the_network_learns_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.rand(32, 1, 28, 28)

    def step() -> tuple[Tensor, list[Tensor | None]]:
        torch.manual_seed(0)
        net = Net(0.0).train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.autocast("cpu", torch.bfloat16):
            log_probs = net(images)
        log_probs[:, 3].mean().backward()
        return log_probs.detach(), [parameter.grad for parameter in net.parameters()]

    calls = []
    whole = fused.relu_norm
    monkeypatch.setattr(fused, "relu_norm", lambda *given: calls.append(1) or whole(*given))
    with_fused = step()
    assert len(calls) == 4
    monkeypatch.setattr(fused, "library", lambda: None)
    without = step()
    assert len(calls) == 4
    torch.testing.assert_close(with_fused[0], without[0], rtol=0.02, atol=0.02)
    for mine, theirs in zip(with_fused[1], without[1], strict=True):
        assert mine is not None
        assert theirs is not None
        assert (mine - theirs).norm() <= 0.1 * theirs.norm() + 1e-3


def test_without_a_compiler_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setenv("PATH", "")
    assert fused.library.__wrapped__() is None

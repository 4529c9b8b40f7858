import pytest
import torch
from torch import Tensor

from tinydigits.mnist.optim import MovingAverage, Muon, orthogonalised


def test_singular_values_go_to_one_and_directions_stay() -> None:
    torch.manual_seed(0)
    for shape in ((8, 32), (32, 8), (16, 16)):
        matrix = torch.randn(shape)
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        inside = left.T @ orthogonalised(matrix) @ right.T
        values = torch.diagonal(inside)
        assert (values > 0.6).all()
        assert (values < 1.3).all()
        assert (inside - torch.diag(values)).abs().max() < 1e-3


def test_a_zero_matrix_stays_zero() -> None:
    assert torch.equal(orthogonalised(torch.zeros(3, 4)), torch.zeros(3, 4))


def descend(parameter: Tensor, optimizer: torch.optim.Optimizer, steps: int) -> None:
    target = torch.linspace(-1, 1, parameter.numel()).view(parameter.shape)
    for _ in range(steps):
        optimizer.zero_grad()
        ((parameter - target) ** 2).sum().backward()
        optimizer.step()


def test_biases_take_plain_nesterov_sgd() -> None:
    ours, oracle = (torch.nn.Parameter(torch.ones(5)) for _ in range(2))
    descend(ours, Muon([ours], 0.01, 9.9, momentum=0.9, weight_decay=0.5), 20)
    descend(oracle, torch.optim.SGD([oracle], 0.01, 0.9, nesterov=True), 20)
    torch.testing.assert_close(ours, oracle)


def test_kernels_take_orthogonalised_nesterov_updates_and_decay() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(4, 2, 1, 1), torch.randn(2, 4, 2, 1, 1)
    kernel = torch.nn.Parameter(start.clone())
    optimizer = Muon([kernel], 9.9, 0.03, momentum=0.9, weight_decay=0.1)
    expected, buffer = start.clone(), torch.zeros_like(start)
    for gradient in gradients:
        kernel.grad = gradient.clone()
        optimizer.step()
        buffer = 0.9 * buffer + gradient
        direction = orthogonalised((gradient + 0.9 * buffer).flatten(1)).view(start.shape)
        expected = expected * (1 - 0.03 * 0.1) - 0.03 * 2**0.5 * direction
    torch.testing.assert_close(kernel.detach(), expected)


def test_a_parameter_without_gradient_is_left_alone() -> None:
    used, unused = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
    optimizer = Muon([used, unused], 0.1, 0.1, 0.9)
    used.grad = torch.ones(2)
    optimizer.step()
    assert torch.equal(unused, torch.ones(2))
    assert not torch.equal(used, torch.ones(2))


def test_kernels_of_networks_side_by_side_are_orthogonalised_apart() -> None:
    torch.manual_seed(0)
    apart = [torch.nn.Parameter(torch.randn(4, 2, 3, 3)) for _ in range(3)]
    together = torch.nn.Parameter(torch.cat([p.detach() for p in apart]))
    for parameter in apart:
        parameter.grad = torch.randn_like(parameter)
    together.grad = torch.cat([p.grad for p in apart if p.grad is not None])
    Muon(apart, 0.1, 0.03, 0.9, 0.1).step()
    Muon([together], 0.1, 0.03, 0.9, 0.1, copies=3).step()
    torch.testing.assert_close(together.detach(), torch.cat([p.detach() for p in apart]))


def test_the_moving_average_forgets_the_beginning_first_and_then_keeps_its_decay() -> None:
    model = torch.nn.BatchNorm1d(1)
    average = MovingAverage(model, 0.99)
    averaged = average.module.state_dict()
    for updates, kept in ((0, 0.0), (9, 0.5), (10_000, 0.99)):
        average.updates = updates
        model.state_dict()["weight"].fill_(0)
        model.state_dict()["running_mean"].fill_(0)
        averaged["weight"].fill_(1)
        averaged["running_mean"].fill_(1)
        average.update()
        assert average.updates == updates + 1
        assert averaged["weight"].item() == pytest.approx(kept)
        assert averaged["running_mean"].item() == pytest.approx(kept)


@pytest.mark.parametrize("fused", [False, True])
def test_a_learning_rate_can_be_a_tensor_that_a_schedule_fills(fused: bool) -> None:
    """As on a GPU, where a recorded step reads it: both optimisers, the same weights as floats."""

    def trained(as_tensors: bool) -> list[Tensor]:
        torch.manual_seed(0)
        kernel, bias = torch.nn.Parameter(torch.randn(4, 9)), torch.nn.Parameter(torch.randn(4))
        optimizer: torch.optim.Optimizer = Muon([kernel, bias], 0.1, 0.03, 0.9, 0.1)
        if fused:
            optimizer = torch.optim.SGD([kernel, bias], 0.1, 0.9, nesterov=True, fused=True)
        rates = []
        for group in optimizer.param_groups:
            group["lr"] = torch.tensor(group["lr"]) if as_tensors else group["lr"]
            rates.append(group["lr"])
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
        for _ in range(5):
            optimizer.zero_grad()
            (kernel.square().sum() + bias.square().sum()).backward()
            optimizer.step()
            schedule.step()
        if as_tensors:  # filled in place, never replaced
            groups = optimizer.param_groups
            assert all(group["lr"] is rate for group, rate in zip(groups, rates, strict=True))
        return [kernel.detach(), bias.detach()]

    for with_tensor, with_float in zip(trained(True), trained(False), strict=True):
        torch.testing.assert_close(with_tensor, with_float)

import pytest
import torch
from torch import Tensor

from tinydigits.mnist.optim import MovingAverage, Muon, make_optimizer, orthogonalised, set_rate
from tinydigits.mnist.recipe import preset


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


def test_a_rate_is_a_share_of_the_optimisers_own() -> None:
    optimizer = Muon(
        [torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(2))], 0.1, 0.04, 0.9
    )
    for factor in (0.5, 0.25, 1.0):
        set_rate(optimizer, factor)
        assert [group["lr"] for group in optimizer.param_groups] == [0.04 * factor, 0.1 * factor]


def test_a_recipe_chooses_its_optimizer() -> None:
    parameters = [torch.nn.Parameter(torch.ones(4, 2, 3, 3)), torch.nn.Parameter(torch.ones(4))]
    muon = make_optimizer(preset("best"), parameters)
    assert isinstance(muon, Muon)
    assert [(g["lr"], g["weight_decay"], g["momentum"]) for g in muon.param_groups] == [
        (0.03, 0.02, 0.9),
        (0.1, 0.0, 0.9),
    ]
    sgd = make_optimizer(preset("original").changed(weight_decay=0.5), parameters)
    assert isinstance(sgd, torch.optim.SGD)
    (group,) = sgd.param_groups
    assert (group["lr"], group["momentum"], group["nesterov"]) == (0.1, 0.9, False)
    assert group["weight_decay"] == 0.5


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


def test_what_layers_share_is_averaged_once() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    model = torch.nn.Sequential(layer, layer)
    average = MovingAverage(model, 0.9)
    average.updates = 1_000
    before = layer.weight.item()
    with torch.no_grad():
        layer.weight.add_(1)
    average.update()
    assert average.module[1].weight.item() == pytest.approx(before + 0.1)

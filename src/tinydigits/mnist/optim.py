"""A recipe's optimiser, and what `torch.optim` lacks: Muon for convolutions, and an average.

PyTorch's own Muon takes matrices only. Muon replaces an update of a kernel by a matrix with the
same directions and singular values near 1, so that every direction of the kernel learns at the
same speed. Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
"""

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from tinydigits.mnist.recipe import Recipe


def make_optimizer(recipe: Recipe, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """The recipe's optimiser of these parameters, at its peak learning rates."""
    every = list(parameters)
    if recipe.optimizer == "muon":
        return Muon(
            every,
            recipe.learning_rate,
            recipe.muon_learning_rate,
            recipe.momentum,
            recipe.weight_decay,
        )
    return torch.optim.SGD(
        every,
        recipe.learning_rate,
        recipe.momentum,
        weight_decay=recipe.weight_decay,
        fused=every[0].device.type == "cuda",
    )


def set_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set every learning rate to this share of what it was when the optimiser was made."""
    for group in optimizer.param_groups:
        peak = group.setdefault("initial_lr", group["lr"])
        group["lr"] = peak * factor


def orthogonalised(matrices: Tensor) -> Tensor:
    """Push the singular values of matrices (..., rows, columns) towards 1, keeping directions.

    Newton-Schulz iteration with the quintic coefficients of Jordan et al. (2024), which trade an
    exact limit for speed: singular values end between about 0.7 and 1.2.
    """
    tall = matrices.shape[-2] > matrices.shape[-1]
    norms = matrices.norm(dim=(-2, -1), keepdim=True)
    x: Tensor = (matrices.mT if tall else matrices) / (norms + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov SGD in which updates of kernels are orthogonalised.

    Parameters of two or more dimensions are read as matrices (outputs, everything else) and
    take `kernel_learning_rate`; biases and norms are plain Nesterov SGD at `learning_rate`.

    Args:
        parameters: what to update.
        learning_rate: for biases and norms.
        kernel_learning_rate: for kernels; an update has about unit singular values, times
            sqrt(max(1, rows / columns)), whatever the size of the gradient.
        momentum: of both.
        weight_decay: of kernels, decoupled: each update shrinks them by learning rate times this.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float,
        kernel_learning_rate: float,
        momentum: float,
        weight_decay: float = 0.0,
    ) -> None:
        every = list(parameters)
        groups = [
            {
                "params": [p for p in every if p.ndim >= 2],
                "lr": kernel_learning_rate,
                "weight_decay": weight_decay,
            },
            {"params": [p for p in every if p.ndim < 2], "lr": learning_rate, "weight_decay": 0.0},
        ]
        super().__init__(groups, {"momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter from its gradient."""
        kernels, others = self.param_groups
        for parameter in others["params"]:
            if parameter.grad is not None:
                update = self._nesterov(parameter, parameter.grad, others["momentum"])
                parameter.sub_(update * others["lr"])

        # Kernels of about one shape are orthogonalised together: fewer and larger operations.
        alike: dict[tuple[int, int], list[tuple[nn.Parameter, Tensor]]] = {}
        for parameter in kernels["params"]:
            if parameter.grad is not None:
                update = self._nesterov(parameter, parameter.grad, kernels["momentum"]).flatten(1)
                alike.setdefault(_room(update), []).append((parameter, update))
        for room, group in alike.items():
            matrices = group[0][1].new_zeros(len(group), *room)
            for matrix, (_, update) in zip(matrices, group, strict=True):
                _part(matrix, update).copy_(update)
            directions = orthogonalised(matrices) * kernels["lr"]
            for (parameter, update), direction in zip(group, directions, strict=True):
                stretch = max(1, update.shape[0] / update.shape[1]) ** 0.5
                parameter.mul_(1 - kernels["lr"] * kernels["weight_decay"])
                moved = _part(direction, update).reshape(parameter.shape)
                parameter.sub_(moved, alpha=stretch)

    def _nesterov(self, parameter: nn.Parameter, gradient: Tensor, momentum: float) -> Tensor:
        """The gradient with momentum, one step ahead along it."""
        state = self.state[parameter]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        buffer: Tensor = state["momentum_buffer"].mul_(momentum).add_(gradient)
        return gradient.add(buffer, alpha=momentum)


def _room(matrix: Tensor) -> tuple[int, int]:
    """Rows and columns that have room for the matrix, lying down, and for others like it.

    Zeros around a matrix are no directions: they stay zeros.
    """
    short, long = sorted(matrix.shape)
    return max(16, 1 << (short - 1).bit_length()), max(32, 1 << (long - 1).bit_length())


def _part(room: Tensor, matrix: Tensor) -> Tensor:
    """The part of the room that the matrix has, lying as the matrix does."""
    short, long = sorted(matrix.shape)
    part = room[:short, :long]
    return part.mT if matrix.shape[0] > matrix.shape[1] else part


def _tensors(model: nn.Module) -> list[Tensor]:
    """Parameters and buffers, also those that layers share once only."""
    return [*model.parameters(), *model.buffers()]


class MovingAverage:
    """An exponential moving average of a model's weights and running statistics.

    Update n from 0 counts `max(1 - decay, 9 / (9 + n))`: the memory is short at first, as in
    TensorFlow's `ExponentialMovingAverage`; with a fixed decay a short run would end with an
    average that still holds its untrained beginning.

    Attributes:
        module: the averaged model.
        updates: how many it has seen.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(model)
        self.decay = decay
        self.updates = 0
        pairs = zip(_tensors(self.module), _tensors(model), strict=True)
        self._pairs = [(mine, theirs) for mine, theirs in pairs if mine.is_floating_point()]

    @torch.no_grad()
    def update(self) -> None:
        """Blend in the model as it is now."""
        weight = max(1 - self.decay, 9 / (9 + self.updates))
        self.updates += 1
        averaged, current = zip(*self._pairs, strict=True)
        torch._foreach_lerp_(averaged, current, weight)

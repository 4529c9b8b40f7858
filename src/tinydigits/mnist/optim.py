"""Muon for convolutions, which `torch.optim` lacks: its own takes matrices only.

An update of a kernel is replaced by a matrix with the same directions and singular values near
1, so that every direction of the kernel learns at the same speed. Source: Jordan et al., "Muon:
an optimizer for hidden layers in neural networks", 2024.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


def orthogonalised(matrix: Tensor, steps: int = 5) -> Tensor:
    """Push the singular values of a matrix (rows, columns) towards 1, keeping its directions.

    Newton-Schulz iteration with the quintic coefficients of Jordan et al. (2024), which trade an
    exact limit for speed: singular values end between about 0.7 and 1.2.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x: Tensor = (matrix.T if tall else matrix) / (matrix.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


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
        parameters: Iterable[torch.nn.Parameter],
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
        for group in self.param_groups:
            for parameter in group["params"]:
                self._update(parameter, group["lr"], group["momentum"], group["weight_decay"])

    def _update(
        self, parameter: Tensor, learning_rate: float, momentum: float, weight_decay: float
    ) -> None:
        gradient = parameter.grad
        if gradient is None:
            return
        state = self.state[parameter]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        buffer = state["momentum_buffer"]
        buffer.mul_(momentum).add_(gradient)
        update = gradient.add(buffer, alpha=momentum)
        if parameter.ndim >= 2:
            matrix = update.flatten(1)
            rows, columns = matrix.shape
            update = orthogonalised(matrix).view(parameter.shape) * max(1, rows / columns) ** 0.5
        parameter.mul_(1 - learning_rate * weight_decay).add_(update, alpha=-learning_rate)

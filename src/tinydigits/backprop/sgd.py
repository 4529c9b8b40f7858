"""Stochastic gradient descent: a step downhill, with momentum."""

from collections.abc import Iterable

import numpy as np

from tinydigits.backprop.engine import Tensor


class SGD:
    """Stochastic gradient descent with momentum, as torch.optim.SGD defines it.

    Args:
        parameters: the leaves to move.
        learning_rate: the step.
        momentum: what part of the last step's velocity is kept.
    """

    def __init__(
        self, parameters: Iterable[Tensor], learning_rate: float, momentum: float = 0.0
    ) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.velocities = [np.zeros_like(parameter.data) for parameter in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients, so that the next `backward` starts anew."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        for parameter, velocity in zip(self.parameters, self.velocities, strict=True):
            if parameter.grad is not None:
                velocity *= self.momentum
                velocity += parameter.grad
                parameter.data = parameter.data - self.learning_rate * velocity

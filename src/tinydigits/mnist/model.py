"""The network: 17,466 parameters, 3x3 convolutions, and two functions that train and test it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PARAMETERS = 17_466


class Net(nn.Module):
    """The original's convolutional network, layer for layer.

    Three blocks of 3x3 convolutions joined by 1x1 transitions, ending in one score map per
    class whose average is the class's score. Takes float32 images (N, 1, 28, 28) in [0, 1],
    ink 1, and returns log-probabilities (N, 10). Mean and standard deviation of MNIST's
    training pixels are buffers, so they travel with the weights.

    Args:
        dropout: probability with which the transitions drop a value in training.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, dropout: float = 0.30) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.1307))
        self.register_buffer("std", torch.tensor(0.3081))
        self.layers = nn.Sequential(
            # 28x28: edges and strokes
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(32),
            # 14x14: corners and loops
            nn.MaxPool2d(2),
            nn.Conv2d(32, 8, 1),
            nn.Dropout(dropout),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.Conv2d(16, 32, 3),
            nn.ReLU(),
            nn.BatchNorm2d(32),
            # 10x10 to 6x6: digits
            nn.Conv2d(32, 8, 1),
            nn.Dropout(dropout),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3),
            nn.ReLU(),
            nn.Conv2d(32, 10, 1),
            nn.AvgPool2d(6),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1] -> log-probabilities (N, 10).

        Raises:
            ValueError: the images have another shape.
        """
        if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
            raise ValueError(f"expected images of shape (N, 1, 28, 28), got {tuple(images.shape)}")
        scores = self.layers((images - self.mean) / self.std)
        return F.log_softmax(scores.flatten(1).float(), dim=1)

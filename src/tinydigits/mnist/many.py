"""Many networks trained at once: side by side in the channels of one, as groups that never mix.

For a GPU, which one network of this size leaves almost idle. Each network learns what it would
learn alone: its own weights, images, order, warps and statistics.
"""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tinydigits.mnist.model import Net


class Networks(Net):
    """Copies of some networks, side by side in one.

    Takes images (S * N, 1, 28, 28), N for each of the S networks in turn, and returns their
    log-probabilities (S * N, 10).
    """

    def __init__(self, networks: Sequence[Net]) -> None:
        super().__init__()
        self.count = len(networks)
        alike = zip(*(network.layers for network in networks), strict=True)
        self.layers = nn.Sequential(*(_side_by_side(layers) for layers in alike))

    def forward(self, images: Tensor) -> Tensor:
        """Images (S * N, 1, 28, 28) in [0, 1] -> log-probabilities (S * N, 10)."""
        images = images.view(self.count, -1, 28, 28).transpose(0, 1)
        scores = self.layers((images - self.mean) / self.std)
        scores = scores.view(len(images), self.count, 10).transpose(0, 1)
        return F.log_softmax(scores.flatten(0, 1).float(), dim=1)

    def apart(self) -> list[Net]:
        """The networks, each by itself again."""
        networks = []
        for k in range(self.count):
            network = Net().to(self.mean.device)
            own = network.state_dict()
            for name, value in self.state_dict().items():
                own[name].copy_(value.chunk(self.count)[k] if value.ndim else value)
            networks.append(network)
        return networks


def _side_by_side(layers: Sequence[nn.Module]) -> nn.Module:
    """One layer that does to each group of channels what each of these, all alike, does."""
    first, count = layers[0], len(layers)
    if isinstance(first, nn.Conv2d):
        joined: nn.Module = nn.Conv2d(
            count * first.in_channels,
            count * first.out_channels,
            first.kernel_size,  # type: ignore[arg-type]
            padding=first.padding,  # type: ignore[arg-type]
            groups=count,
        )
    elif isinstance(first, nn.BatchNorm2d):
        joined = nn.BatchNorm2d(count * first.num_features)
    else:
        return copy.deepcopy(first)
    states = [layer.state_dict() for layer in layers]
    joined.load_state_dict(
        {
            name: torch.cat([state[name] for state in states]) if value.ndim else value
            for name, value in states[0].items()
        }
    )
    return joined.to(next(first.parameters()).device)

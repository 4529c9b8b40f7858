"""Bilinear look-up of images where an affine map and an elastic field say, in C.

PyTorch makes the field, the grid and the look-up one after the other and in memory, an eighth of a
training step; here they are made image by image.
"""

import functools

import torch
from torch import Tensor
from torch.nn import functional as F

from tinydigits.mnist.kernels import compiled

_LANES = 8  # or a divisor of it: values in a vector of sampling.c


def usable(images: Tensor) -> bool:
    """Whether `sample` takes these images (N, 1, side, side)."""
    return (
        images.device.type == "cpu"
        and images.dtype == torch.float32
        and images.shape[1] == 1
        and not images.requires_grad
        and compiled.library() is not None
    )


def sample(images: Tensor, maps: Tensor, lattice: Tensor | None) -> Tensor:
    """Images (N, 1, side, side), each pixel taken from where its map, and lattice, say.

    Args:
        images: float32 (N, 1, side, side); what lies outside is 0.
        maps: (N, 2, 3), from output to input coordinates, each running from -1 to 1.
        lattice: (N, 2, C, C), displacements across and down at points that span the image, bicubic
            between them.
    """
    count, _, _, side = images.shape
    cells = 0 if lattice is None else lattice.shape[2]
    sampled = torch.empty(images.shape)
    sizes = (count, side, side, side, -(-side // _LANES) * _LANES, cells)
    displacements = torch.empty(0) if lattice is None else lattice.flatten()
    arrays = (images.contiguous().flatten(), maps.flatten(), displacements, *_axis(cells, side))
    compiled.call("sample", sizes, *arrays, sampled.flatten())
    return sampled


@functools.lru_cache(maxsize=8)
def _axis(cells: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """What each lattice point adds along an axis, (side, cells), the same turned, and the centres.

    The last two are as long as whole vectors in C.
    """
    more = -side % _LANES
    centres = F.pad((2 * torch.arange(side) + 1) / side - 1, (0, more))
    if not cells:
        return torch.empty(0), torch.empty(0), centres
    points = torch.eye(cells).view(1, cells, 1, cells)
    spread = F.interpolate(points, (1, side), mode="bicubic", align_corners=True)
    spread = spread.view(cells, side)
    return spread.T.contiguous().flatten(), F.pad(spread, (0, more)).flatten(), centres

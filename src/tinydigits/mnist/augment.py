"""Random warps of a whole batch at once: affine, then elastic, in one bilinear look-up.

Per-image transforms are what makes most small training loops slow; here a batch of 256 is warped
by a handful of tensor operations, on whatever device the images are.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from tinydigits.mnist.kernels import sampling

_CELLS = 7  # the elastic field is smooth: random on a 7x7 lattice, bicubic between its points


def warp(
    images: Tensor,
    generator: Generator,
    *,
    rotation: float = 0.0,
    scale: float = 0.0,
    shear: float = 0.0,
    shift: float = 0.0,
    elastic: float = 0.0,
) -> Tensor:
    """Warp each image by its own random affine map and elastic field.

    Args:
        images: float (N, 1, side, side) in [0, 1]; what lies outside is 0.
        generator: the randomness, on the images' device.
        rotation: largest angle, degrees either way.
        scale: largest change of each axis's size, as a share of it.
        shear: largest horizontal shear, as a slope.
        shift: largest shift along each axis, pixels.
        elastic: standard deviation of the elastic displacement at a lattice point, pixels.

    Returns:
        Images of the same shape; the very same tensor if nothing changes.
    """
    count, _, _, side = images.shape
    if not any((rotation, scale, shear, shift, elastic)):
        return images
    maps = affine_maps(count, generator, rotation, scale, shear, 2 * shift / side)
    lattice = None
    if elastic:
        shape = (count, 2, _CELLS, _CELLS)
        lattice = torch.randn(shape, generator=generator, device=images.device)
        lattice *= 2 * elastic / side
    if sampling.usable(images):
        return sampling.sample(images, maps, lattice)
    grid = F.affine_grid(maps, [count, 1, side, side], align_corners=False)
    if lattice is not None:
        field = F.interpolate(lattice, (side, side), mode="bicubic", align_corners=True)
        grid = grid + field.permute(0, 2, 3, 1)
    return F.grid_sample(images, grid, align_corners=False)


def affine_maps(
    count: int, generator: Generator, rotation: float, scale: float, shear: float, shift: float
) -> Tensor:
    """Random maps (N, 2, 3) from output to input coordinates, each running from -1 to 1.

    Rotation times shear times scale, every amount uniform between its two extremes.
    """
    uniform = torch.rand(6, count, generator=generator, device=generator.device) * 2 - 1
    angle = uniform[0] * math.radians(rotation)
    slope = uniform[1] * shear
    across, down = 1 + uniform[2] * scale, 1 + uniform[3] * scale
    cosine, sine = angle.cos(), angle.sin()
    rows = (
        torch.stack([cosine * across, (cosine * slope - sine) * down, uniform[4] * shift], 1),
        torch.stack([sine * across, (sine * slope + cosine) * down, uniform[5] * shift], 1),
    )
    return torch.stack(rows, 1)

import math

import pytest
import torch
from scipy import ndimage
from torch import Tensor

from tinydigits.mnist import augment
from tinydigits.mnist.augment import affine_maps, warp
from tinydigits.mnist.data import Data


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images(tiny_data: Data) -> Tensor:
    return tiny_data.train_images[:64].float() / 255


def test_no_amounts_no_change(images: Tensor) -> None:
    assert warp(images, generator()) is images


def test_the_same_seed_gives_the_same_warps_and_another_seed_others(images: Tensor) -> None:
    amounts = {"rotation": 9.0, "scale": 0.1, "shear": 0.1, "shift": 1.0, "elastic": 0.5}
    once = warp(images, generator(1), **amounts)
    assert once.shape == images.shape
    assert once.min() >= 0
    assert once.max() <= 1
    assert torch.equal(once, warp(images, generator(1), **amounts))
    assert not torch.equal(once, warp(images, generator(2), **amounts))


def test_the_maps_stay_within_their_amounts_and_reach_them() -> None:
    angle, slope, size, shift = 20.0, 0.3, 0.1, 0.25
    maps = affine_maps(4000, generator(), angle, size, slope, shift)
    assert maps.shape == (4000, 2, 3)
    # R(angle) · [[1, slope], [0, 1]] · diag(across, down), taken apart again.
    turned = torch.atan2(maps[:, 1, 0], maps[:, 0, 0])
    across = maps[:, :, 0].norm(dim=1)
    down = torch.linalg.det(maps[:, :, :2]) / across
    sheared = (maps[:, :, 0] * maps[:, :, 1]).sum(1) / across / down
    for values, centre, amount in [
        (turned, 0.0, math.radians(angle)),
        (across, 1.0, size),
        (down, 1.0, size),
        (sheared, 0.0, slope),
        (maps[:, 0, 2], 0.0, shift),
        (maps[:, 1, 2], 0.0, shift),
    ]:
        reach = (values - centre).abs().max().item()
        assert 0.98 * amount < reach <= amount * (1 + 1e-5)
        assert abs(values.mean().item() - centre) < 0.05 * amount


def test_a_warp_is_the_affine_map_that_scipy_makes(images: Tensor) -> None:
    """An oracle for signs, axes and pixel centres: scipy.ndimage, linear interpolation."""
    amounts = {"rotation": 25.0, "scale": 0.2, "shear": 0.2}
    warped = warp(images[:8], generator(3), **amounts, shift=2.0)
    maps = affine_maps(8, generator(3), *amounts.values(), 2 * 2.0 / 28)
    for image, result, map_ in zip(images[:8], warped, maps.double(), strict=True):
        matrix = map_[:, :2].flip(0, 1).numpy()  # rows before columns
        offset = map_[:, 2].flip(0).numpy() * 14 + 13.5 - matrix @ [13.5, 13.5]
        oracle = ndimage.affine_transform(image[0].double().numpy(), matrix, offset, order=1)
        torch.testing.assert_close(result[0].double(), torch.from_numpy(oracle), atol=1e-4, rtol=0)


def test_elastic_displacements_have_their_size() -> None:
    """Images of their own coordinates show where each pixel was taken from."""
    across = torch.linspace(0, 1, 28).expand(500, 1, 28, 28)
    moved = (warp(across, generator(), elastic=0.5) - across)[:, :, 6:-6, 6:-6] * 27
    assert moved.mean().abs() < 0.02
    assert 0.3 < moved.std() < 0.6  # 0.5 at lattice points, less between them
    lattice_step = 27 / (augment._CELLS - 1)
    neighbours = (moved[..., 1:] - moved[..., :-1]).std()
    assert neighbours < 2.5 * 0.5 / lattice_step  # smooth

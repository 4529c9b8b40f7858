"""The look-up against PyTorch's grid_sample."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tinydigits.reader.views import VIEWS, view, with_views


@pytest.mark.parametrize(("size", "turn"), [*VIEWS, (1.0, 0.0), (1.2, 30.0)])
def test_a_view_is_pytorchs(size: float, turn: float, rng: np.random.Generator) -> None:
    images = rng.random((3, 28, 28), np.float32)
    cosine, sine = math.cos(math.radians(turn)) / size, math.sin(math.radians(turn)) / size
    maps = torch.tensor([[cosine, -sine, 0.0], [sine, cosine, 0.0]]).repeat(3, 1, 1)
    grid = F.affine_grid(maps, [3, 1, 28, 28], align_corners=False)
    expected = F.grid_sample(torch.from_numpy(images)[:, None], grid, align_corners=False)
    assert np.allclose(view(images, size, turn), expected[:, 0].numpy(), atol=1e-5)


def test_the_image_itself_comes_first(rng: np.random.Generator) -> None:
    images = rng.random((2, 28, 28), np.float32)
    assert with_views(images).shape == (2, 1 + len(VIEWS), 28, 28)
    assert (with_views(images)[:, 0] == images).all()

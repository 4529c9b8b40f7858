"""Warps in C against PyTorch's."""

import pytest
import torch

from tinydigits.mnist.augment import warp
from tinydigits.mnist.device import cpu_threads
from tinydigits.mnist.kernels import compiled, sampling

pytestmark = pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")


@pytest.mark.parametrize("shape", [(5, 1, 28, 28), (3, 1, 9, 9)], ids=str)
@pytest.mark.parametrize(
    "amounts",
    [
        {"rotation": 9.0, "scale": 0.07, "shear": 0.12, "shift": 1.3},
        {"rotation": 180.0, "scale": 0.9, "shear": 1.0, "shift": 14.0, "elastic": 5.0},
        {"elastic": 0.5},
    ],
    ids=["fast", "all the way", "elastic"],
)
def test_pixels_are_those_of_pytorch(
    amounts: dict[str, float],
    shape: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    images = torch.rand(shape)
    assert sampling.usable(images)
    found = warp(images, torch.Generator().manual_seed(1), **amounts)
    monkeypatch.setattr(compiled, "library", lambda: None)
    expected = warp(images, torch.Generator().manual_seed(1), **amounts)
    assert found.shape == expected.shape == images.shape
    # Coordinates of up to 28 pixels are rounded to 2e-6, and neighbours differ by up to 1.
    torch.testing.assert_close(found, expected, rtol=0, atol=5e-5)


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in (1, 2):
        with cpu_threads(threads):
            torch.manual_seed(0)
            images = torch.rand(33, 1, 28, 28)
            results.append(warp(images, torch.Generator().manual_seed(1), rotation=9, elastic=0.5))
    assert torch.equal(*results)


def test_what_is_not_a_number_does_not_lead_out_of_the_image() -> None:
    maps = torch.full((2, 2, 3), torch.nan)
    assert sampling.sample(torch.rand(2, 1, 28, 28), maps, None).abs().max() < 2

import re

import pytest
import torch

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.pixels import unit_interval


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_bytes_and_floats_become_the_same(dtype: torch.dtype) -> None:
    images = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    expected = torch.tensor([[0.0, 0.2, 1.0]])
    assert torch.equal(unit_interval(images), expected)
    found = unit_interval(expected.to(dtype))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)
    assert unit_interval(images[:0]).shape == unit_interval(images[:0].to(dtype)).shape == (0, 3)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([0.0, 255.0], "the images are floats from 0 to 255, but must be from 0 to 1"),
        ([-0.42, 2.8], "the images are floats from -0.42 to 2.8, but must be from 0 to 1"),
        ([0.5, torch.nan], "the images are floats from nan to nan, but must be"),
        ([0.5, torch.inf], "the images are floats from 0.5 to inf, but must be"),
        ([0, 255], "the images are int64, but must be uint8, 0 to 255, or floats from 0 to 1"),
    ],
)
def test_anything_else_is_one_sentence(values: list[float], sentence: str) -> None:
    with pytest.raises(TinydigitsError, match="^" + re.escape(sentence)):
        unit_interval(torch.tensor(values))

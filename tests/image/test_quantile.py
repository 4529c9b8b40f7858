"""The quantile against NumPy's."""

import numpy as np
import pytest

from tinydigits.image.quantile import quantile


@pytest.mark.parametrize("size", [1, 2, 3, 10, 1001])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.6, 0.9, 1.0])
def test_it_is_numpys(size: int, share: float, rng: np.random.Generator) -> None:
    values = rng.normal(0, 1, size).astype(np.float32)
    before = values.copy()
    assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), abs=1e-6)
    assert (values == before).all()

"""A quantile as `numpy.quantile` gives it, in a tenth of the time for a glyph's few numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def quantile(values: NDArray[Any], share: float) -> float:
    """The value below which that share of the values lies, with straight lines between them."""
    place = share * (values.size - 1)
    below = int(place)
    above = min(below + 1, values.size - 1)
    parted = np.partition(values, (below, above), axis=None)
    low, high = float(parted[below]), float(parted[above])
    return low + (place - below) * (high - low)

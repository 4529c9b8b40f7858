"""Labelling against SciPy's, which is too slow to import for the reader itself."""

import numpy as np
import pytest
from scipy import ndimage

from tinydigits.reader.regions import find_regions


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (6, 7), (60, 41)])
@pytest.mark.parametrize("density", [0.0, 0.1, 0.4, 0.6, 1.0])
def test_regions_are_scipys(
    shape: tuple[int, int], density: float, rng: np.random.Generator
) -> None:
    for _ in range(5):
        mask = rng.random(shape) < density
        expected, count = ndimage.label(mask, np.ones((3, 3)))
        found = find_regions(mask)
        assert (found.labels == expected).all()
        assert len(found.boxes) == len(found.areas) == count
        for index, (rows, columns) in enumerate(ndimage.find_objects(expected)):
            box = (columns.start, rows.start, columns.stop, rows.stop)
            assert tuple(found.boxes[index]) == box
            assert found.areas[index] == (expected == index + 1).sum()


def test_a_spiral_is_one_region() -> None:
    mask = np.zeros((41, 41), bool)
    for ring in range(0, 20, 2):  # nested squares, each broken and tied to the next
        mask[ring, ring : 41 - ring] = mask[40 - ring, ring : 41 - ring] = True
        mask[ring : 41 - ring, ring] = mask[ring : 41 - ring, 40 - ring] = True
        mask[ring + 1, ring + 1] = True
    assert len(find_regions(mask).areas) == 1

"""Strokes are told from blobs, gaps and what touches the border."""

import numpy as np
import pytest

from tinydigits.reader.strokes import weigh


def ring(size: int, width: float) -> np.ndarray:
    y, x = np.indices((size, size)) - (size - 1) / 2
    away = np.hypot(x, y)
    return ((away < 0.4 * size) & (away > 0.4 * size - width)).astype(np.float32)


@pytest.mark.parametrize("width", [4, 9, 20])
def test_the_width_of_a_ring_is_found(width: int) -> None:
    evidence = weigh(ring(150, width), 0.1)
    assert evidence.width == pytest.approx(width, rel=0.35)
    assert evidence.consistent > 0.9
    assert evidence.level == 1


def test_length_does_not_depend_on_width() -> None:
    thin, thick = (weigh(ring(150, width), 0.1).length for width in (3, 8))
    assert thick == pytest.approx(thin, rel=0.15)


def test_what_reaches_the_border_is_no_stroke() -> None:
    half = np.zeros((80, 80), np.float32)
    half[:, :35] = 1
    assert weigh(half, 0.1).score() == 0


def test_a_ring_explains_more_than_the_hole_in_it() -> None:
    ink = ring(150, 25)
    assert weigh(ink, 0.1).score() > 2 * weigh(1 - ink, 0.1).score()


def test_a_blob_among_strokes_is_not_consistent() -> None:
    page = np.zeros((120, 200), np.float32)
    page[20:100, 20:180:20] = page[20:100, 21:181:20] = 1
    alone = weigh(page, 0.1)
    page[30:90, 60:140] = 1
    assert alone.consistent == 1
    assert weigh(page, 0.1).consistent < 0.4


def test_nothing_is_no_evidence() -> None:
    assert weigh(np.zeros((20, 30), np.float32), 0.1).score() == 0

"""A hundred damaged files; benchmarks/damaged.py reads ten thousand."""

from collections.abc import Callable

import numpy as np
import pytest

from damaged import DAMAGE, damaged, whole_files
from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader


@pytest.fixture(scope="module")
def files() -> list[tuple[str, bytes]]:
    return whole_files(np.random.default_rng(0))


def test_a_damaged_file_gives_a_reading_or_one_sentence(
    reader: Reader, files: list[tuple[str, bytes]]
) -> None:
    refused = 0
    for seed in range(100):
        _, data = damaged(seed, files)
        try:
            reader.read(data)
        except (TinydigitsError, OSError) as error:
            refused += 1
            assert str(error)
            assert str(error).isprintable()
    assert 30 < refused < 100


@pytest.mark.parametrize("harm", DAMAGE)
def test_each_way_of_damaging_changes_the_file(
    harm: Callable[..., bytes], files: list[tuple[str, bytes]]
) -> None:
    rng = np.random.default_rng(1)
    (_, data), (_, other) = files[0], files[-1]
    assert any(harm(data, other, rng) != data for _ in range(5))


def test_every_format_is_there(files: list[tuple[str, bytes]]) -> None:
    assert {kind.split()[0] for kind, _ in files} == {"PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"}

"""Who wrote MNIST's images, and intervals by writer."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.writers import interval_by_writer, read_writers

NAME = "qmnist-test-labels-idx2-int.gz"


def write(folder: Path, rows: int = 10_010, columns: int = 8, cut: int = 0) -> None:
    table = np.zeros((rows, columns), ">i4")
    table[:, 2] = np.arange(rows) // 40
    content = struct.pack(">iii", 0x0C02, rows, columns) + table.tobytes()
    (folder / NAME).write_bytes(gzip.compress(content[: len(content) - cut]))


def test_the_first_ten_thousand_writers_are_mnists(tmp_path: Path) -> None:
    write(tmp_path)
    writers = read_writers(tmp_path, test=True)
    assert writers.tolist() == [i // 40 for i in range(10_000)]


def test_a_wrong_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TinydigitsError, match=f"{NAME} does not exist; it is part of QMNIST"):
        read_writers(tmp_path, test=True)
    (tmp_path / NAME).write_bytes(b"no gzip")
    with pytest.raises(TinydigitsError, match="is damaged or no gzip file"):
        read_writers(tmp_path, test=True)
    for wrong in ({"columns": 7}, {"rows": 9_999}):
        write(tmp_path, **wrong)
        with pytest.raises(TinydigitsError, match="no labels of QMNIST: expected 10,000 rows of 8"):
            read_writers(tmp_path, test=True)
    write(tmp_path, cut=5)
    with pytest.raises(TinydigitsError, match="is cut off: expected 10,010 rows"):
        read_writers(tmp_path, test=True)
    (tmp_path / NAME).write_bytes(gzip.compress(b"short"))
    with pytest.raises(TinydigitsError, match="no labels of QMNIST"):
        read_writers(tmp_path, test=True)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Writers of many sizes, each with an error rate of their own: 95 of 100, Wilson's fewer."""
    rng = np.random.default_rng(0)
    held = narrow = 0
    for _ in range(400):
        sizes = rng.integers(10, 80, 200)
        writers = np.repeat(np.arange(200), sizes)
        rates = rng.beta(0.25, 24.75, 200)  # 1 % on average, most of it by few
        wrong = np.flatnonzero(rng.random(len(writers)) < rates[writers])
        found = interval_by_writer([wrong.tolist()], writers)
        assert found.writers == 200
        held += found.low <= 0.99 <= found.high
        half = 1.96 * np.sqrt(0.99 * 0.01 / len(writers))
        narrow += abs(len(wrong) / len(writers) - 0.01) <= half
    assert 0.90 <= held / 400 <= 0.98
    assert narrow / 400 < 0.88


def test_more_runs_are_taken_together() -> None:
    writers = np.arange(1000) // 10
    one = interval_by_writer([[0, 1, 2, 500]], writers)
    same = interval_by_writer([[0, 1, 2, 500]] * 3, writers)
    other = interval_by_writer([[0, 1, 2, 500], [100, 300, 600, 900]], writers)
    assert (one.low, one.high) == pytest.approx((same.low, same.high))
    assert other.high - other.low < one.high - one.low
    none = interval_by_writer([[]], writers)
    assert (none.low, none.high) == (1.0, 1.0)


def test_without_runs_or_writers_there_is_no_interval() -> None:
    for wrong, writers in (([], [0, 1]), ([[0]], [3, 3])):
        with pytest.raises(TinydigitsError, match="a run and two writers at least"):
            interval_by_writer(wrong, np.array(writers))

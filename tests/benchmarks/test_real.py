"""What counts as read rightly of real pictures."""

from pathlib import Path

import pytest
from PIL import Image

from real import labels, matched, measure
from tinydigits import Reader


@pytest.mark.parametrize(
    ("truth", "read", "right"),
    [("1234", "1234", 4), ("1234", "134", 3), ("1234", "12934", 4), ("12", "21", 1), ("", "7", 0)],
)
def test_digits_count_in_their_order(truth: str, read: str, right: int) -> None:
    hits = matched(truth, read)
    assert len(hits) == right
    left = iter(truth)
    assert all(read[j] in left for j in sorted(hits))  # a subsequence of the truth


def test_a_set_is_read(tmp_path: Path) -> None:
    Image.new("L", (60, 60), 255).save(tmp_path / "blank.png")
    (tmp_path / "labels.tsv").write_text("blank.png\t\nblank.png\t1/2\n", encoding="utf-8")
    assert labels(tmp_path) == [("blank.png", ""), ("blank.png", "1/2")]
    row, _ = measure(Reader(), tmp_path)
    assert (row["pictures"], row["digits"], row["right"]) == (2, 2, 0)
    assert (row["whole"], row["nothing"], row["invented"]) == (1, 1, 0)

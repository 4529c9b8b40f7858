"""Real pictures, read and timed one by one."""

from pathlib import Path

from PIL import Image

from real import measure
from tinydigits import Reader


def test_a_set_is_read(tmp_path: Path) -> None:
    Image.new("L", (60, 60), 255).save(tmp_path / "blank.png")
    (tmp_path / "labels.tsv").write_text("blank.png\t\nblank.png\t1/2\n", encoding="utf-8")
    row, _ = measure(Reader(), tmp_path)
    assert (row["pictures"], row["digits"], row["right"]) == (2, 2, 0)
    assert (row["whole"], row["nothing"], row["invented"]) == (1, 1, 0)

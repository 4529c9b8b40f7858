from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.reader.parallel import read_files
from tinydigits.reader.reader import Reader, Reading

Draw = Callable[..., Image.Image]


def test_processes_read_as_one_reader_does(draw: Draw, reader: Reader, tmp_path: Path) -> None:
    texts = ["472", "10", "", "7"]
    paths = [str(tmp_path / f"{number}.png") for number in range(4)]
    for path, text in zip(paths, texts, strict=True):
        draw(text).save(path)
    (tmp_path / "bad.png").write_text("no picture")
    paths[2:2] = [str(tmp_path / "bad.png"), str(tmp_path / "missing.png")]

    found = list(read_files(paths, None, min_confidence=0.5))
    assert isinstance(found[2], TinydigitsError)
    assert isinstance(found[3], OSError)
    for path, reading in zip(paths, found, strict=True):
        if isinstance(reading, Reading):
            alone = reader.read(path, min_confidence=0.5)
            assert reading.text == alone.text
            assert [digit.box for digit in reading.digits] == [digit.box for digit in alone.digits]

"""The finder's file, and the reader with another one. What it sees is tested in tests/weights."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.reader.made import Draw
from tinydigits.errors import TinydigitsError
from tinydigits.reader.finder import SHIPPED, Finder
from tinydigits.reader.reader import Reader
from tinydigits.reader.session import SHIPPED as RECOGNISER


def test_the_shipped_file_is_small() -> None:
    assert SHIPPED.stat().st_size <= 260_000


def test_another_finder_is_used(tmp_path: Path, draw: Draw, reader: Reader) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(SHIPPED.read_bytes())
    assert Reader(finder=Finder(path)).read(draw("472")).text == "472"
    blind = Finder(path)
    see = blind.maps
    blind.maps = lambda grey, *rest: see(np.full_like(grey, 255), *rest)  # type: ignore[method-assign]
    assert Reader(finder=blind).read(draw("472")).text == ""


def with_evidence(written: str | None) -> bytes:
    """The shipped file with another line about its evidence, or none."""
    model = onnx.load(SHIPPED)
    del model.metadata_props[:]
    if written is not None:
        helper.set_model_props(model, {"evidence": written})
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"hello", id="text"),
        pytest.param(RECOGNISER.read_bytes(), id="the recogniser"),
        pytest.param(with_evidence(None), id="without evidence"),
        pytest.param(with_evidence("{"), id="evidence that is no JSON"),
        pytest.param(with_evidence('{"mix": [1, 1], "weights": [1, 2]}'), id="other features"),
    ],
)
def test_what_is_no_finder_is_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(TinydigitsError, match=r"other\.onnx is no finder; expected an ONNX file"):
        Finder(path)


def test_a_finder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Finder(tmp_path / "none.onnx")

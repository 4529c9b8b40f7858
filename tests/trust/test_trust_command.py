"""`tinydigits trust` on the command line."""

import json
from pathlib import Path
from typing import Any

import onnx
import pytest

from tinydigits.handwriting import PEN_FILE
from tinydigits.reader.session import SHIPPED
from tinydigits.trust.report import parts

ROOT = Path(__file__).parents[2]
BEST = ROOT / "weights" / "best.safetensors"


@pytest.mark.slow
def test_it_writes_both_files(
    tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, few in {"images": 40, "read": 1, "digits": 5, "each": 1, "letters": 1}.items():
        monkeypatch.setitem(parts.QUICK, name, few)
    done = command("trust", BEST, "--data", "digits", "--quick", "--out", tmp_path)
    assert done.status == 0, done.errors
    assert done.output == f"wrote {tmp_path / 'report.html'} and report.json\n"
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert found["model"]["name"] == "best.safetensors"
    assert found["accuracy"]["dataset"] == "digits"
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def another_model(folder: Path) -> Path:
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"])],
        "other",
        [value("x", onnx.TensorProto.FLOAT, ["n", 3, 32, 32])],
        [value("y", onnx.TensorProto.FLOAT, ["n", 3, 32, 32])],
    )
    onnx.save(onnx.helper.make_model(graph, ir_version=8), folder / "other.onnx")
    return folder / "other.onnx"


def test_bad_input_gets_one_sentence(tmp_path: Path, command: Any) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / PEN_FILE).write_bytes(b"no gzip")
    unlabelled = tmp_path / "pictures"
    unlabelled.mkdir()
    (unlabelled / "one.png").write_bytes(b"")
    (unlabelled / "labels.tsv").write_text("none.png\t7\n", encoding="utf-8")
    (tmp_path / "blank").mkdir()
    (tmp_path / "blank" / "damaged.png").write_bytes(b"no picture")
    (tmp_path / "blank" / "labels.tsv").write_text("damaged.png\t7\n", encoding="utf-8")
    digits = (SHIPPED, "--data", "digits")  # others are converted each time
    for arguments, expected in (
        ((tmp_path / "none.onnx",), "none.onnx: No such file"),
        ((another_model(tmp_path),), "is another kind of model"),
        ((tmp_path,), "is not a run folder"),
        ((SHIPPED, "--temperature", 2), "of its own; give none"),
        ((BEST, "--data", unlabelled), "holds no data"),
        ((*digits, "--mnist-c", tmp_path), "expected MNIST-C as it is published"),
        ((*digits, "--seeds", tmp_path / "none"), "--seeds needs a run folder"),
        ((*digits, "--handwriting", tmp_path), "holds neither"),
        ((*digits, "--handwriting", tmp_path / "damaged"), "cannot be read"),
        ((*digits, "--qmnist", tmp_path), "writers of MNIST's test images, and these are digits's"),
        ((*digits, "--real", tmp_path / "damaged"), "neither it nor a folder in it holds a labels"),
        ((*digits, "--real", unlabelled), "labels.tsv, line 1: there is no file none.png"),
        ((*digits, "--real", tmp_path / "blank"), "damaged.png"),
        ((*digits, "--fonts", unlabelled), "holds no font"),
        ((*digits, "--others", unlabelled / "one.png"), "is not an IDX file"),
    ):
        status, output, errors = command("trust", *arguments, "--out", tmp_path / "out")
        assert (status, output, len(errors.splitlines())) == (1, "", 1)
        assert errors.startswith("tinydigits: ")
        assert expected in errors
        assert not (tmp_path / "out").exists()

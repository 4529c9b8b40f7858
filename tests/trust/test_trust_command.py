"""`tinydigits trust` on the command line."""

import json
import subprocess
import sys
from pathlib import Path

import onnx

ROOT = Path(__file__).parents[2]
BEST = ROOT / "weights" / "best.safetensors"


def trust(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinydigits", "trust", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_it_writes_both_files(tmp_path: Path) -> None:
    done = trust(BEST, "--data", "digits", "--quick", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"wrote {tmp_path / 'report.html'} and report.json\n"
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["model"]["name"] == "best.safetensors"
    assert found["accuracy"]["dataset"] == "digits"
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


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


def test_bad_input_gets_one_sentence(tmp_path: Path) -> None:
    unlabelled = tmp_path / "pictures"
    unlabelled.mkdir()
    (unlabelled / "one.png").write_bytes(b"")
    for arguments, expected in (
        ((tmp_path / "none.onnx",), "none.onnx: No such file"),
        ((another_model(tmp_path),), "is another kind of model"),
        ((tmp_path,), "is not a run folder"),
        ((BEST, "--data", unlabelled), "holds no data"),
        ((BEST, "--data", "digits", "--mnist-c", tmp_path), "expected MNIST-C as it is published"),
        ((BEST, "--data", "digits", "--seeds", tmp_path / "none"), "--seeds needs a run folder"),
        ((BEST, "--data", "digits", "--handwriting", tmp_path), "holds neither"),
    ):
        done = trust(*arguments, "--out", tmp_path / "out")
        assert done.returncode == 1
        assert done.stderr.startswith("tinydigits: ")
        assert expected in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not (tmp_path / "out").exists()

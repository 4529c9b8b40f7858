"""What is accepted as a model, and what is refused with a sentence."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader
from tinydigits.reader.session import MAX_MODEL_BYTES, SHIPPED, Session


def flatten_model(path: Path, side: int = 28, kind: int = TensorProto.FLOAT) -> Path:
    """A sound ONNX file of one node, which is no digit model."""
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["images"], ["flat"])],
        "flatten",
        [helper.make_tensor_value_info("images", kind, ["n", 1, side, side])],
        [helper.make_tensor_value_info("flat", kind, ["n", side * side])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path)
    return path


def test_the_shipped_model_gives_log_probabilities() -> None:
    images = np.random.default_rng(0).random((300, 28, 28), np.float32)
    found = Session().log_probs(images)
    assert found.shape == (300, 10)
    assert np.allclose(np.exp(found).sum(1), 1, atol=1e-4)
    assert np.allclose(Session().log_probs(images[:7]), found[:7], atol=1e-4)


def test_no_images_give_no_log_probabilities() -> None:
    assert Session().log_probs(np.empty((0, 28, 28), np.float32)).shape == (0, 10)


def test_the_shipped_model_says_what_it_is() -> None:
    facts = {p.key: p.value for p in onnx.load(SHIPPED).metadata_props}
    assert facts["labels"] == "0123456789"
    assert 0.2 < float(facts["temperature"]) < 5
    assert facts["version"]
    assert SHIPPED.stat().st_size < 150_000


@pytest.mark.parametrize("side", [28, 32])
def test_other_shapes_are_refused(tmp_path: Path, side: int) -> None:
    with pytest.raises(TinydigitsError, match=r"another kind of model.*expected float images"):
        Session(flatten_model(tmp_path / "other.onnx", side))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n", bytes(1000)])
def test_what_is_not_onnx_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.onnx"
    path.write_bytes(content)
    with pytest.raises(TinydigitsError, match="is not an ONNX model"):
        Reader(path)


def test_a_cut_off_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes(SHIPPED.read_bytes()[:40_000])
    with pytest.raises(TinydigitsError, match="is not an ONNX model"):
        Reader(path)


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    model = onnx.load(SHIPPED)
    path = tmp_path / "external.onnx"
    onnx.save(model, path, save_as_external_data=True, location="secret.bin", size_threshold=0)
    with pytest.raises(TinydigitsError, match="keeps weights in other files"):
        Reader(path)


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.truncate(MAX_MODEL_BYTES + 1)
    with pytest.raises(TinydigitsError, match="larger than 16 MiB"):
        Reader(path)


@pytest.mark.parametrize("written", ["warm", "0", "-1", "nan", "1e9"])
def test_an_impossible_temperature_is_refused(tmp_path: Path, written: str) -> None:
    model = onnx.load(SHIPPED)
    helper.set_model_props(model, {"temperature": written})
    onnx.save(model, tmp_path / "warm.onnx")
    with pytest.raises(TinydigitsError, match="has a temperature of"):
        Reader(tmp_path / "warm.onnx")


def test_a_higher_temperature_is_less_sure(tmp_path: Path) -> None:
    picture = Path(__file__).parents[1] / "golden" / "tiny.png"
    model = onnx.load(SHIPPED)
    helper.set_model_props(model, {"temperature": "5"})
    onnx.save(model, tmp_path / "warm.onnx")
    (warm,) = Reader(tmp_path / "warm.onnx").read(picture).digits
    (shipped,) = Reader().read(picture).digits
    assert warm.confidence < shipped.confidence


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TinydigitsError, match="is a folder; expected an ONNX file"):
        Reader(tmp_path)


def test_a_missing_model_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path / "none.onnx")

"""What is accepted as a model, and what is refused with a sentence."""

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.reader.made import Draw
from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Reading
from tinydigits.reader.recognise import VIEWS
from tinydigits.reader.session import MAX_MODEL_BYTES, SHIPPED, Session

Plane = NDArray[np.float32]


def model_of(folder: Path, nodes: list[onnx.NodeProto], shape: list[str | int]) -> Path:
    """A model file of these nodes, from "images" to "out" of that shape."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    return folder / "model.onnx"


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


def test_the_shipped_layers_are_the_shipped_model() -> None:
    facts = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    model = onnx.load(SHIPPED)
    inside = [onnx.numpy_helper.to_array(tensor).tobytes() for tensor in model.graph.initializer]
    written = [
        base64.b64decode(layer[name])
        for layer in facts["layers"]
        for name in ("weight", "bias", "mean", "var")
        if name in layer
    ]
    assert sorted(written) == sorted(each for each in inside if len(each) > 16)
    assert facts["temperature"] == Session().temperature
    assert facts["views"] == [list(view) for view in VIEWS]


def test_other_shapes_are_refused(tmp_path: Path) -> None:
    message = r"another kind of model.*expected float images"
    with pytest.raises(TinydigitsError, match=message):
        Session(
            model_of(tmp_path, [helper.make_node("Relu", ["images"], ["out"])], ["n", 1, 28, 28])
        )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        *((content, "is not an ONNX model") for content in (b"", b"hello", bytes(1000))),
        (SHIPPED.read_bytes()[:40_000], "is not an ONNX model"),
        (bytes(MAX_MODEL_BYTES + 1), "larger than 16 MiB"),
    ],
    ids=["empty", "words", "zeros", "cut off", "too large"],
)
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "no.onnx").write_bytes(content)
    with pytest.raises(TinydigitsError, match=message):
        Reader(tmp_path / "no.onnx")
    with pytest.raises(TinydigitsError, match="is a folder; expected an ONNX file"):
        Reader(tmp_path)
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path / "none.onnx")


def external(path: Path) -> onnx.ModelProto:
    """The shipped model with its weights in another file."""
    model = onnx.load(SHIPPED)
    onnx.save(model, path, save_as_external_data=True, location="secret.bin", size_threshold=0)
    return onnx.load(path, load_external_data=False)


def test_weights_in_another_file_are_found_in_any_spelling(tmp_path: Path) -> None:
    """A length may be written in more bytes than it needs; the meaning is the same."""
    path = tmp_path / "external.onnx"
    external(path)
    content = path.read_bytes()
    with pytest.raises(TinydigitsError, match="keeps weights in other files"):
        Reader(path)
    for spelling in (b"\x0a\x88\x00location", b"\x0a\x88\x80\x00location"):
        changed = lengthened(content, spelling)
        path.write_bytes(changed)
        assert onnx.ModelProto.FromString(changed) == onnx.ModelProto.FromString(content)
        with pytest.raises(TinydigitsError, match="keeps weights in other files"):
            Reader(path)


def lengthened(content: bytes, spelling: bytes) -> bytes:
    """The first tensor's key "location" in another spelling, all lengths round it mended."""
    model = onnx.ModelProto.FromString(content)
    tensor = next(t for t in model.graph.initializer if t.external_data)
    entry = tensor.external_data[0].SerializeToString()
    changed = entry.replace(b"\x0a\x08location", spelling, 1)
    assert changed != entry
    rest = onnx.TensorProto()
    rest.CopyFrom(tensor)
    del rest.external_data[:]
    rest.data_location = onnx.TensorProto.DEFAULT
    rest.ClearField("data_location")
    others = b"".join(field(13, e.SerializeToString()) for e in tensor.external_data[1:])
    whole = rest.SerializeToString() + field(13, changed) + others + b"\x70\x01"
    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    position = next(i for i, t in enumerate(graph.initializer) if t.name == tensor.name)
    tensors = [t.SerializeToString() for t in graph.initializer]
    tensors[position] = whole
    del graph.initializer[:]
    model.ClearField("graph")
    new = graph.SerializeToString() + b"".join(field(5, t) for t in tensors)
    return model.SerializeToString() + field(7, new)


def field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer, by its number."""
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def loop() -> onnx.NodeProto:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, [])],
    )
    return helper.make_node("Loop", ["", "true"], [], body=body)


def with_a_graph() -> onnx.NodeProto:
    node = helper.make_node("Relu", ["images"], ["out"])
    node.attribute.append(helper.make_attribute("body", loop().attribute[0].g))
    return node


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (loop(), "operator Loop"),
        (with_a_graph(), "a graph within its graph"),
        (helper.make_node("ReduceMean", ["images"], ["out"]), "operator ReduceMean"),
        (helper.make_node("Tile", ["images", "times"], ["out"]), "operator Tile"),
        (helper.make_node("Relu", ["images"], ["out"], domain="com.x"), "not ONNX's own"),
        (
            helper.make_node("MaxPool", ["images"], ["out"], kernel_shape=[1, 1], pads=[999] * 4),
            "a setting above 28",
        ),
    ],
)
def test_what_export_does_not_write_is_refused(
    tmp_path: Path, node: onnx.NodeProto, message: str
) -> None:
    with pytest.raises(TinydigitsError, match=f"{message}, which is refused"):
        Session(model_of(tmp_path, [node], ["n", 10]))


def test_a_model_that_fails_on_some_numbers_of_images_says_so(tmp_path: Path) -> None:
    model = onnx.load(SHIPPED)
    (reshape,) = (n for n in model.graph.node if n.op_type == "Reshape")
    (target,) = (t for t in model.graph.initializer if t.name == reshape.input[1])
    target.CopyFrom(onnx.numpy_helper.from_array(np.array([2, 10], np.int64), target.name))
    onnx.save(model, tmp_path / "two.onnx")
    with pytest.raises(TinydigitsError, match="fails on images"):
        Session(tmp_path / "two.onnx").log_probs(np.zeros((3, 28, 28), np.float32))


class TwoGlyphsAtATime(Session):
    """A model that fails on the views of more than a digit and the whole picture as one."""

    def log_probs(self, images: Plane) -> Plane:
        if len(images) > 2 * len(VIEWS):
            raise TinydigitsError("too many")
        return super().log_probs(images)


def test_a_picture_that_a_model_fails_on_spoils_no_other(draw: Draw) -> None:
    reader = Reader()
    reader.session = TwoGlyphsAtATime()
    pictures = [np.asarray(draw(text, height=60, pen=5)) for text in ("7", "472", "", "2")]
    found = list(reader.outcomes(pictures))
    assert isinstance(found[1], TinydigitsError)
    assert [each.text for each in found if isinstance(each, Reading)] == ["7", "", "2"]


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    model = onnx.load(SHIPPED)
    (bias,) = (t for t in model.graph.initializer if t.name == "layers.21.bias")
    bias.CopyFrom(onnx.numpy_helper.from_array(np.full(10, np.nan, np.float32), bias.name))
    onnx.save(model, tmp_path / "nan.onnx")
    with pytest.raises(TinydigitsError, match="its weights are damaged"):
        Reader(tmp_path / "nan.onnx")


@pytest.mark.parametrize("written", ["warm", "0", "-1", "nan", "1e9"])
def test_an_impossible_temperature_is_refused(tmp_path: Path, written: str) -> None:
    model = onnx.load(SHIPPED)
    helper.set_model_props(model, {"temperature": written})
    onnx.save(model, tmp_path / "warm.onnx")
    with pytest.raises(TinydigitsError, match="has a temperature of"):
        Reader(tmp_path / "warm.onnx")

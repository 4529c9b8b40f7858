import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tinydigits.errors import TinydigitsError
from tinydigits.mnist import export as module
from tinydigits.mnist.export import export
from tinydigits.mnist.model import Net
from tinydigits.mnist.pixels import unit_interval
from tinydigits.reader.session import Session


@pytest.fixture(scope="module")
def model() -> Net:
    torch.manual_seed(0)
    net = Net()
    with torch.no_grad():
        net(torch.rand(256, 1, 28, 28))  # moves the batch norms' statistics
    return net.eval()


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (100, 1, 28, 28), generator=generator, dtype=torch.uint8)


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory, model: Net, images: torch.Tensor
) -> tuple[Path, module.Parity]:
    path = tmp_path_factory.mktemp("export") / "new" / "net.onnx"
    labels = model(unit_interval(images)).argmax(1)
    return path, export(model, path, images, labels, temperature=1.25)


def test_the_file_computes_what_pytorch_does(exported: tuple[Path, module.Parity]) -> None:
    _, parity = exported
    assert parity.images == 100
    assert parity.largest_difference < 1e-4
    assert parity.agreement == parity.accuracy == parity.torch_accuracy == 1


@pytest.mark.parametrize("count", [1, 3, 17])
def test_any_number_of_images(
    exported: tuple[Path, module.Parity], model: Net, images: torch.Tensor, count: int
) -> None:
    session = onnxruntime.InferenceSession(exported[0], providers=["CPUExecutionProvider"])
    inputs = unit_interval(images[:count])
    (found,) = session.run(None, {session.get_inputs()[0].name: inputs.numpy()})
    assert np.allclose(found, model(inputs).detach().numpy(), atol=1e-4)


def test_the_file_stands_alone_and_says_what_it_is(exported: tuple[Path, module.Parity]) -> None:
    path, parity = exported
    assert [file.name for file in path.parent.iterdir()] == ["net.onnx"]
    assert parity.size == path.stat().st_size < 150_000
    found = onnx.load(path, load_external_data=False)
    assert {p.key: p.value for p in found.metadata_props} == {
        "labels": "0123456789",
        "version": found.producer_version,
        "temperature": "1.25",
    }
    assert str(Path.home()).encode() not in path.read_bytes()


def test_a_file_that_computes_something_else_is_not_written(
    tmp_path: Path, model: Net, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLERANCE", 1e-12)
    path = tmp_path / "net.onnx"
    path.write_text("the old one", encoding="utf-8")
    with pytest.raises(TinydigitsError, match="was not written: its outputs differ"):
        export(model, path, images, torch.zeros(100, dtype=torch.int64))
    assert path.read_text(encoding="utf-8") == "the old one"
    assert len(list(tmp_path.iterdir())) == 1


def test_eight_bits(tmp_path: Path, model: Net, images: torch.Tensor) -> None:
    path = tmp_path / "int8.onnx"
    labels = model(unit_interval(images)).argmax(1)
    parity = export(model, path, images, labels, calibration=images)
    kinds = {tensor.data_type for tensor in onnx.load(path).graph.initializer}
    assert onnx.TensorProto.INT8 in kinds
    assert parity.size < 60_000
    assert parity.agreement > 0.8
    assert Session(path).log_probs(images[:3, 0].numpy() / np.float32(255)).shape == (3, 10)


def test_logging_is_left_as_it_was(exported: tuple[Path, module.Parity]) -> None:
    assert logging.root.manager.disable == 0

"""A trained model -> one self-contained ONNX file, written only if it computes the same.

The file takes float32 images (N, 1, 28, 28) in [0, 1], N free, with the normalisation inside,
and gives log-probabilities (N, 10). Its metadata holds what a reader of the file has to know:
the labels, the version that made it, and the temperature that calibrates its probabilities.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tinydigits import __version__
from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_path
from tinydigits.mnist.integers.onnx_file import onnx_model
from tinydigits.mnist.integers.quantise import quantise
from tinydigits.mnist.model import Net
from tinydigits.mnist.pixels import unit_interval

TOLERANCE = 1e-4  # largest difference of a log-probability from PyTorch's
CHECK_IMAGES = 1000
_OPSET = 18


@dataclass(frozen=True)
class Parity:
    """How an exported file compares with PyTorch on the same images."""

    images: int  # number of images compared
    largest_difference: float  # between any two log-probabilities
    agreement: float  # share of the images that both read alike
    accuracy: float  # share that the file reads rightly
    torch_accuracy: float  # share that PyTorch reads rightly
    size: int  # of the file, in bytes


def export(
    model: Net,
    path: Path,
    images: Tensor,
    labels: Tensor,
    *,
    calibration: Tensor | None = None,
    temperature: float = 1.0,
) -> Parity:
    """Write `model` to an ONNX file and compare it with PyTorch.

    Args:
        model: on the CPU.
        path: the file; its folder is made if need be.
        images: bytes, or floats in [0, 1], (N, 1, 28, 28), to compare on.
        labels: their labels, int64 (N,).
        calibration: training images; if given, weights and activations become integers of 8 bits
            (see `integers.quantise`), with ranges as these images need them.
        temperature: what the log-probabilities are to be divided by to be calibrated.

    Raises:
        TinydigitsError: a float file's outputs differ from PyTorch's by more than `TOLERANCE`, or
            integers have no place for the network; nothing is written.
        OSError: the file cannot be written.
    """
    model = model.eval()
    with atomic_path(path) as part:
        if calibration is None:
            _export_float(model, part)
        else:
            import onnx

            onnx.save(onnx_model(quantise(model, calibration)), part)
        _describe(part, temperature)
        parity = compare(model, part, images, labels)
        if calibration is None and not parity.largest_difference <= TOLERANCE:
            raise TinydigitsError(
                f"{path} was not written: its outputs differ from PyTorch's by "
                f"{parity.largest_difference:.1e}, and {TOLERANCE:.0e} is allowed"
            )
    return parity


def compare(model: Net, path: Path, images: Tensor, labels: Tensor) -> Parity:
    """Run an ONNX file and the model on the same images."""
    import onnxruntime

    inputs = unit_interval(images)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = torch.from_numpy(session.run(None, {"images": inputs.numpy()})[0])
    with torch.inference_mode():
        expected = model(inputs)
    return Parity(
        images=len(inputs),
        largest_difference=float((found - expected).abs().max()),
        agreement=float((found.argmax(1) == expected.argmax(1)).double().mean()),
        accuracy=float((found.argmax(1) == labels).double().mean()),
        torch_accuracy=float((expected.argmax(1) == labels).double().mean()),
        size=path.stat().st_size,
    )


def _export_float(model: Net, path: Path) -> None:
    example = torch.zeros(2, 1, 28, 28)
    with _quiet():
        torch.onnx.export(
            model,
            (example,),
            path,
            input_names=["images"],
            output_names=["log_probs"],
            dynamic_shapes={"images": {0: torch.export.Dim("batch")}},
            opset_version=_OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def _describe(path: Path, temperature: float) -> None:
    """Replace what the exporter wrote about the file by what a user of it needs."""
    import onnx

    model: Any = onnx.load(path)
    model.producer_name, model.producer_version = "tinydigits", __version__
    model.doc_string = "Handwritten digits: images in [0, 1], ink 1 -> log-probabilities."
    del model.metadata_props[:]
    for value in (*model.graph.node, *model.graph.value_info, *model.graph.input):
        del value.metadata_props[:]
    facts = {
        "labels": "0123456789",
        "version": __version__,
        "temperature": repr(temperature),
    }
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporters' remarks on their own deprecated parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)

"""A model file -> log-probabilities, by ONNX Runtime, after checks that it is one of ours."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError

SHIPPED = Path(__file__).with_name("digits.onnx")
MAX_MODEL_BYTES = 16 * 2**20
_BATCH = 256

# How protocol buffers write the key that names a tensor's file outside the model's.
_EXTERNAL = b"\x0a\x08location"


class Session:
    """A loaded model.

    Attributes:
        temperature: what its log-probabilities are divided by to be calibrated.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        """Load a model file made by `tinydigits export`, or the shipped one.

        Raises:
            TinydigitsError: it is not an ONNX file, refers to other files, or takes or gives
                other shapes.
            OSError: it cannot be read.
        """
        path = Path(path or SHIPPED)
        if path.is_dir():
            raise TinydigitsError(
                f"{path} is a folder; expected an ONNX file, such as `tinydigits export` makes"
            )
        self._session = _load(path)
        self._input = self._session.get_inputs()[0].name
        self.temperature = _temperature(self._session, path)

    def log_probs(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Images (N, 28, 28) in [0, 1] -> the model's own log-probabilities (N, 10)."""
        batches = [images[i : i + _BATCH, None] for i in range(0, len(images), _BATCH)]
        outputs = [self._session.run(None, {self._input: batch})[0] for batch in batches]
        return np.concatenate(outputs) if outputs else np.empty((0, 10), np.float32)


def _load(path: Path) -> onnxruntime.InferenceSession:
    with path.open("rb") as file:
        content = file.read(MAX_MODEL_BYTES + 1)
    if len(content) > MAX_MODEL_BYTES:
        raise TinydigitsError(
            f"{path} is larger than {MAX_MODEL_BYTES // 2**20} MiB, so it is no tinydigits model"
        )
    if _EXTERNAL in content:
        raise TinydigitsError(
            f"{path} keeps weights in other files, which is refused; export it as a single file"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        raise TinydigitsError(
            f"{path} is not an ONNX model that can be loaded; expected a file made by "
            "`tinydigits export`"
        ) from error
    _check_shapes(session, path)
    return session


def _check_shapes(session: onnxruntime.InferenceSession, path: Path) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    fits = (
        len(inputs) == len(outputs) == 1
        and inputs[0].type == outputs[0].type == "tensor(float)"
        and len(inputs[0].shape) == 4
        and inputs[0].shape[1:] == [1, 28, 28]
        and not isinstance(inputs[0].shape[0], int)
        and outputs[0].shape[1:] == [10]
    )
    if not fits:
        found = ", ".join(f"{value.type} {value.shape}" for value in (*inputs, *outputs))
        raise TinydigitsError(
            f"{path} is another kind of model ({found}); expected float images (N, 1, 28, 28) in "
            "and log-probabilities (N, 10) out"
        )


def _temperature(session: onnxruntime.InferenceSession, path: Path) -> float:
    written = session.get_modelmeta().custom_metadata_map.get("temperature", "1")
    try:
        temperature = float(written)
    except ValueError:
        temperature = 0.0
    if not 0.01 <= temperature <= 100:
        raise TinydigitsError(f"{path} has a temperature of {written!r}; expected 0.01 to 100")
    return temperature

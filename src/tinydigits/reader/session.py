"""A model file -> log-probabilities, by ONNX Runtime, after checks that it is one of ours."""

import os
from pathlib import Path

import numpy as np
import onnxruntime

from tinydigits.arrays import Plane
from tinydigits.errors import TinydigitsError
from tinydigits.reader.onnx_file import objection

SHIPPED = Path(__file__).with_name("digits.onnx")
MAX_MODEL_BYTES = 16 * 2**20  # chosen: ours has 76 kB, and one of more layers finds room
_HOTTEST = 100  # a temperature beyond it, or below its inverse, is a mistake: ours is 0.65
_BATCH = 12  # images: 82 us each; by up to 256 at a time 118, as the cache is then full


class Session:
    """A loaded model. It can be pickled, so that other processes get the same one.

    Attributes:
        temperature: what its log-probabilities are divided by to be calibrated.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        """Load a model file made by `tinydigits export`, or the shipped one.

        Raises:
            TinydigitsError: it is not an ONNX file, does more than such a file may, takes or
                gives other shapes, or computes nothing that could be log-probabilities.
            OSError: it cannot be read.
        """
        path = Path(path or SHIPPED)
        self._load(str(path), _content(path))

    def log_probs(self, images: Plane) -> Plane:
        """Images (N, 28, 28) in [0, 1] -> the model's own log-probabilities (N, 10).

        Raises:
            TinydigitsError: the model fails, or gives anything else.
        """
        batches = [self._run(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
        return np.concatenate(batches) if batches else np.empty((0, 10), np.float32)

    def _run(self, images: Plane) -> Plane:
        try:
            found: Plane = self._session.run(None, {self._input: images[:, None]})[0]
        except Exception as error:  # ONNX Runtime's errors have no common class of their own
            raise TinydigitsError(
                f"{self._name} fails on images of 28x28; expected a file made by "
                "`tinydigits export`"
            ) from error
        if found.shape != (len(images), 10) or not np.isfinite(found).all():
            raise TinydigitsError(
                f"{self._name} gives no log-probabilities of ten digits; its weights are damaged"
            )
        return found

    def _load(self, name: str, content: bytes) -> None:
        self._name, self._content = name, content
        self._session = _session(name, content)
        self._input = self._session.get_inputs()[0].name
        self.temperature = _temperature(name, self._session)
        self._run(np.zeros((2, 28, 28), np.float32))

    def __getstate__(self) -> tuple[str, bytes]:
        return self._name, self._content

    def __setstate__(self, state: tuple[str, bytes]) -> None:
        self._load(*state)


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise TinydigitsError(
            f"{path} is a folder; expected an ONNX file, such as `tinydigits export` makes"
        )
    with path.open("rb") as file:
        content = file.read(MAX_MODEL_BYTES + 1)
    if len(content) > MAX_MODEL_BYTES:
        raise TinydigitsError(
            f"{path} is larger than {MAX_MODEL_BYTES // 2**20} MiB, so it is no tinydigits model"
        )
    return content


def started(content: bytes) -> onnxruntime.InferenceSession:
    """ONNX Runtime with a model, on one thread; it raises errors of its own, and prints none."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _session(name: str, content: bytes) -> onnxruntime.InferenceSession:
    try:
        refused = objection(content)
        session = None if refused else started(content)
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        raise TinydigitsError(
            f"{name} is not an ONNX model that can be loaded; expected a file made by "
            "`tinydigits export`"
        ) from error
    if session is None:
        raise TinydigitsError(
            f"{name} {refused}, which is refused; expected a file made by `tinydigits export`"
        )
    _check_shapes(name, session)
    return session


def _check_shapes(name: str, session: onnxruntime.InferenceSession) -> None:
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
            f"{name} is another kind of model ({found}); expected float images (N, 1, 28, 28) in "
            "and log-probabilities (N, 10) out"
        )


def _temperature(name: str, session: onnxruntime.InferenceSession) -> float:
    written = session.get_modelmeta().custom_metadata_map.get("temperature", "1")
    try:
        temperature = float(written)
    except ValueError:
        temperature = 0.0
    if not 1 / _HOTTEST <= temperature <= _HOTTEST:
        raise TinydigitsError(f"{name} has a temperature of {written!r}; expected 0.01 to 100")
    return temperature

"""What several test files need: data, and the certainty that no test reaches the network."""

import gzip
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.download import MnistUnavailable
from tinydigits.mnist.idx import FILES


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Send every request, also of a subprocess, to a proxy that is not there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
            patch.setenv(name.upper(), "http://127.0.0.1:9")
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "127.0.0.1,localhost")
        yield


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder on a machine without MNIST: no variable, no ./data, an empty cache."""
    monkeypatch.delenv("TINYDIGITS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def mnist(_no_network: None) -> Data:
    """The real MNIST where it is on this machine; a damaged copy fails rather than skips."""
    try:
        return load_data("mnist")
    except MnistUnavailable:
        pytest.skip("MNIST is not here: set TINYDIGITS_DATA to a folder with its four files")


@pytest.fixture(scope="session")
def tiny_data() -> Data:
    """300 embedded digits to train on and 100 to test on."""
    data = load_data("digits")
    return replace(
        data,
        train_images=data.train_images[:300],
        train_labels=data.train_labels[:300],
        test_images=data.test_images[:100],
        test_labels=data.test_labels[:100],
    )


@pytest.fixture(scope="session")
def idx_bytes() -> Callable[[np.ndarray], bytes]:
    """An independent IDX writer for unsigned bytes."""

    def encode(array: np.ndarray) -> bytes:
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        return header + array.astype(np.uint8).tobytes()

    return encode


@pytest.fixture
def idx_folder(tmp_path: Path, idx_bytes: Callable[[np.ndarray], bytes]) -> Path:
    """A folder called "own" with four sound IDX files: 30 images to train on and 20 to test on."""
    folder = tmp_path / "own"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for file, count in zip(FILES, (30, 30, 20, 20), strict=True):
        shape = (count, 28, 28) if "images" in file else (count,)
        array = rng.integers(0, 256 if "images" in file else 10, shape)
        (folder / f"{file}.gz").write_bytes(gzip.compress(idx_bytes(array)))
    return folder

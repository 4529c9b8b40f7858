"""Data for the tests of training."""

import gzip
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.idx import FILES


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


@pytest.fixture(scope="session")
def assert_learns_as() -> Callable[[nn.Module, nn.Module, float], None]:
    """Check that layers' gradients and statistics are those of their copies in float64."""

    def check(layers: nn.Module, exact: nn.Module, tolerance: float) -> None:
        for mine, theirs in zip(layers.parameters(), exact.parameters(), strict=True):
            assert mine.grad is not None
            assert theirs.grad is not None
            assert (mine.grad - theirs.grad).norm() <= tolerance * theirs.grad.norm()
        for mine, theirs in zip(layers.buffers(), exact.buffers(), strict=True):
            torch.testing.assert_close(mine.double(), theirs.double(), rtol=1e-5, atol=1e-6)

    return check

"""The compiled C: where it cannot be, and on processors that are not this one."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from torch import nn

from tinydigits.mnist import compiled, convolution

SOURCES = [str(Path(compiled.__file__).with_name(name)) for name in compiled._SOURCES]
NATIVE = "-march=native"


def test_without_a_compiler_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setenv("PATH", "")
    assert compiled.library.__wrapped__() is None


@pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")
def test_without_vectors_of_eight_the_results_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors of four, the generic path, which NEON takes: compiled for the oldest processors."""
    target = tmp_path / "generic.so"
    flags = [flag for flag in compiled._FLAGS if flag != NATIVE]
    subprocess.run(["gcc", *flags, "-o", str(target), *SOURCES], check=True, capture_output=True)
    layer = nn.Conv2d(16, 32, 3, padding=1)
    x = torch.randn(3, 16, 9, 7).to(memory_format=torch.channels_last).requires_grad_()
    results = []
    for library in (compiled.library(), ctypes.CDLL(str(target))):
        monkeypatch.setattr(compiled, "library", lambda library=library: library)
        layer.zero_grad()
        y = convolution.convolve(x, layer)
        y.square().sum().backward()
        results.append((y.detach(), layer.weight.grad))
    for mine, generic in zip(*results, strict=True):
        torch.testing.assert_close(mine, generic, rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(not shutil.which("aarch64-linux-gnu-gcc"), reason="no compiler for ARM")
def test_it_compiles_for_arm(tmp_path: Path) -> None:
    target = tmp_path / "arm.so"
    flags = [flag for flag in compiled._FLAGS if flag != NATIVE]
    command = ["aarch64-linux-gnu-gcc", "-march=armv8-a", *flags, "-o", str(target), *SOURCES]
    subprocess.run(command, check=True, capture_output=True)
    assert target.read_bytes()[18:20] == b"\xb7\x00"  # ELF's number for it

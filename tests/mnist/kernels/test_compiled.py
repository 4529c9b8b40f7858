"""The compiled C: where it cannot be, and on processors that are not this one."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from tinydigits.mnist.kernels import compiled
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import NetName

SOURCES = [*map(str, compiled._SOURCES)]
NATIVE = "-march=native"


def test_without_a_compiler_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setenv("PATH", "")
    assert compiled.library.__wrapped__() is None


@pytest.fixture(scope="module")
def generic(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Vectors of four, the generic path, which NEON takes: compiled for the oldest processors."""
    target = tmp_path_factory.mktemp("generic") / "generic.so"
    flags = [flag for flag in compiled._FLAGS if flag != NATIVE]
    subprocess.run(["gcc", *flags, "-o", str(target), *SOURCES], check=True, capture_output=True)
    return ctypes.CDLL(str(target))


@pytest.mark.skipif(compiled.library() is None, reason="no C compiler, or not Linux")
@pytest.mark.parametrize(("name", "count"), [("original", 5), ("700", 16)])
def test_without_vectors_of_eight_the_results_are_the_same(
    name: NetName, count: int, generic: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = Net(0.0, name).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = torch.rand(count, 1, 28, 28)
    results = []
    for library in (compiled.library(), generic):
        monkeypatch.setattr(compiled, "library", lambda library=library: library)
        net.zero_grad()
        log_probs = net(images)
        log_probs[:, 3].mean().backward()
        results.append([log_probs.detach(), *(parameter.grad for parameter in net.parameters())])
    differences = []
    for mine, generic in zip(*results, strict=True):
        assert mine is not None
        assert generic is not None
        differences.append((mine - generic).norm())
        assert differences[-1] <= 1e-4 * generic.norm() + 1e-7
    assert max(differences) > 0  # it was another library


@pytest.mark.parametrize(
    "wrong",
    [
        torch.zeros(2, 32, 4, 6).to(memory_format=torch.channels_last).double(),
        torch.zeros(2, 32, 4, 6),
        torch.zeros(2, 4, 6, 64)[..., ::2].permute(0, 3, 1, 2),
        torch.zeros(2, 32, 4, 5).to(memory_format=torch.channels_last),
        torch.zeros(2, 32, 4, 6, device="meta").to(memory_format=torch.channels_last),
        None,
    ],
    ids=["type", "channels first", "gaps", "size", "device", "missing"],
)
def test_an_array_that_c_would_misread_is_refused(wrong: torch.Tensor | None) -> None:
    x = torch.zeros(2, 32, 4, 6).to(memory_format=torch.channels_last)
    line, y = torch.ones(32), torch.empty_like(x)
    if compiled.library():
        compiled.call("norm_f32_32", (2, 4, 6), x, line, line, y)
    for position, arrays in ((1, (wrong, line, line, y)), (4, (x, line, line, wrong))):
        with pytest.raises(ValueError, match=f"norm_f32_32: array {position} is .* 1536 values"):
            compiled.call("norm_f32_32", (2, 4, 6), *arrays)
    with pytest.raises(ValueError, match=r"array 2 is .* 32 values of torch\.float32"):
        compiled.call("norm_f32_32", (2, 4, 6), x, line.double(), line, y)


@pytest.mark.skipif(not shutil.which("aarch64-linux-gnu-gcc"), reason="no compiler for ARM")
def test_it_compiles_for_arm(tmp_path: Path) -> None:
    target = tmp_path / "arm.so"
    flags = [flag for flag in compiled._FLAGS if flag != NATIVE]
    command = ["aarch64-linux-gnu-gcc", "-march=armv8-a", *flags, "-o", str(target), *SOURCES]
    subprocess.run(command, check=True, capture_output=True)
    assert target.read_bytes()[18:20] == b"\xb7\x00"  # ELF's number for it

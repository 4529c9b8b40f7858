import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.device import (
    choose_device,
    choose_precision,
    device_name,
    processor_model,
    vector_instructions,
)


def test_missing_devices_are_named() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cuda", "mps", "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(TinydigitsError, match="there is no device 'cuda' here; choose one of"):
            choose_device("cuda")


def test_precision_follows_the_processor_unless_told() -> None:
    cpu = torch.device("cpu")
    assert choose_precision("float32", cpu) == torch.float32
    assert choose_precision("bfloat16", cpu) == torch.bfloat16
    assert (choose_precision("auto", cpu) == torch.bfloat16) is (vector_instructions() == "AMX")


@pytest.mark.slow
@pytest.mark.skipif(not torch.cpu._is_avx2_supported(), reason="a processor without AVX2")
@pytest.mark.parametrize("told", [{"ATEN_CPU_CAPABILITY": "avx2"}, {"ONEDNN_MAX_CPU_ISA": "AVX2"}])
def test_a_newer_processor_can_be_an_older_one(told: dict[str, str]) -> None:
    program = (
        "import torch; from tinydigits.mnist.device import choose_precision, device_name\n"
        "cpu = torch.device('cpu'); print(device_name(cpu, 1), choose_precision('auto', cpu))"
    )
    found = subprocess.check_output(
        [sys.executable, "-c", program], env=os.environ | told, text=True
    )
    assert found == f"cpu ({processor_model()}, AVX2, 1 thread) torch.float32\n"


@pytest.mark.parametrize(
    ("machine", "used", "name"),
    [
        ("x86_64", "DEFAULT", "no vector instructions"),
        ("AMD64", "AVX2", "AVX2"),
        ("arm64", "DEFAULT", "NEON"),
        ("aarch64", "SVE256", "SVE256"),
    ],
)
def test_other_processors_are_named_and_compute_in_float32(
    monkeypatch: pytest.MonkeyPatch, machine: str, used: str, name: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: used)
    assert vector_instructions() == name
    assert choose_precision("auto", torch.device("cpu")) == torch.float32


def test_avx512_bf16_alone_is_no_reason_for_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert vector_instructions() in ("AVX-512 bf16", "AVX2")  # the latter if oneDNN was told so
    assert choose_precision("auto", torch.device("cpu")) == torch.float32


def test_the_device_is_named_with_its_processor_and_threads() -> None:
    name = device_name(torch.device("cpu"), 2)
    assert re.fullmatch(r"cpu \(.+, .+, 2 threads\)", name)
    assert processor_model() in name
    if sys.platform == "linux" and platform.machine() == "x86_64":
        assert f": {processor_model()}" in " ".join(
            Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
        )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_kept_memory_is_not_cleared_again() -> None:
    """Page faults while a large tensor is made and dropped 20 times, in a fresh process.

    The least of three counts: a busy machine may take pages away meanwhile.
    """
    program = (
        "import resource, torch\n"
        "from tinydigits.mnist.device import keep_memory\n"
        "def faults(times):\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(times): torch.ones(5_000_000) + 1\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "faults(2); usual = faults(20)\n"
        "keep_memory(); print(min(faults(20) for _ in range(3)), usual)\n"
    )
    kept, usual = map(int, subprocess.check_output([sys.executable, "-c", program]).split())
    assert kept < 100 < usual

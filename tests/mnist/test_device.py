import subprocess
import sys

import pytest
import torch

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import (
    Captured,
    choose_device,
    choose_precision,
    cpu_threads,
    seeded,
)
from tinydigits.mnist.fit import fit, start
from tinydigits.mnist.model import update
from tinydigits.mnist.recipe import preset


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
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    assert (choose_precision("auto", cpu) == torch.bfloat16) is native


def test_cpu_threads_are_set_and_restored() -> None:
    before = torch.get_num_threads()
    with cpu_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_seeding_is_undone_afterwards() -> None:
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    with seeded(5, torch.device("cpu")):
        inside = torch.rand(2)
    assert torch.equal(torch.rand(2), expected)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(2), inside)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_kept_memory_is_not_cleared_again() -> None:
    """Page faults while a large tensor is made and dropped 20 times, in a fresh process."""
    program = (
        "import resource, sys, torch\n"
        "from tinydigits.mnist.device import keep_memory\n"
        "if sys.argv[1] == 'keep': keep_memory()\n"
        "def work(times):\n"
        "    for _ in range(times): torch.ones(5_000_000) + 1\n"
        "work(2)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "work(20)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)\n"
    )
    faults = {
        way: int(subprocess.check_output([sys.executable, "-c", program, way]))
        for way in ("keep", "usual")
    }
    assert faults["keep"] < 100 < faults["usual"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_recorded_steps_learn_what_usual_steps_learn(tiny_data: Data) -> None:
    recipe = preset("best").changed(
        epochs=3, epoch_images=1, batch_size=40, precision="float32", device="cuda"
    )
    recorded, usual = start(recipe, tiny_data), start(recipe, tiny_data)
    assert isinstance(recorded.update, Captured)
    usual.update = update
    fit(recipe, tiny_data, training=recorded)
    fit(recipe, tiny_data, training=usual)
    for mine, theirs in zip(recorded.history, usual.history, strict=True):
        assert mine.train_loss == pytest.approx(theirs.train_loss, rel=0.02)

import pytest
import torch

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.device import choose_device, choose_precision, cpu_threads, seeded


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

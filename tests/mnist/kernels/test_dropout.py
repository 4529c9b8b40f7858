import pytest
import torch

from tinydigits.mnist.kernels import compiled
from tinydigits.mnist.kernels.dropout import Dropout


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_dropout_drops_its_share_and_keeps_the_mean(memory_format: torch.memory_format) -> None:
    torch.manual_seed(0)
    dropout = Dropout(0.3)
    values = torch.ones(50, 7, 11, 13).to(memory_format=memory_format).requires_grad_()
    dropped = dropout(values)
    kept = dropped != 0
    # 50,050 values: the share's standard deviation is 0.002.
    assert kept.double().mean().item() == pytest.approx(0.7, abs=0.01)
    assert kept.double().mean((0, 2, 3)).std().item() < 0.02
    torch.testing.assert_close(dropped[kept], torch.full_like(dropped[kept], 1 / 0.7))
    dropped.sum().backward()
    torch.testing.assert_close(values.grad, dropped.detach())
    assert not torch.equal(kept, dropout(values) != 0)
    assert torch.equal(dropout.eval()(values), values)


def test_with_and_without_c_the_same_values_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    values = torch.randn(5, 8, 11, 13).to(memory_format=torch.channels_last)
    results = []
    for library in (compiled.library(), None):
        monkeypatch.setattr(compiled, "library", lambda library=library: library)
        torch.manual_seed(0)
        mine = values.clone().requires_grad_()
        dropped = Dropout(0.3)(mine)
        dropped.square().sum().backward()
        results.append((dropped.detach(), mine.grad))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other)

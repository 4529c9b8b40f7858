"""The compiled C: where it cannot be, and what it is compiled for."""

import pytest

from tinydigits.mnist import compiled


def test_without_a_compiler_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setenv("PATH", "")
    assert compiled.library.__wrapped__() is None

"""Every command where the terminal or the system knows only one byte per character."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# As on Windows, where Python takes the system's encoding for files and pipes.
OLD = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}


def run(*arguments: object, **environment: str) -> str:
    return python("-m", "tinydigits", *arguments, **environment)


def python(*arguments: object, encoding: str = "cp1252", **environment: str) -> str:
    command = [sys.executable, *map(str, arguments)]
    settings = os.environ | OLD | {"PYTHONIOENCODING": encoding} | environment
    done = subprocess.run(command, env=settings, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return done.stdout.decode(encoding)


ALL_HELP = """
import sys
import typer.main
from tinydigits.cli import app, main
for command in ("", *typer.main.get_command(app).commands, "bench accuracy"):
    sys.argv = ["tinydigits", *command.split(), "--help"]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0, command
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_help_is_shown_in_any_encoding(encoding: str) -> None:
    shown = python("-c", ALL_HELP, encoding=encoding)
    assert shown.count("Usage:") > 10


def test_formulas_are_written_in_signs_that_there_are() -> None:
    text = run("backprop")
    assert "a_h1 = sigma(h1)" in text
    assert "dE/dw5 = dE/da_o1 · da_o1/do1 · do1/dw5" in text
    assert "E1   = 0.5*(t1 - a_o1)^2" in run("backprop", encoding="ascii")
    assert "E1   = ½·(t1 − a_o1)²" in run("backprop", encoding="utf-8")


def test_the_page_is_the_same_whatever_the_encoding(tmp_path: Path) -> None:
    for name, settings in (("old", OLD), ("new", {"PYTHONUTF8": "1"})):
        run("page", "-o", tmp_path / name, **settings)
    assert (tmp_path / "old").read_bytes() == (tmp_path / "new").read_bytes()
    assert "×" in (tmp_path / "old").read_text(encoding="utf-8")

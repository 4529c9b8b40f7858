"""The public names: a written list, typed for type checkers, nothing loaded before its use."""

import subprocess
import sys
from pathlib import Path

import tinydigits

ROOT = Path(__file__).parents[1]
# Each public name and what mypy must take it for; changing this list changes the public interface.
PUBLIC = {
    "Data": "-> tinydigits.mnist.data.Data",
    "Digit": "-> tinydigits.reader.reading.Digit",
    "Net": "-> tinydigits.mnist.model.Net",
    "Reader": "-> tinydigits.reader.reader.Reader",
    "Reading": "-> tinydigits.reader.reading.Reading",
    "Recipe": "-> tinydigits.mnist.recipe.Recipe",
    "TinydigitsError": "-> tinydigits.errors.TinydigitsError",
    "__version__": "str",
    "fit": "-> tinydigits.mnist.fit.Training",
    "load_data": "-> tinydigits.mnist.data.Data",
    "preset": "-> tinydigits.mnist.recipe.Recipe",
}


def test_the_public_names_are_these_and_all_resolve() -> None:
    assert tinydigits.__all__ == list(PUBLIC)
    assert dir(tinydigits) == sorted(PUBLIC)
    for name in PUBLIC:
        found = getattr(tinydigits, name)
        assert name == "__version__" or found.__name__ == name
    assert not hasattr(tinydigits, "no_such_name")


def test_a_type_checker_knows_them_and_no_others(tmp_path: Path) -> None:
    lines = [f"reveal_type(tinydigits.{name})" for name in (*PUBLIC, "no_such_name")]
    snippet = tmp_path / "snippet.py"
    snippet.write_text("\n".join(["import tinydigits", *lines]), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", str(snippet)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    revealed = [line for line in done.stdout.splitlines() if "Revealed type" in line]
    for (name, expected), line in zip(PUBLIC.items(), revealed[:-1], strict=True):
        assert line.endswith(f'{expected}"'), f"{name}: {line}"
    assert 'Module has no attribute "no_such_name"' in done.stdout
    assert "Found 1 error" in done.stdout

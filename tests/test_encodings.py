"""Text files are read and written as UTF-8, whatever the system's default is.

Python takes the locale's encoding where none is named: cp1252 on most Windows machines. ruff's rule
for this (PLW1514) sees only what it knows to be a path, half of the calls here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Whose `open` gives no text: pictures and archives.
NO_TEXT = {"Image", "gzip", "zipfile", "tarfile"}


def unnamed(source: str) -> Iterator[int]:
    """The lines that open text without naming its encoding."""
    tree = ast.parse(source)
    awaited = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or id(call) in awaited:  # opening a file awaits nothing
            continue
        *owner, name = ast.unparse(call.func).split(".")
        named = [word.value for word in call.keywords if word.arg in ("mode", "encoding")]
        given = [each.value for each in (*call.args, *named) if isinstance(each, ast.Constant)]
        if name == "open":
            binary = any("b" in str(mode) for mode in given if len(str(mode)) < 4)
            text = not binary and NO_TEXT.isdisjoint(owner[-1:])
        elif name.endswith("TemporaryFile"):  # binary by default
            text = any("b" not in str(mode) for mode in given)
        else:
            text = name in ("read_text", "write_text")
        if text and not any("utf-8" in str(each) for each in given):
            yield call.lineno


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "weights"])
def test_every_text_file_has_its_encoding_named(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in unnamed(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("self.plan.read_text()", True),
        ("path.write_text(x)", True),
        ("open(path)", True),
        ("open(path, 'a')", True),
        ("path.open(mode='w')", True),
        ("tempfile.TemporaryFile('w+')", True),
        ("path.read_text(encoding='utf-8')", False),
        ("path.write_text(x, 'utf-8')", False),
        ("open(path, 'rb')", False),
        ("path.open(mode='wb')", False),
        ("tempfile.TemporaryFile()", False),
        ("Image.open(path)", False),
        ("await queue.open()", False),
        ("await queue.put(path.open())", True),
    ],
)
def test_the_check_sees_what_names_none(text: str, found: bool) -> None:
    assert bool(list(unnamed(text))) is found

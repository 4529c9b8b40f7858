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
# Where the mode and the encoding stand, if they have no name.
PLACES = {"read_text": (None, 0), "write_text": (None, 1), "open": (0, 2), "built-in": (1, 3)}


def unnamed(source: str) -> Iterator[int]:
    """The lines that open text without naming its encoding."""
    tree = ast.parse(source)
    awaited = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or id(call) in awaited:  # opening a file awaits nothing
            continue
        function = call.func
        if isinstance(function, ast.Name) and function.id == "open":
            kind = "built-in"
        elif isinstance(function, ast.Attribute) and function.attr in PLACES:
            owner = function.value
            if isinstance(owner, ast.Name) and owner.id in NO_TEXT:
                continue
            kind = function.attr
        elif isinstance(function, ast.Attribute) and function.attr.endswith("TemporaryFile"):
            kind = "open"
            if not call.args and all(word.arg != "mode" for word in call.keywords):
                continue  # binary by default
        else:
            continue
        mode, encoding = PLACES[kind]
        named = {word.arg: word.value for word in call.keywords}
        given = named.get("mode")
        if mode is not None and len(call.args) > mode:
            given = call.args[mode]
        binary = isinstance(given, ast.Constant) and "b" in str(given.value)
        if not binary and "encoding" not in named and len(call.args) <= encoding:
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
        ("found[0].open()", True),
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

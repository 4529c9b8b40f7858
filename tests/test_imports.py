"""Who may use whom, read off the source: every arrow is written down here or it is a mistake."""

import ast
import graphlib
from pathlib import Path

import pytest

import tinydigits

ROOT = Path(tinydigits.__file__).parent
ROOMS = {"backprop", "mnist", "reader", "web", "trust", "scale"}
# Each part of the package, and the rooms it may import; a new room is a new line. All may import
# what is SHARED.
MAY_IMPORT: dict[str, set[str]] = {
    "backprop": set(),
    "mnist": set(),
    "reader": set(),
    "web": {"reader"},
    "trust": {"mnist", "reader"},
    "scale": {"mnist", "reader"},
    "cli": {*ROOMS, "plots"},
    "__main__": {"cli"},
    "__init__": {"mnist", "reader"},  # lazily: see test_exported_members.py
    "plots": set(),
    "arrays": set(),
    "errors": set(),
    "files": set(),
    "handwriting": set(),
    "image": set(),
    "layers_file": set(),
    "pool": set(),
}
SHARED = {"__init__", "arrays", "errors", "files", "handwriting", "image", "layers_file", "pool"}
# Packages that are heavy or optional, and the only parts of the package that may import them.
ONLY_IN = {
    "fastapi": {"web"},
    "matplotlib": {"plots", "trust"},
    "pillow_heif": {"image", "layers_file"},
    "pypdfium2": {"image", "layers_file"},
    "ray": {"scale"},
    "torch": {"mnist", "trust", "scale", "cli"},
}


def imported(path: Path) -> set[str]:
    """Every module, and every name in a module, that a file imports, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.module and node.level == 0, f"{path}: relative import"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def part_of(module: str) -> str:
    """The room or file below the package that a module belongs to."""
    return module.split(".")[1] if "." in module else "__init__"


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """Each module of the package and all that it imports, ours and others'."""
    return {module_name(path): imported(path) for path in sorted(ROOT.rglob("*.py"))}


@pytest.fixture(scope="module")
def arrows(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Each module of the package and those of the package that it imports."""
    return {name: {n for n in names if n in imports} - {name} for name, names in imports.items()}


def test_every_room_is_listed_and_uses_only_what_its_line_allows(
    arrows: dict[str, set[str]],
) -> None:
    for name, used in arrows.items():
        part = part_of(name)
        assert part in MAY_IMPORT, f"{name}: write down what '{part}' may import"
        strangers = {part_of(n) for n in used} - {part} - SHARED - MAY_IMPORT[part]
        assert not strangers, f"{name} imports {strangers}"


def test_imports_run_one_way(arrows: dict[str, set[str]]) -> None:
    """No module is needed by what it needs; the lazy names of the package itself aside."""
    within = {name: used - {"tinydigits"} for name, used in arrows.items() if name != "tinydigits"}
    graphlib.TopologicalSorter(within).prepare()  # raises CycleError, which names the modules


def test_heavy_packages_stay_where_they_belong(imports: dict[str, set[str]]) -> None:
    for package, parts in ONLY_IN.items():
        users = {
            part_of(name)
            for name, used in imports.items()
            if any(n.split(".")[0] == package for n in used)
        }
        assert users <= parts, f"{package} is imported in {users - parts}"


def test_only_the_command_line_prints_or_exits() -> None:
    for path in ROOT.rglob("*.py"):
        if "cli" not in path.relative_to(ROOT).parts:
            calls = [
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
            ]
            names = {ast.unparse(call.func) for call in calls}
            assert not names & {"print", "sys.exit", "exit", "quit"}, path

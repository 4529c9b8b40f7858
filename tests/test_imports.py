"""Imports point one way: the design's arrows, read off the source."""

import ast
from pathlib import Path

import pytest

import tinydigits

ROOT = Path(tinydigits.__file__).parent
SHARED = {"", "errors", "files"}
MNIST_DATA = {"mnist.data", "mnist.download", "mnist.idx", "mnist.pictures"}
MNIST_BASE = {"mnist.recipe", "mnist.device", *MNIST_DATA}
MNIST_MIDDLE = {"mnist.augment", "mnist.model"}
MNIST_FIT = {"mnist.fit", "mnist.evaluate"}
MNIST_RUNS = {"mnist.runs"}
MNIST_TOP = {"mnist.bench", "mnist.export", "mnist.layers"}
LEVELS = (
    MNIST_BASE,
    {"mnist.optim", "mnist.fused"},
    MNIST_MIDDLE,
    {"mnist.many"},
    MNIST_FIT,
    MNIST_RUNS,
    MNIST_TOP,
)


def modules() -> dict[str, set[str]]:
    """Each module's name below the package, and the package's modules that it imports."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__")
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.level == 0, f"{path}: relative import"
                names.add(node.module)
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
        own = {
            n.removeprefix("tinydigits").lstrip(".") for n in names if n.startswith("tinydigits")
        }
        found[name.rstrip(".")] = {n for n in own if n in known() or n == ""}
    return found


def known() -> set[str]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in ROOT.rglob("*.py")
    }


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    return modules()


def test_the_rooms_never_import_one_another(imports: dict[str, set[str]]) -> None:
    for room in ("backprop", "mnist", "reader"):
        for name, used in imports.items():
            if name.split(".")[0] == room:
                strangers = {n for n in used if n.split(".")[0] != room and n not in SHARED}
                assert not strangers, f"{name} imports {strangers}"


def test_training_imports_go_up_one_way(imports: dict[str, set[str]]) -> None:
    for name, used in imports.items():
        for level, here in enumerate(LEVELS):
            if name in here:
                above = set().union(*LEVELS[level + 1 :])
                assert not used & above, f"{name} imports {used & above}"
    listed = set().union(*LEVELS)
    assert {n for n in imports if n.startswith("mnist.")} <= listed, "a module without a level"


def test_nothing_imports_the_command_line_and_only_plots_imports_matplotlib(
    imports: dict[str, set[str]],
) -> None:
    users = [name for name, used in imports.items() if any(n.split(".")[0] == "cli" for n in used)]
    assert {name.split(".")[0] for name in users} <= {"cli", "__main__"}
    users = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if any(word in path.read_text() for word in ("import matplotlib", "from matplotlib"))
    ]
    assert users == ["plots.py"]


def test_only_the_command_line_prints_or_exits() -> None:
    for path in ROOT.rglob("*.py"):
        if "cli" not in path.relative_to(ROOT).parts:
            calls = [
                node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
            ]
            names = {ast.unparse(call.func) for call in calls}
            assert not names & {"print", "sys.exit", "exit", "quit"}, path

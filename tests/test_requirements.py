"""What make installs is pinned, and holds what pyproject.toml asks for."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def pins(name: str) -> dict[str, str]:
    """Version by package; every line but a comment or another file is a pin."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [line.split("==") for line in lines if not line.startswith(("#", "-r "))]
    return {canonicalize_name(package): version for package, version in found}


def wanted(extra: str = "") -> list[Requirement]:
    """What an extra asks for, or all of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    chosen = [optional[extra]] if extra else optional.values()
    return [Requirement(line) for lines in (project["dependencies"], *chosen) for line in lines]


@pytest.mark.parametrize(
    ("files", "extra"),
    [(("requirements.txt",), "train"), (("requirements.txt", "requirements-dev.txt"), "")],
)
def test_pins_hold_what_pyproject_wants(files: tuple[str, ...], extra: str) -> None:
    pinned = {package: version for name in files for package, version in pins(name).items()}
    for requirement in wanted(extra):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version and requirement.specifier.contains(version), requirement


def test_no_package_is_pinned_twice_and_training_waits_for_none_of_the_tools() -> None:
    training, tools = pins("requirements.txt"), pins("requirements-dev.txt")
    assert not training.keys() & tools.keys()
    assert not training.keys() & {"pytest", "mypy", "fastapi", "playwright", "ray"}

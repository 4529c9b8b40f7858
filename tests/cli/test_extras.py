"""The command line on a bare install: which extra it names for a package that is not there."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tinydigits.cli import EXTRAS

ROOT = Path(__file__).parents[2]


def distributions() -> dict[str, set[str]]:
    """What each extra of pyproject.toml installs, dev's tools aside."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        extra: {re.split(r"[\[><=]", line)[0] for line in lines}
        for extra, lines in extras["optional-dependencies"].items()
        if extra != "dev"
    }


def test_the_table_is_what_pyproject_installs() -> None:
    brings = {
        package: {name.lower().replace("_", "-") for name in names}
        for package, names in packages_distributions().items()
    }
    installed = distributions()
    assert EXTRAS.keys() == installed.keys()
    for extra, packages in EXTRAS.items():
        assert all(brings[package] & installed[extra] for package in packages), extra
    listed = set().union(*EXTRAS.values())
    for name in set().union(*installed.values()):
        assert any(name in brings[package] for package in listed), f"{name} brings none of these"


@pytest.mark.parametrize(
    ("command", "package", "extra"),
    [
        ("train", "torch", "train"),
        ("export weights/best.safetensors -o out.onnx", "torch", "train"),
        ("read digit.png --model weights/best.safetensors", "torch", "train"),
        ("bench accuracy --cluster local", "torch", "train"),
        ("bulk scans --out out", "pyarrow", "scale"),
        ("pack scans -o shards", "pyarrow", "scale"),
        ("backprop --out out", "matplotlib", "learn"),
        ("trust weights/best.safetensors", "cleanlab", "trust"),
    ],
)
def test_a_missing_package_names_the_extra_that_brings_all(
    command: str, package: str, extra: str
) -> None:
    missing = set().union(*EXTRAS.values())
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing}, None))\n"
        f"sys.argv = ['tinydigits', *{command.split()}]\n"
        "import tinydigits.cli; tinydigits.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        1,
        f"tinydigits: this needs the package {package}; in tinydigits' folder: "
        f"pip install '.[{extra}]'\n",
    )

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


BARE = """
import sys
sys.modules.update(dict.fromkeys(MISSING))
import tinydigits.cli
for command in COMMANDS:
    sys.argv = ["tinydigits", *command.split()]
    try:
        tinydigits.cli.main()
    except SystemExit as ended:
        assert ended.code == 1, command
"""


def test_a_missing_package_names_the_extra_that_brings_all() -> None:
    named = {
        "train": ("torch", "train"),
        "export weights/best.safetensors -o out.onnx": ("torch", "train"),
        "read digit.png --model weights/best.safetensors": ("torch", "train"),
        "bench accuracy --cluster local": ("torch", "train"),
        "bulk scans --out out": ("pyarrow", "scale"),
        "pack scans -o shards": ("pyarrow", "scale"),
        "backprop --out out": ("matplotlib", "learn"),
        "trust weights/best.safetensors": ("cleanlab", "trust"),
    }
    code = BARE.replace("MISSING", repr(sorted(set().union(*EXTRAS.values()))))
    code = code.replace("COMMANDS", repr([*named]))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        f"tinydigits: this needs the package {package}; in tinydigits' folder: "
        f"pip install '.[{extra}]'"
        for package, extra in named.values()
    ]


PICTURE = ROOT / "tests" / "golden" / "dark.png"
SLOW_TO_READ = "rich.progress asyncio multiprocessing numpy.ma pillow_heif pypdfium2"
FEW = "torch scipy matplotlib sklearn ray pyarrow"
LOADED = """
import sys
import tinydigits.cli
sys.argv = ["tinydigits", *COMMAND]
try:
    tinydigits.cli.main()
except SystemExit as ended:
    assert not ended.code
print([name for name in SLOW if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("command", "slow"),
    [
        ("--version", f"{FEW} numpy onnxruntime PIL"),
        ("backprop", f"{FEW} numpy onnxruntime PIL xlsxwriter safetensors"),
        (f"read {PICTURE}", f"{FEW} onnx {SLOW_TO_READ}"),
    ],
)
def test_a_command_loads_nothing_that_it_can_do_without(command: str, slow: str) -> None:
    code = LOADED.replace("COMMAND", repr(command.split())).replace("SLOW", repr(slow.split()))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

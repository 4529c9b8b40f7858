"""The wheel alone, in an environment of its own, reads a picture; nothing of the checkout helps."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "tests" / "golden" / "dark.png"
# As it was before the tests closed the network: pip may use it, and is alone in that.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_the_wheel_alone_reads_a_picture(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / "bin"
    install = [str(binaries / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    done = subprocess.run(install, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip(f"no package index within reach: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    read = [str(binaries / "tinydigits"), "read", str(PICTURE)]
    done = subprocess.run(read, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{PICTURE}: 2\n", "")
    packages = {path.name for path in (binaries.parent / "lib").glob("python3*/site-packages/*")}
    assert "onnxruntime" in packages and "torch" not in packages

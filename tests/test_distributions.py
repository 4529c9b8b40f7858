"""What is published: a wheel that reads alone, and a source distribution whose tests run."""

import email
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import tinydigits

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "tests" / "golden" / "dark.png"
# As it was before the tests closed the network: pip may use it, and is alone in that.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def version_of(name: str, pattern: str) -> str:
    """The first version that a file names."""
    found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert found, name
    return found[1]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def sources(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sources")
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def test_the_source_distribution_has_all_that_git_tracks(sources: Path) -> None:
    listed = ["git", "-C", str(ROOT), "ls-files"]
    done = subprocess.run(listed, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    tracked = {name for name in done.stdout.splitlines() if (ROOT / name).exists()}
    packed = {str(path.relative_to(sources)) for path in sources.rglob("*") if path.is_file()}
    assert tracked - packed == set()
    assert not [name for name in packed if "__pycache__" in name or name.startswith("out/")]


def test_the_source_distributions_own_tests_run(sources: Path) -> None:
    chosen = ["test_requirements", "backprop/test_example"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += [f"tests/{name}.py" for name in chosen]
    environment = ENVIRONMENT | {"PYTHONPATH": str(sources / "src")}
    done = subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_index_shows_no_picture_or_link_that_leads_nowhere(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        text = str(email.message_from_bytes(packed.read(name)).get_payload())
        assert "tinydigits/py.typed" in packed.namelist()
    assert "`docs/training.md`" in text
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", text) == []


def test_the_version_is_the_same_everywhere() -> None:
    assert version_of("CITATION.cff", r"^version: (\S+)") == tinydigits.__version__
    assert version_of("CHANGELOG.md", r"^## \[?(\d[^]\s]*)") == tinydigits.__version__


@pytest.mark.slow
def test_the_wheel_alone_reads_a_picture(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
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

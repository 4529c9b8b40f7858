"""What every test file needs: no test reaches the network; a machine without MNIST."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tinydigits.mnist.data import Data

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Send every request, also of a subprocess, to a proxy that is not there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
            patch.setenv(name.upper(), "http://127.0.0.1:9")
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "127.0.0.1,localhost")
        yield


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A real Chromium; a process can drive one only."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        message = "these tests drive Debian's Chromium: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*FLAGS, "--disable-sync"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def mnist(_no_network: None) -> "Data":
    """The real MNIST where it is on this machine; a damaged copy fails rather than skips."""
    from tinydigits.mnist.data import load_data
    from tinydigits.mnist.download import MnistUnavailable

    try:
        return load_data("mnist")
    except MnistUnavailable:
        pytest.skip("MNIST is not here: set TINYDIGITS_DATA to a folder with its four files")


class Done(NamedTuple):
    """How a command ended: its exit status, and what it wrote."""

    status: int
    output: str
    errors: str


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run `tinydigits ARGUMENTS` to its end, in this process: a fresh one imports for seconds."""
    from tinydigits.cli import main

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["tinydigits", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Give a folder that is a disk of so many kB, anew and empty at each call."""
    folder = tmp_path / "disk"
    folder.mkdir()
    unmount = ["umount", "--quiet", "--lazy", str(folder)]  # though a failed test has it open

    def mount(kilobytes: int) -> Path:
        subprocess.run(unmount, check=False)
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a full disk needs the right to mount one: {done.stderr.strip()}")
        return folder

    if not shutil.which("mount"):
        pytest.skip("a full disk needs mount")
    yield mount
    subprocess.run(unmount, check=False)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder on a machine without MNIST: no variable, no ./data, an empty cache."""
    monkeypatch.delenv("TINYDIGITS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder

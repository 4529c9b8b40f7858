"""A real Ray cluster of two nodes on this machine, started and ended by the tests."""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

Tinydigits = Callable[..., subprocess.Popen[str]]


class Nodes:
    """Two nodes of one CPU each.

    Attributes:
        address: of the first, to connect to.
    """

    def __init__(self, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self._started = [
            _start("--head", f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false"),
        ]
        wait_for(lambda: _listens(port))
        self._started.append(_start(f"--address={self.address}"))

    def workers(self, name: str) -> list[psutil.Process]:
        """The processes of either node that run a task or an actor of this name."""
        found = []
        for process in self._all():
            with contextlib.suppress(psutil.Error):
                if process.cmdline() and process.cmdline()[0].startswith(f"ray::{name}"):
                    found.append(process)
        return found

    def kill_worker(self, name: str) -> bool:
        """Kill one of those -> whether there was one."""
        found = self.workers(name)
        for process in found[:1]:
            process.kill()
        return bool(found)

    def end(self) -> None:
        """Kill all that was started, and nothing else."""
        for process in (*self._all(), *self._started):
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                process.kill()
        for started in self._started:
            started.wait()

    def _all(self) -> list[psutil.Process]:
        found = []
        for started in self._started:
            with contextlib.suppress(psutil.Error):
                found += psutil.Process(started.pid).children(recursive=True)
        return found


def _start(*options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1"]
    common = ["--object-store-memory=100000000"]
    return subprocess.Popen(
        [*command, *common, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Until it holds; a machine that is busy may take its time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    folder = tempfile.mkdtemp(prefix="td", dir="/tmp")  # names of sockets must be short
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "token")  # so that no other test's cluster is ours
        patch.setenv("RAY_AUTH_TOKEN", uuid.uuid4().hex)
        cluster = Nodes(folder)
        yield cluster
        cluster.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def tinydigits(tmp_path: Path) -> Iterator[Tinydigits]:
    """Start `tinydigits ARGUMENTS` in an empty folder; what still runs at the end is killed."""
    started = []

    def start(*arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tinydigits", *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()

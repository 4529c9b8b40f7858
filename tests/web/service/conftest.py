"""The service as a command of its own."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tinydigits.reader.reader import Reader


class Service:
    """A service of its own, started as a person starts it."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tinydigits", "serve", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        found = re.search(r"at http://\S+:(\d+)/", self.process.stdout.readline())
        assert found
        self.port = int(found[1])
        self.log: list[str] = []
        self._reading = threading.Thread(target=self._read_log, daemon=True)
        self._reading.start()

    def _read_log(self) -> None:
        assert self.process.stderr
        self.log += self.process.stderr

    def family(self) -> set[int]:
        """The processes that it has begun, and those that they have, whichever thread did."""
        parents = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended meanwhile
                state, parent = path.read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(path.parent.name)] = int(parent)
        found = {self.process.pid}
        while more := {child for child, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}

    def workers(self) -> list[int]:
        """The processes that read; the resource tracker of multiprocessing is none."""
        found = []
        for pid in self.family():
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return sorted(found)

    @staticmethod
    def alive(pids: Iterable[int]) -> list[int]:
        """Those that run; an ended one may still wait to be counted by its parent."""
        found = []
        for pid in pids:
            with suppress(OSError):
                stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
                if stat.rpartition(")")[2].split()[0] != "Z":
                    found.append(pid)
        return found

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self._reading.join(10)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()
        return status


def _services() -> Iterator[Callable[..., Service]]:
    begun: list[Service] = []

    def begin(*options: str) -> Service:
        begun.append(Service("--workers", "1", *options))  # the last of an option counts
        return begun[-1]

    yield begin
    for service in begun:
        service.end()


# Start a service with these options; it ends with the test, or with the file whose tests share it.
start = pytest.fixture(_services, name="start")
start_shared = pytest.fixture(_services, scope="module", name="start_shared")


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """A service that the test may end."""
    return start()


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Service]) -> Service:
    """A service that all tests of a file share."""
    return start_shared()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()

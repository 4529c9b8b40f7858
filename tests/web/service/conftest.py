"""The service as a command of its own."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

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
        found = re.search(r"at http://127\.0\.0\.1:(\d+)/", self.process.stdout.readline())
        assert found
        self.port = int(found[1])
        self.log: list[str] = []
        self._reading = threading.Thread(target=self._read_log, daemon=True)
        self._reading.start()

    def _read_log(self) -> None:
        assert self.process.stderr
        self.log += self.process.stderr

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self._reading.join(10)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()
        return status


@pytest.fixture
def start() -> Iterator[Callable[..., Service]]:
    """Start services with these options; they end with the test."""
    begun: list[Service] = []

    def begin(*options: str) -> Service:
        begun.append(Service("--workers", "1", *options))
        return begun[-1]

    yield begin
    for service in begun:
        service.end()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    return start()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()

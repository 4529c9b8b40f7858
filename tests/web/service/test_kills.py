"""Reading processes that are killed or stand still: no request is lost, and SIGTERM ends it all."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")

DARK = (Path(__file__).parents[2] / "golden" / "dark.png").read_bytes()  # a 2
END_SECONDS = 30  # far more than ending takes, far less than for ever
Start = Callable[..., Any]


def ask(port: int, path: str = "/v1/read") -> tuple[int, dict[str, Any], bool]:
    """Status, answer, and whether the connection would have stayed."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        if path == "/v1/read":
            connection.request("POST", path, DARK, {"content-type": "image/png"})
        else:
            connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("connection") != "close"
    finally:
        connection.close()


def right(status: int, answer: dict[str, Any], _: bool) -> bool:
    return status == 200 and answer["readings"][0]["text"] == "2"


def kill(service: Any, count: int = 1, signum: int = signal.SIGKILL) -> None:
    for pid in service.workers()[:count]:
        os.kill(pid, signum)


def wait_for(service: Any, count: int) -> None:
    """Until so many processes are ready to read."""
    until = time.monotonic() + END_SECONDS
    while f"tinydigits_processes_ready {count}.0" not in metrics(service.port):
        assert time.monotonic() < until
        time.sleep(0.02)


def metrics(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return str(answer.read(), "utf-8")


def has_ended(service: Any, seen: set[int]) -> None:
    """It ends in time, having been told to, and leaves no process."""
    assert service.process.wait(END_SECONDS) == 0
    until = time.monotonic() + END_SECONDS
    while left := service.alive(seen):
        assert time.monotonic() < until, left
        time.sleep(0.05)


def ends(service: Any, seen: set[int]) -> None:
    """It ends in time when it is told to, and leaves no process."""
    seen |= service.family()
    service.process.send_signal(signal.SIGTERM)
    has_ended(service, seen)
    service.end()
    assert not [line for line in service.log if "Traceback" in line]


def test_a_killed_process_costs_no_request_and_does_not_keep_the_service_up(start: Start) -> None:
    service = start("--workers", "2")
    seen = service.family()
    kill(service)
    assert all(right(*ask(service.port)) for _ in range(3))
    ends(service, seen)


@pytest.mark.slow
def test_processes_killed_under_load_cost_no_request(start: Start) -> None:
    service = start("--workers", "2")
    seen, answers = service.family(), []

    def client() -> None:
        stays = True
        while stays:
            answers.append(ask(service.port))
            stays = answers[-1][2]

    with ThreadPoolExecutor(8) as clients:
        running = [clients.submit(client) for _ in range(8)]
        for count in (1, 2, 1):
            wait_for(service, 2)
            time.sleep(0.2)
            seen |= service.family()
            kill(service, count)
        ends(service, seen)
        for one in running:
            one.result()
    assert len(answers) > 8
    assert all(right(*answer) for answer in answers)


@pytest.mark.slow
def test_a_process_killed_while_the_service_ends_costs_no_request(start: Start) -> None:
    service = start("--workers", "1")
    seen = service.family()
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(ask, service.port) for _ in range(8)]
        time.sleep(0.02)  # some are being read, some wait
        service.process.send_signal(signal.SIGTERM)
        kill(service)
        assert all(right(*each.result()) for each in asked)
    has_ended(service, seen)


@pytest.mark.slow
def test_whether_it_can_read_is_told_truly(start: Start) -> None:
    service = start("--workers", "2")
    wait_for(service, 2)
    kill(service, 2)
    until = time.monotonic() + END_SECONDS
    while (answer := ask(service.port, "/readyz"))[0] == 200:
        assert time.monotonic() < until
    assert answer[:2] == (503, {"error": "no process is ready to read; one is being started"})
    wait_for(service, 2)
    assert ask(service.port, "/readyz")[0] == 200
    assert right(*ask(service.port))
    ends(service, set())


@pytest.mark.slow
def test_a_process_that_stands_still_does_not_keep_the_service_up(start: Start) -> None:
    service = start("--workers", "2")
    kill(service, 2, signal.SIGSTOP)
    ends(service, set())

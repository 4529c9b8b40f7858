"""`tinydigits serve`, started as a person starts it."""

import asyncio
import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tinydigits.cli.web import _listen, _with_limit

DARK = (Path(__file__).parents[2] / "golden" / "dark.png").read_bytes()  # a 2
TOKEN = "a-token-that-nobody-knows"


def in_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a loop of its own: tests in a browser leave one running in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def request(content: bytes, path: str = "/v1/read") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: "
    return head.encode() + f"{len(content)}\r\n\r\n".encode() + content


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes
) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection stays."""
    writer.write(request(content))
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = re.search(r"content-length: (\d+)", head)
    assert length
    body = await reader.readexactly(int(length[1]))
    return int(head.split()[1]), body, "connection: close" not in head


def test_an_answer_does_not_wait_for_the_one_before_to_be_acknowledged() -> None:
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_ending_under_load_loses_no_request(service: Any) -> None:
    answered, lost, wrong = 0, 0, 0

    async def client() -> None:
        nonlocal answered, lost, wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        stays = True
        while stays:
            try:
                status, body, stays = await exchange(reader, writer, DARK)
            except (OSError, asyncio.IncompleteReadError):
                lost += 1
                break
            answered += 1
            wrong += status != 200 or json.loads(body)["readings"][0]["text"] != "2"
        writer.close()

    async def load() -> None:
        clients = [asyncio.create_task(client()) for _ in range(8)]
        await asyncio.sleep(1)
        service.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*clients)

    in_thread(load())
    assert service.process.wait(30) == 0
    assert (lost, wrong) == (0, 0)
    assert answered >= 8


def test_the_log_has_lines_of_json_without_pictures(service: Any) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(request(DARK, "/v1/read?x=%0Aforged"))
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert service.end() == 0
    (line,) = map(json.loads, service.log)
    assert (line["method"], line["path"], line["status"]) == ("POST", "/v1/read", 200)
    assert line["pictures"] == 1


def test_a_killed_service_leaves_no_process(service: Any) -> None:
    left = service.family()
    assert service.workers()
    service.process.kill()
    service.process.wait()
    for _ in range(100):
        if not service.alive(left):
            break
        time.sleep(0.1)
    else:
        pytest.fail("the reading process goes on")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "give --token-file, or --without-token"),
        (["--token-file", "none"], "none: No such file"),
        (["--token-file", os.devnull], "holds no token"),
        (["--without-token", "--host", "no such host"], "cannot listen on no such host"),
        *(
            (["--allow-origin", origin], f"{origin} is no origin")
            for origin in ("example.org", "https://example.org/", "https://Example.org", "null")
        ),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    options: list[str], words: str, command: Any
) -> None:
    status, _, errors = command("serve", "--port", "0", *options)
    assert status == 1
    assert words in errors and errors.count("\n") == 1


def test_a_taken_port_is_one_sentence(command: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, _, errors = command("serve", "--port", taken.getsockname()[1])
    assert status == 1
    assert "cannot listen on 127.0.0.1" in errors and errors.count("\n") == 1


def told(port: int, content: bytes, host: str = "127.0.0.1") -> bytes:
    """All that is answered to this, until the connection is closed."""
    with socket.create_connection((host, port)) as connection:
        connection.sendall(content)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_client_that_hangs_up_is_no_fault_of_the_service(service: Any) -> None:
    part = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
    form = request(part + DARK).replace(b"image/png", b"multipart/form-data; boundary=x")
    for content in (request(DARK)[:-10], form[:-10]):
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(content)
            time.sleep(0.2)
    asked = b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    until = time.monotonic() + 30
    while b'path="/v1/read",status="499"} 2.0' not in told(service.port, asked):
        assert time.monotonic() < until
    assert service.end() == 0
    assert [json.loads(line)["status"] for line in service.log if "/v1/" in line] == [499, 499]


def test_head_leaves_the_connection_in_order(service: Any) -> None:
    head = b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    first, second, body = told(service.port, head + last).split(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200") and second.startswith(b"HTTP/1.1 200")
    length = re.search(rb"content-length: (\d+)", first)
    assert length and int(length[1]) > 100_000
    assert body == b'{"status":"alive"}'
    service.end()
    assert json.loads(service.log[0])["method"] == "HEAD"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_all_addresses_are_those_of_ipv4_too(start: Callable[..., Any]) -> None:
    service = start("--host", "::", "--without-token")
    asked = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    for host in ("127.0.0.1", "::1"):
        assert b"alive" in told(service.port, asked, host)
    service.end()
    assert [json.loads(line)["client"] for line in service.log] == ["127.0.0.1", "::1"]


def test_a_head_that_comes_drop_by_drop_is_not_waited_for() -> None:
    """Uvicorn as the command has it, with less patience."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await receive()
        await asyncio.sleep(0.5)  # longer than a head may take
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def closed(at: tuple[str, int], first: bytes, drop: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*at)
        writer.write(first)
        answer = asyncio.create_task(reader.read())
        for _ in range(400):
            writer.write(drop)
            await asyncio.wait([answer], timeout=0.05)
            if answer.done():
                break
        else:
            pytest.fail("the connection stays open")
        writer.close()
        return await answer

    async def serve() -> None:
        config = uvicorn.Config(
            app, http=_with_limit(0.3), lifespan="off", log_config=None, timeout_keep_alive=60
        )
        server, listener = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
        running = asyncio.create_task(server._serve([listener]))  # signals are the test's
        while not server.started:
            await asyncio.sleep(0.01)
        at, whole = listener.getsockname(), b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
        assert await closed(at, b"", b"") == b""
        assert await closed(at, b"GET / HTTP/1.1\r\n", b"a: b\r\n") == b""
        # A whole one is answered, be it slowly, and the next one on its connection limited.
        assert (await closed(at, whole + b"GET ", b"x")).startswith(b"HTTP/1.1 204")
        server.should_exit = True
        await running

    in_thread(serve())


def test_a_token_in_a_file_is_asked_for(tmp_path: Path, start: Callable[..., Any]) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n", encoding="utf-8")
    service = start("--token-file", str(path))
    ask: Callable[[], int] = lambda: in_thread(status(service.port))  # noqa: E731
    assert ask() == 401
    assert service.end() == 0
    assert all(TOKEN not in line for line in service.log)


async def status(port: int) -> int:
    streams = await asyncio.open_connection("127.0.0.1", port)
    found, _, _ = await exchange(*streams, DARK)
    streams[1].close()
    return found

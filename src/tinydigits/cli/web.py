"""`page` and `serve`."""

import ipaddress
import logging
import os
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    import asyncio

    import uvicorn
    from starlette.datastructures import State
    from uvicorn.protocols.http.h11_impl import H11Protocol

app = typer.Typer()

DRAIN_SECONDS = 1.0  # in which clients close their connections, before new ones are refused
HEAD_SECONDS = 20.0  # for all that comes before a request's body
FINISH_SECONDS = 60  # for what has been taken in
_SHORTEST_TOKEN = 16


@app.command()
def page(
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")],
    layers: Annotated[
        Path | None,
        typer.Option(help="Use this network, exported as .json, instead of the shipped one."),
    ] = None,
) -> None:
    """Write the page that reads drawn and photographed digits, as one file that works offline."""
    from tinydigits.files import atomic_write
    from tinydigits.web.page import build_page

    html = build_page(layers).html
    atomic_write(output, html)
    print(f"wrote {output}, {len(html.encode()):,} bytes; open it in a browser")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="The port; 0 takes any free one.", min=0, max=65535)
    ] = 8000,
    workers: Annotated[
        int | None, typer.Option(help="How many processes read; by default one per core.", min=1)
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that requests must send.")
    ] = None,
    without_token: Annotated[
        bool, typer.Option("--without-token", help="Let other machines read without a token.")
    ] = False,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Let scripts of this origin call it, such as https://example.org; repeatable."
        ),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Use this ONNX file instead of the shipped model.")
    ] = None,
) -> None:
    """Serve the page and the reader over HTTP."""
    import asyncio

    import uvicorn  # first, so that its absence is the first thing said

    from tinydigits.reader.reader import Reader
    from tinydigits.web.server import create_app

    token = _token(token_file)
    if not _is_local(host) and not token and not without_token:
        raise TinydigitsError(
            f"{host} lets other machines in: give --token-file, or --without-token if all may read"
        )
    origins = [_origin(written) for written in allow_origin or ()]
    listener = _listen(host, port)
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    service = create_app(
        Reader(model), workers=workers or os.cpu_count() or 1, token=token, origins=origins
    )
    config = uvicorn.Config(
        service,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=_with_limit(HEAD_SECONDS),
        server_header=False,
        limit_concurrency=1000,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    shown = f"[{host}]" if ":" in host else host
    asyncio.run(_run(config, service.state, listener, shown))


async def _run(
    config: "uvicorn.Config", state: "State", listener: socket.socket, host: str
) -> None:
    """Serve until SIGTERM or Ctrl-C; then finish what was taken in."""
    import asyncio

    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: object) -> None:
            """Let clients close their connections first; asked twice, end at once."""
            if state.draining:
                self.force_exit = self.should_exit = True
            state.draining = True
            loop.call_later(DRAIN_SECONDS, setattr, self, "should_exit", True)

    loop, server = asyncio.get_running_loop(), Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    if server.started:
        at = f"http://{host}:{listener.getsockname()[1]}/"
        print(f"tinydigits is at {at}  (Ctrl-C ends it)", flush=True)
    await serving


def _with_limit(seconds: float) -> "type[H11Protocol]":
    """Uvicorn's HTTP, which by itself waits for ever for a request that has begun."""
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Limited(H11Protocol):
        """Closes a connection on which no request's head is complete in time."""

        timer: "asyncio.TimerHandle | None" = None

        def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait_for_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._stop()

        def _wait_for_head(self) -> None:
            if self.conn.their_state is not h11.IDLE:
                self._stop()
            elif not self.timer:
                self.timer = self.loop.call_later(seconds, self.transport.close)

        def _stop(self) -> None:
            if self.timer:
                self.timer.cancel()
                self.timer = None

    return Limited


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()  # "::" is IPv4's, too
        listener = socket.create_server(
            (host, port), family=family, backlog=2048, dualstack_ipv6=both
        )
    except OSError as error:
        raise TinydigitsError(
            f"cannot listen on {host}, port {port}: {error.strerror}; name another --port or --host"
        ) from error
    listener.setblocking(False)
    # Connections have it from here; else each answer on a kept one would wait 40 ms for its second
    # packet. asyncio sets it only where a socket names its protocol, which this one does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(written: str) -> str:
    """An origin as browsers write it: a scheme, a host, and a port that is not the usual one."""
    if written != "*" and not re.fullmatch(
        r"https?://[a-z0-9.-]+(:\d+)?|https?://\[[0-9a-f:]+\](:\d+)?", written
    ):
        raise TinydigitsError(
            f"{written} is no origin; expected one as https://example.org or "
            "http://localhost:3000, in small letters and without a path, or *"
        )
    return written


def _token(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        words = file.read(10_000).split()
    if len(words) != 1 or len(words[0]) < _SHORTEST_TOKEN or not words[0].isascii():
        raise TinydigitsError(
            f"{path} holds no token; expected one word of at least {_SHORTEST_TOKEN} characters"
        )
    return words[0].decode()

"""`serve`."""

import asyncio
import ipaddress
import logging
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    import uvicorn
    from starlette.datastructures import State

app = typer.Typer()

DRAIN_SECONDS = 1.0  # in which clients close their connections, before new ones are refused
FINISH_SECONDS = 60  # for what has been taken in
_SHORTEST_TOKEN = 16


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any that is free.", min=0, max=65535)] = 8000,
    workers: Annotated[
        int | None, typer.Option(help="Processes that read; by default one per core.", min=1)
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that requests must bring.")
    ] = None,
    without_token: Annotated[
        bool, typer.Option("--without-token", help="Let others than this machine read without one.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option(help="An ONNX file instead of the shipped model.")
    ] = None,
) -> None:
    """Serve the page and the reader over HTTP."""
    import uvicorn  # first, so that its absence is the first thing said

    from tinydigits.reader.reader import Reader
    from tinydigits.web.server import create_app

    token = _token(token_file)
    if not _is_local(host) and not token and not without_token:
        raise TinydigitsError(
            f"{host} lets others in: give a --token-file, or --without-token if all may read"
        )
    listener = _listen(host, port)
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    service = create_app(Reader(model), workers=workers or os.cpu_count() or 1, token=token)
    config = uvicorn.Config(
        service,
        log_config=None,
        log_level="warning",
        access_log=False,
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise TinydigitsError(
            f"cannot listen on {host}, port {port}: {error.strerror}; name another --port or --host"
        ) from error
    listener.setblocking(False)
    return listener


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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

"""The body of a request -> pictures' bytes, within limits of size, time, number and memory."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException as StarletteHTTPException

from tinydigits.web.page import MAX_BYTES

Message = MutableMapping[str, Any]
RETRY_SECONDS = "1"
_BODIES = ("application/octet-stream", "application/pdf")


@dataclass(frozen=True)
class Limits:
    """What one service takes on at most."""

    waiting: int = 64  # requests being read or waiting for it
    pictures: int = 256  # in a request
    body_bytes: int = MAX_BYTES  # of a request
    all_bytes: int = 256 * 2**20  # of all requests that are being received or read
    receive_seconds: float = 20.0  # for a request's body, and more for its bytes:
    receive_rate: float = 20_000.0  # of them a second at least
    read_seconds: float = 30.0  # from its last byte to the answer


class Uploads:
    """Receives bodies, and knows how many bytes are held.

    Attributes:
        held: bytes of the requests that have not been answered.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits, self.held = limits, 0

    async def pictures(self, request: Request, body: "Body") -> list[tuple[str, bytes]]:
        """Name and bytes of each picture: a multipart form's files, or the body itself.

        Raises:
            HTTPException: 400, 408, 413, 415 or 503, with a sentence.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if _declared(request) > self.limits.body_bytes:
            raise self._too_large()
        limited = Request(request.scope, body.receive)
        if kind == "multipart/form-data":
            found = await self._files(limited)
        elif not kind or kind.startswith("image/") or kind in _BODIES:
            found = [("", await limited.body())]
        else:
            raise HTTPException(
                415,
                f"{kind[:80]} is not read here; send a picture as image/png, image/jpeg, "
                "application/pdf or application/octet-stream, or files as multipart/form-data",
            )
        if not any(content for _, content in found):
            raise HTTPException(400, "there is no picture in the request; send one or more")
        return found

    async def _files(self, request: Request) -> list[tuple[str, bytes]]:
        try:
            async with request.form(max_files=self.limits.pictures, max_fields=0) as form:
                files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
                return [(file.filename or "", await file.read()) for file in files]
        except StarletteHTTPException as error:
            if error.detail.startswith("Too many files"):
                most = self.limits.pictures
                raise HTTPException(413, f"too many files; at most {most} are taken") from None
            if error.detail.startswith("Too many fields"):
                raise HTTPException(
                    400,
                    "the form holds a field that is no file; only files may be sent there, and "
                    "single and min_confidence in the address, as /v1/read?single=true",
                ) from None
            raise

    def body(self, request: Request) -> "Body":
        """The request's body, to be used as a context in which its bytes are held."""
        return Body(self, request.receive)

    def take(self, count: int, total: int) -> None:
        """Hold `count` more bytes of a body that has `total` by now."""
        if total > self.limits.body_bytes:
            raise self._too_large()
        if self.held + count > self.limits.all_bytes:
            raise HTTPException(
                503, "too much is being read just now; try again", {"Retry-After": RETRY_SECONDS}
            )
        self.held += count

    def _too_large(self) -> HTTPException:
        most = self.limits.body_bytes // 2**20
        return HTTPException(413, f"the request is too large; at most {most} MiB are taken")


class Body:
    """One request's body, received in time and counted.

    All that has arrived gives its sender more time, so that a large body may take long over a slow
    line, and a sender of a few bytes now and then may not.
    """

    def __init__(self, uploads: Uploads, receive: Callable[[], Awaitable[Message]]) -> None:
        self._uploads, self._receive, self._total = uploads, receive, 0
        self._until = asyncio.get_running_loop().time() + uploads.limits.receive_seconds

    async def receive(self) -> Message:
        """The next piece.

        Raises:
            HTTPException: 408, 413 or 503.
        """
        try:
            allowed = self._total / self._uploads.limits.receive_rate
            async with asyncio.timeout_at(self._until + allowed):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the request arrives too slowly") from None
        count = len(message.get("body", b""))
        self._uploads.take(count, self._total + count)
        self._total += count
        return message

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self._uploads.held -= self._total


def _declared(request: Request) -> int:
    written = request.headers.get("content-length", "0")
    return int(written) if written.isdecimal() else 0

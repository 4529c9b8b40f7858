"""Round every request: its line in the log, its metrics, the headers of its answer."""

import json
import logging
import time
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("tinydigits.web")

# Nobody may frame the service, guess at its types, or learn where its users came from.
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=()",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


CLIENT_GONE = 499  # for the log, as nginx has it: the client hung up, so nobody gets this answer


class Metrics:
    """What Prometheus asks for."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "tinydigits_requests", "Requests answered.", ["path", "status"], registry=registry
        )
        self.seconds = Histogram(
            "tinydigits_request_seconds",
            "Seconds from a request's first byte to its answer's last.",
            ["path"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
            registry=registry,
        )
        self.in_progress = Gauge(
            "tinydigits_in_progress", "Requests begun and not answered.", registry=registry
        )
        self.waiting = Gauge(
            "tinydigits_queue_depth", "Requests being read or waiting for it.", registry=registry
        )
        self.ready = Gauge(
            "tinydigits_processes_ready", "Processes that are ready to read.", registry=registry
        )
        self.shed = Counter("tinydigits_shed", "Requests refused with 503.", registry=registry)
        self.pictures = Counter(
            "tinydigits_pictures", "Pictures by outcome.", ["outcome"], registry=registry
        )


class Watch:
    """ASGI middleware: logs, counts, and sets headers.

    While its owner's `state.draining` is set, connections are closed after their answer.
    """

    def __init__(self, app: ASGIApp, owner: FastAPI, metrics: Metrics) -> None:
        self.app, self.owner, self.metrics = app, owner, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        head = scope["method"] == "HEAD"  # answered as GET is, without its body
        inner = {**scope, "method": "GET"} if head else scope

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(message["headers"])
            elif head:
                message["body"] = b""
            await send(message)

        self.metrics.in_progress.inc()
        try:
            await self.app(inner, receive, answer)
        finally:
            self.metrics.in_progress.dec()
            self._note(inner, scope["method"], status, time.perf_counter() - began)

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name for name, _ in given}
        added = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in names]
        if self.owner.state.draining:
            added.append((b"connection", b"close"))
        return [*given, *added]

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = scope.get("route")
        path = getattr(route, "path", None) or "other"
        self.metrics.requests.labels(path, str(status)).inc()
        self.metrics.seconds.labels(path).observe(seconds)
        if status == 503:
            self.metrics.shed.inc()
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "client": (scope.get("client") or ("",))[0].removeprefix("::ffff:"),
            "method": method,
            "path": scope["path"][:200],
            "status": status,
            "ms": round(1000 * seconds, 1),
        }
        log.info("%s", json.dumps(line | scope.get("state", {}).get("noted", {})))

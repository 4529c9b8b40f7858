"""The reader over HTTP: the page at /, pictures in and readings out at /v1/read."""

import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, NoReturn

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from tinydigits import __version__
from tinydigits.pool import ProcessKilled
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import page_name
from tinydigits.web.answers import REQUEST_BODY, Answer, Problem
from tinydigits.web.docs import add_docs
from tinydigits.web.monitoring import CLIENT_GONE, Metrics, Watch
from tinydigits.web.page import build_page
from tinydigits.web.queue import Queue, QueueFull
from tinydigits.web.uploads import RETRY_SECONDS, Limits, Uploads

_RETRY = {"Retry-After": RETRY_SECONDS}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "No picture, or no sound form"},
    401: {"model": Problem, "description": "The token is missing or wrong, if one is asked for"},
    408: {"model": Problem, "description": "The request arrives too slowly"},
    413: {"model": Problem, "description": "Too large, or too many pictures"},
    415: {"model": Problem, "description": "Neither a picture nor a form of files"},
    422: {"model": Answer, "description": "None of the pictures can be read"},
    503: {"model": Problem, "description": "Too much to do; try again after Retry-After seconds"},
    504: {"model": Problem, "description": "Reading took too long"},
}


def create_app(
    reader: Reader,
    *,
    workers: int = 1,
    token: str | None = None,
    limits: Limits | None = None,
    origins: Sequence[str] = (),
) -> FastAPI:
    """The service as an ASGI application.

    Args:
        reader: what reads; each worker, a process, gets a copy.
        workers: how many processes read.
        token: what a request must bring as `Authorization: Bearer TOKEN`, if anything.
        limits: what is taken on at most.
        origins: other pages that may call it from a browser, as https://example.org, or "*".
    """
    limits = limits or Limits()
    queue, uploads, metrics = Queue(reader, workers, limits.waiting), Uploads(limits), Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await queue.open()
            yield
        finally:
            await queue.close()

    app = FastAPI(
        title="tinydigits",
        summary="Reads handwritten digits from pictures.",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        servers=[{"url": "."}],  # wherever the document lies, be it under a path of its own
        redirect_slashes=False,  # a redirect would know nothing of that path
    )
    app.state.draining = False
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(Watch, owner=app, metrics=metrics)
    allowed = [Depends(_token_check(token))] if token else []
    _add_read(app, queue, uploads, metrics, allowed)
    _add_health(app, queue, metrics, allowed)
    _add_errors(app)
    add_docs(app)
    page = build_page()

    @app.get("/", response_class=HTMLResponse, summary="The page", tags=["page"])
    async def index() -> HTMLResponse:
        return HTMLResponse(page.html, headers={"content-security-policy": page.policy})

    return app


def _add_read(
    app: FastAPI, queue: Queue, uploads: Uploads, metrics: Metrics, allowed: list[Any]
) -> None:
    @app.post(
        "/v1/read",
        summary="Read the digits in pictures",
        tags=["read"],
        response_model=Answer,
        responses=_PROBLEMS,
        openapi_extra=REQUEST_BODY,
        dependencies=allowed,
    )
    async def read(
        request: Request,
        single: Annotated[bool, Query(description="Take each picture to be one digit.")] = False,
        min_confidence: Annotated[
            float | None,
            Query(ge=0, le=1, allow_inf_nan=False, description="Write ? for what is less sure."),
        ] = None,
    ) -> Response:
        if queue.full:
            _too_busy()
        with uploads.body(request) as body:
            named = await uploads.pictures(request, body)
            try:
                found = await queue.read(
                    [content for _, content in named],
                    single,
                    min_confidence,
                    uploads.limits.read_seconds,
                )
            except QueueFull:
                _too_busy()
            except ProcessKilled:
                raise HTTPException(
                    503,
                    "the processes that read this were killed; is there enough memory?",
                    _RETRY,
                ) from None
            except TimeoutError:
                raise HTTPException(504, "reading took too long; send fewer pictures") from None
        readings = [
            _named(name, number, len(pages)) | page
            for (name, _), pages in zip(named, found, strict=True)
            for number, page in enumerate(pages, 1)
        ]
        failed = sum("error" in answer for answer in readings)
        metrics.pictures.labels("read").inc(len(readings) - failed)
        metrics.pictures.labels("unreadable").inc(failed)
        request.state.noted = {"pictures": len(readings), "unreadable": failed}
        return JSONResponse({"readings": readings}, 422 if failed == len(readings) else 200)


def _named(file: str, number: int, count: int) -> dict[str, Any]:
    """The file's name; of one of several pages with its number."""
    page = {"page": number} if count > 1 else {}
    return {"file": page_name(file, number, count)} | page


def _add_health(app: FastAPI, queue: Queue, metrics: Metrics, allowed: list[Any]) -> None:
    @app.get("/healthz", summary="Whether the service is alive", tags=["health"])
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get(
        "/readyz",
        summary="Whether the model is loaded and the queue has room",
        tags=["health"],
        responses={503: {"model": Problem, "description": "Not now"}},
    )
    async def readyz() -> dict[str, str]:
        if app.state.draining:
            raise HTTPException(503, "the service is about to end", _RETRY)
        if not queue.ready:
            raise HTTPException(503, "no process is ready to read; one is being started", _RETRY)
        if queue.full:
            _too_busy()
        return {"status": "ready"}

    @app.get(
        "/metrics",
        summary="For Prometheus",
        tags=["health"],
        response_class=PlainTextResponse,
        dependencies=allowed,
    )
    async def prometheus() -> Response:
        metrics.waiting.set(queue.waiting)
        metrics.ready.set(queue.ready)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_errors(app: FastAPI) -> None:
    """Every error is {"error": one sentence}."""

    @app.exception_handler(StarletteHTTPException)
    async def problem(_: Request, error: StarletteHTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return JSONResponse({"error": f"{first['loc'][-1]}: {first['msg']}"}, 400)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=CLIENT_GONE)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"error": "something went wrong here; the log has more"}, 500)


def _token_check(token: str) -> Any:
    bearer = HTTPBearer(auto_error=False, description="The service's token.")

    async def check(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        sent = given.credentials if given else ""
        if not hmac.compare_digest(sent.encode(), token.encode()):
            asked = {"WWW-Authenticate": "Bearer"}
            if not given:
                raise HTTPException(401, "a token is needed: Authorization: Bearer TOKEN", asked)
            asked["WWW-Authenticate"] += ' error="invalid_token"'
            raise HTTPException(401, "this token is not the service's", asked)

    return check


def _too_busy() -> NoReturn:
    raise HTTPException(503, "too many requests are waiting; try again", _RETRY)

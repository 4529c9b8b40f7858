"""The service, in this process and as the command that a person starts."""

import asyncio
import io
import re
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from fastapi import HTTPException, Request
from fastapi.testclient import TestClient
from PIL import Image

from tinydigits.reader.reader import Reader
from tinydigits.web.server import create_app
from tinydigits.web.uploads import Limits, Uploads

GOLDEN = Path(__file__).parents[2] / "golden"
DARK = (GOLDEN / "dark.png").read_bytes()  # a 2
TOKEN = "a-token-that-nobody-knows"
LIMITS = Limits(waiting=3, pictures=5, body_bytes=200_000, all_bytes=300_000, receive_seconds=1)


@pytest.fixture(scope="module")
def client(reader: Reader) -> Iterator[TestClient]:
    with TestClient(create_app(reader, limits=LIMITS)) as client:
        yield client


@pytest.fixture(scope="module")
def guarded(reader: Reader) -> Iterator[TestClient]:
    with TestClient(create_app(reader, token=TOKEN)) as client:
        yield client


def in_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a loop of its own: tests in a browser leave one running in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def post(client: TestClient, content: bytes, kind: str = "image/png", **options: object) -> object:
    return client.post("/v1/read", content=content, headers={"content-type": kind}, **options)


def test_one_picture_as_bytes(client: TestClient, reader: Reader) -> None:
    answer = post(client, DARK)
    assert answer.status_code == 200
    assert answer.json() == {"readings": [{"file": "", **reader.read(DARK).as_dict()}]}


def test_many_pictures_in_a_form(client: TestClient) -> None:
    files = [("file", ("a.png", DARK)), ("any", ("<b>.png", DARK)), ("file", ("c", b"no picture"))]
    answer = client.post("/v1/read", files=files)
    assert answer.status_code == 200
    first, second, third = answer.json()["readings"]
    assert (first["file"], first["text"]) == ("a.png", "2")
    assert (second["file"], second["text"]) == ("<b>.png", "2")
    assert set(third) == {"file", "error"} and "not a picture" in third["error"]


@pytest.mark.parametrize("form", ["PDF", "TIFF"])
def test_each_page_has_an_entry(client: TestClient, form: str) -> None:
    file = io.BytesIO()
    with Image.open(io.BytesIO(DARK)) as image:
        blank = Image.new("L", image.size, 255)
        image.convert("L").save(file, form, save_all=True, append_images=[blank, image])
    files = [("file", ("scan", file.getvalue())), ("file", ("a.png", DARK))]
    answer = client.post("/v1/read", files=files)
    assert answer.status_code == 200
    found = [(each["file"], each.get("page"), each["text"]) for each in answer.json()["readings"]]
    assert found == [
        *(("scan#1", 1, "2"), ("scan#2", 2, ""), ("scan#3", 3, "2"), ("a.png", None, "2")),
    ]
    kind = {"PDF": "application/pdf", "TIFF": "image/tiff"}[form]
    assert [each["page"] for each in post(client, file.getvalue(), kind).json()["readings"]] == [
        *(1, 2, 3),
    ]


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_the_formats_of_phones(client: TestClient, form: str) -> None:
    file = io.BytesIO()
    with Image.open(io.BytesIO(DARK)) as image:
        page = image.convert("RGB")
    if form == "HEIF":
        pillow_heif.from_pillow(page).save(file, quality=95)
    else:
        page.save(file, form, quality=95)
    (reading,) = post(client, file.getvalue(), f"image/{form.lower()}").json()["readings"]
    assert reading["text"] == "2" and "page" not in reading


def test_settings_of_a_reading(client: TestClient) -> None:
    assert post(client, DARK, params={"min_confidence": 1}).json()["readings"][0]["text"] == "?"
    assert post(client, DARK, params={"single": True}).json()["readings"][0]["text"] == "2"


def bad_picture(size: int = 100) -> bytes:
    return DARK[:size]


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (b"", "image/png", 400, "no picture in the request"),
        (b"hello", "image/png", 422, "not a picture"),
        (bad_picture(), "image/png", 422, "damaged"),
        (b"hello", "text/html", 415, "text/html is not read here"),
        (b"{}", "application/json", 415, "application/json is not read here"),
        (bytes(200_001), "image/png", 413, "too large"),
        (b"hello", "multipart/form-data", 400, "boundary"),
        (b"hello", "multipart/form-data; boundary=x", 400, ""),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 400, ""),
    ],
)
def test_bad_requests_get_one_sentence(
    client: TestClient, content: bytes, kind: str, status: int, words: str
) -> None:
    answer = post(client, content, kind)
    assert answer.status_code == status
    said = answer.json()
    error = said["error"] if "error" in said else said["readings"][0]["error"]
    assert words in error
    assert "\n" not in error and "Traceback" not in error


def test_a_form_of_too_many_parts_is_refused(client: TestClient) -> None:
    files = [("file", (f"{n}.png", b"x")) for n in range(6)]
    answer = client.post("/v1/read", files=files)
    assert (answer.status_code, answer.json()) == (
        413,
        {"error": "too many files; at most 5 are taken"},
    )
    assert client.post("/v1/read", files=files[:5]).status_code == 422  # they are no pictures
    assert client.post("/v1/read", data={f"f{n}": "x" for n in range(10_000)}).status_code == 415
    part = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'
    many = part * 2_000 + b"--x--\r\n"
    assert post(client, many, "multipart/form-data; boundary=x").status_code == 400


def test_a_field_that_is_no_file_is_told_where_settings_go(client: TestClient) -> None:
    answer = client.post("/v1/read", files={"file": DARK}, data={"single": "true"})
    assert answer.status_code == 400
    assert "in the address, as /v1/read?single=true" in answer.json()["error"]


def test_256_files_are_taken_and_257_are_not_as_the_documents_say(reader: Reader) -> None:
    files = [("file", (f"{n}.png", b"x")) for n in range(257)]
    with TestClient(create_app(reader)) as client:
        assert client.post("/v1/read", files=files[:256]).status_code == 422
        answer = client.post("/v1/read", files=files)
        assert answer.status_code == 413
        assert "too many" in answer.json()["error"]
        said = client.get("/openapi.json").json()["paths"]["/v1/read"]["post"]["responses"]
        assert "too many" in said["413"]["description"]


@pytest.mark.parametrize("value", ["2", "-1", "nan", "x"])
def test_impossible_settings_are_refused(client: TestClient, value: str) -> None:
    answer = post(client, DARK, params={"min_confidence": value})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("min_confidence")


def test_without_the_token_nothing_is_told(guarded: TestClient) -> None:
    for headers in ({}, {"authorization": "Bearer no"}, {"authorization": f"Basic {TOKEN}"}):
        for method, path in (("POST", "/v1/read"), ("GET", "/metrics"), ("HEAD", "/metrics")):
            answer = guarded.request(method, path, headers=headers)
            assert answer.status_code == 401
            assert TOKEN not in answer.text
            if method != "HEAD":
                expected = "this token is not" if "Bearer" in str(headers) else "a token is needed"
                assert answer.json()["error"].startswith(expected)
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "image/png"}
    assert guarded.post("/v1/read", content=DARK, headers=headers).status_code == 200
    for path in ("/", "/healthz", "/readyz", "/docs", "/openapi.json"):
        assert guarded.get(path).status_code == 200


def test_the_page_and_the_documents_come_from_here_alone(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert re.search("script-src 'sha256-[^']+' 'wasm-unsafe-eval';", policy)
    docs = client.get("/docs")
    for link in re.findall(r'(?:src|href)="([^"]+)"', docs.text):
        assert link.startswith("docs/assets/")
        assert client.get(link).status_code == 200
    assert "unsafe" not in docs.headers["content-security-policy"].split("style-src")[0]
    for answer in (page, docs, client.get("/nowhere"), client.get("/v1/read")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
    assert client.get("/nowhere").json() == {"error": "Not Found"}


def test_metrics_count_what_happened(reader: Reader) -> None:
    with TestClient(create_app(reader)) as client:
        post(client, DARK)
        post(client, b"x")
        told = client.get("/metrics").text
    assert 'tinydigits_requests_total{path="/v1/read",status="200"} 1.0' in told
    assert 'tinydigits_pictures_total{outcome="read"} 1.0' in told
    assert 'tinydigits_pictures_total{outcome="unreadable"} 1.0' in told
    assert "tinydigits_queue_depth 0.0" in told


def test_more_than_it_can_take_is_refused_and_the_rest_answered(reader: Reader) -> None:
    page = np.asarray(Image.open(io.BytesIO(DARK)).convert("L").resize((900, 600)))
    file = io.BytesIO()
    Image.fromarray(np.tile(page, (2, 2))).save(file, "PNG")
    with TestClient(create_app(reader, limits=Limits(waiting=2))) as client:
        answers: list[object] = []
        threads = [
            threading.Thread(target=lambda: answers.append(post(client, file.getvalue())))
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.headers["retry-after"] == "1"
    texts = {a.json()["readings"][0]["text"] for a in answers if a.status_code == 200}
    assert len(texts) == 1


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
def test_head_is_answered_as_get_without_a_body(client: TestClient, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    if path != "/metrics":  # which counts this
        assert head.headers == whole.headers
    assert client.head("/v1/read").status_code == 405
    assert client.head("/nowhere").status_code == 404


def test_other_pages_may_call_it_only_if_they_are_named(reader: Reader) -> None:
    named, other = {"origin": "https://example.org"}, {"origin": "https://example.com"}
    asks = {"access-control-request-method": "POST"}
    asks["access-control-request-headers"] = "authorization,content-type"
    with TestClient(create_app(reader, token=TOKEN, origins=["https://example.org"])) as client:
        allowed = client.options("/v1/read", headers=named | asks)
        assert allowed.status_code == 200  # without the token, which browsers do not send here
        assert allowed.headers["access-control-allow-origin"] == named["origin"]
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        refused = client.options("/v1/read", headers=other | asks)
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers
        for headers, status in (({}, 401), ({"authorization": f"Bearer {TOKEN}"}, 200)):
            for origin, seen in ((named, named["origin"]), (other, None)):
                answer = client.post("/v1/read", content=DARK, headers=headers | origin)
                assert answer.status_code == status
                assert answer.headers.get("access-control-allow-origin") == seen
                assert answer.headers["vary"] == "Origin" or not seen
    with TestClient(create_app(reader)) as client:
        assert client.options("/v1/read", headers=named | asks).status_code == 405


async def receive(seconds: float, piece: int, pieces: int, every: float) -> int:
    """Bytes received in time from a sender of a piece every so many seconds."""

    async def send() -> dict[str, object]:
        await asyncio.sleep(every)
        return {"type": "http.request", "body": bytes(piece), "more_body": True}

    limits = Limits(receive_seconds=seconds, receive_rate=20_000)
    with Uploads(limits).body(Request({"type": "http"}, send)) as body:
        for _ in range(pieces):
            await body.receive()
    return piece * pieces


def test_a_body_may_take_long_if_it_keeps_coming() -> None:
    # 0.2 s and five times the least rate, for five times as long; then less than the least rate.
    assert in_thread(receive(0.2, 5_000, 20, 0.05)) == 100_000
    with pytest.raises(HTTPException, match="408: the request arrives too slowly"):
        in_thread(receive(0.2, 10, 1_000, 0.05))
    with pytest.raises(HTTPException, match="408"):
        in_thread(receive(0.2, 10, 1, 60))

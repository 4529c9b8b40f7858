"""The page that the service sends: what the browser cannot open goes to the service."""

import base64
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect

from tests.web.handing import choose, hand_over
from tinydigits.web.page import build_page

TOKEN = "a-token-of-some-length"
expect.set_options(timeout=60_000)  # a service may be slow to start where much else runs
Visit = Callable[..., Page]


class Quiet(SimpleHTTPRequestHandler):
    """A plain web server that logs nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def picture() -> bytes:
    """A TIFF file that says 407: no Chromium opens it."""
    image = Image.new("L", (240, 120), 255)
    ImageDraw.Draw(image).text((40, 20), "407", 0, ImageFont.load_default(80))
    file = io.BytesIO()
    image.save(file, "TIFF")
    return file.getvalue()


@contextmanager
def serving(handler: Callable[..., SimpleHTTPRequestHandler]) -> Iterator[str]:
    """A plain web server -> its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another page's origin, which the service with a token is told."""
    folder = tmp_path_factory.mktemp("another")
    (folder / "index.html").write_text("another page", encoding="utf-8")
    with serving(partial(Quiet, directory=folder)) as origin:
        yield origin


@pytest.fixture(scope="module")
def guarded(
    start_shared: Callable[..., Any], named: str, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """A service with a token, which another page may call, shared by all tests that need one."""
    path = tmp_path_factory.mktemp("guarded") / "token"
    path.write_text(TOKEN, encoding="utf-8")
    allowed = ("--allow-origin", "https://example.org", "--allow-origin", named)
    return start_shared("--token-file", str(path), *allowed)


@pytest.fixture
def visit(browser: Browser, running: Any) -> Iterator[Visit]:
    """The page of a service; nothing may go elsewhere, and no script may fail."""
    trouble: list[str] = []
    contexts = []

    def visit(service: Any = running) -> Page:
        own = f"http://127.0.0.1:{service.port}/"
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "request",
            lambda sent: sent.url.startswith((own, "data:", "blob:")) or trouble.append(sent.url),
        )
        page.goto(own)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert trouble == []


def said(page: Page) -> dict[str, str]:
    """What is said of each file by its name."""
    expect(page.locator(".picture-results")).not_to_contain_text("Waiting")
    cards = page.locator(".picture-results figure")
    return {
        card.locator("figcaption span").inner_text(): card.locator(".text, b").inner_text()
        for card in cards.all()
    }


def test_the_page_asks_for_the_token_and_keeps_it(
    visit: Visit, guarded: Any, picture: bytes
) -> None:
    page = visit(guarded)
    choose(page, "a.tif", picture)
    field = page.get_by_label("The service's token")
    status = page.locator(".picture-status")
    expect(status).to_contain_text("a.tif not read: a token is needed: Authorization: Bearer TOKEN")
    field.fill("another")
    page.get_by_role("button", name="Use this token").click()
    expect(status).to_contain_text("a.tif not read: this token is not the service's")
    expect(field).to_have_value("")  # asked again
    expect(page.locator(".picture-results")).to_have_text("Waiting …a.tif")
    field.fill(TOKEN)
    field.press("Enter")
    expect(page.locator(".picture-results .text")).to_have_text("407")
    choose(page, "b.tif", picture)
    expect(page.locator(".picture-results figcaption span")).to_have_text("b.tif")
    expect(field).to_have_count(0)


def test_a_service_that_has_ended_is_said_to_have(
    browser: Browser, start: Callable[..., Any], picture: bytes
) -> None:
    service = start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{service.port}/")
    service.end()
    choose(page, "a.tif", picture)
    expect(page.locator(".picture-status")).to_contain_text(
        "a.tif not read: The service does not answer; is it still running?"
    )
    page.close()


def test_of_each_file_it_is_said_what_became_of_it(visit: Visit, picture: bytes) -> None:
    page = visit()
    given: list[tuple[str, str, bytes | int]] = [
        ("good.tif", "image/tiff", picture),
        ("notes.txt", "text/plain", b"407"),
        ("no type", "", picture),
        ("scan.pdf", "application/pdf", b"%PDF-1.4 damaged"),
        ("photo.heic", "image/heic", b"damaged"),
        ("page.tif", "image/tiff", b"II*\0"),
        ("large.tif", "image/tiff", 33 * 2**20),
        ("empty.png", "image/png", b""),
        ("<img src=x onerror=alert(1)>.png", "image/png", picture[:60]),
    ]
    hand_over(page, "drop", *given)
    expect(page.locator(".picture-results figure")).to_have_count(len(given))
    answers = said(page)
    assert list(answers) == [name for name, _, _ in given]  # in their order
    assert answers["good.tif"] == answers["no type"] == "407"
    assert answers["notes.txt"] == "not read: this is neither a picture nor a PDF file"
    assert answers["large.tif"] == "not read: the file is too large; at most 32 MiB are taken"
    assert answers["empty.png"] == "not read: the file is empty"
    for name in ("scan.pdf", "photo.heic", "page.tif", given[-1][0]):  # the service's sentence
        assert answers[name] and not answers[name].startswith("not read")
    assert page.locator("img").count() == 0


def test_a_folder_and_what_is_no_file_are_said_to_be_so(
    visit: Visit, picture: bytes, tmp_path: Path
) -> None:
    page = visit()
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.tif").write_bytes(picture)
    browser = page.context.new_cdp_session(page)
    drag = {"items": [], "dragOperationsMask": 1}
    drag["files"] = [str(tmp_path / "folder"), str(tmp_path / "file.tif")]
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, "x": 50, "y": 50, "data": drag})
    expect(page.locator(".picture-results figure")).to_have_count(2)
    expected = "not read: this is a folder; drop the files in it"
    assert said(page) == {"folder": expected, "file.tif": "407"}
    hand_over(page, "drop")
    expect(page.locator(".picture-status")).to_contain_text("That is no file")


def test_the_same_file_can_be_chosen_again(visit: Visit, picture: bytes, tmp_path: Path) -> None:
    page = visit()
    path = tmp_path / "a.tif"
    path.write_bytes(picture)
    for _ in range(2):
        with page.expect_response("**/v1/read"):
            page.locator("#choose").set_input_files(path)
        expect(page.locator(".picture-results .text")).to_have_text("407")


def test_a_document_has_a_reading_for_each_page(visit: Visit, picture: bytes) -> None:
    page = visit()
    # As the service answers for a file of several pages.
    digits = [{"label": 1, "uncertain": False}, {"label": 2, "uncertain": True}]
    pages = [
        {"file": "a.pdf#1", "page": 1, "text": "12", "digits": digits, "left_out": {}},
        {"file": "a.pdf#2", "page": 2, "error": "the page is too large"},
        {"file": "a.pdf#3", "page": 3, "text": "", "digits": [], "left_out": {}},
    ]
    page.route("**/v1/read", lambda route: route.fulfill(json={"readings": pages}))
    hand_over(page, "drop", ("a.pdf", "application/pdf", b"%PDF"))
    expect(page.locator(".picture-results figure")).to_have_count(3)
    assert said(page) == {
        "a.pdf#1": "12",
        "a.pdf#2": "the page is too large",
        "a.pdf#3": "No digits were found.",
    }


def test_a_page_on_a_plain_web_server_reads_what_the_browser_opens_and_sends_nothing(
    browser: Browser, tmp_path: Path, picture: bytes
) -> None:
    (tmp_path / "index.html").write_text(build_page().html, encoding="utf-8")
    with serving(partial(Quiet, directory=tmp_path)) as origin:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.method))
        page.goto(origin)
        png = io.BytesIO()
        Image.open(io.BytesIO(picture)).save(png, "PNG")
        files = ("a.png", "image/png", png.getvalue()), ("b.tif", "image/tiff", picture)
        hand_over(page, "drop", *files)
        expect(page.locator(".picture-results .text")).to_have_text("407")
        expect(page.locator(".picture-results b")).to_contain_text("This browser cannot open it")
        assert set(asked) == {"GET"}
        page.close()


def test_another_page_that_is_named_may_call_the_service(
    browser: Browser, guarded: Any, named: str, picture: bytes, tmp_path: Path
) -> None:
    call = """async ([url, token, content]) => {
      const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
      const headers = { 'Content-Type': 'image/png', Authorization: `Bearer ${token}` };
      const answer = await fetch(url, { method: 'POST', body: bytes, headers }).catch(() => null);
      return answer && [answer.status, await answer.json()];
    }"""
    url = f"http://127.0.0.1:{guarded.port}/v1/read"
    with serving(partial(Quiet, directory=tmp_path)) as unnamed:
        page = browser.new_page()
        for origin in (named, unnamed):
            page.goto(origin)
            for token, status in ((TOKEN, 200), ("another-token", 401)):
                answer = page.evaluate(call, [url, token, base64.b64encode(picture).decode()])
                assert answer is None if origin == unnamed else answer[0] == status
                if origin == named and status == 200:
                    assert answer[1]["readings"][0]["text"] == "407"
        page.close()


def test_the_documents_work_under_a_path_and_with_a_token(browser: Browser, guarded: Any) -> None:
    class Proxy(Quiet):
        """What nginx does with `location /digits/ { proxy_pass http://127.0.0.1:PORT/; }`."""

        def do_GET(self) -> None:
            assert self.path.startswith("/digits/")
            asked = Request(f"http://127.0.0.1:{guarded.port}{self.path.removeprefix('/digits')}")
            if self.headers["authorization"]:
                asked.add_header("authorization", self.headers["authorization"])
            try:
                answer = urlopen(asked)
            except HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

    with serving(Proxy) as origin:
        page = browser.new_page()
        trouble: list[str] = []
        page.on("console", lambda line: line.type == "error" and trouble.append(line.text))
        page.goto(f"{origin}/digits/docs")
        page.get_by_text("Read the digits in pictures").wait_for()
        page.get_by_role("button", name="Authorize").first.click()
        page.locator(".modal-ux input").fill(TOKEN)
        page.locator(".modal-ux button.authorize").click()
        page.locator(".modal-ux .btn-done").click()
        page.get_by_text("For Prometheus").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.locator(".live-responses-table .response-col_status").last).to_have_text("200")
        assert f"{origin}/digits/metrics" in page.locator(".request-url").inner_text()
        assert trouble == []
        page.close()

"""Pictures on the page that the service sends: chosen, dropped and pasted, in a real browser."""

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect

TOKEN = "a-token-of-some-length"
# A file made in the page and handed over as the browser does when a person drops or pastes it.
HAND_OVER = """([kind, name, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: 'image/png' }));
  const given = kind === 'drop'
    ? new DragEvent('drop', { dataTransfer: files, cancelable: true, bubbles: true })
    : new ClipboardEvent('paste', { clipboardData: files, bubbles: true });
  document.body.dispatchEvent(given);
}"""
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def picture() -> bytes:
    """A PNG file that says 407."""
    image = Image.new("L", (240, 120), 255)
    ImageDraw.Draw(image).text((40, 20), "407", 0, ImageFont.load_default(80))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def visit(browser: Browser, start: Callable[..., Any]) -> Iterator[Visit]:
    """The page of a service; nothing may go elsewhere, and no script may fail."""
    trouble: list[str] = []
    contexts = []

    def visit(*options: str) -> Page:
        own = f"http://127.0.0.1:{start(*options).port}/"
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


def choose(page: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    page.locator("#pictures input[type=file]").set_input_files(file)


def test_pictures_are_read_however_they_come(visit: Visit, picture: bytes) -> None:
    page = visit()
    read = page.locator(".picture-results figcaption b")
    choose(page, "chosen.png", picture)
    expect(read).to_have_text("407")
    for kind in ("drop", "paste"):
        page.evaluate(HAND_OVER, [kind, f"{kind}.png", base64.b64encode(picture).decode()])
        expect(page.locator(".picture-results figcaption span")).to_have_text(f"{kind}.png")
        expect(read).to_have_text("407")
    painted = page.locator(".picture-results canvas")
    assert painted.evaluate("(canvas) => [canvas.width, canvas.height]") == [240, 120]


def test_what_is_no_picture_is_said_in_a_sentence_and_its_name_runs_nothing(
    visit: Visit, picture: bytes
) -> None:
    page = visit()
    name = "<img src=x onerror=alert(1)>.png"
    choose(page, name, picture[:60])
    expect(page.locator(".picture-results figcaption b")).to_contain_text("picture")
    expect(page.locator(".picture-results figcaption span").first).to_have_text(name)
    assert page.locator("img").count() == 0


def test_the_page_asks_for_the_token_and_keeps_it(
    visit: Visit, picture: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN, encoding="utf-8")
    page = visit("--token-file", str(path))
    choose(page, "a.png", picture)
    field = page.get_by_label("The service's token")
    field.fill("another")
    page.get_by_role("button", name="Use this token").click()
    expect(field).to_have_value("")  # asked again
    assert page.locator(".picture-results figure").count() == 0
    field.fill(TOKEN)
    field.press("Enter")
    expect(page.locator(".picture-results figcaption b")).to_have_text("407")
    choose(page, "b.png", picture)
    expect(page.locator(".picture-results figcaption span")).to_have_text("b.png")
    expect(field).to_have_count(0)


def test_a_service_that_has_ended_is_said_to_have(
    browser: Browser, start: Callable[..., Any], picture: bytes
) -> None:
    service = start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{service.port}/")
    service.end()
    choose(page, "a.png", picture)
    expect(page.locator(".picture-status")).to_contain_text("is it still running?")
    page.close()

"""A real Chromium, and the page opened in it from the file system."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from tinydigits.mnist.idx import holds_idx, read_idx_folder
from tinydigits.web.page import build_page

expect.set_options(timeout=60_000)  # a browser takes long where much else runs
MEDIA = {"reduced_motion": "reduce", "color_scheme": "light", "forced_colors": "none"}
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Opened:
    """The page in a browser, and how a person uses it."""

    page: Page

    def draw(self, strokes: list[list[list[float]]], left: float = 0.3, size: float = 0.6) -> None:
        """Draw with the mouse: a square of 100 becomes `size` of the pad's height, at `left`.

        The pen goes straight from point to point; the page reads and draws its layers at each.
        """
        box = self.page.locator("#pad").bounding_box()
        assert box
        scale = size * box["height"] / 100
        x, y = box["x"] + left * box["width"], box["y"] + (1 - size) / 2 * box["height"]
        for stroke in strokes:
            for index, (across, down) in enumerate(stroke):
                self.page.mouse.move(x + across * scale, y + down * scale)
                if index == 0:
                    self.page.mouse.down()
            self.page.mouse.up()

    def answer(self) -> str:
        """What the page reads of what was drawn so far; a doubtful digit is followed by `?`."""
        self.page.evaluate(TWO_FRAMES)
        read = self.page.locator(".answer-text .read").evaluate_all(
            "(all) => all.map((one) => one.textContent + (one.matches('.doubtful') ? '?' : ''))"
        )
        return "".join(read)


Open = Callable[..., Opened]
Learn = Callable[..., Page]


@pytest.fixture(scope="session")
def strokes() -> dict[str, list[list[list[float]]]]:
    """Digits, a letter and a scribble as one hand drew them, in a square of 100."""
    strokes: dict[str, list[list[list[float]]]]
    strokes = json.loads(Path(__file__).with_name("strokes.json").read_text(encoding="utf-8"))
    return strokes


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "digits.html"
    path.write_text(build_page().html, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def shared_page(browser: Browser) -> Page:
    """A page for one test after another: opening a new one takes as long as loading the page."""
    return browser.new_page()


@pytest.fixture
def open_page(browser: Browser, shared_page: Page, page_file: Path) -> Iterator[Open]:
    """Open the page, at rest unless `reduced_motion` says otherwise.

    Afterwards, nothing may have been fetched and nothing logged as an error.
    """
    trouble: list[str] = []
    watched: list[Page] = []
    hear: dict[Any, Callable[[Any], Any]] = {
        "console": lambda said: said.type == "error" and trouble.append(said.text),
        "pageerror": lambda error: trouble.append(str(error)),
        "request": lambda request: trouble.extend(_fetched(request.url, page_file)),
    }

    def open_in(fragment: str = "", **options: Any) -> Opened:
        viewport = options.pop("viewport", {"width": 1280, "height": 800})
        media = {name: options.pop(name, usual) for name, usual in MEDIA.items()}
        # The page keeps nothing in the browser, so that a test finds none of what was before it.
        shared = not options and shared_page not in watched
        page = shared_page if shared else browser.new_page(**options)
        watched.append(page)
        page.set_viewport_size(viewport)
        page.emulate_media(media="null", **media)
        for event, listener in hear.items():
            page.on(event, listener)
        page.goto(page_file.as_uri() + fragment)
        return Opened(page)

    yield open_in
    for page in watched:
        if page != shared_page:
            page.close()
            continue
        page.mouse.move(0, 0)
        page.goto("about:blank")
        for event, listener in hear.items():
            page.remove_listener(event, listener)
    assert trouble == []


@pytest.fixture
def open_learn(open_page: Open) -> Learn:
    """Open the page at its tab Learn."""

    def opened(fragment: str = "#learn", **options: Any) -> Page:
        return open_page(fragment, **options).page

    return opened


def _fetched(url: str, page_file: Path) -> list[str]:
    own = url.startswith(("data:", "blob:")) or url.split("#")[0] == page_file.as_uri()
    return [] if own else [f"fetched {url}"]


@pytest.fixture(scope="session")
def mnist_test() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """MNIST's test images, uint8 (10000, 28, 28), and labels, read without torch."""
    folder = Path(os.environ.get("TINYDIGITS_DATA", "data"))
    if not holds_idx(folder):
        pytest.skip("MNIST is not here: set TINYDIGITS_DATA to a folder with its four files")
    (_, _, images, labels), _ = read_idx_folder(folder)
    return images.reshape(-1, 28, 28), labels

"""A network of one's own, dropped on the page: all of it runs that, or a sentence says why not."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from tests.web.handing import as_file, drawn, hand_over, settled
from tinydigits.mnist.layers_file import layers_json
from tinydigits.mnist.model import Net
from tinydigits.reader.recognise import VIEWS
from tinydigits.reader.session import SHIPPED


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped network, whose scores are shifted by a digit: it reads each as the next."""
    facts = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    last = [layer for layer in facts["layers"] if layer["type"] == "conv2d"][-1]
    for name in ("weight", "bias"):
        values = np.frombuffer(base64.b64decode(last[name]), "<f4").reshape(10, -1)
        last[name] = base64.b64encode(np.roll(values, 1, axis=0).tobytes()).decode()
    path = tmp_path_factory.mktemp("network") / "other.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    return path


def drop(page: Page, name: str, text: str) -> None:
    hand_over(page, "drop", (name, "application/json", text.encode()))


def test_the_whole_page_runs_the_network_that_is_dropped(
    open_page: Any, strokes: dict[str, list[list[list[float]]]], other: Path
) -> None:
    opened = open_page()
    page = opened.page
    said = page.locator("#own-said")
    opened.draw(strokes["4"])
    assert opened.answer() == "4"
    image = as_file(drawn("407"))
    hand_over(page, "drop", ("a.png", "image/png", image))
    settled(page)
    expect(page.locator(".text")).to_have_text("407")
    example = page.locator("#gallery button").first
    example.scroll_into_view_if_needed()
    before = int(example.locator("b").inner_text())
    drop(page, "other.json", other.read_text(encoding="utf-8"))
    expect(said).to_contain_text("The page now runs other.json, 17,466 numbers.")
    assert opened.answer() == "5"  # of the same drawing
    example.scroll_into_view_if_needed()
    expect(example.locator("b")).to_have_text(str((before + 1) % 10))
    hand_over(page, "drop", ("b.png", "image/png", image))
    settled(page)
    expect(page.locator(".picture-results figcaption")).to_have_text("b.png")
    shares = page.locator(".digits-seen button").first.get_attribute("aria-label")
    assert shares and shares.startswith("5, ")  # the finder's vote is the smaller one
    page.get_by_role("button", name="Back to the page’s own").click()
    assert opened.answer() == "4"
    expect(page.locator("#shipped")).to_be_hidden()


def test_a_network_of_another_shape_runs_as_well(
    open_page: Any, strokes: dict[str, list[list[list[float]]]], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    facts = json.loads(layers_json(Net(net="2k").eval(), VIEWS[:1]))
    opened = open_page()
    page = opened.page
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    page.locator("#own-file").set_input_files(path)
    expect(page.locator("#own-said")).to_contain_text("The page now runs mine.json, 18,598 numbers")
    page.locator("#pad").scroll_into_view_if_needed()
    opened.draw(strokes["4"])
    assert len(opened.answer().rstrip("?")) == 1
    expect(page.locator("#views li")).to_have_count(1)
    kernels = [layer for layer in facts["layers"] if layer["type"] == "conv2d"]
    expect(page.locator(".block-row")).to_have_count(len(kernels))


def test_a_wrong_file_gets_a_sentence_and_changes_nothing(
    open_page: Any, strokes: dict[str, list[list[list[float]]]], other: Path
) -> None:
    facts = json.loads(other.read_text(encoding="utf-8"))
    first, *rest = facts["layers"]
    wrong: dict[str, Any] = {
        "no JSON": "is no JSON file",
        "[]": "holds no exported network",
        "null": "holds no exported network",
        json.dumps({**facts, "std": 0}): "no usable mean, standard deviation",
        json.dumps({**facts, "labels": "abc"}): "other labels than 0 to 9",
        json.dumps({**facts, "views": []}): "no usable views",
        json.dumps({**facts, "layers": [{"type": "constructor"}]}): "that the page does not know",
        json.dumps({**facts, "layers": [{**first, "kernel": 99}, *rest]}): "whose kernel",
        json.dumps({**facts, "layers": [{**first, "bias": "AAAA"}, *rest]}): "whose bias",
        json.dumps({**facts, "layers": rest}): "another number of maps",
        json.dumps({**facts, "layers": [first]}): "gives no scores of ten digits",
    }
    opened = open_page()
    page = opened.page
    opened.draw(strokes["4"])
    for text, reason in wrong.items():
        drop(page, "wrong.json", text)
        expect(page.locator("#own-said")).to_contain_text(reason)
        expect(page.locator("#own-said")).to_contain_text("expected a file made by")
    assert opened.answer() == "4"
    assert page.locator("#shipped").is_hidden()

"""The page's main ways in Firefox and in WebKitGTK: draw, photograph, Learn to its end, a link."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.driver import Driver, Firefox, Strokes, WebKit
from tests.web.handing import as_file, drawn

READ = """const read = [...document.querySelectorAll(".answer-text .read")];
  return read.map((one) => one.textContent).join("") === arguments[0];"""


@pytest.fixture(scope="module", params=[Firefox, WebKit])
def driver(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with request.param(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.mark.slow
def test_draw_photograph_learn_and_link(
    driver: Driver, page_file: Path, strokes: dict[str, Strokes], tmp_path: Path
) -> None:
    driver.visit(page_file.as_uri())
    driver.until("return document.querySelector('.block-row') !== null")
    for digit in ("4", "7"):
        driver.draw(strokes[digit], left=0.05 if digit == "4" else 0.6, size=0.5)
    driver.until(READ, "47")

    path = tmp_path / "a.png"
    path.write_bytes(as_file(drawn("407", "58")))
    driver.choose("#choose", path)
    driver.until(
        "return document.querySelector('.reading .text')?.textContent === arguments[0]", "407\n58"
    )
    driver.click(".digits-seen button")
    driver.until("return document.querySelector('.answer-text')?.textContent === '4'")
    assert driver.run("return document.querySelectorAll('.box').length") == 5

    driver.click("#tab-learn")
    driver.until("return document.querySelector('#learn .forth') !== null")
    driver.click("#learn .forth")
    last = """
      for (let step = 2; step < 48; step += 1) document.querySelector("#learn .forth").click();
      return document.querySelector("#learn .heard").textContent;"""
    assert driver.run(last).startswith("Step 48 of 48.")
    updates = "return document.querySelector('#learn .updates').textContent"
    before = driver.run(updates)
    driver.click("#learn .forth")
    driver.until(f"{updates} !== arguments[0]", before)

    driver.visit(page_file.as_uri() + "#learn?w5=0.75")
    driver.until("return document.querySelector('#given-w5')?.value === '0.75'")

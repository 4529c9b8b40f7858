"""The layers in the tab Read: alive at the opening, one picture, blocks, a kernel that slides."""

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

ALIVE = "() => document.querySelector('#read').dataset.alive"
LAPTOP = {"viewport": {"width": 1366, "height": 768}}


def test_a_digit_draws_itself_and_flows_until_the_first_touch(
    open_page: Any, strokes: dict[str, list[list[list[float]]]]
) -> None:
    opened = open_page(reduced_motion="no-preference", **LAPTOP)
    page = opened.page
    page.wait_for_function("() => document.querySelectorAll('.block-row.waiting').length > 3")
    page.wait_for_function(ALIVE)
    assert page.evaluate(ALIVE) == "done"
    expect(page.locator(".block-row.waiting")).to_have_count(0)
    assert len(opened.answer()) == 1 and "?" not in opened.answer()
    opened.draw(strokes["4"])
    assert opened.answer() == "4"  # the digit that drew itself has given way
    for _ in strokes["4"]:
        page.locator("#undo").click()
    assert opened.answer() == ""


def test_a_touch_while_it_draws_takes_over(
    open_page: Any, strokes: dict[str, list[list[list[float]]]]
) -> None:
    opened = open_page(reduced_motion="no-preference", **LAPTOP)
    opened.draw(strokes["7"])
    opened.page.wait_for_function(ALIVE)
    assert opened.page.evaluate(ALIVE) == "taken"
    assert opened.answer() == "7"


def test_nothing_moves_by_itself_where_that_is_not_wanted(open_page: Any) -> None:
    opened = open_page(reduced_motion="reduce", **LAPTOP)
    opened.page.wait_for_timeout(500)
    assert opened.page.evaluate(ALIVE) is None
    assert opened.answer() == ""


def test_the_picture_of_the_layers_fits_a_laptops_screen_and_is_joined_by_lines(
    open_page: Any, strokes: dict[str, list[list[list[float]]]]
) -> None:
    opened = open_page(**LAPTOP)
    page = opened.page
    opened.draw(strokes["5"])
    assert opened.answer() == "5"
    rows = page.locator(".block-row")
    expect(rows).to_have_count(9)
    first, last = (rows.nth(i).bounding_box() for i in (0, 8))
    assert first["y"] > 0 and last["y"] + last["height"] < 768
    blank = """(canvas) => {
      if (!canvas.width || !canvas.height) return true;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return !data.some((value, i) => i % 4 === 3 && value);
    }"""
    assert (
        rows.locator(".joined").evaluate_all(f"(all) => all.map({blank})") == [True] + [False] * 8
    )
    assert not any(rows.locator(".small-maps").evaluate_all(f"(all) => all.map({blank})"))
    told = rows.locator(".told").all_text_contents()
    assert all(text.endswith((".", "?")) for text in told)
    assert "3×3 pixels" in told[0] and "22×22 pixels" in told[7] and "each digit" in told[8]


@pytest.mark.parametrize(
    ("width", "height"), [(911, 512), (1280, 720), (1366, 640), (1366, 768), (1920, 1080)]
)
def test_pad_answer_and_layers_are_in_view_together_on_a_wall(
    open_page: Any, strokes: dict[str, list[list[list[float]]]], width: int, height: int
) -> None:
    """The first two are projectors of 1366x768 and 1920x1080 at 150 %."""
    opened = open_page(viewport={"width": width, "height": height})
    opened.draw(strokes["5"])
    assert opened.answer() == "5"
    for name in ("#pad", ".answer-said", ".bars li:last-child", ".block-row:last-child"):
        box = opened.page.locator(name).bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, name


def test_a_tap_opens_a_block_and_another_closes_it(open_page: Any) -> None:
    page = open_page(**LAPTOP).page
    rows, blocks = page.locator(".block-row"), page.locator("#layers section.block")
    shown = "(all) => all.flatMap((one, i) => one.hidden ? [] : [i])"
    assert blocks.evaluate_all(shown) == [0]
    rows.nth(4).click()
    assert blocks.evaluate_all(shown) == [0, 4]
    expect(blocks.nth(4)).to_be_focused()
    expect(blocks.nth(4)).to_be_in_viewport()
    expect(rows.nth(4)).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Close block 5").click()
    assert blocks.evaluate_all(shown) == [0]
    expect(rows.nth(4)).to_be_focused()
    page.get_by_role("button", name="Show all blocks").click()
    assert blocks.evaluate_all(shown) == list(range(9))
    page.get_by_role("button", name="Show one block").click()
    assert blocks.evaluate_all(shown) == [0]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_kernel_slides_to_the_unit_that_is_asked_for(
    open_page: Any, strokes: dict[str, list[list[list[float]]]], motion: str
) -> None:
    opened = open_page(reduced_motion=motion, **LAPTOP)
    page = opened.page
    opened.draw(strokes["5"])
    page.wait_for_function("() => document.querySelectorAll('.answer-text .read').length")
    places = """() => {
      window.places = [];
      new MutationObserver((all) => all.forEach(({ target }) => {
        if (target.dataset.place) window.places.push(Number(target.dataset.place));
      })).observe(document.querySelector("#inspector"), { attributes: true, subtree: true });
    }"""
    page.evaluate(places)
    unit = page.locator(".maps canvas").nth(1)
    unit.scroll_into_view_if_needed()
    unit.click(position={"x": 20, "y": 20})
    expect(page.locator("#inspector .note").first).to_contain_text(re.compile(r"row \d+"))
    row, column = page.evaluate(
        """() => document.querySelector("#inspector .note").textContent
          .match(/row (\\d+), column (\\d+)/).slice(1).map(Number)"""
    )
    end = 28 * (row - 1) + column - 1
    page.wait_for_function("(end) => window.places.at(-1) === end", arg=end)
    found = page.evaluate("() => window.places")
    if 0 in found:  # what was shown before it slid may have been seen, too
        found = found[found.index(0) :]
    assert found == sorted(found)
    assert (len(set(found)) > 2) == (motion == "no-preference")
    page.wait_for_timeout(100)
    grids = page.locator("#inspector .part").first.locator(".grid")
    seen, kernel, product = (
        [float(text.replace("−", "-")) for text in grid.locator("span").all_text_contents()]
        for grid in grids.all()
    )
    np.testing.assert_allclose(np.multiply(seen, kernel), product, atol=0.02)


def test_the_layers_are_saved_as_a_picture(
    open_page: Any, strokes: dict[str, list[list[list[float]]]]
) -> None:
    opened = open_page(**LAPTOP)
    opened.draw(strokes["5"])
    assert opened.answer() == "5"
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="Save as picture").click()
    assert download.value.suggested_filename == "layers.png"
    image = Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB")
    assert image.width == 1520 and image.height > 1000
    rows = np.asarray(image).reshape(image.height, -1).std(axis=1)
    assert (rows > 10).mean() > 0.4  # there is something in most of it

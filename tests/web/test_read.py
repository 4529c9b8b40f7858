"""The tab Read in a real browser: what is drawn with the pointer is read, and nothing else is."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.web.handing import as_file, choose, drawn, settled
from tinydigits.web import page as web_page

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
Strokes = dict[str, list[list[list[float]]]]

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


def test_drawn_digits_are_read(open_page: Any, strokes: Strokes) -> None:
    opened = open_page()
    read = []
    for digit in "0123456789":
        opened.draw(strokes[digit])
        read.append(opened.answer())
        opened.page.locator("#clear").click()
    assert [each.rstrip("?") for each in read] == list("0123456789")
    assert sum(each.endswith("?") for each in read) <= 1, read


def test_digits_side_by_side_are_a_number_in_order_of_place(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page()
    for digit, left in (("5", 0.7), ("4", 0.05), ("7", 0.38)):
        opened.draw(strokes[digit], left, 0.45)
    assert opened.answer() == "475"
    opened.page.locator("#undo").click()  # the 7 was drawn last: its bar goes first
    assert opened.answer() == "475"
    opened.page.locator("#undo").click()
    assert opened.answer() == "45"


def test_a_blank_pad_and_a_dot_give_no_answer(open_page: Any, strokes: Strokes) -> None:
    opened = open_page()
    said = opened.page.locator(".answer-said")
    expect(said).to_have_text("Nothing is drawn, so nothing is read.")
    assert opened.answer() == ""
    opened.draw([[[50, 50], [51, 50]]])
    assert opened.answer() == ""
    opened.draw(strokes["3"], left=0.1)
    assert opened.answer() == "3"
    opened.page.locator("#clear").click()
    assert opened.answer() == ""
    assert set(opened.page.locator(".bars .share").all_text_contents()) == {""}


def test_an_8_has_its_article_and_a_doubtful_digit_its_alternatives(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page()
    said = opened.page.locator(".answer-said")
    opened.draw(strokes["8"])
    assert opened.answer() == "8"
    expect(said).to_contain_text("Surely an 8: ")
    pattern = r"^Not sure: (an 8|a [0-79]), (an 8|a [0-79]), or no digit at all\.$"
    for name in ("letter k", "scribble"):
        opened.page.locator("#clear").click()
        opened.draw(strokes[name])
        assert opened.answer().endswith("?"), name
        expect(said).to_have_text(re.compile(pattern))


def test_the_answer_follows_the_pen_before_it_is_lifted(open_page: Any, strokes: Strokes) -> None:
    opened = open_page()
    opened.draw(strokes["4"][:1])
    before = opened.answer()
    opened.draw(strokes["4"][1:])
    assert before.rstrip("?") != opened.answer() == "4"


def test_noise_turning_and_switched_off_maps_change_the_answer_and_can_be_mended(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page()
    opened.draw(strokes["6"])
    assert opened.answer() == "6"
    opened.page.locator("#break-turn").fill("180")
    assert opened.answer().startswith("9")
    opened.page.locator("#break-reset").click()
    assert opened.answer() == "6"
    first = opened.page.locator(".maps canvas").nth(1)
    shares = opened.page.locator(".bars .share").all_text_contents()
    first.focus()
    for _ in range(16):
        first.press("Delete")
        first.press("PageDown")
    expect(opened.page.locator("#switched-off button")).to_have_count(16)
    assert opened.page.locator(".bars .share").all_text_contents() != shares
    assert opened.answer().rstrip("?") != "6"  # all that the first layer saw is gone
    opened.page.locator("#break-reset").click()
    assert opened.answer() == "6"


def test_what_is_broken_is_said_beside_the_answer_and_mended_there(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page()
    page, said = opened.page, opened.page.locator("#answer .broken")
    expect(said).to_be_hidden()
    page.locator("#break-turn").fill("180")
    first = page.locator(".maps canvas").nth(1)
    first.focus()
    first.press("Delete")
    page.evaluate("scrollTo(0, 0)")
    opened.draw(strokes["6"])
    assert opened.answer().startswith("9")
    expect(said).to_contain_text("“Break it” is on: turn 180°, 1 map switched off.")
    expect(page.locator("#said")).to_contain_text("turn 180°")
    said.get_by_role("button", name="Mend it").click()
    expect(said).to_be_hidden()
    assert opened.answer() == "6"


def test_undo_brings_back_what_was_cleared(open_page: Any, strokes: Strokes) -> None:
    opened = open_page()
    undo, clear = opened.page.locator("#undo"), opened.page.locator("#clear")
    opened.draw(strokes["4"], 0.05, 0.45)
    opened.draw(strokes["7"], 0.6, 0.45)
    clear.click()
    clear.click()
    assert opened.answer() == ""
    undo.click()
    assert opened.answer() == "47"
    clear.click()
    opened.draw(strokes["3"])
    for left in ("", "47"):
        undo.click()
        assert opened.answer() == left
    opened.page.locator("#gallery button").first.click()
    undo.click()
    assert opened.answer() == "47"
    for _ in range(9):
        undo.click()
    assert opened.answer() == ""


def test_a_units_sum_is_shown_with_the_numbers_that_make_it(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page()
    opened.draw(strokes["2"])
    opened.page.locator(".maps canvas").nth(1).click(position={"x": 20, "y": 20})
    inspector = opened.page.locator("#inspector")
    expect(inspector.locator("h3")).to_have_text("Convolution 3×3")
    value = _number(inspector.locator(".unit-value").text_content())
    window, kernel = (
        [
            _number(text)
            for text in inspector.locator(".part .grid").nth(i).locator("span").all_text_contents()
        ]
        for i in (0, 1)
    )
    assert len(window) == len(kernel) == 9
    bias = _number(
        (inspector.locator(".sum").last.text_content() or "").split("bias ")[1].split(" ")[0]
    )
    products = sum(a * b for a, b in zip(window, kernel, strict=True))
    assert products + bias == pytest.approx(value, abs=0.06)  # of numbers with two decimals


def _number(text: str | None) -> float:
    return float((text or "").replace("−", "-"))


def test_a_stroke_on_a_phone_draws_and_does_not_scroll(open_page: Any) -> None:
    opened = open_page(**PHONE)
    page = opened.page
    touch = page.context.new_cdp_session(page)
    box = page.locator("#pad").bounding_box()
    x, top = box["x"] + box["width"] / 2, box["y"] + 20

    def send(kind: str, y: float | None) -> None:
        points = [] if y is None else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", top + 180)
    for step in range(20):
        send("touchMove", top + 180 - 9 * step)
    send("touchEnd", None)
    assert opened.answer().rstrip("?") == "1"
    assert page.evaluate("scrollY") == 0
    page.evaluate("scrollTo(0, 0)")
    # The same stroke beside the pad does scroll: the page is long enough to.
    x, top = 200, page.locator(".bars").bounding_box()["y"]
    send("touchStart", top + 180)
    for step in range(20):
        send("touchMove", top + 180 - 9 * step)
    send("touchEnd", None)
    page.wait_for_function("() => scrollY > 0")


def ink(page: Any, place: str) -> int:
    """How many of a canvas's pixels differ from its first: a blank one has none."""
    script = """(canvas) => {
      if (!canvas.width) return 0;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const key = (at) => data.slice(at, at + 4).join();
      let found = 0;
      for (let at = 0; at < data.length; at += 4) found += key(at) !== key(0);
      return found;
    }"""
    found: int = page.locator(place).first.evaluate(script)
    return found


CANVASES = ("#pad", "#seen", "#views canvas")


def test_a_drawing_outlives_a_visit_to_learn(open_page: Any, strokes: Strokes) -> None:
    opened = open_page(**PHONE)
    page = opened.page
    opened.draw(strokes["5"], left=0.2, size=0.9)
    assert opened.answer() == "5"
    assert all(ink(page, place) for place in CANVASES)
    for dark, turned in ((True, False), (False, True), (True, True)):
        page.locator("#tab-learn").click()
        if dark:
            page.locator("#theme").click()
        if turned:
            width, height = page.viewport_size.values()
            page.set_viewport_size({"width": height, "height": width})
        page.evaluate(TWO_FRAMES)
        page.locator("#tab-read").click()
        page.locator("#pad").scroll_into_view_if_needed()
        page.evaluate(TWO_FRAMES)
        assert [place for place in CANVASES if not ink(page, place)] == []
        assert opened.answer() == "5"
    page.locator(".maps").first.scroll_into_view_if_needed()
    page.evaluate(TWO_FRAMES)
    assert ink(page, ".maps canvas")


def test_a_drawing_on_a_pad_that_becomes_lower_is_not_cut_off(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page(**PHONE)
    page = opened.page
    opened.draw(strokes["5"], left=0.2, size=0.96)
    assert opened.answer() == "5"
    lowest = """() => {
      const canvas = document.querySelector("#pad");
      const context = canvas.getContext("2d");
      const { data } = context.getImageData(0, canvas.height - 1, canvas.width, 1);
      return data.some(Boolean);
    }"""
    assert not page.evaluate(lowest)
    page.set_viewport_size({"width": 844, "height": 390})
    page.evaluate(TWO_FRAMES)
    assert ink(page, "#pad")
    assert not page.evaluate(lowest)
    assert opened.answer() == "5"


def test_a_phone_held_across_has_the_answer_beside_the_pad_and_can_be_scrolled(
    open_page: Any, strokes: Strokes
) -> None:
    opened = open_page(**PHONE | {"viewport": {"width": 844, "height": 390}})
    page = opened.page
    pad, tools, answer = (page.locator(one).bounding_box() for one in ("#pad", ".tools", "#answer"))
    assert pad["height"] + tools["height"] < 390
    assert pad["width"] < 844 / 2 < answer["x"]
    opened.draw(strokes["3"])
    assert opened.answer() == "3"
    touch = page.context.new_cdp_session(page)
    points = [{"x": 700, "y": 380 - 15 * step} for step in range(20)]
    for kind, point in zip(["touchStart"] + ["touchMove"] * 19, points, strict=True):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("() => scrollY > 100")


def test_a_pinch_draws_nothing_and_zooms(open_page: Any, strokes: Strokes) -> None:
    opened = open_page(**PHONE)
    page = opened.page
    opened.draw(strokes["1"], left=0.05, size=0.5)
    assert opened.answer().rstrip("?") == "1"
    box = page.locator("#pad").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *apart: int) -> None:
        points = [{"x": x, "y": y + each, "id": i} for i, each in enumerate(apart)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", -20)
    for step in range(4):
        send("touchMove", -20 - 6 * step)
    send("touchStart", -40, 40)
    for step in range(12):
        send("touchMove", -40 - 8 * step, 40 + 8 * step)
    send("touchEnd")
    assert opened.answer().rstrip("?") == "1"
    page.wait_for_function("() => visualViewport.scale > 1.2")


def test_the_gallery_shows_images_that_are_read_wrongly_by_the_whole_network(
    open_page: Any,
) -> None:
    opened = open_page()
    opened.page.locator("#break-across").fill("12")
    examples = opened.page.locator("#gallery button")
    examples.last.scroll_into_view_if_needed()
    expect(examples.last.locator("b")).to_have_count(1)
    assert examples.count() > 20
    for text in examples.locator("span").all_text_contents():
        if text:
            label, read = text.split("→")
            assert label != read
    examples.first.scroll_into_view_if_needed()
    expect(examples.first.locator("b")).to_have_count(1)
    examples.first.click()
    assert opened.answer().rstrip("?") == examples.first.locator("b").text_content()
    expect(opened.page.locator("#break-across")).to_have_value("0")
    expect(opened.page.locator("#answer .broken")).to_be_hidden()


def test_every_control_is_reached_with_the_keyboard_alone(open_page: Any) -> None:
    opened = open_page()
    page = opened.page
    again = """() => {
      const one = document.activeElement;
      const again = one.hasAttribute('data-reached');
      one.toggleAttribute('data-reached', true);
      return again;
    }"""
    stops = "a[href], button, input, select, textarea, summary, [tabindex='0']"
    missed = """(stops) => [...document.querySelectorAll(stops)]
      .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility())
      .filter((one) => !one.hasAttribute('data-reached')).map((one) => one.outerHTML)"""
    choose(page, "a.png", as_file(drawn("47")))  # its boxes and digits are reached, too
    settled(page)
    page.keyboard.press("Tab")
    while not page.evaluate(again):
        page.evaluate(TWO_FRAMES)  # as slowly as a person: what a unit says is drawn in between
        page.keyboard.press("Tab")
    assert page.evaluate(missed, stops) == []
    page.locator("#pad").focus()
    page.keyboard.type("35")
    assert opened.answer() == "35"
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    assert opened.answer() == ""


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_no_serious_violation(open_page: Any, strokes: Strokes, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    opened = open_page(color_scheme=theme)
    opened.draw(strokes["8"])
    opened.page.locator(".maps canvas").nth(3).click(position={"x": 60, "y": 20})
    opened.answer()
    found = Axe().run(opened.page).response["violations"]
    bad = [
        (rule["id"], [node["html"][:120] for node in rule["nodes"][:3]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
    assert bad == []


@pytest.mark.parametrize("fragment", ["#<img src=x onerror=alert(1)>", "#__proto__"])
def test_the_fragment_runs_nothing(open_page: Any, fragment: str) -> None:
    opened = open_page(fragment)
    alerts = []
    opened.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    opened.answer()
    assert alerts == []
    assert opened.page.locator("img, script:not([type])").count() == 0
    expect(opened.page.locator("#tab-read")).to_have_attribute("aria-selected", "true")


def test_the_theme_is_the_systems_until_it_is_switched(open_page: Any) -> None:
    page = open_page(color_scheme="dark").page
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_on_paper_all_maps_and_the_gallery_are_there_and_light(
    open_page: Any, strokes: Strokes
) -> None:
    import pypdfium2 as pdfium

    opened = open_page(color_scheme="dark")
    page = opened.page
    opened.draw(strokes["6"])
    assert opened.answer() == "6"
    sheets = pdfium.PdfDocument(page.pdf())
    pictures = [
        np.asarray(found.get_bitmap().to_pil().convert("RGB"))
        for sheet in sheets
        for found in sheet.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    ]
    pictures = [each for each in pictures if (each != each[0, 0]).any()]
    canvases = page.locator("#read canvas:visible").count() - 1  # nothing is joined to the first
    closed = page.locator("#layers section[hidden] canvas").count()  # on paper they are open
    assert len(pictures) >= canvases + closed > 70
    assert closed > 10
    shades = [sheet.render().to_numpy()[:, :, :3].mean() for sheet in sheets]
    assert min(shades) > 200  # of 255: nothing large is dark
    words = "".join(sheet.get_textpage().get_text_range() for sheet in sheets)
    assert "Undo" not in words and "What it gets wrong" in words
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_forced_colours_keep_tab_bars_and_numbers_apart(open_page: Any, strokes: Strokes) -> None:
    opened = open_page(forced_colors="active")
    page = opened.page
    opened.draw(strokes["6"])
    assert opened.answer() == "6"
    page.locator(".maps canvas").nth(1).click(position={"x": 20, "y": 20})
    page.mouse.move(5, 5)

    def colours(place: str, nth: int = 0) -> list[tuple[int, ...]]:
        """Those of its pixels, the most frequent first."""
        shot = page.locator(place).nth(nth).screenshot(animations="disabled")
        image = Image.open(BytesIO(shot)).convert("RGB")
        found = image.getcolors(image.width * image.height)
        return [colour for _, colour in sorted(found, reverse=True)]

    selected, other = (colours("[role=tab]", nth)[0] for nth in (0, 1))
    assert selected != other
    shot = page.locator("[role=tab]").first.screenshot()
    image = Image.open(BytesIO(shot)).convert("RGB")
    middle = image.crop(
        (image.width // 3, image.height // 2, 2 * image.width // 3, image.height // 2 + 1)
    )
    assert len(middle.getcolors()) > 1  # its text can be seen
    full, empty = (colours(".bars .track", nth) for nth in (6, 0))
    assert full[0] != empty[0]
    assert len(empty) > 1  # its edge
    assert len(colours(".legend i")) > 20
    assert len({colours("#inspector .part .grid span", nth)[0] for nth in range(18)}) > 3


def test_many_illegible_digits_make_all_of_them_doubtful(open_page: Any) -> None:
    judged_alike(open_page().page)


def test_the_limits_by_which_digits_are_judged_are_pythons(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"MIN_CONFIDENCE": 0.6, "FEWEST_TOGETHER": 5, "ILLEGIBLE_SHARES": (0.1, 0.4)}
    for name, value in limits.items():
        monkeypatch.setattr(web_page, name, value)
    (tmp_path / "page.html").write_text(web_page.build_page().html, encoding="utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        judged_alike(page)


def judged_alike(page: Any) -> None:
    """More and less legible digits, by the page and by its limits."""
    rng = np.random.default_rng(0)
    for illegible, count in ((2, 2), (1, 3), (2, 5), (4, 8), (7, 8)):
        surely = np.where(np.arange(count) < illegible, 0.5, 0.995)[:, None]
        others = rng.dirichlet(np.ones(9), count) * (1 - surely)
        given = np.hstack([surely, others]).astype(np.float32)
        together = count >= web_page.FEWEST_TOGETHER
        doubt = together * np.interp(illegible / count, web_page.ILLEGIBLE_SHARES, (0, 1))
        expected = (1 - doubt) * given + doubt / 10
        found = page.evaluate(
            """(all) => {
              const limits = JSON.parse(document.querySelector("#reader-data").textContent);
              const least = limits.min_confidence;
              const digits = all.map((probabilities) => ({ probabilities, least }));
              return tinydigits.judge(digits, limits)
                .map(({ probabilities, verdict }) => [probabilities, verdict.sure]);
            }""",
            given.tolist(),
        )
        np.testing.assert_allclose([shares for shares, _ in found], expected, atol=1e-6)
        assert [sure for _, sure in found] == list(expected.max(1) >= web_page.MIN_CONFIDENCE)

"""Photographs in the tab Read, offline, against the reader in Python."""

from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.web.handing import as_file, choose, drawn, hand_over, settled
from tinydigits import Reader
from tinydigits.reader.finder import Finder
from tinydigits.reader.reader import Reading

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader(finder=Finder())


def read(reader: Reader, image: Image.Image) -> Reading:
    return reader.read(np.asarray(image))


def test_a_picture_is_read_offline_however_it_comes(open_page: Any, reader: Reader) -> None:
    page = open_page().page
    image = drawn("407", "58")
    wanted = read(reader, image)
    assert wanted.text == "407\n58"
    text = page.locator(".picture-results .text")
    choose(page, "chosen.png", as_file(image))
    expect(text).to_have_text(wanted.text)
    expect(text).to_be_in_viewport()
    for kind in ("drop", "paste"):
        hand_over(page, kind, (f"{kind}.png", "image/png", as_file(image)))
        expect(page.locator(".picture-results figcaption")).to_have_text(f"{kind}.png")
        expect(text).to_have_text(wanted.text)
    boxes = page.locator(".box")
    frame = page.locator(".framed").bounding_box()
    assert frame
    scale = frame["width"] / image.width
    for box, digit in zip(boxes.all(), wanted.digits, strict=True):
        place = box.bounding_box()
        assert place
        assert abs((place["x"] - frame["x"]) / scale - digit.box[0]) < 3
        assert abs((place["y"] - frame["y"]) / scale - digit.box[1]) < 3
        assert abs(place["width"] / scale - digit.box[2]) < 3
        assert box.inner_text() == f"{digit.label}{'?' if digit.uncertain else ''}"
    doubtful = [str(digit.label) for digit in wanted.digits if digit.uncertain]
    assert page.locator(".text .doubtful").all_text_contents() == doubtful
    said = f"{len(wanted.digits)} digits, {len(doubtful) or 'none'} of them doubtful"
    expect(page.locator(".reading .note").last).to_contain_text(said)


def test_boxes_lie_on_the_picture_where_the_text_beside_it_is_taller(open_page: Any) -> None:
    page = open_page(viewport={"width": 844, "height": 390}).page
    image = drawn("12", "34", "56", "78", "90", size=(130, 250), tall=32)
    choose(page, "a.png", as_file(image))
    settled(page)
    frame, canvas, beside = (
        page.locator(place).bounding_box()
        for place in (".framed", ".framed canvas", ".reading-parts > :last-child")
    )
    assert frame and canvas and beside and beside["y"] == frame["y"]
    assert beside["height"] > canvas["height"] + 30
    assert frame["height"] == pytest.approx(canvas["height"], abs=1)


def test_a_tap_on_a_digit_shows_what_the_network_saw_and_its_layers(
    open_page: Any, reader: Reader
) -> None:
    opened = open_page()
    page = opened.page
    image = drawn("407", "58")
    choose(page, "a.png", as_file(image))
    settled(page)
    wanted = read(reader, image).digits
    seen = page.locator(".digits-seen canvas")
    expect(seen).to_have_count(len(wanted))
    alpha = """(canvas) => Array.from(
      canvas.getContext("2d").getImageData(0, 0, 28, 28).data.filter((_, i) => i % 4 === 3))"""
    for canvas, digit in zip(seen.all(), wanted, strict=True):
        assert np.abs(np.array(canvas.evaluate(alpha)) - 255 * digit.image.ravel()).max() < 6
    for place, number in ((".box", 0), (".digits-seen button", 4)):
        page.locator(place).nth(number).click()
        assert opened.answer().rstrip("?") == str(wanted[number].label)
        expect(page.locator("#pad")).to_be_in_viewport()
    page.locator(".maps canvas").nth(1).click(position={"x": 20, "y": 20})
    expect(page.locator("#inspector h3")).to_have_text("Convolution 3×3")


def test_the_text_can_be_copied_as_it_is(open_page: Any) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"]).page
    choose(page, "a.png", as_file(drawn("407", "58")))
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".reading-text")).to_contain_text("Copied.")
    assert page.evaluate("() => navigator.clipboard.readText()") == "407\n58"


def test_of_each_file_it_is_said_what_became_of_it(open_page: Any) -> None:
    page = open_page().page
    given: list[tuple[str, str, bytes | int]] = [
        ("blank.png", "image/png", as_file(drawn())),
        ("notes.txt", "text/plain", b"407"),
        ("no type", "", as_file(drawn("407"))),
        ("scan.pdf", "application/pdf", b"%PDF-1.4"),
        ("photo.heic", "image/heic", b"\0\0\0\x18ftypheic"),
        ("large.tif", "image/tiff", 33 * 2**20),
        ("empty.png", "image/png", b""),
        ("<img src=x onerror=alert(1)>.png", "image/png", b"damaged"),
    ]
    hand_over(page, "drop", *given)
    settled(page, len(given))
    expect(page.locator(".picture-results")).not_to_contain_text("Waiting")
    figures = page.locator(".picture-results figure").all()
    names = [figure.locator("figcaption span").inner_text() for figure in figures]
    assert names == [name for name, _, _ in given]  # in their order
    said = dict(zip(names, [figure.inner_text() for figure in figures], strict=True))
    assert "No digits were found." in said["blank.png"]
    assert said["notes.txt"].startswith("not read: this is neither a picture nor a PDF file")
    assert said["no type"].startswith("4")
    for name in ("scan.pdf", "photo.heic", "<img src=x onerror=alert(1)>.png"):
        assert "not read: This browser cannot open it" in said[name], name
        assert "tinydigits serve" in said[name]
    assert "at most 32 MiB are taken" in said["large.tif"]
    assert "the file is empty" in said["empty.png"]
    assert page.locator("img").count() == 0
    hand_over(page, "drop")
    expect(page.locator("#pictures .picture-status")).to_contain_text("That is no file")


@pytest.mark.slow
def test_twelve_megapixels_are_read_while_the_page_goes_on(open_page: Any, reader: Reader) -> None:
    opened = open_page()
    page = opened.page
    image = drawn("407", size=(4000, 3000), tall=900)
    wanted = read(reader, image)
    count = """() => {
      const beat = () => {
        window.shares ??= new Set();
        const bar = document.querySelector(".picture-results progress");
        if (bar) window.shares.add(bar.value);
        window.beats = (window.beats ?? 0) + 1;
        requestAnimationFrame(beat);
      };
      beat();
    }"""
    page.evaluate(count)
    choose(page, "large.jpg", as_file(image, "JPEG"), "image/jpeg")
    expect(page.locator(".picture-results progress")).to_have_count(1)
    page.locator("#pad").focus()
    page.keyboard.type("7")
    assert opened.answer() == "7"  # though it is reading
    settled(page)
    expect(page.locator(".picture-results .text")).to_have_text(wanted.text)
    assert wanted.text == "407"
    assert page.evaluate("() => window.beats") > 10
    shares = page.evaluate("() => [...window.shares]")
    assert shares == sorted(shares) and len(shares) > 3
    canvas = page.locator(".framed canvas")
    assert canvas.evaluate("(canvas) => [canvas.width, canvas.height]") == [1400, 1050]


def test_a_touch_screen_offers_the_camera(open_page: Any) -> None:
    camera = open_page(has_touch=True).page.locator("#camera")
    expect(camera).to_be_visible()
    assert camera.locator("input").get_attribute("capture") == "environment"
    expect(open_page().page.locator("#camera")).to_be_hidden()


def test_pictures_that_are_given_later_take_the_place_of_those_before(open_page: Any) -> None:
    page = open_page("#learn").page
    large = as_file(drawn("1", size=(1600, 1200)))
    hand_over(page, "drop", *[(f"{i}.png", "image/png", large) for i in range(4)])
    expect(page.locator("#tab-read")).to_have_attribute("aria-selected", "true")
    hand_over(page, "drop", ("last.png", "image/png", as_file(drawn("407"))))
    expect(page.locator(".picture-results figcaption")).to_have_text("last.png")
    expect(page.locator(".picture-results .text")).to_have_text("407")


@pytest.mark.parametrize(
    "options", [{"color_scheme": "dark"}, pytest.param(PHONE, marks=pytest.mark.slow)]
)
def test_axe_finds_nothing_and_every_target_is_large_enough(
    open_page: Any, options: dict[str, Any]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(**options).page
    choose(page, "a.png", as_file(drawn("407", "58", size=(800, 600), tall=24)))
    settled(page)
    page.get_by_role("button", name="Show all blocks").click()
    page.locator(".maps canvas").nth(1).click(position={"x": 20, "y": 20})
    page.wait_for_function("() => document.querySelector('#inspector .slide')")
    found = Axe().run(page).response["violations"]
    assert [
        (rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found
    ] == []
    small = """() => [...document.querySelectorAll("button, summary, label.file, input")]
      .filter((one) => one.checkVisibility() && !one.matches(".visually-hidden"))
      .filter((one) => {
        const { width, height } = one.getBoundingClientRect();
        return width < 24 || height < 24;
      }).map((one) => one.outerHTML)"""
    assert page.evaluate(small) == []

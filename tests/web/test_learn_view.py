"""What the tab Learn shows at a glance: together on a small screen, on paper, in few colours."""

import json
import re
import runpy
from collections.abc import Callable
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from tinydigits.backprop.example import Example, Parameters, backward, forward
from tinydigits.backprop.sweep import descend

Learn = Callable[..., Page]
BIASES = "#learn?t1=0.01&t2=0.99&b1=0.35&b2=0.6&trainBiases=true"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SMALL: dict[str, dict[str, Any]] = {
    "phone": PHONE,
    "phone held across": PHONE | {"viewport": {"width": 844, "height": 390}},
    "1366x768 at 150 %": {"viewport": {"width": 911, "height": 512}},
    "1920x1080 at 150 %": {"viewport": {"width": 1280, "height": 720}},
}

# Which of drawing, formula and E are not wholly in view, or lie under the bar of buttons, by step.
OUT_OF_VIEW = """() => {
  const box = (place) => document.querySelector(`#learn ${place}`).getBoundingClientRect();
  const inside = ({ top, bottom, left, right }) =>
    top >= 0 && left >= 0 && bottom <= innerHeight + 1 && right <= innerWidth;
  return Array.from({ length: 52 }, (_, step) => {
    const bar = box(".controls");
    const hidden = [".net", ".formula", ".live"].filter((place) =>
      !inside(box(place)) || (place !== ".live" && box(place).bottom > bar.top));
    document.querySelector("#learn .forth").click();
    return [step, document.querySelector("#learn .heard").textContent, hidden];
  });
}"""


@pytest.mark.parametrize("size", SMALL)
def test_drawing_formula_and_error_are_in_view_together_at_every_step(
    open_learn: Learn, size: str
) -> None:
    page = open_learn(f"{BIASES}&updates=3", **SMALL[size])
    seen = page.evaluate(OUT_OF_VIEW)
    assert len({heard for _, heard, _ in seen}) == 52
    assert not [(step, hidden) for step, _, hidden in seen if hidden]
    assert page.evaluate("scrollY") == 0


def test_the_bar_stays_in_view_wherever_one_scrolls(open_learn: Learn) -> None:
    page = open_learn("#learn?updates=3", **PHONE)
    bottom = page.evaluate("document.documentElement.scrollHeight")
    for place in range(0, bottom, 300):
        page.evaluate("(top) => scrollTo(0, top)", place)
        box = page.locator("#learn .controls").bounding_box()
        assert box and box["y"] >= -1 and box["y"] + box["height"] <= 845, place


def test_the_question_is_the_heading_and_is_answered_as_far_as_is_known(
    open_learn: Learn,
) -> None:
    page = open_learn()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Which weight is to blame, and by how much?")
    answer = page.locator("#learn .blame")
    page.locator("#learn .chapter").nth(4).click()
    expect(answer).to_have_text("So far w6: adding 0.01 raises E by about 0.00013 (2 of 8 known).")
    page.locator("#learn .chapter").last.click()
    expect(answer).to_have_text("Most w8: adding 0.01 raises E by about 0.00016; least w1.")
    above = forward(Example(), Example().start._replace(w8=0.56)).E
    assert above - forward(Example(), Example().start).E == pytest.approx(0.00016, rel=0.05)


def test_a_line_is_as_thick_as_its_gradient_is_large(open_learn: Learn) -> None:
    page = open_learn("#learn?step=38")
    widths = page.locator("#learn .line.weighed line:first-child").evaluate_all(
        "(all) => all.map((line) => parseFloat(getComputedStyle(line).strokeWidth))"
    )
    example = Example()
    gradients = backward(example, example.start, forward(example, example.start))
    sizes = [abs(getattr(gradients, f"w{n}")) for n in range(1, 9)]
    wanted = [1.4 + 7.6 * size / max(sizes) for size in sizes]
    assert widths == pytest.approx(wanted, abs=0.01)
    page.locator("#learn .chapter").nth(4).click()  # w5 and w6 are known, no more
    expect(page.locator("#learn .line.weighed")).to_have_count(2)


def test_the_steps_are_grouped_in_chapters(open_learn: Learn) -> None:
    page = open_learn()
    where, chapters = page.locator("#learn .where"), page.locator("#learn .chapter")
    expect(where).to_have_text("The hidden units, 1 of 4")
    assert page.locator("#learn .pass").count() == 3
    firsts = []
    for n in range(chapters.count()):
        chapters.nth(n).click()
        expect(chapters.nth(n)).to_have_attribute("aria-current", "step")
        assert re.search(r", 1 of \d+$", where.inner_text())
        firsts.append((page.locator("#learn .heard").text_content() or "").split()[1])
    assert firsts == ["1", "5", "9", "12", "18", "24", "30", "35", "40"]
    page.locator("#learn .back").click()
    expect(chapters.nth(n - 1)).to_have_attribute("aria-current", "step")
    assert open_learn(BIASES).locator("#learn .chapter").count() == chapters.count() + 1


def test_run_from_the_first_step_shows_values_and_the_curve(open_learn: Learn) -> None:
    page = open_learn()
    expect(page.locator("#learn .live circle")).to_have_count(0)
    page.locator("#learn .run").click()
    page.locator("#learn .updates").get_by_text(re.compile("after [3-9]")).wait_for()
    values = page.locator("#learn .net .value").all_text_contents()
    assert "·" not in values
    points = (page.locator("#learn .live polyline").get_attribute("points") or "").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(points) >= 4
    assert heights == sorted(heights) and heights[0] < heights[-1]  # E falls
    page.locator("#learn .run").click()
    updates = int(page.locator("#learn .updates").inner_text().split()[1])
    *_, (_, trace, _) = islice(descend(Example(), 0.5), updates + 1)
    shown = float(page.locator("#learn .result").get_attribute("data-value") or "")
    assert shown == pytest.approx(trace.E, rel=1e-12)


def test_four_digits_until_all_are_asked_for(open_learn: Learn) -> None:
    page = open_learn("#learn?step=21&updates=7")
    shown = page.locator(
        "#learn :is(.result, .live strong, .now, .rates td[data-value], .chip > span:last-child)"
    )
    numbers = [text for text in shown.all_text_contents() if text]

    def digits(text: str) -> int:
        return len(re.sub(r"e.*|^[^\d]*[0.]*|\D", "", text))

    assert len(numbers) > 15
    assert max(map(digits, numbers)) == 4
    page.get_by_label("all digits").check()
    text = page.locator("#learn .result").inner_text()
    assert float(text) == float(page.locator("#learn .result").get_attribute("data-value") or "")
    assert max(map(digits, shown.all_text_contents())) >= 15


def test_a_saturated_unit_is_said_when_its_value_is_known(open_learn: Learn) -> None:
    page = open_learn("#learn?i1=1&w1=9&step=0")
    said = page.locator("#learn .step-card .saturated")
    expect(said).to_be_empty()
    page.locator("#learn .chapter").nth(1).click()
    expect(said).to_contain_text("h1 is saturated: its sigmoid is flat here")
    expect(said).to_contain_text("so w1 and w2 hardly learn any more")
    assert "h 1" not in (heard := page.locator("#learn .heard").text_content() or "")
    assert "h1 is saturated" in heard
    expect(page.locator("#learn .net .box.saturated")).to_have_count(1)
    expect(open_learn("#learn?step=38").locator("#learn .step-card .saturated")).to_be_empty()


def test_no_bias_is_read_out_where_there_are_none(open_learn: Learn) -> None:
    page = open_learn()
    said = page.evaluate(
        """() => Array.from({ length: 48 }, () => {
          const name = document.querySelector("#learn .net").getAttribute("aria-label");
          const heard = document.querySelector("#learn .heard").textContent;
          document.querySelector("#learn .forth").click();
          return `${name} ${heard}`;
        })"""
    )
    assert len(set(said)) == 48
    assert not [text for text in said if re.search(r"\bb\s?[12]\b|bias", text)]
    assert "b1" in (open_learn(BIASES).locator("#learn .net").get_attribute("aria-label") or "")


def test_the_landscape_is_the_error_over_any_two_weights(open_learn: Learn) -> None:
    page = open_learn("#learn?updates=50&rate=2")
    page.get_by_role("combobox", name="Across", exact=True).select_option("w2")
    page.get_by_role("combobox", name="Up", exact=True).select_option("w7")
    page.get_by_label("Shown").select_option("±8")
    label = page.locator("#learn .plot svg").get_attribute("aria-label") or ""
    *_, (last, _, _) = islice(descend(Example(), 2.0), 51)
    end = forward(Example(), last).E
    assert label.startswith("E over w2 and w7, from 0.01418 at the start to")
    assert f"{end:.8f}" in label and f"w7 {last.w7:.4g}".replace("-", "−") in label
    # The lowest point that it names is where the lowest error of a fine grid lies, as found here.
    step = 16 / 120
    grid = [
        (forward(Example(), last._replace(w2=x, w7=y)).E, x, y)
        for x in (0.2 - 8 + (n + 0.5) * step for n in range(120))
        for y in (0.5 - 8 + (n + 0.5) * step for n in range(120))
    ]
    lowest, x, y = min(grid)
    said = (page.locator("#learn .lowest").text_content() or "").replace("−", "-")
    assert f"w2 = {x:.3g}, w7 = {y:.3g}: " in said
    assert float(said.split(": ")[1].split(". ")[0]) == pytest.approx(lowest, rel=1e-3)
    # A weight on both axes is none: choosing the other axis' one swaps them.
    page.get_by_role("combobox", name="Across", exact=True).select_option("w7")
    expect(page.get_by_role("combobox", name="Up", exact=True)).to_have_value("w2")
    points = (page.locator("#learn .plot .path").get_attribute("points") or "").split()
    assert len(points) == 51
    page.locator("#learn .plot").click(position={"x": 150, "y": 100})
    expect(page.locator("#learn .updates")).to_have_text("before the first update")
    assert page.locator("#given-w7").input_value() != "0.5"


def test_the_darkest_cell_is_the_lowest(open_learn: Learn) -> None:
    page = open_learn()
    dark = page.evaluate(
        """() => {
          const canvas = document.querySelector("#learn .plot canvas");
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          let place = [0, 0], best = Infinity, sum = [0, 0, 0];
          for (let n = 0; n < data.length / 4; n++) {
            const light = data[4 * n] + data[4 * n + 1] + data[4 * n + 2];
            if (light < best) { best = light; sum = [0, 0, 0]; }
            if (light !== best) continue;
            sum = [sum[0] + n % width, sum[1] + Math.floor(n / width), sum[2] + 1];
          }
          return [sum[0] / sum[2] / width, sum[1] / sum[2] / width];
        }"""
    )
    # E is lowest at about w5 = -0.45 and w7 = -0.52: left of the middle and below it.
    assert dark == pytest.approx([(-0.45 - 0.4 + 2) / 4, (2 - (-0.52 - 0.5)) / 4], abs=0.03)


@pytest.mark.parametrize(
    "fragment", [f"{BIASES}&updates=37&rate=2", "#learn?b1=0.35&b2=-0.6&w3=-1e-7&i1=3"]
)
def test_the_script_prints_the_numbers_of_the_page(
    open_learn: Learn, tmp_path: Path, capsys: pytest.CaptureFixture[str], fragment: str
) -> None:
    page = open_learn(fragment)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as network.py").click()
    download.value.save_as(tmp_path / "network.py")
    assert (tmp_path / "network.py").read_text(encoding="utf-8") == page.locator(
        "#learn pre"
    ).text_content()
    runpy.run_path(str(tmp_path / "network.py"))
    torch.set_default_dtype(torch.float32)  # the script's is float64
    output = capsys.readouterr().out
    printed = [json.loads(f"[{n}]") for n in re.findall(r"(?<= )\[?(-?[\d.].*?)\]?\n", output)]
    link = page.locator("#lesson-link").input_value().partition("?")[2]
    given = dict(part.split("=") for part in link.split("&") if part)
    numbers = {n: float(v) for n, v in given.items() if re.fullmatch("[witb][1-8]", n)}
    start = Parameters()._replace(**{n: v for n, v in numbers.items() if n[0] in "wb"})
    example = Example(
        (numbers.get("i1", 0.05), 0.1),
        (numbers.get("t1", 0.5), numbers.get("t2", 0.5)),
        start,
        given.get("trainBiases") == "true",
    )
    rate, updates = float(given.get("rate", 0.5)), int(given.get("updates", 0))
    states = list(islice(descend(example, rate), updates + 2))
    _, trace, gradients = states[-2]
    after, later, _ = states[-1]
    weights = [f"w{n}" for n in range(1, 9)]
    biases = example.train_biases
    wanted = [[trace.E], [getattr(gradients, n) for n in weights[:4]]]
    wanted += [[getattr(gradients, n) for n in weights[4:]]]
    wanted += [[gradients.b1, gradients.b2]] * biases
    wanted += [[getattr(after, n) for n in weights[:4]], [getattr(after, n) for n in weights[4:]]]
    wanted += [[after.b1, after.b2]] * biases + [[later.E]]
    assert len(printed) == len(wanted)
    for ours, theirs in zip(printed, wanted, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-15)
    page.locator("#learn .chapter").nth(2).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    shown = float(page.locator("#learn .result").get_attribute("data-value") or "")
    assert printed[0] == [pytest.approx(shown, rel=1e-12)]


def test_a_teachers_link_hides_controls(open_learn: Learn) -> None:
    page = open_learn("#learn?w5=0.7")
    page.get_by_text("Hide controls in the link").click()
    page.get_by_role("checkbox", name="Spot the mistake").check()
    page.get_by_label("+1 update and Run").check()
    page.get_by_role("checkbox", name="Change any number").check()
    expect(page.locator("#learn .spot")).to_be_visible()  # the teacher's own page stays whole
    link = page.locator("#lesson-link").input_value()
    pupil = open_learn(link[link.index("#") :])
    for place in (".spot", ".numbers", ".moves .run", ".moves .update"):
        expect(pupil.locator(f"#learn {place}")).to_be_hidden()
    for place in (".rates", ".surface", ".chapters", ".moves .forth", ".script"):
        expect(pupil.locator(f"#learn {place}")).to_be_visible()
    pupil.locator("#learn .forth").click()
    expect(pupil.locator("#learn .spot")).to_be_hidden()
    expect(pupil.locator(".to-hide[value=spot]")).to_be_checked()
    pupil.wait_for_function("() => location.hash.includes('step=1')")
    assert "hide=run,numbers,spot" in pupil.url


@pytest.mark.parametrize("size", ["phone", "phone held across", "1366x768 at 150 %"])
def test_every_target_is_24_pixels_high_and_wide(open_learn: Learn, size: str) -> None:
    page = open_learn(f"{BIASES}&mistake=changed&updates=3&step=38", **SMALL[size])
    page.get_by_text("Hide controls in the link").click()
    small = page.evaluate(
        """() => [...document.querySelectorAll("#learn, .masthead")].flatMap((part) =>
             [...part.querySelectorAll("button, a, select, summary, input, .can-change")])
          .map((one) => one.closest("label.check") ?? one)
          .filter((one) => one.checkVisibility())
          .map((one) => [one.className.baseVal ?? one.className, one.getBoundingClientRect()])
          .filter(([, { width, height }]) => width && Math.min(width, height) < 23.99)
          .map(([name, { width, height }]) => `${name} ${width}x${height}`)"""
    )
    assert small == []


def test_on_paper_it_is_light_and_without_buttons(open_learn: Learn) -> None:
    page = open_learn("#learn?step=25&updates=9", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    card = page.locator("#learn .step-card")
    assert card.evaluate("(one) => getComputedStyle(one).printColorAdjust") == "exact"
    assert card.evaluate("(one) => getComputedStyle(one).color") == "rgb(34, 33, 30)"
    for place in (".net", ".formula", ".live svg", ".plot", ".curves", ".script pre"):
        expect(page.locator(f"#learn {place}")).to_be_visible()
    visible = page.locator("button:visible:not(.use)").all_text_contents()
    assert visible == []


def test_forced_colours_keep_what_is_selected_and_lit_apart(open_learn: Learn) -> None:
    page = open_learn("#learn?step=25", forced_colors="active", reduced_motion="reduce")
    page.locator("#theme").click()  # the page's own theme gives way to the system's colours

    def plate(place: str) -> Any:
        """The colour inside its left edge."""
        image = Image.open(BytesIO(page.locator(place).first.screenshot())).convert("RGB")
        return image.getpixel((7, image.height // 2))

    def colour(place: str, name: str) -> str:
        script = f"(one) => getComputedStyle(one).{name}"
        found: str = page.locator(place).first.evaluate(script)
        return found

    assert plate('[role=tab][aria-selected="true"]') != plate('[role=tab][aria-selected="false"]')
    assert plate("#learn .chapter[aria-current]") != plate("#learn .chapter:not([aria-current])")
    letters = page.locator("#learn .forth").screenshot()  # no plate behind them hides them
    image = Image.open(BytesIO(letters)).convert("L")
    x, y = image.width // 2, image.height // 2
    assert len(image.crop((x - 12, y - 5, x + 12, y + 5)).getcolors() or []) > 2
    lit, dim = "#learn .box.lit rect", "#learn .box:not(.lit):not(.soft):not(.input) rect"
    assert colour(lit, "stroke") != colour(dim, "stroke")
    assert colour(dim, "fill") == colour("body", "backgroundColor")
    assert colour("#learn .net text", "fill") == colour("body", "color")
    assert colour("body", "color") != colour("body", "backgroundColor")


def test_one_kind_of_type_everywhere(open_learn: Learn) -> None:
    page = open_learn("#learn?step=25")
    families = page.evaluate(
        """() => [...new Set([...document.querySelectorAll("body, body *")]
          .map((one) => getComputedStyle(one).fontFamily))]"""
    )
    assert len(families) <= 2, families  # sans, and the script's mono
    assert not [each for each in families if re.search(r"(?<!-)\bserif|Georgia|math\b", each)]

"""The tab Learn in a real browser: stepping, running, editing, mistakes, links, keyboard."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tinydigits.backprop.example import Example, Parameters, backward, forward
from tinydigits.backprop.sweep import RATES, learn

Learn = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BIASES = "#learn?t1=0.01&t2=0.99&b1=0.35&b2=0.6&trainBiases=true"


def seen(page: Page) -> list[str]:
    """What a learner sees of where the lesson stands."""
    places = [".where", ".live", ".step-card h2", ".formula", ".chain", ".why", ".net", ".numbers"]
    script = "(all) => all.map((one) => document.querySelector(`#learn ${one}`).textContent)"
    texts: list[str] = page.evaluate(script, places)
    return texts


def result(page: Page) -> float:
    return float(page.locator("#learn .result").get_attribute("data-value") or "")


def where(page: Page) -> str:
    """Such as "Step 26 of 48 after 3 updates": what is heard, and what stands beside E."""
    step = (page.locator("#learn .heard").text_content() or "").split(".")[0]
    return f"{step} {page.locator('#learn .updates').inner_text()}"


def chapter(page: Page, number: int) -> None:
    page.locator("#learn .chapter").nth(number - 1).click()


def test_the_steps_show_the_numbers_of_python_in_order(open_learn: Learn) -> None:
    page, example = open_learn(), Example()
    trace = forward(example, example.start)
    for name, value in trace._asdict().items():
        assert result(page) == pytest.approx(value, rel=1e-12), name
        page.locator("#learn .forth").click()
    gradients = backward(example, example.start, trace)
    found = {}
    for _ in range(28):
        title = page.locator("#learn .step-card h2").inner_text().replace("\n", "")
        if title.startswith("The gradient of E along"):
            found[title[-2:]] = result(page)
        page.locator("#learn .forth").click()
    assert found == pytest.approx(dict(list(gradients._asdict().items())[:8]), rel=1e-12)
    assert where(page) == "Step 40 of 48 before the first update"
    assert result(page) == pytest.approx(example.start.w1 - 0.5 * gradients.w1, rel=1e-12)


def test_forth_and_back_shows_what_was_there(open_learn: Learn) -> None:
    page = open_learn(BIASES + "&updates=1&step=45", **PHONE)
    before = [seen(page)]
    for _ in range(14):
        page.locator("#learn .forth").click()
        before.append(seen(page))
    assert where(page) == "Step 8 of 52 after 2 updates"
    assert len({str(each) for each in before}) == 15
    while len(before) > 1:
        assert seen(page) == before.pop()
        page.locator("#learn .back").click()
    assert seen(page) == before.pop()


def test_run_pause_and_reset_to_the_same_start(open_learn: Learn) -> None:
    page = open_learn("#learn?w5=0.7&rate=2")
    start = seen(page)
    page.locator("#learn .run").click()
    expect(page.locator("#learn .updates")).to_contain_text(re.compile(r"after \d+ updates"))
    page.locator("#learn .run").click()
    paused = where(page)
    page.wait_for_timeout(500)
    assert where(page) == paused
    updates = int(paused.split(" after ")[1].split()[0])
    example = Example(start=Parameters(w5=0.7))
    chapter(page, 3)
    for _ in range(2):
        page.locator("#learn .forth").click()
    assert result(page) == pytest.approx(learn(example, 2.0, updates).errors[-1], rel=1e-12)
    page.locator("#learn .reset").click()
    assert seen(page) == start
    expect(page.locator("#learn .back")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    assert seen(page) == start


def test_a_changed_number_is_in_the_formula_at_once(open_learn: Learn) -> None:
    page = open_learn("#learn?step=14&updates=4")
    page.locator("#given-w5").fill("-1.5")
    assert where(page) == "Step 15 of 48 before the first update"
    example = Example(start=Parameters(w5=-1.5))
    gradients = backward(example, example.start, forward(example, example.start))
    assert result(page) == pytest.approx(gradients.w5, rel=1e-12)
    page.locator("#given-w5").press("ArrowUp")
    expect(page.locator("#given-w5")).to_have_value("-1.45")
    page.locator("#given-t1").fill("0.25")
    page.locator("#given-i2").fill("3")
    page.locator("#given-b1").fill("0.1")
    page.get_by_label("updates move them").check()
    assert where(page).startswith("Step 15 of 52")
    example = Example((0.05, 3), (0.25, 0.5), Parameters(w5=-1.45, b1=0.1), True)
    gradients = backward(example, example.start, forward(example, example.start))
    assert result(page) == pytest.approx(gradients.w5, rel=1e-12)


def test_what_is_no_number_is_said_and_changes_nothing(open_learn: Learn) -> None:
    page = open_learn()
    before = seen(page)[:-1]
    for field, typed in (
        ("w3", "1e7"), ("w3", ""), ("rate", "0"), ("rate", "-1"), ("t2", "-"), ("rate", "0,5,5"),
        ("i1", "1.000,5"), ("b1", "abc"), ("w8", "0x1"), ("t1", "½"), ("w2", "1 2"),
    ):  # fmt: skip
        page.locator(f"#given-{field}").fill(typed)
        error = page.locator("#learn .numbers .error")
        name = "The learning rate" if field == "rate" else field
        expect(error).to_contain_text(f"{name} must be a number")
        expect(page.locator(f"#given-{field}")).to_have_attribute("aria-invalid", "true")
        page.locator("#learn .forth").focus()
        expect(error).to_be_empty()
        assert seen(page)[:-1] == before, typed


def test_a_decimal_comma_typed_key_by_key_is_a_decimal_point(open_learn: Learn) -> None:
    page = open_learn()
    fields = page.locator("#learn .numbers .given input")
    assert fields.count() == 15
    for n in range(fields.count()):
        fields.nth(n).press("Control+a")
        fields.nth(n).press_sequentially("0,75")
        expect(page.locator("#learn .numbers .error")).to_have_text("0,75 is read as 0.75.")
        link = page.locator("#lesson-link").input_value()
        assert link.count("=0.75") == n + 1
    page.locator("#learn .forth").focus()
    assert fields.evaluate_all("(all) => all.map((one) => one.value)") == ["0.75"] * 15


def test_the_curves_are_those_of_all_six_rates(open_learn: Learn) -> None:
    page = open_learn(BIASES)
    example = Example((0.05, 0.1), (0.01, 0.99), Parameters(b1=0.35, b2=0.6), True)
    cells = page.locator("#learn .rates td[data-value]")
    expect(page.locator("#learn .curves polyline")).to_have_count(7)
    goals = page.locator("#learn .goal")
    expect(goals.last).not_to_have_text("…")
    for n, rate in enumerate(RATES):
        curve = learn(example, rate, 100)
        ours = float(cells.nth(n).get_attribute("data-value") or "")
        assert ours == pytest.approx(curve.errors[-1], rel=1e-12)
        wanted = curve.updates_to_goal
        assert goals.nth(n).inner_text() == (f"{wanted:,}" if wanted else "not within 50,000")
    page.get_by_role("button", name="Use learning rate 2").click()
    expect(page.locator("#given-rate")).to_have_value("2")
    ticks = page.locator("#learn .curves").text_content()
    page.get_by_label("logarithmic scale").check()
    assert page.locator("#learn .curves").text_content() != ticks


def test_finite_differences_find_the_planted_mistake(open_learn: Learn) -> None:
    page = open_learn()
    said = page.locator("#learn .said")
    for network, verdict in (
        ("The right one", "All gradients agree."),
        ("Network A", "WRONG: the gradients along w3, w4."),
        ("Network B", "WRONG: the gradients along w2."),
        ("Network C", "WRONG: the gradients along w1, w2, w3, w4."),
    ):
        page.get_by_label(network).check()
        page.get_by_role("button", name="Check with finite differences").click()
        assert "".join(said.inner_text().split("\n")) == verdict
        wrong = page.locator("#learn tr.wrong td:last-child").all_inner_texts()
        assert wrong == ["WRONG"] * verdict.count("w", 15)
        right = network == "The right one"
        expect(page.locator("#learn .planted")).to_be_visible(visible=not right)
        expect(page.locator("#learn .spot details")).to_be_visible(visible=not right)
        page.locator("#learn .update").click()  # a verdict holds for one state only
        expect(said).to_have_count(0)


def test_the_address_carries_the_lesson(open_learn: Learn) -> None:
    page = open_learn()
    page.locator("#given-w7").fill("0.123")
    page.get_by_label("Network B").check()
    for _ in range(3):
        page.locator("#learn .update").click()
    chapter(page, 4)
    there = seen(page)
    link = page.locator("#lesson-link").input_value()
    page.wait_for_function("link => location.href === link", arg=link)
    page.reload()
    assert seen(page) == there
    again = open_learn(link[link.index("#") :])
    assert seen(again) == there
    expect(again.get_by_label("Network B")).to_be_checked()


def test_a_link_is_opened_though_the_lesson_writes_its_last_step_meanwhile(
    open_learn: Learn,
) -> None:
    page = open_learn("#learn?step=1")
    page.evaluate(
        """() => {
          location.hash = "#learn?w5=0.75"; // whose event comes later
          history.replaceState(null, "", "#learn?step=2");
        }"""
    )
    expect(page.locator("#given-w5")).to_have_value("0.75")


@pytest.mark.parametrize("junk", ["w1=<img src=x onerror=alert(1)>", "w1=%3Cb%3E", "x=1"])
def test_a_junk_link_is_left_aside_with_a_sentence(open_learn: Learn, junk: str) -> None:
    page = open_learn(f"#learn?w2=0.9&{junk}")
    notice = page.locator("#learn .notice")
    expect(notice).to_contain_text("The link’s numbers were not used")
    assert page.locator("#learn img, #learn b").count() == 0
    expect(page.locator("#given-w2")).to_have_value("0.2")
    page.evaluate("location.hash = '#learn?w2=0.9'")  # a good link afterwards is taken
    expect(page.locator("#given-w2")).to_have_value("0.9")
    expect(notice).to_be_empty()


def test_everything_works_by_keyboard_alone(open_learn: Learn) -> None:
    page = open_learn()
    page.keyboard.press("ArrowRight")
    assert where(page).startswith("Step 2 ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert where(page).startswith("Step 1 ")
    wanted = page.locator(
        "#learn :is(button, input:not([type=radio]), summary, select, pre, a):visible,"
        " #learn input:checked"
    ).count()
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        key = page.evaluate(
            "() => { const all = [...document.querySelectorAll('#learn *')];"
            "return all.indexOf(document.activeElement); }"
        )
        if key >= 0:
            reached.add(key)
    assert len(reached) == wanted
    page.locator("#learn .forth").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert where(page).startswith("Step 3 ")
    page.locator("#learn .chapter").last.focus()
    page.keyboard.press("Enter")
    assert where(page).startswith("Step 40 ")
    expect(page.locator("#learn .chapter").last).to_be_focused()
    page.locator("#given-w1").press("ArrowLeft")  # moves the cursor, not the lesson
    assert where(page).startswith("Step 40 ")


def test_the_step_is_said_to_those_who_listen(open_learn: Learn) -> None:
    page = open_learn("#learn?step=11")
    heard = page.locator("#learn .heard")
    assert heard.get_attribute("aria-live") == "polite"
    said = heard.inner_text()
    assert said.startswith("Step 12 of 48. How E changes with output a o1.")
    assert "partial E by partial a o1 equals a o1 minus t1, equals 0.6065 minus 0.5" in said
    assert not set("∂·−½²σ_") & set(said)


def test_the_path_of_a_factor_is_lit(open_learn: Learn) -> None:
    page = open_learn("#learn?step=25")  # ∂E/∂a_h1: both ways
    lit = page.locator("#learn .net").get_attribute("aria-label") or ""
    parts = set(lit.removeprefix("The network. Lit: ").removesuffix(".").split(", "))
    assert {"a_h1", "w5", "w7", "o1", "o2", "a_o1", "a_o2", "E1", "E2", "E"} <= parts
    assert not {"h1", "a_h2", "w6", "w8", "i1"} & parts
    assert page.locator("#learn .net .line.lit").count() == 6
    assert page.locator("#learn .net .box.lit").count() == 8


def test_clicking_a_weight_in_the_drawing_leads_to_its_field(open_learn: Learn) -> None:
    page = open_learn()
    page.locator("#learn .net .weight").nth(4).click()
    expect(page.locator("#given-w5")).to_be_focused()


def test_less_motion_is_honoured(open_learn: Learn) -> None:
    page = open_learn("#learn?step=14", reduced_motion="reduce")
    names = page.locator("#learn .net .lit .flow").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).animationName)"
    )
    assert names and set(names) == {"none"}


@pytest.mark.parametrize(
    ("scheme", "step", "size"),
    [
        ("light", 25, {}),
        pytest.param("dark", 44, PHONE, marks=pytest.mark.slow),
        pytest.param("dark", 0, {}, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing(open_learn: Learn, scheme: str, step: int, size: dict[str, Any]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    fragment = f"{BIASES}&mistake=changed&updates=3&step={step}"
    page = open_learn(fragment, color_scheme=scheme, reduced_motion="reduce", **size)
    page.get_by_role("button", name="Check with finite differences").click()
    for summary in page.locator("#learn summary").all():
        summary.click()
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]


@pytest.mark.parametrize("step", [0, 25])
def test_nothing_is_wider_than_the_screen(open_learn: Learn, step: int) -> None:
    fragment = f"{BIASES}&mistake=changed&updates=3&step={step}&w5=-123.456789&w7=-0.000123456789"
    page = open_learn(fragment)
    page.get_by_role("button", name="Check with finite differences").click()
    for all_digits in (False, True):
        page.get_by_label("all digits").set_checked(all_digits)
        for width in (320, 390, 768, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width

"""docs/lesson.md, walked through in the browser: every number and every control in it is there."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

PLAN = Path(__file__).parents[2].joinpath("docs", "lesson.md").read_text(encoding="utf-8")


def test_every_step_of_the_lesson_shows_what_the_plan_says(open_page: Any) -> None:
    page = open_page("#learn").page
    numbers = set(re.findall(r"\d+\.\d{2,}", PLAN.replace("0.15·0.05 + 0.2·0.1", "")))
    seen = {"0.05", "0.01", "0.41", "0.0001"}  # an input, what one types, the goal of E

    def shows(place: str, *wanted: str) -> None:
        for number in wanted:
            expect(page.locator(f"#learn {place}")).to_contain_text(number)
            seen.add(number)

    def press(name: str, times: int = 1) -> None:
        for _ in range(times):
            page.locator("#learn").get_by_role("button", name=name, exact=True).click()

    def chapter(label: str) -> None:
        page.locator("#learn .chapter").filter(has_text=label.replace("_", "")).click()

    shows(".formula", "0.0275")
    press("Next", 2)
    shows(".formula", "0.5069")
    chapter("error")
    press("Next", 2)
    shows(".live", "0.01418")
    chapter("w5 w6")
    for factor in ("0.1065", "0.2387", "0.5069", "0.01288"):
        shows(".result", factor)
        press("Next")
    press("Back")
    shows(".blame", "0.00013")
    page.locator("#given-w5").fill("0.41")
    chapter("error")
    press("Next", 2)
    shows(".live", "0.01431")
    press("The usual example")
    chapter("a_h1 a_h2")
    press("Next", 2)
    shows(".result", "0.02536")
    chapter("w3 w4")
    press("Next", 4)
    expect(page.locator("#learn .where")).to_contain_text("5 of 5")
    expect(page.locator("#learn .blame")).to_contain_text(re.compile("Most w8.*least w1"))
    page.locator("#given-i1").fill("1")
    expect(page.locator("#learn .blame")).not_to_contain_text("least w1")
    press("The usual example")
    chapter("update")
    press("Next", 8)
    shows(".live", "0.01418", "0.01378")
    press("Run")
    press("Pause")
    press("Reset")
    row = page.locator("#learn .rates tr").filter(has=page.get_by_label("Use learning rate 2"))
    expect(row.locator(".goal")).to_have_text("39")
    other = page.get_by_label("Use learning rate 0.5")
    goal = page.locator("#learn .rates tr").filter(has=other).locator(".goal")
    expect(goal).to_have_text("156")
    row.get_by_role("button").click()
    page.locator("#given-rate").fill("70")
    press("+1 update")
    chapter("error")
    press("Next", 2)
    shows(".live", "0.01661")
    press("The usual example")
    page.locator("#given-rate").fill("0.5")
    page.get_by_label("Network A").check()
    chapter("w3 w4")
    press("Check with finite differences")
    expect(page.locator("#learn .said")).to_have_text("WRONG: the gradients along w3, w4.")
    expect(page.locator("#learn .planted")).to_be_visible()
    assert numbers <= seen, numbers - seen

    headings = page.locator("#learn h2").all_text_contents()
    cards = set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", PLAN)) - {"If a number differs:"}
    assert cards <= set(headings)
    page.get_by_text("Hide controls in the link").click()
    controls = page.locator("#learn :is(button, label, summary):visible").all_text_contents()
    controls += [*page.locator("#learn .chapter-label").all_text_contents(), "Pause"]
    bold = {name for name in re.findall(r"\*\*([^*\n]+)\*\*", PLAN) if not name[0].isdigit()}
    there = {re.sub(r"[◀▶\s]", "", each) for each in controls}
    missing = {each for each in bold if re.sub(r"[_\s]", "", each) not in there}
    assert missing <= {"To take home."}


def test_the_plan_fits_a_printed_page() -> None:
    paragraphs = PLAN.split("\n\n")
    lines = sum(1 + len(paragraph) // 90 for paragraph in paragraphs)  # 90 letters on a line of A4
    assert lines + len(paragraphs) <= 54

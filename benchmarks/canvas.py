"""The page's pad in Chromium: how well and how fast it reads what others wrote.

Draws 300 digits of the pen digits' development writers (`pictures/material.py`), evenly
spread, with real mouse events, at three pen widths, one at a time, and counts what the page reads
rightly and surely. A second pass draws 100 pairs of them side by side. Times are the page's own,
from strokes to probabilities, while the pen moves.

    python benchmarks/canvas.py --handwriting DIR
"""

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from common import CHROMIUM_FLAGS, arguments, save
from pictures.material import PEN_FILE, PenDigit, pen_digits
from tinydigits import __version__
from tinydigits.mnist.device import processor_model
from tinydigits.web.page import build_page

DIGITS = 300
PENS = (12, 24, 40)  # of the pad's 600 units; a digit is drawn 240 high
HEIGHT = 240
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
READ = """() => [...document.querySelectorAll('.answer-text .read')]
  .map((one) => [one.textContent, !one.matches('.doubtful')])"""
TIMES = "() => performance.getEntriesByName('prediction', 'measure').map((one) => one.duration)"


async def draw(page: Page, digit: PenDigit, left: float) -> None:
    """Draw a digit with the mouse, `left` and HEIGHT in the pad's units.

    The movements of a stroke are sent at once, as fast as the browser takes them: like a quick
    pen's, several come between two frames.
    """
    box = await page.locator("#pad").bounding_box()
    assert box
    unit = box["width"] / 600
    points = [point for stroke in digit.strokes for point in stroke]
    low, high = (edge(point[1] for point in points) for edge in (min, max))
    west, east = (edge(point[0] for point in points) for edge in (min, max))
    scale = HEIGHT * unit / max(high - low, (east - west) / 2, 1e-6)
    x0, y0 = box["x"] + left * unit, box["y"] + 70 * unit
    for stroke in digit.strokes:
        path = [(x0 + (x - west) * scale, y0 + (high - y) * scale) for x, y in stroke]
        await page.mouse.move(*path[0])
        await page.mouse.down()
        await asyncio.gather(*(page.mouse.move(x, y) for x, y in path[1:]))
        await page.mouse.up()


async def read(page: Page, digits: list[PenDigit], pen: int) -> list[tuple[str, bool]]:
    """What the page reads of digits drawn from left to right on a clear pad, and if surely."""
    await page.locator("#clear").click()
    await page.locator("#pen").fill(str(pen))
    for index, digit in enumerate(digits):
        await draw(page, digit, 60 + 290 * index)
    await page.evaluate(TWO_FRAMES)
    return [(label, sure) for label, sure in await page.evaluate(READ)]


async def measure(page: Page, digits: list[PenDigit]) -> dict[str, Any]:
    rows, times = {}, []
    for pen in PENS:
        found = [await read(page, [digit], pen) for digit in digits]
        right = [
            [label for label, _ in one] == [str(digit.label)]
            for one, digit in zip(found, digits, strict=True)
        ]
        sure = [len(one) == 1 and one[0][1] for one in found]
        rows[str(pen)] = {
            "digits": len(digits),
            "right": sum(right),
            "accuracy": sum(right) / len(right),
            "sure": sum(sure),
            "sure_and_wrong": sum(s and not r for s, r in zip(sure, right, strict=True)),
        }
        times += await page.evaluate(TIMES)
        await page.evaluate("() => performance.clearMeasures()")
    pairs = [digits[i : i + 2] for i in range(0, min(200, len(digits)), 2)]
    read_pairs = ["".join(label for label, _ in await read(page, pair, 24)) for pair in pairs]
    whole = [
        text == "".join(str(digit.label) for digit in pair)
        for text, pair in zip(read_pairs, pairs, strict=True)
    ]
    total = sum(row["right"] for row in rows.values()) / sum(row["digits"] for row in rows.values())
    return {
        "pens": rows,
        "accuracy": total,
        "pairs": {"numbers": len(pairs), "right": sum(whole)},
        "prediction_ms": {
            "median": statistics.median(times),
            "p95": statistics.quantiles(times, n=20)[-1],
            "predictions": len(times),
        },
    }


async def in_browser(chromium: str, digits: list[PenDigit]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "digits.html"
        file.write_text(build_page().html, encoding="utf-8")
        async with async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
            page = await browser.new_page(
                viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
            )
            await page.goto(file.as_uri())
            result = await measure(page, digits)
            version = browser.version
            await browser.close()
    machine = {"chromium": version, "version": __version__, "processor": processor_model()}
    return {"height": HEIGHT, **result, **machine}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--handwriting", type=Path, required=True, help=f"holds {PEN_FILE}")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--digits", type=int, default=DIGITS)
    options = parser.parse_args()
    everything = pen_digits(options.handwriting / PEN_FILE, "development")
    step = len(everything) / options.digits
    digits = [everything[int(i * step)] for i in range(options.digits)]
    save("canvas", asyncio.run(in_browser(options.chromium, digits)))


if __name__ == "__main__":
    main()

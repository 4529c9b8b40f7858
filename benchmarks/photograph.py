"""How long the page takes to read a photograph in Chromium: seconds, by its size and what is on it.

The pictures are soft patches and noise; and the page's own sample digits in rows, 12 and 81 of
them, as many as a sheet of answers and a sudoku have. Seconds are given
twice: on the clock, and those of a processor's core that Chromium's renderer took, which other work
on the machine lengthens less.

    python benchmarks/photograph.py [FINDER.onnx]
"""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from common import CHROMIUM_FLAGS, arguments, save
from tinydigits import __version__
from tinydigits.mnist.device import processor_model
from tinydigits.reader.finder import SHIPPED
from tinydigits.web.page import build_page

SIZES = ((640, 480), (1600, 1200), (4000, 3000))
GRIDS = ((0, 0), (3, 4), (9, 9))  # rows and columns of digits; the first has none
READ = """async ([width, height, rows, columns]) => {
  const context = new OffscreenCanvas(width, height).getContext("2d");
  const picture = context.createImageData(width, height);
  const { data } = picture;
  for (let i = 0, seed = 1; i < data.length; i += 1) {
    seed = (seed * 16807) % 2147483647;
    const paper = rows ? 215 : 128 + 90 * Math.sin(i / 4 % width / 40);
    data[i] = i % 4 === 3 ? 255 : paper + seed % 32;
  }
  context.putImageData(picture, 0, 0);
  const samples = JSON.parse(document.querySelector("#samples-data").textContent);
  const side = Math.min(width / columns, height / rows) / 150;
  context.lineWidth = 9 * side;
  context.lineCap = context.lineJoin = "round";
  for (let n = 0; n < rows * columns; n += 1) {
    const [left, top] = [(n % columns) * width / columns, Math.floor(n / columns) * height / rows];
    for (const stroke of samples[n % 10]) {
      context.beginPath();
      for (const [x, y] of stroke) context.lineTo(left + side * (25 + x), top + side * (25 + y));
      context.stroke();
    }
  }
  const given = { width, height, data: context.getImageData(0, 0, width, height).data };
  const started = performance.now();
  const { levels, digits } = await globalThis.tinydigits.readPhotograph(given);
  return [(performance.now() - started) / 1000, levels.length, digits.length];
}"""


def measure(page: Any, renderers: Any, repeats: int) -> dict[str, dict[str, float]]:
    """Each picture's times; `renderers` gives the seconds that Chromium's renderers took so far."""
    rows = {}
    for width, height in SIZES:
        for down, across in GRIDS:
            clock, core = [], []
            for _ in range(repeats):
                before = renderers()
                seconds, scales, found = page.evaluate(READ, [width, height, down, across])
                clock.append(seconds)
                core.append(renderers() - before)
            name = f"{width}x{height}, {down * across} digits"
            rows[name] = {
                "median": statistics.median(clock),
                "core": statistics.median(core),
                "scales": scales,
                "found": found,
            }
            print(name, rows[name], flush=True)
    return rows


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("finder", type=Path, nargs="?", default=SHIPPED, help="an ONNX file")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="print only: something else is running")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "digits.html"
        file.write_text(build_page(finder=options.finder).html, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=options.chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(reduced_motion="reduce")
        page.goto(file.as_uri())
        page.evaluate(READ, [64, 64, 0, 0])  # starts the worker
        protocol = browser.new_browser_cdp_session()

        def renderers() -> float:
            told = protocol.send("SystemInfo.getProcessInfo")["processInfo"]
            return sum(each["cpuTime"] for each in told if each["type"] == "renderer")

        seconds = measure(page, renderers, options.repeats)
        machine = {"chromium": browser.version, "version": __version__}
        browser.close()
    if not options.dry:
        save("photograph", {"seconds": seconds, **machine, "processor": processor_model()})


if __name__ == "__main__":
    main()

"""How long the page takes to read a photograph in Chromium, in all scales: seconds, by its size.

The pictures are soft patches and noise without digits, so the time is the finder's, and that of
making them grey and smaller; the recogniser adds a few milliseconds for each digit.

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
from tinydigits.reader import scales
from tinydigits.reader.finder import SHIPPED
from tinydigits.web.page import build_page

SIZES = ((640, 480), (1600, 1200), (4000, 3000))
READ = """async ([width, height]) => {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0, seed = 1; i < data.length; i += 1) {
    seed = (seed * 16807) % 2147483647;
    data[i] = i % 4 === 3 ? 255 : 128 + 90 * Math.sin(i / 4 % width / 40) + seed % 32;
  }
  const started = performance.now();
  const { levels } = await globalThis.tinydigits.readPhotograph({ width, height, data });
  return [(performance.now() - started) / 1000, levels.length];
}"""


def measure(page: Any, repeats: int) -> dict[str, dict[str, float]]:
    rows = {}
    for width, height in SIZES:
        runs = [page.evaluate(READ, [width, height]) for _ in range(repeats + 1)][1:]
        seconds = [each for each, _ in runs]
        rows[f"{width}x{height}"] = {
            "median": statistics.median(seconds),
            "least": min(seconds),
            "scales": runs[0][1],
        }
    return rows


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("finder", type=Path, nargs="?", default=SHIPPED, help="an ONNX file")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "digits.html"
        scales._FIRST = 10**9  # every scale is looked at, whether or not small digits were found
        file.write_text(build_page(finder=options.finder).html, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=options.chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(reduced_motion="reduce")
        page.goto(file.as_uri())
        seconds = measure(page, options.repeats)
        machine = {"chromium": browser.version, "version": __version__}
        browser.close()
    save("photograph", {"seconds": seconds, **machine, "processor": processor_model()})


if __name__ == "__main__":
    main()

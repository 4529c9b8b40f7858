"""Does the page read real photographs as Python does, text for text?

    python benchmarks/page_reading.py DIR [--each N] [SET ...]

DIR holds a folder of pictures per set, as for real.py, or pictures. N of each set, evenly spread in
the order of their names, are decoded once and given to both as the same pixels: to `Reader.read`
here, and to the page's `readPhotograph` in a headless Chromium. What differs is printed. How many
pictures of each set are read alike goes to results/page_reading.json.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from playwright.sync_api import sync_playwright

from common import CHROMIUM_FLAGS, arguments, save
from tinydigits import Reader, __version__
from tinydigits.files import natural
from tinydigits.web.page import build_page

KINDS = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".gif"}
INPUT = "document.body.append(Object.assign(document.createElement('input'), { type: 'file' }))"
READ = """async (input, [width, height]) => {
  const data = new Uint8ClampedArray(await input.files[0].arrayBuffer());
  const started = performance.now();
  const found = await globalThis.tinydigits.readPhotograph({ width, height, data });
  const digits = found.digits.map(({ box, confidence }) => [...box, confidence]);
  return { text: found.text, digits, seconds: (performance.now() - started) / 1000 };
}"""


def chosen(folder: Path, each: int) -> list[Path]:
    """At most so many of a folder's pictures, evenly spread."""
    files = sorted((path for path in folder.iterdir() if path.suffix.lower() in KINDS), key=natural)
    count = min(each, len(files))
    return [files[i * len(files) // count] for i in range(count)]


def decoded(path: Path) -> Any:
    """A picture as its file has it, upright: uint8 (height, width, 4)."""
    with Image.open(path) as image:
        return np.ascontiguousarray(ImageOps.exif_transpose(image).convert("RGBA"))


def compare(reader: Reader, page: Any, pixels: Any, file: Path) -> dict[str, Any]:
    """Both readings of one picture, which the page is given in a file."""
    height, width = pixels.shape[:2]
    pixels.tofile(file)
    given = page.locator("body > input")
    given.set_input_files(file)
    theirs = given.evaluate(READ, [width, height], timeout=600_000)
    start = time.perf_counter()
    reading = reader.read(pixels)
    seconds = time.perf_counter() - start
    same = theirs["text"] == reading.text
    own = [[*digit.box, digit.confidence] for digit in reading.digits]
    apart = np.abs(np.array(own) - np.array(theirs["digits"])) if same and own else np.zeros((1, 5))
    return {
        "same": same,
        "python": reading.text,
        "page": theirs["text"],
        "seconds": [seconds, theirs["seconds"]],
        "apart": [float(apart[:, :4].max()), float(apart[:, 4].max())],
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("pictures", type=Path, metavar="DIR")
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--each", type=int, default=10, metavar="N", help="pictures of each set")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    names = options.sets or sorted(each.name for each in options.pictures.glob("*/")) or ["."]
    reader, rows = Reader(), {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "digits.html"
        file.write_text(build_page().html, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=options.chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(reduced_motion="reduce")
        page.goto(file.as_uri())
        page.evaluate(INPUT)
        for name in names:
            files = chosen(options.pictures / name, options.each)
            row = {"pictures": len(files), "same": 0, "characters": 0}
            for path in files:
                pixels = decoded(path)
                found = compare(reader, page, pixels, Path(folder) / "pixels")
                row["same"] += found["same"]
                row["characters"] += len(found["python"])
                size, (own, theirs) = f"{pixels.shape[1]}x{pixels.shape[0]}", found["seconds"]
                boxes, confidence = found["apart"]
                print(
                    f"{'same' if found['same'] else 'OTHER'} {name}/{path.name} {size}: "
                    f"{len(found['python'])} characters, boxes {boxes:.0f} pixels and confidence "
                    f"{confidence:.1e} apart at most, {own:.2f} s, in the page {theirs:.2f} s",
                    flush=True,
                )
                if not found["same"]:
                    print(f"  Python   {found['python']!r}\n  the page {found['page']!r}")
            rows[name] = row
        machine = {"chromium": browser.version, "version": __version__}
        browser.close()
    if not any(row["pictures"] for row in rows.values()):
        sys.exit(f"{options.pictures}: holds no pictures")
    save("page_reading", {"sets": rows, **machine}, quiet=True)


if __name__ == "__main__":
    main()

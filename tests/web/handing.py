"""Files handed to the page as a person does: dropped, pasted, chosen; and pictures to hand over."""

import base64
import io
import re

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, expect

# A file made in the page and handed over as the browser does when a person drops or pastes it.
_HAND_OVER = """([kind, ...contents]) => {
  const files = new DataTransfer();
  for (const [name, type, content] of contents) {
    const bytes = typeof content === 'number'
      ? new Uint8Array(content)
      : Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    files.items.add(new File([bytes], name, { type }));
  }
  const given = kind === 'drop'
    ? new DragEvent('drop', { dataTransfer: files, cancelable: true, bubbles: true })
    : new ClipboardEvent('paste', { clipboardData: files, bubbles: true });
  document.body.dispatchEvent(given);
}"""


def hand_over(page: Page, kind: str, *files: tuple[str, str, bytes | int]) -> None:
    """Drop or paste files: name, type, and content, or a number of bytes."""
    coded = [
        [name, sort, content if isinstance(content, int) else base64.b64encode(content).decode()]
        for name, sort, content in files
    ]
    page.evaluate(_HAND_OVER, [kind, *coded])


def choose(page: Page, name: str, content: bytes, kind: str = "image/png") -> None:
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.locator("#choose").set_input_files(file)


def drawn(*lines: str, size: tuple[int, int] = (400, 240), tall: int = 64) -> Image.Image:
    image = Image.new("RGB", size, (235, 235, 235))
    for row, line in enumerate(lines):
        place = (tall * 0.6, tall * 0.3 + row * tall * 1.5)
        ImageDraw.Draw(image).text(place, line, (30, 30, 30), ImageFont.load_default(tall))
    return image


def as_file(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def settled(page: Page, count: int = 1) -> None:
    expect(page.locator(".picture-results figcaption")).to_have_count(count)
    expect(page.locator(".picture-results")).not_to_contain_text(re.compile("Waiting|Reading …"))

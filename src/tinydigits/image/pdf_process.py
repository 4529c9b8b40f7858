"""The process that draws a PDF's pages: it takes the file, then questions, on standard input.

It ends by itself when its input does, be that in the middle of a drawing, when an answer takes more
seconds than its argument says, and, where the system can limit it, when it needs more than
`_MEMORY`.
"""

import contextlib
import json
import math
import os
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

from tinydigits.image.limits import MAX_PIXELS

DPI = 200  # a digit of 4 mm is 31 pixels high; a page of A4 has 4 million pixels
TOO_LONG = 9  # exit status
_MEMORY = 2**30
_ENCRYPTED = 4  # PDFium's code of that error


def main() -> None:
    """Answer each question by a line of JSON; after "draw", also by the page's pixels."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    data = source.read(int.from_bytes(source.read(8), "big"))
    with _time_limit():
        pdf, answer = _opened(data)
    _send(target, answer)
    for line in _lines(source):
        question, number = line.split()
        pixels = b""
        try:
            with _time_limit():
                if question == b"size":
                    answer = dict(zip(("width", "height"), _size(pdf, int(number)), strict=True))
                else:
                    answer, pixels = _drawn(pdf, int(number))
        except Exception as error:
            answer = {"error": f"page {int(number) + 1} is damaged ({error})"}
        _send(target, answer, pixels)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines of the input; its end, which whoever is killed leaves behind, ends this process."""
    lines = queue.SimpleQueue[bytes]()

    def receive() -> None:
        for line in source:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=receive, daemon=True).start()
    while True:
        yield lines.get()


def _send(target: Any, answer: dict[str, Any], pixels: bytes = b"") -> None:
    target.write(json.dumps(answer).encode() + b"\n" + pixels)
    target.flush()


@contextlib.contextmanager
def _time_limit() -> Any:
    timer = threading.Timer(
        float(sys.argv[1]), os._exit, [TOO_LONG]
    )  # while PDFium works, Python can
    timer.daemon = True
    timer.start()
    yield
    timer.cancel()


def _opened(data: bytes) -> tuple[Any, dict[str, Any]]:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _ENCRYPTED:
            return None, {"error": "is encrypted; save it without a password first"}
        return None, {"error": "the PDF is damaged, or has no page"}
    if pdf.get_formtype():
        pdf.init_forms()  # what was typed into its fields is drawn, too
    return pdf, {"pages": len(pdf)}


def _scale(width: float, height: float) -> float:
    """Pixels to the point, 1/72 inch: `DPI`, or as many as the largest picture may have."""
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError("it has no size")
    # Sides are rounded up: each has less than one pixel more.
    area, around = width * height, width + height
    most = (math.sqrt(around**2 + 4 * area * (MAX_PIXELS - 1)) - around) / (2 * area)
    return min(DPI / 72, most)


def _size(pdf: Any, number: int) -> tuple[int, int]:
    width, height = pdf.get_page_size(number)
    scale = _scale(width, height)
    return math.ceil(width * scale), math.ceil(height * scale)


def _drawn(pdf: Any, number: int) -> tuple[dict[str, Any], bytes]:
    page = pdf.get_page(number)
    bitmap = page.render(scale=_scale(*page.get_size()))
    pixels = bytes(bitmap.buffer)
    answer = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride}
    page.close()
    return answer | {"bytes": len(pixels)}, pixels


if __name__ == "__main__":
    main()

"""PDF, as scanners write it, by PDFium (pypdfium2), which the extra `files` brings.

Pages are drawn by a process of their own, see `pdf_process`: a drawing may be made never to end,
and what breaks PDFium must not break the reader.
"""

import contextlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.image.limits import check_pages
from tinydigits.image.pdf_process import TOO_LONG

SECONDS = 20  # for a page: a few lines of PDF can draw for years


class PdfFile:
    """A PDF; attributes as in `PillowFile`."""

    def __init__(self, data: bytes, name: str) -> None:
        """Count its pages.

        Raises:
            TinydigitsError: it is encrypted, damaged, has too many pages, or pypdfium2 is not
                installed.
        """
        if find_spec("pypdfium2") is None:
            raise TinydigitsError(f"{name}: is a PDF; to read it, pip install 'tinydigits[files]'")
        self._name = name
        self.left_out: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tinydigits.image.pdf_process", str(SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        try:
            self.count = int(self._ask(len(data).to_bytes(8, "big") + data)["pages"])
            check_pages(self.count, name)
        except BaseException:
            self.close()
            raise

    def size(self, number: int) -> tuple[int, int]:
        """Width and height in pixels, as the page is drawn.

        Raises:
            TinydigitsError: the page is damaged.
        """
        answer = self._ask(b"size %d\n" % number)
        return int(answer["width"]), int(answer["height"])

    def image(self, number: int) -> Image.Image:
        """A page, drawn.

        Raises:
            TinydigitsError: it is damaged, or takes too long.
        """
        answer = self._ask(b"draw %d\n" % number)
        assert self._process.stdout
        pixels = self._process.stdout.read(answer["bytes"])
        size = answer["width"], answer["height"]
        return Image.frombytes("RGB", size, pixels, "raw", "BGR", answer["stride"])

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with contextlib.suppress(OSError):  # what was not sent is not wanted any more
                pipe.close()
        self._process.wait()

    def _ask(self, question: bytes) -> dict[str, Any]:
        """The answer to a question, a line of JSON."""
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):  # then there is no answer either
            self._process.stdin.write(question)
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
        elif self._process.wait() == TOO_LONG:
            answer = {"error": f"takes more than {SECONDS} s to draw; save it as pictures first"}
        else:
            answer = {"error": "the PDF is damaged, or needs too much memory"}
        if "error" in answer:
            raise TinydigitsError(f"{self._name}: {answer['error']}")
        return answer

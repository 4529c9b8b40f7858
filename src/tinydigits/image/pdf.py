"""PDF, as scanners write it, by PDFium (pypdfium2), which the extra `files` brings."""

import math
import time
from threading import Lock
from typing import Any

from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.image.limits import MAX_PIXELS, check_pages

DPI = 200  # a digit of 4 mm is 31 pixels high; what a scan has more is reduced anyway
_PAGE_SECONDS = 20.0  # for one page: some drawings never end
_PDFIUM = Lock()  # it serves one thread at a time
_ENCRYPTED = 4  # PDFium's code of that error


class PdfFile:
    """A PDF; attributes as in `PillowFile`."""

    def __init__(self, data: bytes, name: str) -> None:
        """Count its pages.

        Raises:
            TinydigitsError: it is encrypted, damaged, has too many pages, or pypdfium2 is not
                installed.
        """
        try:
            import pypdfium2
        except ImportError as error:
            raise TinydigitsError(
                f"{name}: is a PDF; to read it, pip install 'tinydigits[files]'"
            ) from error
        self._name = name
        self.left_out: list[str] = []
        with _PDFIUM:
            try:
                self._pdf: Any = pypdfium2.PdfDocument(data)
            except pypdfium2.PdfiumError as error:
                if error.err_code == _ENCRYPTED:
                    raise TinydigitsError(
                        f"{name}: is encrypted; save it without a password first"
                    ) from error
                raise TinydigitsError(f"{name}: the PDF is damaged, or has no page") from error
            self.count = len(self._pdf)
            if self._pdf.get_formtype():
                self._pdf.init_forms()  # what was typed into its fields is drawn, too
        try:
            check_pages(self.count, name)
        except TinydigitsError:
            self.close()
            raise

    def size(self, number: int) -> tuple[int, int]:
        """Width and height in pixels, as the page is drawn."""
        with _PDFIUM:
            width, height = self._pdf.get_page_size(number)
        scale = self._scale(width, height)
        return math.ceil(width * scale), math.ceil(height * scale)

    def image(self, number: int) -> Image.Image:
        """A page drawn with `DPI` pixels to the inch, or as many as the largest picture may have.

        Raises:
            TinydigitsError: it takes too long, or has no size.
            Exception: whatever PDFium says of a damaged page.
        """
        with _PDFIUM:
            page = self._pdf.get_page(number)
            try:
                return self._drawn(page)
            finally:
                page.close()

    def close(self) -> None:
        """Free PDFium's memory, in this thread's turn."""
        with _PDFIUM:
            self._pdf.close()

    def _scale(self, width: float, height: float) -> float:
        """Pixels to the point, which is 1/72 inch."""
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise TinydigitsError(f"{self._name}: the page has no size")
        # Sides are rounded up: each has less than one pixel more.
        area, around = width * height, width + height
        most = (math.sqrt(around**2 + 4 * area * (MAX_PIXELS - 1)) - around) / (2 * area)
        return min(DPI / 72, most)

    def _drawn(self, page: Any) -> Image.Image:
        """In steps, between which the time is looked at."""
        from pypdfium2 import PdfBitmap, internal, raw

        width, height = page.get_size()
        scale = self._scale(width, height)
        size = math.ceil(width * scale), math.ceil(height * scale)
        bitmap = PdfBitmap.new_native(*size, format=raw.FPDFBitmap_BGR)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        until = time.monotonic() + _PAGE_SECONDS
        pause = raw.IFSDK_PAUSE(version=1)
        internal.set_callback(pause, "NeedToPauseNow", lambda _: time.monotonic() > until)
        drawing = (bitmap, page, 0, 0, *size, 0, raw.FPDF_ANNOT)
        status = raw.FPDF_RenderPageBitmap_Start(*drawing, pause)
        raw.FPDF_RenderPage_Close(page)
        if status == raw.FPDF_RENDER_TOBECONTINUED:
            raise TinydigitsError(
                f"{self._name}: a page takes more than {_PAGE_SECONDS:.0f} s to draw; save it as a "
                "picture first"
            )
        if status != raw.FPDF_RENDER_DONE:
            raise TinydigitsError(f"{self._name}: a page cannot be drawn")
        if page.formenv:
            raw.FPDF_FFLDraw(page.formenv, *drawing)
        image: Image.Image = bitmap.to_pil()
        bitmap.close()
        return image

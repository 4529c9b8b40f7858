"""What is read at most, of any kind of file."""

from tinydigits.errors import TinydigitsError

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 40_000_000  # of a picture or a page
MAX_PAGES = 500  # of a file


def check_size(width: int, height: int, name: str) -> None:
    """Refuse a picture by its size, before it is decoded.

    Raises:
        TinydigitsError: it has more than `MAX_PIXELS`, or none.
    """
    if width < 1 or height < 1:
        raise TinydigitsError(f"{name}: the picture is damaged ({width}x{height} pixels)")
    if width * height > MAX_PIXELS:
        raise TinydigitsError(
            f"{name}: {width}x{height} pixels is too large; at most {MAX_PIXELS // 10**6} million "
            "pixels are read, so reduce the picture first"
        )


def check_pages(count: int, name: str) -> None:
    """Refuse a file by the number of its pages.

    Raises:
        TinydigitsError: it has more than `MAX_PAGES`.
    """
    if count > MAX_PAGES:
        raise TinydigitsError(f"{name}: has more than {MAX_PAGES} pages; split it first")

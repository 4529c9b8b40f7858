"""PDFs written by hand: encrypted, damaged, and made to harm."""

import subprocess
import sys
import zlib

import numpy as np
import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.image import pdf
from tinydigits.image.limits import MAX_PAGES, MAX_PIXELS
from tinydigits.image.picture import open_pages, open_picture
from tinydigits.reader.reader import Reader

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
STROKE = b"10 w 50 20 m 50 80 l S"


def written(*objects: bytes, trailer: bytes = b"") -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (size, trailer)
        + b"startxref\n%d\n%%%%EOF\n" % len(data)
    )


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def page(box: bytes = b"0 0 144 72", resources: bytes = b"") -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << %s >> >>" % (
        box,
        resources,
    )


def test_a_page_is_drawn_at_200_dots_to_the_inch() -> None:
    picture = open_picture(written(CATALOG, PAGES, page(), stream(STROKE)))
    assert picture.size == (400, 200)
    assert picture.grey.min() == 0 and picture.grey[0, 0] == 255
    rows, columns = np.nonzero(picture.grey < 128)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (144, 28)  # 52 x 10 points


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 1000000 50"])
def test_a_large_page_is_drawn_within_the_limit_of_pixels(box: bytes) -> None:
    with open_pages(written(CATALOG, PAGES, page(box), stream(STROKE))) as pages:
        width, height = pages.picture(0).size
    assert 0.9 * MAX_PIXELS < width * height <= MAX_PIXELS


def bad_files() -> dict[str, tuple[bytes, str]]:
    sound = written(CATALOG, PAGES, page(), stream(STROKE))
    locked = (
        b"/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
        b"/O (12345678901234567890123456789012) /U (12345678901234567890123456789012) >>"
    )
    many = b" ".join(b"3 0 R" for _ in range(MAX_PAGES + 1))
    return {
        "encrypted": (
            written(CATALOG, PAGES, page(), stream(STROKE), trailer=locked),
            "is encrypted; save it without a password first",
        ),
        "cut": (sound[:150], "the PDF is damaged, or has no page"),
        "nothing but a beginning": (b"%PDF-1.7\n", "the PDF is damaged, or has no page"),
        "no page": (written(CATALOG, b"<< /Type /Pages /Kids [] /Count 0 >>"), "or has no page"),
        "its own parent": (
            written(CATALOG, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
            "page 1 is damaged",
        ),
        "too many pages": (
            written(
                *(CATALOG, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (many, MAX_PAGES + 1)),
                *(page(), stream(STROKE)),
            ),
            f"has more than {MAX_PAGES} pages; split it first",
        ),
    }


@pytest.mark.parametrize("name", bad_files())
def test_a_bad_file_gives_one_sentence(name: str) -> None:
    data, sentence = bad_files()[name]
    with pytest.raises(TinydigitsError, match=f"^the picture: .*{sentence}") as caught:
        open_picture(data)
    assert "\n" not in str(caught.value)


def test_a_page_that_takes_too_long_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = zlib.compress(b"0 0 m 140 70 l S\n" * 1_000_000)
    data = written(CATALOG, PAGES, page(), stream(lines, b"/Filter /FlateDecode"))
    monkeypatch.setattr(pdf, "SECONDS", 1)
    with pytest.raises(TinydigitsError, match="takes more than 1 s to draw; save it as pictures"):
        open_picture(data)


def test_the_process_ends_with_its_input_while_it_draws() -> None:
    code = """
import time
from tinydigits.image import pdf_process
def drawn(*_):
    print("draws", flush=True)
    time.sleep(3600)
pdf_process._drawn = drawn
pdf_process.main()
"""
    data = written(CATALOG, PAGES, page(), stream(STROKE))
    command = [sys.executable, "-c", code, "3600"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(len(data).to_bytes(8, "big") + data + b"draw 0\n")
        process.stdin.flush()
        assert process.stdout.readline() == b'{"pages": 1}\n'
        assert process.stdout.readline() == b"draws\n"
        process.stdin.close()
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_one_damaged_page_costs_no_other() -> None:
    kids = b"<< /Type /Pages /Kids [3 0 R 5 0 R 3 0 R] /Count 3 >>"
    data = written(CATALOG, kids, page(), stream(STROKE), b"<< /Type /Nothing >>")
    (outcomes,) = Reader().page_outcomes([data])
    assert [type(each).__name__ for each in outcomes] == ["Reading", "TinydigitsError", "Reading"]
    assert "page 2 is damaged" in str(outcomes[1])


def test_without_the_package_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(TinydigitsError, match=r"is a PDF; to read it, pip install 'tinydigits\[fi"):
        open_picture(written(CATALOG, PAGES, page(), stream(STROKE)))


def test_the_process_is_gone_when_the_file_is_closed() -> None:
    with open_pages(written(CATALOG, PAGES, page(), stream(STROKE))) as pages:
        process = pages._file._process  # type: ignore[attr-defined]
        assert process.poll() is None
    assert process.poll() is not None

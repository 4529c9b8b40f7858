"""Formats, depths, transparency, rotation; and a folder of hostile files."""

import contextlib
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.reader.made import Draw, chunk, saved
from tinydigits.errors import TinydigitsError
from tinydigits.image.limits import MAX_BYTES
from tinydigits.image.picture import WORKING_SIDE, open_pages, open_picture
from tinydigits.reader.reader import Reader


def png_header(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG of one bit per pixel that claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        (form, mode)
        for form, modes in {
            "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
            "JPEG": ("L", "RGB", "CMYK"),
            "GIF": ("1", "L", "P", "RGB", "RGBA"),
            "BMP": ("1", "L", "P", "RGB", "RGBA"),
            "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F"),
            "WEBP": ("L", "RGB", "RGBA"),
            "AVIF": ("L", "RGB", "RGBA"),
            "ICO": ("1", "L", "P", "RGB", "RGBA"),
        }.items()
        for mode in modes
    ],
)
def test_every_format_and_mode_reads_the_same(
    form: str, mode: str, draw: Draw, reader: Reader
) -> None:
    page = draw("472")
    if mode in ("I;16", "I"):
        page = Image.fromarray(np.asarray(page).astype(np.uint16) * 257).convert(mode)
    else:
        page = page.convert("RGB").convert(mode) if mode == "LAB" else page.convert(mode)
    options = {"sizes": [page.size]} if form == "ICO" else {}  # else it has smaller ones alone
    content = saved(page, form, **options)
    assert reader.read(content).text == "472"
    with open_pages(content) as pages:
        drawn, ratio = pages.colour(0)
    assert (drawn.mode, ratio) == ("RGB", 1)


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_nothing_is_read(ink: int, draw: Draw, reader: Reader) -> None:
    page = draw("472")
    alpha = Image.eval(page, lambda value: 255 - value)
    clear = Image.merge("LA", (Image.new("L", page.size, ink), alpha))
    assert reader.read(clear).text == "472"
    assert reader.read(saved(clear.convert("RGBA"), "PNG")).text == "472"


def test_a_card_on_nothing_is_read(draw: Draw, reader: Reader) -> None:
    page = draw("472")
    card = Image.new("LA", (page.width + 60, page.height + 60), (0, 0))
    card.paste(Image.merge("LA", (page, Image.new("L", page.size, 255))), (30, 30))
    assert reader.read(card).text == "472"


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((255, 255, 255), (250, 220, 0)),
        ((40, 140, 60), (200, 60, 60)),
        ((245, 240, 220), (20, 40, 160)),
        ((30, 40, 60), (255, 170, 40)),
    ],
)
def test_coloured_ink_is_read(
    paper: tuple[int, int, int], ink: tuple[int, int, int], draw: Draw, reader: Reader
) -> None:
    share = np.asarray(draw("472"), float)[..., None] / 255
    colours = share * paper + (1 - share) * ink
    assert reader.read(colours.astype(np.uint8)).text == "472"


def test_a_cameras_noise_does_not_hide_coloured_ink(
    draw: Draw, reader: Reader, rng: np.random.Generator
) -> None:
    share = np.asarray(draw("472", height=60, pen=5))[..., None] / 255
    colours = share * (125, 115, 160) + (1 - share) * (100, 150, 110)
    grain = rng.normal(0, 14, share.shape)  # as strong in all three channels
    assert reader.read(np.clip(colours + grain, 0, 255).astype(np.uint8)).text == "472"


def test_a_large_picture_is_reduced(draw: Draw) -> None:
    page = draw("472").resize((5000, 3000))
    picture = open_picture(page)
    assert picture.size == (5000, 3000)
    assert max(picture.grey.shape) == WORKING_SIDE


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 5)),
        np.zeros(5),
        np.zeros((2, 3, 4, 5)),
        np.zeros((4, 4, 2)),
        np.array([["a", "b"]]),
        np.zeros((4, 4), complex),
    ],
)
def test_what_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(TinydigitsError, match="is no picture; expected numbers of shape"):
        open_picture(array)


def test_floats_of_any_range_are_read(draw: Draw, reader: Reader) -> None:
    page = np.asarray(draw("472"), float)
    odd = page.copy()
    odd[0, 0] = np.nan
    for array in (page, page / 255, page / 127.5 - 1, page * 1000, odd):
        assert reader.read(array).text == "472"


@pytest.mark.parametrize("worst", [np.inf, -np.inf, 1e300])
def test_a_pixel_that_is_no_tone_empties_no_digit(worst: float, draw: Draw, reader: Reader) -> None:
    for scale in (1 / 255, 1, 1000):
        page = np.asarray(draw("472"), float) * scale
        page[3, 3] = worst
        assert reader.read(page).text == "472"


def test_an_array_of_too_many_pixels_is_refused_before_it_is_converted() -> None:
    large = np.broadcast_to(np.float64(0.5), (10_000, 5000))
    tracemalloc.start()
    with pytest.raises(TinydigitsError, match="the array: 5000x10000 pixels is too large"):
        open_picture(large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20
    with pytest.raises(TinydigitsError, match=r"too large; at most 40 million pixels"):
        open_picture(Image.new("1", (7000, 7000)))


def test_pale_ink_on_shadowed_paper_is_read(draw: Draw, reader: Reader) -> None:
    share = np.asarray(draw("472", height=60, pen=6), float)[..., None] / 255
    colours = share * (255, 255, 255) + (1 - share) * (250, 220, 0)
    light = np.linspace(0.45, 1, share.shape[1])[None, :, None]
    assert reader.read((light * colours).astype(np.uint8)).text == "472"


def test_damaged_tiffs_say_nothing_themselves(
    draw: Draw, reader: Reader, capfd: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(saved(draw("472"), "TIFF", compression="tiff_lzw"))
    for place in range(20, len(content), 40):
        damaged = content.copy()
        damaged[place : place + 9] = b"\xff" * 9
        with contextlib.suppress(TinydigitsError):
            reader.read(bytes(damaged))
    assert capfd.readouterr().err == ""


def hostile_files(draw: Draw) -> dict[str, bytes]:
    page = draw("472")
    jpeg, png = saved(page.resize((800, 600)), "JPEG"), saved(page, "PNG")
    return {
        "empty.png": b"",
        "text.png": b"These are words, not a picture.",
        "page.html": b"<html><script>alert(1)</script></html>",
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "cut.png": png[: len(png) // 2],
        "header_only.png": png[:20],
        "huge.png": png_header(60_000, 60_000),
        "long.png": png_header(2**31 - 1, 1),
        "bomb.png": png_header(20_000, 20_000, bytes(2501 * 20_000)),
        "checksum.png": png[:60] + b"\0\0\0\0" + png[64:],
        "header.png": png[:20] + b"\0\0\0\0" + png[24:],
        "size.png": png[:18] + b"\1" + png[19:],
        "script.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "image.ppm": b"P6 2 2 255\n" + bytes(12),
        "pickle.png": b"\x80\x04\x95cposix\nsystem\n.",
        "cut.tiff": saved(page, "TIFF")[:50],
        "cut.gif": saved(page, "GIF")[:30],
        "cut.webp": saved(page, "WEBP")[:40],
        "nul.bmp": b"BM" + bytes(500),
    }


def test_hostile_files_each_give_a_sentence_and_little_memory(
    tmp_path: Path, draw: Draw, reader: Reader
) -> None:
    for name, content in hostile_files(draw).items():
        path = tmp_path / name
        path.write_bytes(content)
        tracemalloc.start()
        with pytest.raises(TinydigitsError) as caught:
            reader.read(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        message = str(caught.value)
        assert message.startswith(str(path)), name
        assert "\n" not in message and len(message) < 300, name
        assert peak < 100 * 2**20, name


def test_too_many_bytes_are_not_read(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "long.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(TinydigitsError, match="the file is too large; at most 64 MiB"):
        reader.read(path)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks /proc for the memory")
def test_the_largest_pictures_together_stay_under_a_gibibyte(tmp_path: Path) -> None:
    """Not by `getrusage`, in which a process has the memory of the one that started it."""
    for name in "abc":
        picture = Image.new("RGBA", (8000, 5000), (255, 255, 255, 255))
        picture.save(tmp_path / f"{name}.png", compress_level=1)
    code = (
        "import sys; from pathlib import Path; from tinydigits import Reader\n"
        "found = Reader().read_batch(sys.argv[1:])\n"
        "print(len(found), Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    command = [sys.executable, "-c", code, *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count, kibibytes = map(int, done.stdout.split())
    assert count == 3
    assert kibibytes < 2**20

"""The files people have: several pages, phones' and scanners' formats, frames, and what is cut."""

import struct
import sys

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests.reader.made import Draw, chunk, saved
from tinydigits.errors import TinydigitsError
from tinydigits.image.limits import MAX_PAGES
from tinydigits.image.picture import open_pages, open_picture
from tinydigits.image.pillow import DAMAGED, MOVING
from tinydigits.reader.reader import Reader

# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("form", ["PDF", "TIFF"])
def test_each_page_gets_a_reading(form: str, draw: Draw, reader: Reader) -> None:
    content = saved(draw("472"), form, draw("10"), draw("27", "40"))
    assert [reading.text for reading in reader.read_pages(content)] == ["472", "10", "27\n40"]
    with pytest.raises(TinydigitsError, match=r"has 3 pages, where one .* Reader\.read_pages"):
        reader.read(content)
    (refused,) = reader.outcomes([content])
    assert isinstance(refused, TinydigitsError)


@pytest.mark.parametrize("form", ["PNG", "HEIF", "AVIF", "PDF", "TIFF"])
def test_a_file_of_one_page_is_a_picture(form: str, draw: Draw, reader: Reader) -> None:
    content = saved(draw("472"), form)
    assert reader.read(content).text == "472"
    assert [reading.text for reading in reader.read_pages(content)] == ["472"]


def test_sources_of_any_number_of_pages_side_by_side(draw: Draw, reader: Reader) -> None:
    scan = saved(draw("10"), "TIFF", draw("27"))
    found = list(reader.page_outcomes([draw("472"), scan, b"no picture", "none.png", scan]))
    assert [len(pages) for pages in found] == [1, 2, 1, 1, 2]
    assert [page.text for page in found[1]] == ["10", "27"]
    assert [type(pages[0]) for pages in found[2:4]] == [TinydigitsError, FileNotFoundError]


def test_small_copies_and_masks_in_a_tiff_are_no_pages(draw: Draw, reader: Reader) -> None:
    page, small = draw("472"), draw("472").reduce(4)
    small.encoderinfo = {"tiffinfo": {254: 1}}
    assert [r.text for r in reader.read_pages(saved(page, "TIFF", small, draw("10")))] == [
        *("472", "10"),
    ]


def test_a_damaged_page_is_named_and_costs_no_other(draw: Draw, reader: Reader) -> None:
    content = bytearray(saved(draw("472"), "TIFF", draw("10"), compression="tiff_lzw"))
    second = content.rindex(b"\x00\x01\x03\x00")  # the second page's width, one of its entries
    content[second - 1 : second + 11] = struct.pack("<HHII", 256, 4, 1, 60_000)
    content[second + 11 : second + 23] = struct.pack("<HHII", 257, 4, 1, 60_000)
    (outcomes,) = reader.page_outcomes([bytes(content)])
    assert len(outcomes) == 2 and outcomes[0].text == "472"
    assert isinstance(outcomes[1], TinydigitsError)


def test_too_many_pages_are_refused(draw: Draw, reader: Reader) -> None:
    dots = [Image.new("1", (1, 1))] * (MAX_PAGES + 1)
    with pytest.raises(TinydigitsError, match=f"has more than {MAX_PAGES} pages; split it first"):
        reader.read_pages(saved(dots[0], "TIFF", *dots[1:]))
    assert len(dots[1:]) == MAX_PAGES
    with open_pages(saved(dots[0], "TIFF", *dots[2:])) as pages:
        assert pages.count == MAX_PAGES


def test_without_the_package_heic_says_what_to_install(
    draw: Draw, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = saved(draw("472"), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(TinydigitsError, match=r"is a HEIC file; to read it, pip install 'tinydig"):
        reader.read(content)


# ---------------------------------------------------------------- frames


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF", "HEIF"])
def test_of_a_moving_picture_the_first_frame_is_read_and_said(
    form: str, draw: Draw, reader: Reader
) -> None:
    page = draw("472").convert("RGB")
    reading = reader.read(saved(page, form, Image.new("RGB", page.size, "red")))
    assert (reading.text, reading.left_out) == ("472", {MOVING: 1})


def test_a_phone_s_picture_with_another_behind_it_is_one(draw: Draw, reader: Reader) -> None:
    content = saved(draw("472").convert("RGB"), "MPO", Image.new("RGB", (40, 40)))
    (reading,) = reader.read_pages(content)
    assert (reading.text, reading.left_out) == ("472", {})


# ---------------------------------------------------------------- depth and orientation


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "values", [(0, 300), (0, 1020), (0, 16_000), (0, 65_535), (30_000, 31_000)]
)
def test_sixteen_bits_count_by_the_range_they_use(
    values: tuple[int, int], order: str, draw: Draw, reader: Reader
) -> None:
    low, high = values
    page = (low + np.asarray(draw("472"), float) / 255 * (high - low)).astype(order + "u2")
    entries = [(256, page.shape[1]), (257, page.shape[0]), (258, 16), (259, 1), (262, 1)]
    entries += [(273, 8 + 2 + 12 * 9 + 4), (277, 1), (278, page.shape[0]), (279, page.nbytes)]
    directory = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in entries)
    start = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(entries))
    content = start + directory + bytes(4) + page.tobytes()
    assert reader.read(content).text == "472"


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize(
    ("form", "orientation"),
    [
        *(("JPEG", orientation) for orientation in range(1, 9)),
        *((form, 6) for form in ("PNG", "WEBP", "AVIF", "TIFF", "tiff_lzw")),
    ],
)
def test_the_orientation_of_every_format(
    form: str, orientation: int, draw: Draw, reader: Reader
) -> None:
    page, exif = draw("4721"), Image.Exif()
    exif[0x0112] = orientation
    turned = page.transpose(UNDO[orientation]) if orientation > 1 else page
    options = {"compression": form} if form == "tiff_lzw" else {}
    content = saved(turned, "TIFF" if options else form, exif=exif, **options)
    picture = open_picture(content)
    assert picture.size == page.size and picture.grey.shape == np.asarray(page).shape
    assert reader.read(content).text == "4721"


# ---------------------------------------------------------------- damaged, or only looking so


@pytest.mark.parametrize("kind", [b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tRNS", b"gAMA"])
def test_a_chunk_that_does_not_matter_spoils_no_png(
    kind: bytes, draw: Draw, reader: Reader
) -> None:
    png = saved(draw("472"), "PNG")
    reading = reader.read(png[:33] + chunk(kind, b"Comment\0\0nonsense", wrong=1) + png[33:])
    assert (reading.text, reading.left_out) == ("472", {})


def test_long_texts_spoil_no_png(draw: Draw, reader: Reader) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("a", "x" * 3_000_000, zip=True)
    texts.add_itxt("b", "y" * 9_000_000, zip=True)
    assert reader.read(saved(draw("472"), "PNG", pnginfo=texts)).text == "472"


def test_transparency_and_orientation_stay_when_a_png_is_put_right(
    draw: Draw, reader: Reader
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    page = draw("4721").transpose(Image.Transpose.ROTATE_180).convert("P")
    png = saved(page, "PNG", exif=exif, transparency=255)
    broken = png[:33] + chunk(b"tEXt", b"a\0b", wrong=1) + png[33:]
    assert reader.read(broken).text == reader.read(png).text == "4721"


def test_image_data_with_a_wrong_checksum_are_read_and_doubted(draw: Draw, reader: Reader) -> None:
    png = saved(draw("472"), "PNG")
    name = png.index(b"IDAT")
    check = name + 4 + int.from_bytes(png[name - 4 : name], "big")
    reading = reader.read(png[:check] + b"\0\0\0\0" + png[check + 4 :])
    assert (reading.text, reading.left_out) == ("472", {DAMAGED: 1})


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_without_its_end_is_read(
    mode: str, progressive: bool, draw: Draw, reader: Reader
) -> None:
    page = Image.new("L", (200, 200), 255)
    page.paste(draw("472"), (0, 0))
    content = saved(page.convert(mode), "JPEG", quality=90, progressive=progressive)
    for cut in (2, len(content) // 20):
        reading = reader.read(content[:-cut])
        assert (reading.text, reading.left_out) == ("472", {DAMAGED: 1})


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
def test_what_is_missing_of_a_picture_is_taken_for_paper(
    form: str, mode: str, rng: np.random.Generator
) -> None:
    tones = np.where(rng.random((100, 80)) < 0.1, 20, 230).astype(np.uint8)
    if mode == "I;16":
        if form == "BMP":
            pytest.skip("BMP has no such mode")
        page = Image.fromarray(tones.astype(np.uint16) * 257)
    else:
        page = Image.fromarray(tones).convert(mode)
    content = saved(page, form)
    whole, part = open_picture(content), open_picture(content[: len(content) * 8 // 10])
    assert part.left_out == (DAMAGED,) and part.size == whole.size
    same = (whole.grey == part.grey).all(1)
    assert 60 <= same.sum() < 90
    others = part.grey[~same]
    assert others.size and (others == np.median(whole.grey)).mean() > 0.9


def test_a_picture_with_less_than_half_of_its_rows_is_refused(draw: Draw, reader: Reader) -> None:
    content = saved(draw("472"), "BMP")
    with pytest.raises(TinydigitsError, match=r"damaged \(less than half of it can be decoded"):
        reader.read(content[: len(content) * 4 // 10])

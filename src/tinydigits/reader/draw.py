"""A reading drawn: the picture with its boxes and labels, and below it what the network saw."""

from PIL import Image, ImageDraw, ImageFont

from tinydigits.image.normalise import SIDE
from tinydigits.image.picture import Source, open_pages
from tinydigits.reader.reading import Digit, Reading

_MARGIN = 24  # pixels around everything, as looks well
_TILE = 3 * SIDE  # pixels: the 28x28 enlarged three times


def draw_reading(source: Source, reading: Reading) -> Image.Image:
    """Draw a picture's reading as an RGB image.

    Raises:
        TinydigitsError: the picture cannot be read.
        OSError: as above.
    """
    with open_pages(source) as pages:
        pages.check_single()
        picture, ratio = pages.colour(0)
    narrowest = 480  # pixels, wider for many digits
    enlarge = max(narrowest, 32 * min(30, len(reading.digits))) / max(picture.size)
    if enlarge > 1:
        width, height = (max(1, round(side * enlarge)) for side in picture.size)
        ratio *= width / picture.width
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    width = max(picture.width, narrowest) + 2 * _MARGIN
    columns = max(1, (width - 2 * _MARGIN) // (_TILE + 20))
    rows = -(-len(reading.digits) // columns)
    top = picture.height + 2 * _MARGIN
    sheet = Image.new("RGB", (width, top + 26 + rows * (_TILE + 34) + _MARGIN), "white")
    sheet.paste(picture, (_MARGIN, _MARGIN))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle(_outline(0, 0, picture.width, picture.height), outline=(200, 200, 200))
    for digit in reading.digits:
        _draw_box(draw, digit, ratio)
    caption = "what the network saw" if reading.digits else "no digits found"
    draw.text((_MARGIN, top), caption, (110, 110, 110), _font(15))
    for index, digit in enumerate(reading.digits):
        x = _MARGIN + index % columns * (_TILE + 20)
        _draw_tile(sheet, draw, digit, x, top + 26 + index // columns * (_TILE + 34))
    return sheet


def _draw_box(draw: ImageDraw.ImageDraw, digit: Digit, ratio: float) -> None:
    x, y, width, height = (round(length * ratio) for length in digit.box)
    colour = _colour(digit)
    draw.rectangle(_outline(x - 3, y - 3, width + 6, height + 6), outline=colour, width=2)
    label = f"{digit.label}?" if digit.uncertain else str(digit.label)
    size = min(30, max(13, height // 3))
    at = (x + _MARGIN - 3, y + _MARGIN - 5)
    left, top, right, bottom = draw.textbbox(at, label, font=_font(size), anchor="lb")
    draw.rectangle((left - 2, top - 1, right + 2, bottom + 1), fill=colour)
    draw.text(at, label, "white", _font(size), anchor="lb")


def _draw_tile(sheet: Image.Image, draw: ImageDraw.ImageDraw, digit: Digit, x: int, y: int) -> None:
    tile = Image.fromarray((255 * digit.image).astype("uint8"))
    sheet.paste(tile.resize((_TILE, _TILE), Image.Resampling.NEAREST), (x, y))
    draw.text((x, y + _TILE + 4), str(digit.label), _colour(digit), _font(20))
    at, share = (x + _TILE, y + _TILE + 8), f"{digit.confidence:.1%}"
    draw.text(at, share, (30, 30, 30), _font(15), anchor="ra")


def _colour(digit: Digit) -> tuple[int, int, int]:
    """Orange for a doubtful digit, green for a sure one."""
    return (190, 80, 0) if digit.uncertain else (20, 120, 60)


def _outline(x: int, y: int, width: int, height: int) -> tuple[int, int, int, int]:
    return x + _MARGIN, y + _MARGIN, x + _MARGIN + width - 1, y + _MARGIN + height - 1


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)

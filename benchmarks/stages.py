"""Draw the stages through which the reader sees a picture: docs/stages.png.

    python benchmarks/stages.py --handwriting DIR

A row per picture: the picture; what the finder sees of it in the finest and in the coarsest scale,
ink of digits dark, of marks blue, and centres of digits red, of marks blue, of letters green; the
glyphs that are cut out; and the 28x28 images that the recogniser gets.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from common import ROOT, add_sources, arguments
from pictures.judging import KINDS
from reading import here
from tinydigits.image.normalise import normalise
from tinydigits.image.picture import open_picture
from tinydigits.reader.finder import Finder, Maps
from tinydigits.reader.found import find_digits
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.scales import look

SHOWN = {"bold": 1, "touching": 3, "boxes_crossed": 2, "photo_bars": 11, "board_uneven": 11}
GROUND = (225, 228, 232)
CENTRES = ((220, 30, 30), (30, 90, 220), (20, 150, 60))  # digits, marks, letters
CELL, GAP, CAPTION = 230, 12, 34

Tones = NDArray[np.uint8]


def seen(maps: Maps) -> Image.Image:
    """Ink of digits and marks, and over it the heat of centres."""
    digits, marks = maps.ink
    shown = 255 * (1 - np.stack([np.maximum(digits, marks), np.maximum(digits, marks), digits], -1))
    for heat, colour in zip(maps.heat, CENTRES, strict=True):
        large = heat.repeat(4, 0).repeat(4, 1)[: digits.shape[0], : digits.shape[1], None]
        shown = shown * (1 - large) + large * np.array(colour)
    return Image.fromarray(shown.clip(0, 255).astype(np.uint8))


def boxed(grey: Tones, glyphs: list[Glyph]) -> Image.Image:
    """The boxes of the glyphs on the picture: digits green, marks blue."""
    picture = Image.fromarray(grey).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for glyph in glyphs:
        left, top, right, bottom = glyph.box
        colour = CENTRES[1] if glyph.mark else CENTRES[2]
        draw.rectangle((left - 1, top - 1, right, bottom), outline=colour, width=2)
    return picture


def images(glyphs: list[Glyph]) -> Image.Image:
    """What the recogniser gets of the first 16."""
    sheet = Image.new("L", (4 * 30, 4 * 30), 40)
    for index, glyph in enumerate([glyph for glyph in glyphs if not glyph.mark][:16]):
        image = (255 * normalise(glyph.amount, glyph.noise)).astype(np.uint8)
        sheet.paste(Image.fromarray(image), (30 * (index % 4) + 1, 30 * (index // 4) + 1))
    return sheet


def row(finder: Finder, grey: Tones) -> list[tuple[Image.Image, str]]:
    levels = look(finder, grey)
    glyphs = next(find_digits(finder, grey))
    cells = [(Image.fromarray(grey), f"the picture, {grey.shape[1]} x {grey.shape[0]}")]
    for maps, name in ((levels[0], "finest"), (levels[-1], "coarsest")):
        cells.append((seen(maps), f"ink and centres, {name} scale\n({maps.scale:g} of the size)"))
    return [*cells, (boxed(grey, glyphs), "its glyphs"), (images(glyphs), "28x28")]


def main() -> None:
    parser = arguments(__doc__)
    add_sources(parser)
    chosen = parser.parse_args()
    sources, finder = here(chosen.handwriting, chosen.data_dir), Finder()
    rows = [
        row(finder, open_picture(KINDS[kind].page(sources, seed).picture).grey)
        for kind, seed in SHOWN.items()
    ]
    step = CELL + GAP
    sheet = Image.new("RGB", (5 * step + GAP, len(rows) * (step + CAPTION) + GAP), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for down, cells in enumerate(rows):
        for across, (picture, text) in enumerate(cells):
            x, y = GAP + across * step, GAP + down * (step + CAPTION)
            ratio = min(CELL / picture.width, CELL / picture.height)
            size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
            way = Image.Resampling.BOX if ratio < 1 else Image.Resampling.NEAREST
            sheet.paste(picture.resize(size, way), (x, y + CAPTION))
            draw.text((x, y), text, (30, 30, 30), font)
    sheet.save(ROOT / "docs" / "stages.png", optimize=True)


if __name__ == "__main__":
    main()

"""A contact sheet of a kind of picture, to be looked at: does it look like what it is named?"""

from PIL import Image, ImageDraw, ImageFont

from pictures.judging import Kind, Sources

TILE = (300, 220)


def contact_sheet(kind: Kind, sources: Sources, columns: int = 5, rows: int = 4) -> Image.Image:
    """The first pictures of a kind, each with its size and the text expected below it."""
    whole = Image.new("RGB", (columns * TILE[0], rows * TILE[1] + 24), (90, 90, 140))
    draw = ImageDraw.Draw(whole)
    font = ImageFont.load_default(14)
    draw.text((4, 4), f"{kind.name}: {kind.title}", fill=(255, 255, 255), font=font)
    for seed in range(columns * rows):
        page = kind.page(sources, seed)
        picture = page.picture.convert("RGB")
        size = picture.size
        picture.thumbnail((TILE[0] - 8, TILE[1] - 26))
        x, y = seed % columns * TILE[0] + 4, seed // columns * TILE[1] + 28
        whole.paste(picture, (x, y))
        text = f"{size[0]}x{size[1]} {page.note or ' / '.join(page.lines)}"[:46]
        draw.text(
            (x, y + TILE[1] - 24), text, fill=(255, 255, 255), font=ImageFont.load_default(11)
        )
    return whole

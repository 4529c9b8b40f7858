"""Typefaces: printed digits, letters and signs, and displays of segments and dots.

All come with Python packages, so that the same drawings are made everywhere: matplotlib's, the
`font-*` packages, and Hershey's strokes (A. V. Hershey, 1967), which any pen can draw.
"""

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import matplotlib
import numpy as np
import PIL.features
from fontTools.ttLib import TTFont
from HersheyFonts import HersheyFonts
from PIL import Image, ImageDraw, ImageFont

from pictures.pens import Drawn, Strokes, placed
from pictures.scene import Generator, Plane

_RAQM = PIL.features.check("raqm")
Part = Literal["train", "development"]

_MATPLOTLIB = (
    *("DejaVuSans", "DejaVuSerif", "STIXGeneral"),
    *("cmr10", "cmss10", "cmtt10", "cmti10", "cmb10"),
)
_PACKAGES: dict[Part, tuple[str, ...]] = {
    "train": (
        *("font_amatic_sc", "font_intuitive", "font_fredoka_one", "font_source_serif_pro"),
        *("font_lato", "font_fjallaone", "font_manrope"),
    ),
    "development": ("font_roboto", "font_caladea", "font_source_sans_pro"),
}
_HERSHEY: dict[Part, tuple[str, ...]] = {
    "train": ("futural", "scripts", "rowmans", "timesr", "cursive", "timesi", "futuram"),
    "development": ("scriptc", "rowmand", "gothitt", "timesib"),
}
_TYPEWRITERS = ("DejaVuSansMono", "cmtt10")
_WRITTEN = ("AmaticSC", "Intuitive")
_OLD_STYLE = ("SourceSerif", "SourceSans", "Roboto")


def typefaces(part: Part) -> list[Path]:
    """Files of fonts, always in the same order."""
    fonts = _matplotlib() if part == "train" else []
    for package in _PACKAGES[part]:
        folder = Path(str(files(package) / "files"))
        fonts += sorted(path for path in folder.glob("*.ttf") if "Variable" not in path.name)
    return fonts


def _matplotlib() -> list[Path]:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    found = {name: sorted(folder.glob(f"{name}*.ttf")) for name in _MATPLOTLIB}
    return [path for paths in found.values() for path in paths if "Display" not in path.name]


def hershey_fonts(part: Part) -> tuple[str, ...]:
    """Names of Hershey's fonts."""
    return _HERSHEY[part]


def is_typewriter(font: Path) -> bool:
    """Whether all its letters are equally wide."""
    return font.name.startswith(_TYPEWRITERS)


def looks_written(font: Path) -> bool:
    """Whether it looks like handwriting."""
    return font.name.startswith(_WRITTEN)


def has_old_style(font: Path) -> bool:
    """Whether it has figures that hang below the line, as an OpenType feature."""
    return font.name.startswith(_OLD_STYLE)


@cache
def _letters(font: Path) -> frozenset[int]:
    with TTFont(font, lazy=True) as tables:
        return frozenset(tables.getBestCmap())


def has_letter(font: Path, text: str) -> bool:
    """Whether it has all characters of the text."""
    return all(ord(each) in _letters(font) for each in text)


@lru_cache(2000)
def _face(path: str, size: int, features: bool = False) -> ImageFont.FreeTypeFont:
    layout = ImageFont.Layout.RAQM if features else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, layout_engine=layout)


@cache
def _digit_share(path: str) -> float:
    """The height of an 8 as a share of the font's size."""
    _, top, _, bottom = _face(path, 200).getbbox("8")
    return float(bottom - top) / 200


@lru_cache(20_000)
def _glyph(path: str, size: int, text: str, features: tuple[str, ...]) -> Drawn | None:
    face = _face(path, size, bool(features))
    chosen = list(features) or None
    box = face.getbbox(text, features=chosen, anchor="ls")
    left, top, right, bottom = (int(edge) for edge in box)
    if right <= left or bottom <= top:
        return None
    picture = Image.new("L", (right - left + 2, bottom - top + 2))
    draw = ImageDraw.Draw(picture)
    draw.text((1 - left, 1 - top), text, fill=255, font=face, anchor="ls", features=chosen)
    ink = np.asarray(picture, np.float32) / 255
    return placed(ink, left - 1, top - 1) if ink.max() > 0.1 else None


def printed(text: str, font: Path, height: float, features: tuple[str, ...] = ()) -> Drawn | None:
    """Text in a font whose digits are `height` pixels high; None if it shows nothing.

    `features` are OpenType's, such as "onum" for old-style figures, where libraqm is there.
    """
    return _glyph(str(font), font_size(font, height), text, features if _RAQM else ())


def font_size(font: Path, height: float) -> int:
    """The size at which a font's digits are `height` pixels high."""
    return max(5, round(height / _digit_share(str(font))))


def advance(text: str, font: Path, height: float) -> float:
    """How far the pen goes on after text, in pixels."""
    return _face(str(font), font_size(font, height)).getlength(text)


@cache
def _hershey(name: str) -> HersheyFonts:
    fonts = HersheyFonts()
    fonts.load_default_font(name)
    return fonts


@lru_cache(5000)
def hershey_strokes(text: str, name: str) -> Strokes:
    """Strokes of text, 1 for the height of an 8, y upwards, the base line at 0; may be empty."""
    eight = np.concatenate([np.array(s, float) for s in _hershey(name).strokes_for_text("8")])
    low, high = eight[:, 1].min(), eight[:, 1].max()  # rows, downwards
    strokes = [np.array(s, float) for s in _hershey(name).strokes_for_text(text)]
    return [(s * (1, -1) + (0, high)) / (high - low) for s in strokes if len(s)]


# Segments of a display: which of the seven (top, right above, right below, bottom, left below,
# left above, middle) are lit.
_LIT = {"0": "012345", "1": "12", "2": "01346", "3": "01236", "4": "1256", "5": "02356"}
_LIT |= {"6": "023456", "7": "012", "8": "0123456", "9": "012356", "-": "6"}
_DOTTED = {".": (0.0,), ",": (0.0,), ":": (0.22, 0.62)}  # how high a mark's dots stand


def seven_segments(
    label: str, height: float, thick: float, gap: float, slant: float, dim: float, wide: float
) -> Drawn:
    """A digit of a display, or a minus.

    Args:
        label: the digit.
        height: in pixels.
        thick: of a segment, as a share of the height.
        gap: between segments, as a share of the height.
        slant: columns to the right per row upwards.
        dim: how strongly the segments that are off are seen, 0 to 1.
        wide: how wide it is, as a share of the height.
    """
    fine = 4 if height < 60 else 2
    size = (int((wide + slant + 0.1) * height * fine) + 4, int(height * fine) + 4)
    picture = Image.new("L", size)
    draw = ImageDraw.Draw(picture)
    half = thick / 2
    x0, x1, y0, ym, y1 = half, wide - half, half, 0.5, 1 - half
    ends = (
        *((x0, y0, x1, y0), (x1, y0, x1, ym), (x1, ym, x1, y1)),
        *((x0, y1, x1, y1), (x0, ym, x0, y1), (x0, y0, x0, ym), (x0, ym, x1, ym)),
    )
    for number, (xa, ya, xb, yb) in enumerate(ends):
        tone = 255 if str(number) in _LIT[label] else round(255 * dim)
        if not tone:
            continue
        level = ya == yb
        along = np.array([1, 0]) if level else np.array([0, 1])
        start, end = np.array([xa, ya]) + gap * along, np.array([xb, yb]) - gap * along
        side = half * along[::-1]
        tip = half * along
        shape = [start, start + tip + side, end - tip + side, end, end - tip - side]
        shape.append(start + tip - side)
        sheared = [
            ((x + slant * (1 - y)) * height * fine + 1, y * height * fine + 1) for x, y in shape
        ]
        draw.polygon(sheared, fill=tone)
    ink = np.asarray(picture.reduce(fine), np.float32) / 255
    return placed(ink, 0, -len(ink))


def display_dots(mark: str, height: float, side: float, square: bool) -> Drawn:
    """A point, comma or colon of a display: dots of `side` heights, squares or discs."""
    fine = 4
    wide = max(1.0, side * height) * fine
    picture = Image.new("L", (round(wide), round(height) * fine))
    draw = ImageDraw.Draw(picture)
    for low in _DOTTED[mark]:
        foot = picture.height - low * height * fine
        (draw.rectangle if square else draw.ellipse)((0, foot - wide, wide - 1, foot - 1), fill=255)
    ink = np.asarray(picture.reduce(fine), np.float32) / 255
    return placed(ink, 0, -len(ink))


_DOTS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00010 00100 01000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    ".": "00000 00000 00000 00000 00000 01100 01100",
    ",": "00000 00000 00000 00000 01100 00100 01000",
    ":": "00000 01100 01100 00000 01100 01100 00000",
    "-": "00000 00000 00000 11111 00000 00000 00000",
    "+": "00000 00100 00100 11111 00100 00100 00000",
    "=": "00000 00000 11111 00000 11111 00000 00000",
    "/": "00000 00001 00010 00100 01000 10000 00000",
}


def dot_matrix(label: str, height: float, size: float, square: bool) -> Drawn:
    """A digit or mark of five by seven dots.

    Args:
        label: the digit, or one of ".,:-+=/".
        height: in pixels.
        size: of a dot, as a share of their distance.
        square: dots are squares, not discs.
    """
    step = height / 7
    fine = 4 if height < 60 else 2
    picture = Image.new("L", (round(5 * step * fine), round(7 * step * fine)))
    draw = ImageDraw.Draw(picture)
    shape = draw.rectangle if square else draw.ellipse
    radius = size * step * fine / 2
    for row, dots in enumerate(_DOTS[label].split()):
        for column, dot in enumerate(dots):
            if dot == "1":
                x, y = (column + 0.5) * step * fine, (row + 0.5) * step * fine
                shape((x - radius, y - radius, x + radius, y + radius), fill=255)
    ink = np.asarray(picture.reduce(fine), np.float32) / 255
    return placed(ink, 0, -len(ink))


def stencilled(ink: Plane, rng: Generator) -> Plane:
    """Ink with one or two bars cut out of it, as a stencil has."""
    out = ink.copy()
    wide = max(1, round(rng.uniform(0.06, 0.12) * len(ink)))
    if rng.random() < 0.7:
        at = int(rng.uniform(0.35, 0.6) * ink.shape[1])
        out[:, at : at + wide] = 0
    else:
        at = int(rng.uniform(0.3, 0.65) * len(ink))
        out[at : at + wide] = 0
    return out if out.sum() > 0.5 * ink.sum() else ink


def outlined(ink: Plane, thick: float) -> Plane:
    """The edge of the ink alone, `thick` pixels wide."""
    from scipy import ndimage

    inner = ndimage.minimum_filter(ink, size=2 * max(1, round(thick)) + 1, mode="constant")
    return np.clip(ink - inner, 0, 1)

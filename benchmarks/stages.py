"""Draw the stages through which the reader sees a picture: docs/stages.png.

    python benchmarks/stages.py --handwriting DIR

A row per picture: the picture; the ink of the best reading of each polarity and light, with its
score; then the glyphs of the chosen one, and the 28x28 images that the network gets.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from tinydigits.reader.ink import Candidate, Ink, candidates, choose, measure
from tinydigits.reader.segment import segment
from tinydigits.reader.tones import View, view

from pictures.judging import KINDS
from reading import here
from tinydigits.image.normalise import normalise
from tinydigits.image.picture import open_picture

OUT = Path(__file__).parents[1] / "docs" / "stages.png"
SHOWN = (
    ("bold", 1),
    ("photo_edge", 6),
    ("photo_bars", 11),
    ("photo_hand", 0),
    ("board_uneven", 11),
)
GROUND = (225, 228, 232)
CELL, GAP, CAPTION = 230, 12, 50


def readings(seen: View) -> list[Candidate]:
    """The chosen reading first, then the best of the other polarity and of other windows."""
    weighed = candidates(seen, even=False)
    chosen = choose(weighed)
    assert chosen
    others = [each for each in weighed if each.dark != chosen.dark]
    same = [each for each in weighed if each.dark == chosen.dark and each is not chosen]
    worst = min(same[2:], key=lambda each: each.score, default=None)
    best = max(others, key=lambda each: each.score)
    return [chosen, best, *([worst] if worst else [])]


def caption(reading: Candidate, scale: float) -> str:
    light = "even light" if reading.window is None else f"window {round(reading.window / scale)}"
    ink, seen = ("dark" if reading.dark else "bright"), reading.evidence
    return (
        f"{ink} ink, {light}: score {reading.score:.0f}\n"
        f"strokes {seen.width / scale:.0f} wide, {seen.consistent:.0%} alike"
    )


def drawn(ink: Ink | None) -> Image.Image:
    amount = np.zeros((9, 9)) if ink is None else ink.amount
    return Image.fromarray(np.rint(255 * (1 - np.clip(amount, 0, 1))).astype(np.uint8))


def glyphs(ink: Ink) -> tuple[Image.Image, Image.Image]:
    """The boxes of the glyphs on the ink, and what the network gets of the first 16."""
    boxed = drawn(ink).convert("RGB")
    found = [glyph for line in segment(ink).lines for glyph in line]
    draw = ImageDraw.Draw(boxed)
    for glyph in found:
        left, top, right, bottom = glyph.box
        draw.rectangle((left - 1, top - 1, right, bottom), outline=(20, 120, 60), width=2)
    sheet = Image.new("L", (4 * 30, 4 * 30), 40)
    for index, glyph in enumerate(found[:16]):
        image = (255 * normalise(glyph.amount, glyph.noise)).astype(np.uint8)
        sheet.paste(Image.fromarray(image), (30 * (index % 4) + 1, 30 * (index // 4) + 1))
    return boxed, sheet


def row(tones: NDArray[np.uint8]) -> list[tuple[Image.Image, str]]:
    seen = view(tones)
    chosen, *others = readings(seen)
    ink = measure(tones, chosen, seen.scale)
    assert ink
    boxed, sheet = glyphs(ink)
    cells = [(Image.fromarray(tones), f"the picture, {tones.shape[1]} x {tones.shape[0]}")]
    cells += [
        (
            drawn(measure(tones, each, seen.scale)),
            caption(each, seen.scale) + "\nnot taken" * bool(i),
        )
        for i, each in enumerate([chosen, *others])
    ]
    cells += [(Image.new("RGB", (9, 9), GROUND), "")] * (4 - len(cells))
    return [*cells, (boxed, "its glyphs"), (sheet, "28x28")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = os.environ.get("TINYDIGITS_HANDWRITING")
    parser.add_argument("--handwriting", type=Path, default=default and Path(default))
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    sources = here(chosen.handwriting, chosen.data_dir)
    rows = [row(open_picture(KINDS[kind].page(sources, seed).picture).grey) for kind, seed in SHOWN]
    step = CELL + GAP
    sheet = Image.new("RGB", (6 * step + GAP, len(rows) * (step + CAPTION) + GAP), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for down, cells in enumerate(rows):
        for across, (picture, text) in enumerate(cells):
            x, y = GAP + across * step, GAP + down * (step + CAPTION)
            ratio = min(CELL / picture.width, CELL / picture.height)
            size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
            way = Image.Resampling.BOX if ratio < 1 else Image.Resampling.NEAREST
            sheet.paste(picture.resize(size, way), (x, y + CAPTION))
            draw.text((x, y), text, (30, 30, 30), font)
    sheet.save(chosen.out, optimize=True)


if __name__ == "__main__":
    main()

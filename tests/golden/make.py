"""Draw the golden pictures and inks; with --expected also write what becomes of the inks."""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tinydigits.image.normalise import normalise
from tinydigits.reader.recognise import recognise, view_log_probs
from tinydigits.reader.session import Session

FOLDER = Path(__file__).parent
SHAPES = {
    "2": [(15, 30), (25, 12), (55, 8), (75, 22), (70, 42), (45, 65), (15, 90), (85, 88)],
    "4": [(60, 5), (15, 60), (85, 60), (62, 60), (65, 25), (60, 95)],
    "7": [(12, 10), (85, 10), (60, 45), (45, 95)],
    "9": [(75, 25), (50, 8), (25, 25), (30, 45), (55, 50), (75, 28), (72, 60), (60, 95)],
}


def stroke(digit: str, size: tuple[int, int], box: tuple[int, int, int, int], pen: float) -> Image:
    """White on black: the digit's strokes within (left, top, right, bottom)."""
    fine = 8
    picture = Image.new("L", (size[0] * fine, size[1] * fine))
    left, top, right, bottom = (edge * fine for edge in box)
    points = [
        (left + (right - left) * x / 100, top + (bottom - top) * y / 100) for x, y in SHAPES[digit]
    ]
    draw = ImageDraw.Draw(picture)
    draw.line(points, fill=255, width=round(pen * fine), joint="curve")
    return picture.reduce(fine)


def golden_pictures() -> dict[str, Image.Image]:
    """Name -> picture."""
    rng = np.random.default_rng(0)
    plain = stroke("7", (28, 28), (6, 4, 22, 24), 2.5)
    dark = Image.eval(stroke("2", (90, 60), (40, 8, 70, 52), 5), lambda v: 230 - v * 3 // 4)
    pen = stroke("9", (200, 240), (60, 40, 140, 200), 6)
    clear = Image.merge("LA", (Image.new("L", pen.size), pen))
    y, x = np.mgrid[0:1:120j, 0:1:160j]
    ink = np.asarray(stroke("4", (160, 120), (50, 20, 110, 100), 7), float) / 255
    uneven = Image.fromarray((255 * (0.95 - 0.45 * x - 0.2 * y * y) * (1 - 0.7 * ink)).astype("u1"))
    soft = stroke("2", (100, 100), (20, 10, 80, 90), 9).filter(ImageFilter.GaussianBlur(1.5))
    noisy = np.asarray(soft, float) * 0.6 + 60 + rng.normal(0, 6, (100, 100))
    red = np.asarray(stroke("7", (64, 64), (15, 10, 50, 55), 4), float)[..., None] / 255
    coloured = np.array([60, 130, 70]) * (1 - red) + np.array([190, 60, 60]) * red
    return {
        "plain.png": plain,
        "dark.png": dark,
        "clear.png": clear,
        "uneven.png": uneven,
        "noisy.png": Image.fromarray(np.clip(noisy, 0, 255).astype("u1")),
        "coloured.png": Image.fromarray(coloured.astype("u1")),
        "tiny.png": stroke("4", (10, 10), (1, 1, 9, 9), 1.2),
    }


def edge_inks() -> dict[str, np.ndarray]:
    """Name -> ink of 8 bits that another implementation may get wrong."""
    rule, corner, even = (np.zeros(size, np.uint8) for size in ((3, 90), (40, 40), (4, 20)))
    rule[1, 2:88] = rule[2, 2:12] = 255
    corner[:, 0] = corner[39] = 60
    corner[34:, :6] = 255
    even[:] = 255
    pale = np.asarray(stroke("9", (30, 40), (5, 5, 25, 35), 3)) // 4
    soft = stroke("4", (70, 90), (8, 8, 62, 82), 9).filter(ImageFilter.GaussianBlur(2))
    return {
        "blank": np.zeros((9, 7), np.uint8),
        "dot": np.full((1, 1), 255, np.uint8),
        "rule": rule,
        "pale": pale,
        "corner": corner,
        "even": even,
        "strokes": np.asarray(soft),
    }


def expected(ink: Path) -> dict[str, list]:
    """The 28x28 image of a digit's ink, what the network says of each view, the probabilities."""
    image = normalise(np.asarray(Image.open(ink), np.float32) / 255)
    session = Session()
    return {
        "image": np.rint(255 * image).astype(int).tolist(),
        "log_probs": view_log_probs(session, image[None])[0].round(4).tolist(),
        "probabilities": recognise(session, image[None])[0].round(5).tolist(),
    }


if __name__ == "__main__":
    for name, picture in golden_pictures().items():
        picture.save(FOLDER / name)
    for name, values in edge_inks().items():
        Image.fromarray(values).save(FOLDER / "ink" / f"{name}.png")
    if "--expected" in sys.argv:
        vectors = {ink.name: expected(ink) for ink in sorted((FOLDER / "ink").glob("*.png"))}
        text = json.dumps(vectors, separators=(",", ":"))
        (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")

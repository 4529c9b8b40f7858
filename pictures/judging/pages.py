"""Pages of digits: many lines, touching digits, sizes that differ, colours, files, turned pages."""

import numpy as np
from PIL import Image

from pictures.camera import through_jpeg
from pictures.judging.hands import Sources
from pictures.judging.page import Page, kind
from pictures.judging.paper import blurred, clouds, on_paper, turned, two_colours
from pictures.judging.writing import any_sheet, sheet, write
from pictures.scene import Generator, Plane, between


def slope(shape: tuple[int, int], rng: Generator) -> Plane:
    """Light from one side, weak."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    a, b = rng.uniform(-0.2, 0.2, 2)
    return np.asarray(1 + a * x + b * y - rng.uniform(0, 0.2) * (x * x + y * y), np.float32)


@kind("pages of 1 to 6 lines of 1 to 12 digits", 160)
def pages(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=6, columns=12)
    ink = turned(made.ink, rng.uniform(-3, 3))
    return Page(on_paper(ink, rng, slope), made.lines)


@kind("lines in which digits touch", 160)
def touching(sources: Sources, rng: Generator) -> Page:
    hand, height = sources.hand(rng), between(rng, 24, 110)
    counts = rng.integers(2, 9, int(rng.integers(1, 4)))
    lines = [write("d" * int(n), hand, height, rng, touching=rng.uniform(0.3, 0.6)) for n in counts]
    made = sheet(lines, rng)
    return Page(on_paper(made.ink, rng, slope), made.lines)


@kind("pairs of touching digits", 400)
def touching_pairs(sources: Sources, rng: Generator) -> Page:
    line = write("dd", sources.hand(rng), between(rng, 20, 200), rng, touching=1.0)
    made = sheet([line], rng)
    return Page(on_paper(made.ink, rng, slope), made.lines)


@kind("two lines, one 2 to 6 times as large as the other")
def two_sizes(sources: Sources, rng: Generator) -> Page:
    small = between(rng, 18, 50)
    heights = [small, small * rng.uniform(2, 6)]
    rng.shuffle(heights)
    counts = [int(rng.integers(2, 10 if height == small else 6)) for height in heights]
    hand = sources.hand(rng)
    lines = [write("d" * n, hand, height, rng) for n, height in zip(counts, heights, strict=True)]
    made = sheet(lines, rng, pitch=rng.uniform(1.4, 2))
    return Page(on_paper(made.ink, rng, slope), made.lines)


@kind("digits in a line up to 4.5 times as high as others")
def mixed_heights(sources: Sources, rng: Generator) -> Page:
    hand, small = sources.hand(rng), between(rng, 20, 60)
    tall = small * rng.uniform(1.5, 4.5)
    pieces = [
        write("d" * int(rng.integers(1, 4)), hand, height, rng)
        for height in [small, tall, small, tall][int(rng.integers(2)) :][: int(rng.integers(2, 4))]
    ]
    base = round(1.5 * tall)
    gap = round(rng.uniform(0.15, 0.4) * tall)
    ink = np.zeros((2 * round(tall), sum(p.ink.shape[1] + gap for p in pieces)), np.float32)
    x = 0
    for piece in pieces:
        top = base - round(1.5 * piece.height)
        window = ink[top : top + len(piece.ink), x : x + piece.ink.shape[1]]
        np.maximum(window, piece.ink[: len(window)], out=window)
        x += piece.ink.shape[1] + gap
    room = round(rng.uniform(0.1, 0.6) * tall)
    picture = on_paper(np.pad(ink, room), rng, slope)
    return Page(picture, ["".join(piece.text for piece in pieces)])


@kind("a page of 1,100 to 2,000 digits", 8)
def many_digits(sources: Sources, rng: Generator) -> Page:
    hand, height = sources.hand(rng), rng.uniform(20, 30)
    columns = int(rng.integers(30, 45))
    lines = [
        write("d" * columns, hand, height, rng, gap=(0.2, 0.4))
        for _ in range(-(-int(rng.integers(1100, 2000)) // columns))
    ]
    made = sheet(lines, rng, pitch=1.6)
    return Page(on_paper(made.ink, rng, slope), made.lines)


@kind("a line turned by 10 to 20 degrees")
def slanted(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=1, columns=8)
    ink = turned(made.ink, rng.uniform(10, 20) * rng.choice([-1, 1]))
    return Page(on_paper(ink, rng, slope), made.lines)


def _quarter(sources: Sources, rng: Generator, turn: Image.Transpose) -> Page:
    hand, height = sources.hand(rng), between(rng, 30, 110)
    lines = [write("d" * int(rng.integers(4, 10)), hand, height, rng) for _ in range(3)]
    made = sheet(lines, rng)
    return Page(on_paper(made.ink, rng, slope).transpose(turn), made.lines)


@kind("pages turned by 90 degrees")
def turned_90(sources: Sources, rng: Generator) -> Page:
    ways = Image.Transpose
    return _quarter(sources, rng, ways.ROTATE_90 if rng.random() < 0.5 else ways.ROTATE_270)


@kind("pages turned by 180 degrees")
def turned_180(sources: Sources, rng: Generator) -> Page:
    return _quarter(sources, rng, Image.Transpose.ROTATE_180)


@kind("ink and paper of any two colours that differ")
def colours(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=2, columns=6)
    paper, pen = two_colours(rng)
    return Page(on_paper(made.ink, rng, paper=paper, pen=pen), made.lines)


@kind("low contrast: ink and paper 12 to 50 of 255 apart, either the darker")
def low_contrast(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=2, columns=6)
    apart = rng.uniform(12, 50) / 255
    low = rng.uniform(0.03, 0.97 - apart)
    tones = (low, low + apart) if rng.random() < 0.5 else (low + apart, low)
    noise = (0, apart / 8)
    return Page(on_paper(made.ink, rng, paper=tones[0], pen=tones[1], noise=noise), made.lines)


@kind("JPEG files of quality 5 to 40")
def jpeg(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=3, columns=8)
    picture = on_paper(made.ink, rng, slope, jpeg=0)
    return Page(through_jpeg(picture, int(rng.integers(5, 41))), made.lines)


@kind("pages seen from the side")
def perspective(sources: Sources, rng: Generator) -> Page:
    made = any_sheet(sources.hand(rng), rng, rows=4, columns=8)
    height, width = made.ink.shape
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], np.float64)
    moved = corners + rng.uniform(-0.12, 0.12, (4, 2)) * min(height, width)
    low = moved.min(0)
    size = np.ceil(moved.max(0) - low).astype(int)
    plane = Image.fromarray(made.ink).transform(
        (int(size[0]), int(size[1])),
        Image.Transform.PERSPECTIVE,
        _coefficients(moved - low, corners),
        Image.Resampling.BICUBIC,
    )
    return Page(on_paper(np.clip(np.asarray(plane), 0, 1), rng, slope), made.lines)


def _coefficients(seen: np.ndarray, sheet_corners: np.ndarray) -> list[float]:
    """The eight of the projection that takes points seen to points of the sheet."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(seen, sheet_corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(c) for c in np.linalg.solve(rows, wanted)]


@kind("creased paper")
def creases(sources: Sources, rng: Generator) -> Page:
    def folded(shape: tuple[int, int], rng: Generator) -> Plane:
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        light = 1 + 0.04 * clouds(shape, 4, rng)
        for _ in range(int(rng.integers(1, 5))):
            angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.2)
            middle = rng.uniform(0.1, 0.9, 2) * shape
            away = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
            light += rng.uniform(-0.12, 0.12) * np.tanh(away / 3)  # each side faces another way
            light += rng.uniform(-0.25, 0.25) * np.exp(-((away / rng.uniform(0.7, 3)) ** 2))
        return light

    made = any_sheet(sources.hand(rng), rng)
    return Page(on_paper(blurred(made.ink, 0.5), rng, folded), made.lines)

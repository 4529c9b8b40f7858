"""Digits that other people wrote, by source and by writer, and one thing changed at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

from tinydigits.arrays import Bytes, Images, Labels, Plane
from tinydigits.errors import TinydigitsError
from tinydigits.handwriting import (
    PEN_FILE,
    SCANNED_FILE,
    PenDigit,
    is_development,
    read_pen_digits,
    read_scanned_digits,
)
from tinydigits.trust.drawing import Picture, drawn_strokes
from tinydigits.trust.measures import Share, share_of, spread
from tinydigits.trust.reading import Answer, Progress, as_picture, read_pictures, silent
from tinydigits.trust.subject import Subject

PEN, HEIGHT, MARGIN = 0.08, 60, 0.5  # of a digit when something else is varied


@dataclass(frozen=True)
class Source:
    """Digits of one origin through the reader."""

    name: str  # of the origin
    # Whether nothing of it was used to train the shipped weights, whose temperature and thresholds
    # were set on it all the same
    kept_out: bool
    right: Share  # read as that digit and no other
    sure_wrong: Share  # of those with a sure digit, how many are wrong
    writers: dict[int, Share]  # each writer's share, where the file tells who wrote


@dataclass(frozen=True)
class Sweep:
    """One thing changed: for each source of digits, (value, share read rightly)."""

    name: str
    unit: str
    usual: float
    curves: dict[str, list[tuple[float, Share]]]


@dataclass(frozen=True)
class Writers:
    """Sources; empty where no handwriting was given."""

    sources: list[Source]


@dataclass(frozen=True, eq=False)
class Handwriting:
    """What the files in a folder hold, either of them perhaps nothing."""

    pens: list[PenDigit]
    scans: tuple[Bytes, Labels] | None


def read_handwriting(folder: Path) -> Handwriting:
    """The pen digits and the scans in a folder.

    Raises:
        TinydigitsError: it holds neither file, or one that cannot be read.
    """
    pens, scans = folder / PEN_FILE, folder / SCANNED_FILE
    if not pens.is_file() and not scans.is_file():
        raise TinydigitsError(f"{folder}: holds neither {PEN_FILE} nor {SCANNED_FILE}")
    try:
        return Handwriting(
            list(read_pen_digits(pens)) if pens.is_file() else [],
            read_scanned_digits(scans) if scans.is_file() else None,
        )
    except (ValueError, IndexError, EOFError, OSError) as error:
        raise TinydigitsError(f"{folder}: a file in it cannot be read ({error})") from error


def writers(
    subject: Subject,
    handwriting: Handwriting,
    most: int,
    on_picture: Progress = silent,
) -> Writers:
    """Read what others wrote: `most` digits of each source, evenly spread."""
    parts, pictures = list[tuple[str, bool, list[int], list[int]]](), list[Picture]()
    for kept_out in (True, False):
        own = [each for each in handwriting.pens if is_development(each.writer) == kept_out]
        own = [own[i] for i in spread(len(own), most)]
        if own:
            pictures += [_pen(each) for each in own]
            labels, hands = [each.label for each in own], [each.writer for each in own]
            parts.append((f"pen strokes, {len(set(hands))} writers", kept_out, labels, hands))
        if handwriting.scans:
            images, truth = handwriting.scans
            third = np.array([is_development(n) == kept_out for n in range(1, len(truth) + 1)])
            chosen = np.flatnonzero(third)[spread(int(third.sum()), most)]
            pictures += [Image.fromarray(images[i]).resize((64, 64), 3) for i in chosen]
            parts.append(("scanned envelopes", kept_out, truth[chosen].tolist(), []))
    answers = iter(read_pictures(subject.reader, pictures, on_picture))
    return Writers([_source(*part, answers) for part in parts])


def _source(
    name: str, kept_out: bool, labels: list[int], hands: list[int], answers: Iterator[Answer]
) -> Source:
    own = [next(answers) for _ in labels]
    right = np.array([a.is_digit(label) for a, label in zip(own, labels, strict=True)])
    sure = np.array([any(answer.sure) for answer in own])
    by_writer = {hand: share_of(right[np.array(hands) == hand]) for hand in sorted(set(hands))}
    return Source(name, kept_out, share_of(right), share_of(~right[sure]), by_writer)


def _pen(
    digit: PenDigit,
    pen: float = PEN,
    height: int = HEIGHT,
    margin: float = MARGIN,
    slant: float = 0.0,
) -> Picture:
    lean = np.tan(np.radians(slant))
    strokes = [stroke * (1, -1) @ np.array([[1, 0], [-lean, 1]]) for stroke in digit.strokes]
    return drawn_strokes(strokes, pen, height, margin)


def _large(
    image: Plane,
    pen: float | None = None,
    height: int = HEIGHT,
    margin: float = MARGIN,
    slant: float = 0.0,
) -> Picture:
    """An MNIST digit drawn large, dark on light; `pen` makes its strokes that thick."""
    tones = ndimage.zoom(image, 8, order=1)
    if slant:
        lean, middle = np.tan(np.radians(slant)), (len(tones) - 1) / 2
        tones = ndimage.affine_transform(
            np.pad(tones, ((0, 0), (80, 80))), [[1, 0], [lean, 1]], [0, -lean * middle], order=1
        )
    if pen is not None:
        tones = _with_pen(tones, pen)
    rows, columns = np.flatnonzero(tones.max(1) > 0.5), np.flatnonzero(tones.max(0) > 0.5)
    cut = tones[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = max(1, round(height * cut.shape[1] / cut.shape[0])), height
    small = as_picture(1 - cut).resize(size, Image.Resampling.BOX)
    edge = max(1, round(margin * height))
    return ImageOps.expand(small, edge, 255)


def _with_pen(tones: Plane, pen: float) -> Plane:
    """Strokes grown on all sides until they are about `pen` of the digit's height."""
    tones = np.pad(tones, 60)
    inked = tones > 0.5
    rows = np.flatnonzero(inked.any(1))
    inside = ndimage.distance_transform_edt(inked)
    away = ndimage.distance_transform_edt(~inked) - inside
    width = 4 * inside[inked].mean()  # across a stroke, the distance to its rim averages a quarter
    # The digit grows by as much on either side
    more = max(0.0, (pen * len(rows) - width) / 2 / (1 - pen))
    return np.asarray(np.clip(0.5 + (more - away), 0, 1), np.float32)


_IMAGES = "test images"
_PENS = (0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.32, 0.4)
_VALUES: dict[str, tuple[str, float, Sequence[float]]] = {
    "pen": ("stroke width, share of the height", PEN, _PENS),
    "height": ("height in pixels", HEIGHT, (8, 10, 12, 16, 24, 40, 80, 160)),
    "slant": ("slant in degrees, to the right", 0, (-40, -30, -20, -10, 0, 10, 20, 30, 40)),
    "margin": ("margin, share of the height", MARGIN, (0.0, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)),
}
_THINNEST_IMAGE = 0.12  # strokes of images are grown; shrunk, they would break up


def sweeps(
    subject: Subject,
    images: Images,
    labels: Labels,
    pens: Sequence[PenDigit],
    each: int,
    on_picture: Progress = silent,
) -> list[Sweep]:
    """Change stroke width, size, slant and margin one at a time; the same digits each time.

    Args:
        subject: the model.
        images: test images (N, 28, 28).
        labels: (N,).
        pens: pen strokes; those of writers kept out of the reader's training are taken.
        each: digits of either source.
        on_picture: called with the pictures done and in all.
    """
    chosen = spread(len(images), each)
    own = [digit for digit in pens if is_development(digit.writer)]
    strokes = [own[i] for i in spread(len(own), each)]
    sources: dict[str, list[tuple[Callable[..., Picture], int]]] = {
        _IMAGES: [(partial(_large, images[i]), int(labels[i])) for i in chosen]
    }
    if strokes:
        sources["pen strokes"] = [(partial(_pen, digit), digit.label) for digit in strokes]
    work = [
        (thing, value, name)
        for thing, (_, _, values) in _VALUES.items()
        for value in values
        for name in sources
        if not (thing == "pen" and name == _IMAGES and value < _THINNEST_IMAGE)
    ]
    pictures = [draw(**{thing: value}) for thing, value, name in work for draw, _ in sources[name]]
    answers = iter(read_pictures(subject.reader, pictures, on_picture))
    found: dict[str, dict[str, list[tuple[float, Share]]]] = {
        thing: {name: [] for name in sources} for thing in _VALUES
    }
    for thing, value, name in work:
        right = share_of([next(answers).is_digit(label) for _, label in sources[name]])
        found[thing][name].append((value, right))
    return [Sweep(thing, unit, usual, found[thing]) for thing, (unit, usual, _) in _VALUES.items()]

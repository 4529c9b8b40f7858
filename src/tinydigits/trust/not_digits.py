"""What is no digit: letters, marks, scribbles, textures, noise, other sets; is it taken for one?"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, punctuation

import numpy as np
from PIL import Image

from tinydigits.arrays import Generator, Images, Plane
from tinydigits.errors import TinydigitsError
from tinydigits.image.normalise import normalise
from tinydigits.mnist.idx import decode_idx
from tinydigits.reader.finder import Finder
from tinydigits.reader.found import single_glyph
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.recognise import recognise
from tinydigits.trust.drawing import Picture, drawn_strokes, drawn_text
from tinydigits.trust.fonts import Font
from tinydigits.trust.measures import Share, auroc, share_of, spread
from tinydigits.trust.reading import Answer, Progress, as_picture, read_pictures, silent
from tinydigits.trust.subject import Subject

LOOK_ALIKE = "BDGIOQSZbgiloqsz"  # 8 0 6 1 0 0 5 2, 6 9 1 1 0 9 5 2
LETTERS = ascii_uppercase + ascii_lowercase

_EXAMPLES = 12  # of each kind that is taken for a digit
_OF_A_SET = 300  # images of an IDX set


@dataclass(frozen=True)
class Letter:
    """How one letter was taken: `sure` of `n` pictures surely for a digit, mostly for `as_`."""

    letter: str
    n: int
    sure: int
    as_: str


@dataclass(frozen=True)
class Kind:
    """How one kind of thing was taken."""

    name: str  # of the kind
    digit: Share  # pictures in which the reader reads any digit
    sure: Share  # pictures in which it reads one surely, at its threshold
    parted: int  # of these, how many it reads as several digits, so that it took one thing apart
    # The probability that a digit is read with more confidence than such a thing, where both are
    # read as one glyph; what has no ink counts as read with none
    auroc: float
    # What was taken for a digit surely, float32 (28, 28), with what was read
    examples: list[tuple[Plane, str]] = field(repr=False)


@dataclass(frozen=True)
class NotDigits:
    """What is no digit, kind by kind and letter by letter."""

    kinds: list[Kind]  # letters that look like digits apart from the others
    letters: list[Letter]  # most often taken surely for a digit first
    # By name, those of which the shipped weights saw letters in training marked so
    fonts: dict[str, bool]
    digits_sure: Share  # of the test digits that the AUROC compares with, the share read surely


def not_digits(
    subject: Subject,
    digits: Images,
    fonts: Sequence[Font],
    each: int,
    sets: Sequence[tuple[str, Sequence[Picture]]] = (),
    on_picture: Progress = silent,
) -> NotDigits:
    """Show a model what is no digit.

    Args:
        subject: the model.
        digits: test images (N, 28, 28) to compare with.
        fonts: to draw letters in, in turn.
        each: pictures of each letter; of other kinds, as many as suit that.
        sets: more kinds, a name and its pictures each; see `read_set`.
        on_picture: called with the pictures done and in all.
    """
    letters = sorted(LETTERS, key=lambda letter: letter not in LOOK_ALIKE)
    drawn = [_letter_pictures(letter, fonts, each) for letter in letters]
    alike = len(LOOK_ALIKE)
    groups: dict[str, Sequence[Picture]] = {
        "letters that look like digits": [p for pictures in drawn[:alike] for p in pictures],
        "other letters": [p for pictures in drawn[alike:] for p in pictures],
        **_drawn(fonts, each),
        **dict(sets),
    }
    answers = read_pictures(subject.reader, [p for g in groups.values() for p in g], on_picture)
    compared = digits[spread(len(digits), 500)]
    known = _confidences(subject, [as_picture(image) for image in compared])
    rest = iter(answers)
    kinds = [
        _kind(subject, name, group, list(islice(rest, len(group))), known)
        for name, group in groups.items()
    ]
    by_letter = [
        _letter(letter, answers[i * each : (i + 1) * each]) for i, letter in enumerate(letters)
    ]
    return NotDigits(
        kinds=kinds,
        letters=sorted(by_letter, key=lambda one: (-one.sure, one.letter.lower(), one.letter)),
        fonts={font.name: font.learned for font in fonts},
        digits_sure=share_of(known >= MIN_CONFIDENCE),
    )


def read_set(path: Path) -> tuple[str, list[Picture]]:
    """A set of images that are no digits, such as Fashion-MNIST's: its name, and 300 of them.

    Raises:
        TinydigitsError: it is no IDX file of images of 28x28.
        OSError: it cannot be read.
    """
    images = decode_idx(path.read_bytes(), str(path))
    if images.ndim != 3:
        raise TinydigitsError(f"{path}: holds labels; give the IDX file of the images")
    return path.name, [Image.fromarray(images[i]) for i in spread(len(images), _OF_A_SET)]


def glyph(finder: Finder, picture: Picture) -> Plane | None:
    """What the network sees of a picture of one thing: (28, 28), or None if it is blank."""
    found = single_glyph(finder, np.asarray(picture.convert("L")))
    return normalise(found.amount, found.noise) if found else None


def _confidences(subject: Subject, pictures: Sequence[Picture]) -> Plane:
    seen = [glyph(subject.reader.finder, picture) for picture in pictures]
    found = np.zeros(len(seen), np.float32)
    inked = {i: image for i, image in enumerate(seen) if image is not None}
    if inked:
        images = np.stack(list(inked.values()))
        found[list(inked)] = recognise(subject.reader.session, images).max(1)
    return found


def _kind(
    subject: Subject,
    name: str,
    pictures: Sequence[Picture],
    answers: list[Answer],
    known: Plane,
) -> Kind:
    sure = [any(answer.sure) for answer in answers]
    taken = np.flatnonzero(sure)
    shown = taken[spread(len(taken), _EXAMPLES)]
    return Kind(
        name=name,
        digit=share_of([bool(answer.text) for answer in answers]),
        sure=share_of(sure),
        parted=sum(len(answers[i].text) > 1 for i in taken),
        auroc=auroc(known, _confidences(subject, pictures)),
        examples=[(_thumbnail(pictures[i]), f"→ {answers[i].text}") for i in shown],
    )


def _letter(letter: str, answers: list[Answer]) -> Letter:
    read = Counter(answer.text for answer in answers if any(answer.sure))
    most = read.most_common(1)[0][0] if read else ""
    return Letter(letter, len(answers), sum(read.values()), most)


def _letter_pictures(letter: str, fonts: Sequence[Font], each: int) -> list[Picture]:
    number = LETTERS.index(letter)
    rng = np.random.default_rng([0, number])
    return [
        _printed(letter, fonts[(number * each + turn) % len(fonts)], rng) for turn in range(each)
    ]


def _printed(text: str, font: Font, rng: Generator) -> Picture:
    return drawn_text(text, font.path, rng, int(rng.integers(24, 120)), 0.5)


def _drawn(fonts: Sequence[Font], each: int) -> dict[str, list[Picture]]:
    rng = np.random.default_rng([0, len(LETTERS)])

    def many(draw: Callable[[Generator], Picture], count: int) -> list[Picture]:
        return [draw(rng) for _ in range(count)]

    marks = [
        _printed(mark, fonts[(number + turn) % len(fonts)], rng)
        for number, mark in enumerate(punctuation)
        for turn in range(max(1, each // 3))
    ]
    return {
        "punctuation": marks,
        "scribbles": many(_scribble, 12 * each),
        "textures": many(_texture, 8 * each),
        "noise": many(_noise, 4 * each),
        "blank": many(_blank, 2 * each),
    }


def _scribble(rng: Generator) -> Picture:
    """A smooth line that wanders: a sum of a few waves across and a few down."""
    along = np.linspace(0, 1, 150)[:, None]
    waves, phases = rng.uniform(0, 4, (2, 5)), rng.uniform(0, 2 * np.pi, (2, 5))
    sizes = rng.normal(0, 1, (2, 5)) / (1 + waves)
    path = [(np.sin(2 * np.pi * waves[i] * along + phases[i]) * sizes[i]).sum(1) for i in (0, 1)]
    return drawn_strokes(
        [np.stack(path, 1)], rng.uniform(0.03, 0.2), int(rng.integers(24, 120)), 0.5
    )


def _texture(rng: Generator) -> Picture:
    """Stripes, checks, rings or waves that fill the picture."""
    side = int(rng.integers(28, 120))
    y, x = np.mgrid[:side, :side] / side - 0.5
    turn, often = rng.uniform(0, np.pi), rng.uniform(2, 8)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    wave = [
        np.sin(2 * np.pi * often * along),
        np.sin(2 * np.pi * often * along) * np.sin(2 * np.pi * often * across),
        np.sin(2 * np.pi * often * np.hypot(x, y) * 1.4),
        np.sin(2 * np.pi * often * (along + 0.1 * np.sin(12 * across))),
    ][rng.integers(4)]
    if rng.random() < 0.5:
        wave = np.sign(wave)
    return as_picture(0.5 + 0.5 * rng.uniform(0.2, 1) * wave)


def _noise(rng: Generator) -> Picture:
    """Each pixel by chance, fine or coarse."""
    cells = int(rng.integers(6, 60))
    image = as_picture(rng.random((cells, cells)) ** rng.uniform(0.5, 4))
    return image.resize((60, 60), Image.Resampling.NEAREST)


def _blank(rng: Generator) -> Picture:
    """One tone, with as little noise as a scanner has."""
    tone = rng.uniform(0, 1)
    return as_picture(np.clip(tone + rng.normal(0, 0.01, (60, 60)), 0, 1))


def _thumbnail(picture: Picture) -> Plane:
    small = picture.convert("L")
    small.thumbnail((40, 40))
    return np.float32(1) - np.asarray(small, np.float32) / np.float32(255)

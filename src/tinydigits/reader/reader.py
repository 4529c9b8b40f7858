"""The reader: a picture in, its digits out. Load it once, read many."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError
from tinydigits.image.normalise import normalise
from tinydigits.image.picture import Picture, Source, open_pages, open_picture
from tinydigits.reader.finder import Finder
from tinydigits.reader.found import find_digits
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.legible import MIN_CONFIDENCE as MIN_CONFIDENCE
from tinydigits.reader.legible import Found
from tinydigits.reader.looks import Lines, Look, look_at
from tinydigits.reader.recognise import recognise
from tinydigits.reader.session import Session

# Pictures read side by side: the network and what prepares its images then each stay in the
# processor's cache, so small pictures take 0.75 of the time. Larger ones gain little and need room.
_TOGETHER = 32
_TOGETHER_PIXELS = 2**20

Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit that was read.

    Attributes:
        label: 0 to 9.
        confidence: the probability of that label.
        probabilities: float32 (10,), calibrated.
        box: (x, y, width, height) in pixels of the original, upright picture.
        image: float32 (28, 28) in [0, 1], ink 1: what the network saw.
        uncertain: whether the confidence is below the least that was asked for.
    """

    label: int
    confidence: float
    probabilities: Plane = field(repr=False)
    box: tuple[int, int, int, int]
    image: Plane = field(repr=False)
    uncertain: bool


@dataclass(frozen=True, eq=False)
class Reading:
    """What a picture says.

    Attributes:
        text: the digits and the marks that are sure among them (/ - + = . , : and brackets), a line
            of text per line of the page and a space where a gap is wide; empty if there are none.
        digits: the same digits in the same order, without the marks.
        left_out: how many things on the page were taken for no digits, by what they are; and, as
            1, what of the file was not read: a moving picture's later frames, what is damaged.
    """

    text: str
    digits: list[Digit]
    left_out: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON: what `read --json` prints and the service sends."""
        digits = [
            {
                "label": digit.label,
                "confidence": round(digit.confidence, 4),
                "box": list(digit.box),
                "uncertain": digit.uncertain,
            }
            for digit in self.digits
        ]
        return {"text": self.text, "digits": digits, "left_out": self.left_out}


class Reader:
    """Reads digits from pictures; can be used from several threads and sent to processes.

    Attributes:
        session: the model, for `recognise`.
    """

    def __init__(
        self, model: str | os.PathLike[str] | None = None, *, finder: Finder | None = None
    ) -> None:
        """Load the shipped model, or an ONNX file made by `tinydigits export`.

        Args:
            model: such a file.
            finder: finds the digits; without one, rules do.

        Raises:
            TinydigitsError: the file is not such a model.
            OSError: it cannot be read.
        """
        self.session = Session(model)
        self.finder = finder

    def read(
        self, image: Source, *, single: bool = False, min_confidence: float | None = None
    ) -> Reading:
        """Read one picture.

        Args:
            image: a path, bytes, a binary file, a PIL image, or an array (height, width) or
                (height, width, 3 or 4).
            single: take the whole picture to be one digit.
            min_confidence: write `?` for each digit read with less confidence than this.

        Raises:
            TinydigitsError: the picture cannot be read, the file has several pages (for which there
                is `read_pages`), or `min_confidence` is not from 0 to 1.
            OSError: the file cannot be read.
        """
        _check(min_confidence)
        return self._read([open_picture(image)], single, min_confidence)[0]

    def read_pages(
        self, source: Source, *, single: bool = False, min_confidence: float | None = None
    ) -> list[Reading]:
        """Read all pages of a PDF or TIFF file, in their order; a picture is one page.

        Args:
            source: as in `read`.
            single: take each page to be one digit.
            min_confidence: as in `read`.

        Raises:
            TinydigitsError: as `read`, or one of the pages cannot be read, or they are too many.
            OSError: the file cannot be read.
        """
        (outcomes,) = self.page_outcomes([source], single=single, min_confidence=min_confidence)
        return _readings(outcomes)

    def read_batch(
        self,
        images: Iterable[Source],
        *,
        single: bool = False,
        min_confidence: float | None = None,
    ) -> list[Reading]:
        """Read many pictures, into a list in the same order; several at once, which is quicker.

        Raises:
            TinydigitsError: one of the pictures cannot be read.
            OSError: one of the files cannot be read.
        """
        return _readings(self.outcomes(images, single=single, min_confidence=min_confidence))

    def outcomes(
        self,
        images: Iterable[Source],
        *,
        single: bool = False,
        min_confidence: float | None = None,
    ) -> Iterator["Outcome"]:
        """As `read_batch`, but one by one, and an error in the place of what cannot be read.

        Raises:
            TinydigitsError: `min_confidence` is not from 0 to 1.
        """
        for (outcome,) in self._sources(images, False, single, min_confidence):
            yield outcome

    def page_outcomes(
        self,
        sources: Iterable[Source],
        *,
        single: bool = False,
        min_confidence: float | None = None,
    ) -> Iterator[list["Outcome"]]:
        """As `outcomes`, but for each source a list: of one for a picture, of several for pages.

        Raises:
            TinydigitsError: `min_confidence` is not from 0 to 1.
        """
        yield from self._sources(sources, True, single, min_confidence)

    def _sources(
        self,
        sources: Iterable[Source],
        several: bool,
        single: bool,
        min_confidence: float | None,
    ) -> Iterator[list["Outcome"]]:
        """The outcomes of each source; where `several` pages are not allowed, one."""
        _check(min_confidence)
        own: list[Outcome] = []
        for group in _groups(each for source in sources for each in _opened(source, several)):
            pictures = [opened for opened, _ in group if isinstance(opened, Picture)]
            readings = iter(self._outcomes(pictures, single, min_confidence))
            for opened, last in group:
                own.append(next(readings) if isinstance(opened, Picture) else opened)
                if last:
                    yield own
                    own = []

    def _outcomes(
        self, pictures: list[Picture], single: bool, min_confidence: float | None
    ) -> list["Outcome"]:
        try:
            return list(self._read(pictures, single, min_confidence))
        except TinydigitsError as error:  # the model fails, on one of them perhaps
            if len(pictures) == 1:
                return [error]
        each = [self._outcomes([picture], single, min_confidence) for picture in pictures]
        return [outcome for one in each for outcome in one]

    def _read(
        self, pictures: list[Picture], single: bool, min_confidence: float | None
    ) -> list[Reading]:
        found = self._lines(
            [
                find_digits(self.finder, picture.grey)
                if self.finder and not single
                else look_at(picture.grey, single)
                for picture in pictures
            ]
        )
        return [
            _reading(picture, lines, min_confidence)
            for picture, lines in zip(pictures, found, strict=True)
        ]

    def _lines(self, looks: list[Look[Lines]]) -> list[Lines]:
        """Take several pictures' looks side by side, each step of all of them at once."""
        results: dict[int, Lines] = {}
        sent: dict[int, Any] = dict.fromkeys(range(len(looks)))  # None starts a look
        while sent:
            wanted: dict[int, list[Glyph]] = {}
            for i, found in sent.items():
                try:
                    wanted[i] = looks[i].send(found)
                except StopIteration as done:
                    results[i] = done.value
            looked = iter(self._look_at([glyph for own in wanted.values() for glyph in own]))
            sent = {i: list(islice(looked, len(own))) for i, own in wanted.items()}
        return [results[i] for i in range(len(looks))]

    def _look_at(self, glyphs: list[Glyph]) -> list[Found]:
        images = np.zeros((len(glyphs), 28, 28), np.float32)
        probabilities = np.full((len(glyphs), 10), 0.1, np.float32)
        maybe = [i for i, glyph in enumerate(glyphs) if not glyph.mark]
        if maybe:
            images[maybe] = [normalise(glyphs[i].amount, glyphs[i].noise) for i in maybe]
            probabilities[maybe] = recognise(self.session, images[maybe])
        return [Found(*each) for each in zip(glyphs, images, probabilities, strict=True)]


Outcome = Reading | TinydigitsError | OSError
_Opened = tuple[Picture | TinydigitsError | OSError, bool]  # and whether it ends its source


def page_name(name: str, number: int, count: int) -> str:
    """What a page is called, counted from 1: "scan.pdf#2"; the only page as its file."""
    return f"{name}#{number}" if count > 1 else name


def _check(min_confidence: float | None) -> None:
    if min_confidence is not None and not 0 <= min_confidence <= 1:
        raise TinydigitsError(f"min_confidence is {min_confidence}, but must be from 0 to 1")


def _readings(outcomes: Iterable[Outcome]) -> list[Reading]:
    """The readings; the first error is raised."""
    readings = []
    for outcome in outcomes:
        if not isinstance(outcome, Reading):
            raise outcome
        readings.append(outcome)
    return readings


def _opened(source: Source, several: bool) -> Iterator[_Opened]:
    """The pages of a source, one at a time, or why one or all cannot be read."""
    try:
        with open_pages(source) as pages:
            if not several:
                pages.check_single()
            for number in range(pages.count):
                last = number == pages.count - 1
                try:
                    yield pages.picture(number), last
                except TinydigitsError as error:
                    yield error, last
    except (TinydigitsError, OSError) as error:
        yield error, True


def _groups(opened: Iterable[_Opened]) -> Iterator[list[_Opened]]:
    """As many at a time as are read together."""
    group: list[_Opened] = []
    pixels = 0
    for each in opened:
        pixels += each[0].grey.size if isinstance(each[0], Picture) else 0
        group.append(each)
        if len(group) == _TOGETHER or pixels >= _TOGETHER_PIXELS:
            yield group
            group, pixels = [], 0
    yield group


def _reading(picture: Picture, found: Lines, min_confidence: float | None) -> Reading:
    lines, left_out = found
    scale = picture.size[0] / picture.grey.shape[1]
    least = MIN_CONFIDENCE if min_confidence is None else min_confidence
    text_lines, digits = [], []
    for line in lines:
        read = [_digit(found, scale, least) for found in line]
        digits += [digit for digit in read if digit]
        text_lines.append(_text(line, read, marked=min_confidence is not None))
    text = "\n".join(text for text in text_lines if text)
    left_out = left_out + Counter(picture.left_out)
    return Reading(text, digits, dict(sorted((+left_out).items())))


def _digit(found: Found, scale: float, least: float) -> Digit | None:
    if found.glyph.mark:
        return None
    label = int(found.probabilities.argmax())
    confidence = float(found.probabilities[label])
    left, top, right, bottom = (round(edge * scale) for edge in found.glyph.box)
    box = (left, top, max(1, right - left), max(1, bottom - top))
    uncertain = confidence < least
    return Digit(label, confidence, found.probabilities, box, found.image, uncertain)


def _text(line: list[Found], digits: list[Digit | None], marked: bool) -> str:
    words: list[str] = []
    for found, digit in zip(line, digits, strict=True):
        words.append(" " if words and found.glyph.space_before else "")
        if digit is None:
            words.append(found.glyph.mark)
        else:
            words.append("?" if marked and digit.uncertain else str(digit.label))
    return "".join(words)

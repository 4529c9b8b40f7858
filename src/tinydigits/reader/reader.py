"""The reader: a picture in, its digits out. Load it once, read many."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from tinydigits.errors import TinydigitsError
from tinydigits.image.normalise import normalise
from tinydigits.image.picture import Picture, Source, open_pages, open_picture
from tinydigits.reader.finder import Finder
from tinydigits.reader.found import find_digits
from tinydigits.reader.glyph import Found, Glyph, Lines, Look
from tinydigits.reader.reading import Outcome, Reading, as_reading
from tinydigits.reader.recognise import recognise
from tinydigits.reader.session import Session
from tinydigits.reader.single import find_single

# Pictures read side by side: the network and what prepares its images then each stay in the
# processor's cache, so small pictures take 0.75 of the time. Larger ones gain little and need room.
_TOGETHER = 32
_TOGETHER_PIXELS = 2**20


class Reader:
    """Reads digits from pictures; can be used from several threads and sent to processes.

    A picture is decoded (`open_picture`), its digits are found and cut out (`find_digits`), brought
    to 28x28 (`normalise`), recognised (`recognise`), and put into words (`as_reading`).

    Attributes:
        session: the recogniser, for `recognise`.
        finder: what finds digits in a picture.
    """

    def __init__(
        self, model: str | os.PathLike[str] | None = None, *, finder: Finder | None = None
    ) -> None:
        """Load the shipped networks, or others.

        Args:
            model: a recogniser, an ONNX file made by `tinydigits export`.
            finder: another finder, `Finder(path)` of a file made by `make finder`.

        Raises:
            TinydigitsError: the file is not such a model.
            OSError: it cannot be read.
        """
        self.session = Session(model)
        self.finder = finder or Finder()

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
    ) -> Iterator[Outcome]:
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
    ) -> Iterator[list[Outcome]]:
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
    ) -> Iterator[list[Outcome]]:
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
    ) -> list[Outcome]:
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
        find = find_single if single else find_digits
        found = self._side_by_side([find(self.finder, picture.grey) for picture in pictures])
        return [
            as_reading(picture, lines, min_confidence)
            for picture, lines in zip(pictures, found, strict=True)
        ]

    def _side_by_side(self, looks: list[Look[Lines]]) -> list[Lines]:
        """Look at several pictures, and recognise what each step finds in all of them at once."""
        results: dict[int, Lines] = {}
        sent: dict[int, Any] = dict.fromkeys(range(len(looks)))  # None starts a look
        while sent:
            wanted: dict[int, list[Glyph]] = {}
            for i, found in sent.items():
                try:
                    wanted[i] = looks[i].send(found)
                except StopIteration as done:
                    results[i] = done.value
            read = iter(self._recognised([glyph for own in wanted.values() for glyph in own]))
            sent = {i: list(islice(read, len(own))) for i, own in wanted.items()}
        return [results[i] for i in range(len(looks))]

    def _recognised(self, glyphs: list[Glyph]) -> list[Found]:
        images = np.zeros((len(glyphs), 28, 28), np.float32)
        probabilities = np.full((len(glyphs), 10), 0.1, np.float32)
        maybe = [i for i, glyph in enumerate(glyphs) if not glyph.mark]
        if maybe:
            images[maybe] = [normalise(glyphs[i].amount, glyphs[i].noise) for i in maybe]
            probabilities[maybe] = recognise(self.session, images[maybe])
        return [Found(*each) for each in zip(glyphs, images, probabilities, strict=True)]


_Opened = tuple[Picture | TinydigitsError | OSError, bool]  # and whether it ends its source


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

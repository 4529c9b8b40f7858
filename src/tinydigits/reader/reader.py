"""The reader: a picture in, its digits out. Load it once, read many."""

import os
from collections.abc import Iterable, Iterator

import numpy as np

from tinydigits.errors import TinydigitsError
from tinydigits.image.normalise import normalise
from tinydigits.image.picture import Picture, Source, open_picture
from tinydigits.reader.batches import batches, side_by_side
from tinydigits.reader.finder import Finder
from tinydigits.reader.found import find_digits, find_single
from tinydigits.reader.glyph import Found, Glyph
from tinydigits.reader.reading import Outcome, Reading, as_reading
from tinydigits.reader.recognise import recognise
from tinydigits.reader.session import Session


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
        for group in batches(sources, several):
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
        looks = [find(self.finder, picture.grey) for picture in pictures]
        found = side_by_side(looks, self._recognised)
        return [
            as_reading(picture, lines, min_confidence)
            for picture, lines in zip(pictures, found, strict=True)
        ]

    def _recognised(self, glyphs: list[Glyph]) -> list[Found]:
        """What the recogniser says of each glyph; marks are not shown to it."""
        images = np.zeros((len(glyphs), 28, 28), np.float32)
        probabilities = np.full((len(glyphs), 10), 0.1, np.float32)
        maybe = [i for i, glyph in enumerate(glyphs) if not glyph.mark]
        if maybe:
            images[maybe] = [normalise(glyphs[i].amount, glyphs[i].noise) for i in maybe]
            probabilities[maybe] = recognise(self.session, images[maybe])
        return [Found(*each) for each in zip(glyphs, images, probabilities, strict=True)]


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

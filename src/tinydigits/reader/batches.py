"""Pictures in batches: opened one by one, then read side by side.

The network and what prepares its images then each stay in the processor's cache, so small pictures
take 0.75 of the time. Larger ones gain little and need room.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from tinydigits.errors import TinydigitsError
from tinydigits.image.picture import Picture, Source, open_pages
from tinydigits.reader.glyph import Found, Glyph, Lines, Look

_PICTURES = 32  # of a batch at most; before the finder 16 took 1.04 of the time, 64 took 0.98
_PIXELS = 2**20  # from which on a batch is full: chosen, larger pictures gain nothing by it

# A page, or why it cannot be read, and whether it ends its source.
Opened = tuple[Picture | TinydigitsError | OSError, bool]


def batches(sources: Iterable[Source], several: bool) -> Iterator[list[Opened]]:
    """The sources' pages, as many at a time as are read together.

    Args:
        sources: paths, bytes, pictures.
        several: whether a source may have several pages.
    """
    batch: list[Opened] = []
    pixels = 0
    for each in (opened for source in sources for opened in _opened(source, several)):
        pixels += each[0].grey.size if isinstance(each[0], Picture) else 0
        batch.append(each)
        if len(batch) == _PICTURES or pixels >= _PIXELS:
            yield batch
            batch, pixels = [], 0
    yield batch


def _opened(source: Source, several: bool) -> Iterator[Opened]:
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


def side_by_side(
    looks: list[Look[Lines]], recognised: Callable[[list[Glyph]], list[Found]]
) -> list[Lines]:
    """Take several pictures' looks, each step of all of them at once.

    Args:
        looks: one for each picture.
        recognised: what the recogniser says of each glyph.
    """
    results: dict[int, Lines] = {}
    sent: dict[int, Any] = dict.fromkeys(range(len(looks)))  # None starts a look
    while sent:
        wanted: dict[int, list[Glyph]] = {}
        for i, found in sent.items():
            try:
                wanted[i] = looks[i].send(found)
            except StopIteration as done:
                results[i] = done.value
        read = iter(recognised([glyph for own in wanted.values() for glyph in own]))
        sent = {i: list(islice(read, len(own))) for i, own in wanted.items()}
    return [results[i] for i in range(len(looks))]

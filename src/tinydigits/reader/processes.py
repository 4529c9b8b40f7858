"""Processes that each hold a Reader: Python's lock keeps threads from reading side by side."""

from collections.abc import Sequence

from tinydigits.pool import Pool
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Outcome

_TRIES = 3  # a picture that needs more memory than there is may kill as many (chosen)

_reader: Reader | None = None


def start_processes(reader: Reader, workers: int) -> Pool:
    """Processes with a copy of this reader each, for `read_all`."""
    return Pool(workers, hold_reader, reader, tries=_TRIES)


def read_all(
    sources: Sequence[str | bytes], single: bool, min_confidence: float | None
) -> list[list[Outcome]]:
    """Read paths or files' bytes, within a process: an outcome, or its error, for each page."""
    assert _reader is not None
    return list(_reader.page_outcomes(sources, single=single, min_confidence=min_confidence))


def hold_reader(reader: Reader) -> None:
    """Let this process read with it from now on."""
    global _reader
    _reader = reader

"""Processes that each hold a Reader: Python's lock keeps threads from reading side by side."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tinydigits.errors import TinydigitsError
from tinydigits.reader.pool import start_pool
from tinydigits.reader.reader import Reader, Reading

Outcome = Reading | TinydigitsError | OSError

_reader: Reader | None = None


def start_processes(reader: Reader, workers: int) -> ProcessPoolExecutor:
    """A pool of processes with a copy of this reader each, for `read_all`."""
    return start_pool(workers, hold_reader, reader)


def read_all(
    sources: Sequence[str | bytes], single: bool, min_confidence: float | None
) -> list[Outcome]:
    """Read paths or pictures' bytes, within a process; one that cannot be read gives its error."""
    assert _reader is not None
    return [attempt(_reader, source, single, min_confidence) for source in sources]


def attempt(
    reader: Reader, source: str | bytes, single: bool, min_confidence: float | None
) -> Outcome:
    """Read a picture, or say why it cannot be read."""
    try:
        return reader.read(source, single=single, min_confidence=min_confidence)
    except (TinydigitsError, OSError) as error:
        return error


def hold_reader(reader: Reader) -> None:
    """Let this process read with it from now on."""
    global _reader
    _reader = reader

"""Processes that each hold a Reader: Python's lock keeps threads from reading side by side."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader, Reading

Outcome = Reading | TinydigitsError | OSError

_reader: Reader | None = None


def start_processes(reader: Reader, workers: int) -> ProcessPoolExecutor:
    """A pool of processes with a copy of this reader each, for `read_all`."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_start, initargs=(reader,))


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


def _start(reader: Reader) -> None:
    global _reader
    for signum in (signal.SIGINT, signal.SIGTERM):  # the first process answers these, and ends us
        signal.signal(signum, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _reader = reader


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its processes to end."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)

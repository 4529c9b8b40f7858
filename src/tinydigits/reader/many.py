"""Many pictures: read here while that is quick, in processes of their own when it is not.

Threads would wait for Python's lock, and starting processes takes about as long as reading for
half a second. So the first pictures are read here; once they let expect more work than that, the
rest goes to processes, whatever the pictures' size and number.
"""

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader, Reading

WORTH_SECONDS = 1.5  # of work left, from which processes save time
_WORKERS = 3  # at most: each takes up to 320 MB for a picture of the largest size allowed
_AHEAD = 4  # pieces of work given to each process before the first must be done
_TOGETHER_SECONDS = 0.05  # of work handed to a process at once

Outcome = Reading | TinydigitsError | OSError

_reader: Reader | None = None
_options: tuple[bool, float | None] = (False, None)


def read_many(
    reader: Reader,
    sources: Sequence[str | bytes],
    *,
    single: bool = False,
    min_confidence: float | None = None,
) -> Iterator[Outcome]:
    """Read pictures in order; one that cannot be read gives its error instead.

    Args:
        reader: what to read with; it is sent to the processes.
        sources: paths, or the pictures' bytes.
        single: as in `Reader.read`.
        min_confidence: as in `Reader.read`.

    Raises:
        TinydigitsError: a process was killed, for want of memory, say.
    """
    began = time.perf_counter()
    for done, source in enumerate(sources):
        seconds_each = (time.perf_counter() - began) / max(1, done)
        if seconds_each * (len(sources) - done) > WORTH_SECONDS and done:
            together = max(1, round(_TOGETHER_SECONDS / seconds_each))
            yield from _in_processes(reader, sources[done:], (single, min_confidence), together)
            return
        yield _attempt(reader, source, single, min_confidence)


def _in_processes(
    reader: Reader,
    sources: Sequence[str | bytes],
    options: tuple[bool, float | None],
    together: int,
) -> Iterator[Outcome]:
    workers, before = min(_WORKERS, os.cpu_count() or 1), set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_start, initargs=(reader, options))
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for first in range(0, len(sources), together):
            waiting.append(pool.submit(_read_all, sources[first : first + together]))
            if len(waiting) > _AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise TinydigitsError(
            "a process that was reading has been killed; is there enough memory?"
        ) from error
    finally:  # at Ctrl-C, too, nobody waits for what is being read
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        pool.shutdown(wait=False)


def _start(reader: Reader, options: tuple[bool, float | None]) -> None:
    global _reader, _options
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer
    _reader, _options = reader, options


def _read_all(sources: Sequence[str | bytes]) -> list[Outcome]:
    assert _reader is not None
    return [_attempt(_reader, source, *_options) for source in sources]


def _attempt(
    reader: Reader, source: str | bytes, single: bool, min_confidence: float | None
) -> Outcome:
    try:
        return reader.read(source, single=single, min_confidence=min_confidence)
    except (TinydigitsError, OSError) as error:
        return error

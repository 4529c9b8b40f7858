"""Many pictures: read here while that is quick, in processes of their own when it is not.

Threads would wait for Python's lock, and starting processes takes about as long as reading for
half a second. So the first pictures are read here; once they let expect more work than that, the
rest goes to processes, whatever the pictures' size and number.
"""

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Outcome

if TYPE_CHECKING:
    from concurrent.futures import Future

WORTH_SECONDS = 1.5  # of work left, from which processes save time
_WORKERS = 3  # at most: each takes up to 320 MB for a picture of the largest size allowed
_AHEAD = 4  # pieces of work that wait for each process, so that none idles: chosen
_TOGETHER_SECONDS = 0.05  # of work read at once: chosen, so that results keep coming


def read_many(
    reader: Reader,
    sources: Sequence[str | bytes],
    *,
    single: bool = False,
    min_confidence: float | None = None,
) -> Iterator[list[Outcome]]:
    """Read files in order, each into a list with a reading, or an error, for each of its pages.

    Args:
        reader: what to read with; it is sent to the processes.
        sources: paths, or the pictures' bytes.
        single: as in `Reader.read`.
        min_confidence: as in `Reader.read`.

    Raises:
        TinydigitsError: a process was killed, for want of memory, say.
    """
    yield from reader.page_outcomes(sources[:1], single=single, min_confidence=min_confidence)
    done, together, began = 1, 1, time.perf_counter()  # the first takes longer than all others
    while done < len(sources):
        some = sources[done : done + together]
        yield from reader.page_outcomes(some, single=single, min_confidence=min_confidence)
        done += len(some)
        seconds_each = (time.perf_counter() - began) / (done - 1)
        together = max(1, round(_TOGETHER_SECONDS / seconds_each))
        if seconds_each * (len(sources) - done) > WORTH_SECONDS:
            yield from _in_processes(reader, sources[done:], (single, min_confidence), together)
            return


def _in_processes(
    reader: Reader,
    sources: Sequence[str | bytes],
    options: tuple[bool, float | None],
    together: int,
) -> Iterator[list[Outcome]]:
    from tinydigits.pool import pool_for_now
    from tinydigits.reader.processes import hold_reader, read_all

    workers = min(_WORKERS, os.cpu_count() or 1)
    waiting: deque[Future[list[list[Outcome]]]] = deque()
    with pool_for_now(workers, hold_reader, reader) as pool:
        for first in range(0, len(sources), together):
            waiting.append(pool.submit(read_all, sources[first : first + together], *options))
            if len(waiting) > _AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()

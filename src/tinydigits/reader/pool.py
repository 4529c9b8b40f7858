"""Processes beside this one: started afresh, deaf to Ctrl-C, and gone when this one is."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from tinydigits.errors import TinydigitsError


def start_pool(workers: int, start: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """Processes that each call `start` with these arguments before their first work."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, _start, (start, arguments))


@contextmanager
def pool_for_now(
    workers: int, start: Callable[..., None], *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """As `start_pool`, for the time of a `with`; then they are killed, whatever they do.

    Raises:
        TinydigitsError: one of them was killed, for want of memory, say.
    """
    before = set(multiprocessing.active_children())
    pool = start_pool(workers, start, *arguments)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise TinydigitsError(
            "a process that was working has been killed; is there enough memory?"
        ) from error
    finally:  # at Ctrl-C, too, nobody waits for what is being done
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
        pool.shutdown(wait=False)


def _start(start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    for signum in (signal.SIGINT, signal.SIGTERM):  # the first process answers these, and ends us
        signal.signal(signum, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    start(*arguments)


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its processes to end."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)

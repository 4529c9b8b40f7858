"""Processes beside this one: started afresh, deaf to Ctrl-C, and gone when this one is.

Each process has a pipe of its own and a thread here that gives it work. So one that is killed takes
nothing with it but the work it had, and another takes its place at once, whether it worked or not.
"""

import atexit
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any

from tinydigits.errors import TinydigitsError

_PAUSE_SECONDS = 1.0  # after a process that could not start, before the next (chosen)
_UNHEARD = (signal.SIGINT, signal.SIGTERM)  # the first process answers these, and ends the others
_MOST_FAILED = 5  # starts in a row, after which nobody waits any more (chosen)


class ProcessKilled(TinydigitsError):
    """A process was killed while it worked, or could not start."""

    def __init__(self) -> None:
        super().__init__("a process that was working has been killed; is there enough memory?")


class _Ended(Exception):
    """The pool is closed."""


@dataclass
class _Job:
    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    until: float | None  # by time.monotonic
    future: Future[Any] = field(default_factory=Future)
    killed: int = 0  # processes that were killed while they did it


class Pool:
    """A fixed number of processes that do what they are given.

    A process that is killed is replaced. `close` kills them all, whatever they do; it is called at
    this process's exit if not before.

    Args:
        workers: how many processes.
        start: what each calls before its first work, with `arguments`.
        tries: how many processes work may lose before it fails with ProcessKilled.
    """

    def __init__(
        self, workers: int, start: Callable[..., None], *arguments: Any, tries: int = 1
    ) -> None:
        # Sent by the pipe, for Python's own way waits for ever for a process that is killed before
        # it has received all of a long message.
        self._start = bytes(ForkingPickler.dumps((start, arguments)))
        self._tries = tries
        self._context = multiprocessing.get_context("spawn")
        self._jobs: deque[_Job] = deque()
        self._idle: set[Connection] = set()  # a byte sent there wakes a thread that has no work
        self._lock = threading.Lock()  # of these two; nobody waits long for it
        self._starting, self._ended = threading.Lock(), threading.Event()
        self._failed = 0  # starts in a row
        self._processes: set[SpawnProcess] = set()
        self._ready: set[SpawnProcess] = set()
        self._threads: list[threading.Thread] = []
        atexit.register(self.close)
        try:
            for _ in range(workers):
                thread = threading.Thread(target=self._attend, args=self._begin(), daemon=True)
                thread.start()
                self._threads.append(thread)
        except BaseException:
            self.close()
            raise

    @property
    def ready(self) -> int:
        """How many processes have started and are alive."""
        return sum(process.is_alive() for process in tuple(self._ready))

    def submit(
        self, work: Callable[..., Any], *arguments: Any, seconds: float | None = None
    ) -> Future[Any]:
        """Have a process call `work`; a process that takes longer than `seconds` is killed.

        The future raises what `work` raises, TimeoutError, or ProcessKilled.
        """
        until = None if seconds is None else time.monotonic() + seconds
        job = _Job(work, arguments, until)
        with self._lock:
            self._jobs.append(job)
            self._wake()
        return job.future

    def close(self) -> None:
        """Kill the processes and wait until they are gone; what they had not done fails."""
        atexit.unregister(self.close)
        with self._starting:
            self._ended.set()
            for process in self._processes:
                process.kill()
        with self._lock:
            self._wake()
        for thread in self._threads:
            thread.join()
        self._fail_waiting()

    def _fail_waiting(self) -> None:
        with self._lock:
            jobs, self._jobs = self._jobs, deque()
        for job in jobs:
            if _begun(job.future):
                job.future.set_exception(ProcessKilled())

    def _wake(self) -> None:
        while self._idle:
            self._idle.pop().send_bytes(b".")

    def _attend(self, process: SpawnProcess, pipe: Connection) -> None:
        """Keep a process at work, and put another in its place when it is gone."""
        bell, ring = self._context.Pipe(duplex=False)
        with suppress(_Ended):
            while True:
                try:
                    pipe.send_bytes(self._start)
                    pipe.recv()
                    self._failed = 0
                    self._ready.add(process)
                    while True:
                        self._give(self._next(pipe, bell, ring), pipe)
                except (EOFError, OSError):
                    pass  # the pipe's other end is gone
                finally:
                    started = process in self._ready
                    self._end(process, pipe)
                process, pipe = self._begin_again(started)

    def _begin_again(self, started: bool) -> tuple[SpawnProcess, Connection]:
        """Another process, at once if the last had started; else what waits may fail instead."""
        while True:
            if not started:
                self._failed += 1
                if self._failed >= _MOST_FAILED:
                    self._fail_waiting()
                self._ended.wait(_PAUSE_SECONDS)
            started = False
            with suppress(OSError):  # too little memory, or too many processes
                return self._begin()

    def _begin(self) -> tuple[SpawnProcess, Connection]:
        with self._starting:
            if self._ended.is_set():
                raise _Ended
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_serve, args=(theirs,))
            with _held():
                process.start()
            self._processes.add(process)
        theirs.close()  # so that the end of the process is the end of the pipe
        return process, ours

    def _end(self, process: SpawnProcess, pipe: Connection) -> None:
        self._ready.discard(process)
        pipe.close()
        process.kill()
        process.join()
        with self._starting:
            self._processes.discard(process)

    def _next(self, pipe: Connection, bell: Connection, ring: Connection) -> _Job:
        while True:
            with self._lock:
                if self._ended.is_set():
                    raise _Ended
                if self._jobs:
                    return self._jobs.popleft()
                self._idle.add(ring)
            if pipe in wait([pipe, bell]):
                with self._lock:
                    self._idle.discard(ring)
                raise EOFError  # the process was asked nothing, so this is its end
            bell.recv_bytes()

    def _give(self, job: _Job, pipe: Connection) -> None:
        """Have the process do it.

        Raises:
            EOFError, OSError: the process is gone, or must go.
        """
        if not _begun(job.future):
            return
        left = None if job.until is None else job.until - time.monotonic()
        try:
            if left is not None and left <= 0:
                raise TimeoutError
            message = ForkingPickler.dumps((job.work, job.arguments))
        except Exception as error:
            job.future.set_exception(error)
            return
        try:
            with message:  # released: the frame of an error would keep it
                pipe.send_bytes(message)
            if not pipe.poll(left):
                job.future.set_exception(TimeoutError())
                raise EOFError
            done, outcome = pipe.recv()
        except (EOFError, OSError):
            if not job.future.done():
                self._lost(job)
            raise
        except Exception as error:  # an answer that is nothing here
            job.future.set_exception(error)
            return
        if done:
            job.future.set_result(outcome)
        else:
            job.future.set_exception(outcome)

    def _lost(self, job: _Job) -> None:
        """Another process does it next, unless it has lost too many."""
        job.killed += 1
        if job.killed >= self._tries:
            job.future.set_exception(ProcessKilled())
            return
        with self._lock:
            self._jobs.appendleft(job)
            self._wake()


def _begun(future: Future[Any]) -> bool:
    """Whether it runs, which it may have done before, or was cancelled."""
    return future.running() or future.set_running_or_notify_cancel()


@contextmanager
def pool_for_now(workers: int, start: Callable[..., None], *arguments: Any) -> Iterator[Pool]:
    """A `Pool` for the time of a `with`; at Ctrl-C, too, nobody waits for what is being done.

    Raises:
        ProcessKilled: a process was killed, for want of memory, say.
    """
    pool = Pool(workers, start, *arguments)
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def _held() -> Iterator[None]:
    """Keep signals from this thread, and from a process that it starts until that is deaf to them.

    Else Ctrl-C would end a process that is still importing, and it would say where.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it is started with the first process, and lets signals in
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _UNHEARD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """What a process does: start, say so, and work until its pipe ends."""
    for signum in _UNHEARD:
        signal.signal(signum, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _UNHEARD)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError):
        start, arguments = pipe.recv()
        start(*arguments)
        pipe.send(None)
        while True:
            pipe.send_bytes(_outcome(*pipe.recv()))


def _outcome(work: Callable[..., Any], arguments: tuple[Any, ...]) -> memoryview:
    try:
        return ForkingPickler.dumps((True, work(*arguments)))
    except Exception as error:
        error.add_note(f"in another process:\n{traceback.format_exc()}")
        return ForkingPickler.dumps((False, error))


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its processes to end."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)

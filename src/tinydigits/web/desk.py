"""A bounded queue of requests in front of the processes that read."""

import asyncio
import math
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from tinydigits.reader.processes import read_all, start_processes
from tinydigits.reader.reader import Reader, Reading

LEAST_TOGETHER = 8  # pictures given to a process at once, if there are so many


class DeskFull(Exception):
    """As many requests wait as may wait."""


class DeskBroken(Exception):
    """A reading process was killed; another takes its place."""


class Desk:
    """Takes pictures in, has them read by processes, and refuses when too many wait.

    Attributes:
        waiting: requests that are being read or wait for it.
        ready: whether the processes have loaded their model.
    """

    def __init__(self, reader: Reader, workers: int, most_waiting: int) -> None:
        self.waiting, self.ready = 0, False
        self._reader, self._workers, self._most = reader, workers, most_waiting
        self._pool = start_processes(reader, workers)

    @property
    def full(self) -> bool:
        """Whether the next request would be refused."""
        return self.waiting >= self._most

    async def open(self) -> None:
        """Start the processes and wait until each has its model."""
        await asyncio.gather(*(self._submit([], False, None) for _ in range(self._workers)))
        self.ready = True

    async def close(self) -> None:
        """Finish what was taken in, and end the processes."""
        await asyncio.to_thread(self._pool.shutdown)

    async def read(
        self, pictures: list[bytes], single: bool, min_confidence: float | None, seconds: float
    ) -> list[list[dict[str, Any]]]:
        """Of each picture's pages a reading as plain values, or {"error": sentence}, in order.

        Raises:
            DeskFull: too many requests wait.
            DeskBroken: the process that read was killed.
            TimeoutError: `seconds` were not enough.
        """
        if self.full:
            raise DeskFull
        together = max(LEAST_TOGETHER, math.ceil(len(pictures) / self._workers))
        parts = [pictures[i : i + together] for i in range(0, len(pictures), together)]
        self.waiting += 1
        pool = self._pool
        try:
            done = asyncio.gather(*(self._submit(part, single, min_confidence) for part in parts))
            return [answer for part in await asyncio.wait_for(done, seconds) for answer in part]
        except BrokenProcessPool as error:
            if pool is self._pool:  # the first to notice puts others in their place
                self._pool = start_processes(self._reader, self._workers)
            raise DeskBroken from error
        finally:
            self.waiting -= 1

    def _submit(
        self, pictures: list[bytes], single: bool, min_confidence: float | None
    ) -> asyncio.Future[list[list[dict[str, Any]]]]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._pool, answers, pictures, single, min_confidence)


def answers(
    pictures: list[bytes], single: bool, min_confidence: float | None
) -> list[list[dict[str, Any]]]:
    """What a process answers for each page of each picture: see `Desk.read`."""
    return [
        [
            outcome.as_dict() if isinstance(outcome, Reading) else {"error": str(outcome)}
            for outcome in pages
        ]
        for pages in read_all(pictures, single, min_confidence)
    ]

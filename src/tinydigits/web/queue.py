"""A bounded queue of requests in front of the processes that read."""

import asyncio
import math
from typing import Any

from tinydigits.pool import Pool
from tinydigits.reader.processes import read_all, start_processes
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Reading

LEAST_TOGETHER = 8  # pictures given to a process at once, if there are so many


class QueueFull(Exception):
    """As many requests wait as may wait."""


class Queue:
    """Takes pictures in, has them read by processes, and refuses when too many wait.

    Attributes:
        waiting: requests that are being read or wait for it.
    """

    def __init__(self, reader: Reader, workers: int, most_waiting: int) -> None:
        self.waiting = 0
        self._reader, self._workers, self._most = reader, workers, most_waiting
        self._pool: Pool | None = None

    @property
    def full(self) -> bool:
        """Whether the next request would be refused."""
        return self.waiting >= self._most

    @property
    def ready(self) -> int:
        """How many processes have loaded their model and are alive."""
        return self._pool.ready if self._pool else 0

    async def open(self) -> None:
        """Start the processes and wait until one has its model.

        Raises:
            ProcessKilled: none can start.
        """
        self._pool = start_processes(self._reader, self._workers)
        await self._submit([], False, None, None)

    async def close(self) -> None:
        """End the processes, whatever they do."""
        if self._pool:
            await asyncio.to_thread(self._pool.close)

    async def read(
        self, pictures: list[bytes], single: bool, min_confidence: float | None, seconds: float
    ) -> list[list[dict[str, Any]]]:
        """Of each picture's pages a reading as plain values, or {"error": sentence}, in order.

        Raises:
            QueueFull: too many requests wait.
            ProcessKilled: the processes that read were killed, one after the other.
            TimeoutError: `seconds` were not enough.
        """
        if self.full:
            raise QueueFull
        together = max(LEAST_TOGETHER, math.ceil(len(pictures) / self._workers))
        parts = [pictures[i : i + together] for i in range(0, len(pictures), together)]
        self.waiting += 1
        try:
            done = asyncio.gather(
                *(self._submit(part, single, min_confidence, seconds) for part in parts)
            )
            return [answer for part in await asyncio.wait_for(done, seconds) for answer in part]
        finally:
            self.waiting -= 1

    def _submit(
        self,
        pictures: list[bytes],
        single: bool,
        min_confidence: float | None,
        seconds: float | None,
    ) -> asyncio.Future[list[list[dict[str, Any]]]]:
        assert self._pool
        return asyncio.wrap_future(
            self._pool.submit(answers, pictures, single, min_confidence, seconds=seconds)
        )


def answers(
    pictures: list[bytes], single: bool, min_confidence: float | None
) -> list[list[dict[str, Any]]]:
    """What a process answers for each page of each picture: see `Queue.read`."""
    return [
        [
            outcome.as_dict() if isinstance(outcome, Reading) else {"error": str(outcome)}
            for outcome in pages
        ]
        for pages in read_all(pictures, single, min_confidence)
    ]

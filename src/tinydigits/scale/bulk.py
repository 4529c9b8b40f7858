"""Millions of pictures: pieces in, parts out, by local processes or by Ray's actors.

Either way one worker reads one piece and writes its part, with a Reader that it keeps.
"""

import hashlib
import logging
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.errors import TinydigitsError
from tinydigits.image.formats import Skipped
from tinydigits.pool import pool_for_now
from tinydigits.reader.processes import hold_reader, read_all
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Outcome, page_name
from tinydigits.scale.cluster import CORES, cluster, cpus
from tinydigits.scale.ids import check_ids
from tinydigits.scale.parts import Parts
from tinydigits.scale.pieces import Piece, find_input, in_lots

if TYPE_CHECKING:
    from ray import ObjectRef

_AHEAD = 2  # pieces given to each process
_MOST_BLOCKS = 10_000  # of Ray Data, which keeps an object for each
_CPUS = 0.5  # of an actor
_TOGETHER = 64  # pictures read together, which is quicker for small ones


@dataclass(frozen=True)
class Job:
    """What is to be read, by what, and where to."""

    reader: Reader  # what reads
    single: bool  # as in `Reader.read`
    min_confidence: float | None  # as in `Reader.read`
    parts: Parts  # where to
    plan: str  # what is written there first
    missing: Sequence[Piece]  # the pieces that are not done
    pieces: Sequence[Piece]  # all of them
    skipped: Skipped  # what lay among the pictures and is none

    @property
    def total(self) -> int:
        """How many pictures there are."""
        return sum(piece.count for piece in self.pieces)

    @property
    def left(self) -> int:
        """How many pictures are still to be read."""
        return sum(piece.count for piece in self.missing)

    def run(self, workers: int | None, address: str | None) -> Iterator[tuple[int, int]]:
        """Read what is missing -> as each piece is done its pictures, and its unreadable ones.

        Args:
            workers: local processes, by default one for each core.
            address: of a cluster that reads instead.

        Raises:
            TinydigitsError: a shard is damaged, a process was killed, or there is no cluster.
            OSError: a part cannot be written.
        """
        if self.missing:
            yield from self._on_cluster(address) if address else self._here(workers or CORES)
        self.parts.end()

    def _here(self, workers: int) -> Iterator[tuple[int, int]]:
        self.parts.begin(self.plan)
        task, waiting = self.task(), set[Future[tuple[int, int]]]()
        with pool_for_now(min(workers, len(self.missing)), hold_reader, self.reader) as pool:
            for piece in self.missing:
                waiting.add(pool.submit(task, piece))
                if len(waiting) > _AHEAD * workers:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)

    def _on_cluster(self, address: str) -> Iterator[tuple[int, int]]:
        with cluster(address):
            self.parts.begin(self.plan)
            yield from _by_actors(self.reader, self.task(), self.missing)

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows of all parts, in the order of the input.

        Raises:
            TinydigitsError: a part is damaged.
        """
        return (row for piece in self.pieces for row in self.parts.rows(piece))

    def task(self) -> "_Task":
        """What a process that holds the reader does with a piece: see `run`."""
        return _Task(self.parts, self.single, self.min_confidence)


def prepare(
    source: Path,
    out: Path,
    reader: Reader,
    *,
    single: bool = False,
    min_confidence: float | None = None,
) -> Job:
    """Look at what is to be read, and at what has been; nothing is written.

    Raises:
        TinydigitsError: as `find_input`, `check_ids` and `Parts.plan`.
        OSError: something cannot be read.
    """
    found, parts = find_input(source), Parts(out.resolve())
    _, content = reader.session.__getstate__()
    model = hashlib.sha256(content).hexdigest()
    plan = parts.plan(found, model=model, single=single, min_confidence=min_confidence)
    if not parts.begun:  # else they have been compared
        check_ids(found.shards, found.count)
    missing = parts.missing(found)
    return Job(reader, single, min_confidence, parts, plan, missing, found.pieces, found.skipped)


@dataclass(frozen=True)
class _Task:
    """A piece in, its part out, by the Reader that this process holds."""

    parts: Parts
    single: bool
    min_confidence: float | None

    def __call__(self, piece: Piece) -> tuple[int, int]:
        _, errors = self.parts.write(piece, self._rows(piece))
        return piece.count, errors

    def _rows(self, piece: Piece) -> Iterator[tuple[str, Outcome]]:
        """A row for each picture, or for each page of a file that has several."""
        for some in in_lots(piece.pictures(), _TOGETHER):
            names, sources = zip(*some, strict=True)
            for name, outcomes in zip(names, self._read(sources), strict=True):
                for number, outcome in enumerate(outcomes, 1):
                    yield page_name(name, number, len(outcomes)), outcome

    def _read(self, sources: Sequence[str | bytes]) -> list[list[Outcome]]:
        try:
            return read_all(sources, self.single, self.min_confidence)
        except Exception as error:  # a picture in millions that nobody foresaw ends no job
            if len(sources) == 1:
                return [[TinydigitsError(f"{type(error).__name__}: {error}")]]
            return [outcome for each in sources for outcome in self._read([each])]


class _Actor:
    """A process of Ray's that keeps a Reader."""

    def __init__(self, reader: "ObjectRef[Reader]", task: _Task) -> None:
        import ray

        hold_reader(ray.get(reader))
        self._task = task

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"done": np.array([self._read(piece) for piece in batch["piece"]], object)}

    def _read(self, packed: bytes) -> bytes:
        """What came of a piece; an error as a value, since Ray Data would wrap and log it."""
        piece: Piece = pickle.loads(packed)
        try:
            with self._task.parts.trying(piece):  # Ray itself would try for ever
                return pickle.dumps(self._task(piece))
        except (TinydigitsError, OSError) as error:
            return pickle.dumps(error)


def _by_actors(reader: Reader, task: _Task, pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Ray Data over the pieces, which are read by a pool of actors.

    Actors ask for half a CPU and are as many as there are CPUs: those of a node that is lost find
    room on the others, and something is left for whatever else Ray has to do.
    """
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what fails is raised, too
    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    items = [{"piece": pickle.dumps(piece)} for piece in pieces]
    blocks = min(len(items), _MOST_BLOCKS)
    dataset = ray.data.from_items(items, override_num_blocks=blocks).map_batches(
        _Actor,
        batch_size=1,
        compute=ActorPoolStrategy(size=min(cpus(), len(items))),
        fn_constructor_args=(ray.put(reader), task),
        num_cpus=_CPUS,
    )
    for batch in dataset.iter_batches(batch_size=None):
        for done in map(pickle.loads, batch["done"]):
            if isinstance(done, Exception):
                raise done
            yield done

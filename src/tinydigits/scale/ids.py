"""Whether every row of many shards has an id of its own, in little memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError

_AT_ONCE = 50_000_000  # ids compared in one pass: 400 MB, twice while they are gathered


def check_ids(paths: Sequence[Path], count: int) -> None:
    """Refuse `count` rows in shards if two of them have the same id, or one has none.

    Ids are compared by 64 bits of a hash, a share of all in each pass; then those that are alike
    letter by letter.

    Raises:
        TinydigitsError: there are such ids, or a shard is damaged.
    """
    passes = 1 + count // _AT_ONCE
    for share in range(passes):
        lots = [lot[lot % passes == share] for path in paths for lot in _hashes(path)]
        hashes = np.concatenate(lots or [np.empty(0, np.uint64)])
        del lots
        hashes.sort()
        _compare(paths, set(hashes[1:][hashes[1:] == hashes[:-1]].tolist()))


@contextmanager
def open_shard(path: str | Path, **settings: Any) -> Iterator[pq.ParquetFile]:
    """A Parquet file, for a `with`: TinydigitsError if it is damaged or lacks what is sought."""
    try:
        with pq.ParquetFile(path, **settings) as file:
            yield file
    except (pa.ArrowException, OSError, LookupError) as error:
        line = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"{path}: a shard that is damaged, or no Parquet file ({line})"
        raise TinydigitsError(message) from error


def _compare(paths: Sequence[Path], alike: set[int]) -> None:
    """Raise if two ids are the same, not only their hashes."""
    seen: dict[str, Path] = {}
    for path in paths if alike else ():
        for ids in _ids(path):
            for each in ids:
                if hash(each) % 2**64 in alike:
                    if each in seen:
                        raise TinydigitsError(
                            f"the id '{each}' is in {seen[each]} and once more in {path}; every "
                            "picture needs an id of its own"
                        )
                    seen[each] = path


def _hashes(path: Path) -> Iterator[NDArray[np.uint64]]:
    for ids in _ids(path):
        yield np.array([hash(each) % 2**64 for each in ids], np.uint64)


def _ids(path: Path) -> Iterator[list[str]]:
    with open_shard(path) as file:
        for batch in file.iter_batches(columns=["id"]):
            if batch.column("id").null_count:
                raise TinydigitsError(f"{path}: a row has no id; every picture needs one")
            yield batch.column("id").to_pylist()

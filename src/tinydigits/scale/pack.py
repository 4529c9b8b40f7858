"""A folder of pictures -> Parquet shards: to list a hundred million small files takes hours.

Shards appear whole, in an order that is always the same, so that packing can go on.
"""

from collections.abc import Iterator
from itertools import count, dropwhile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_path, naming
from tinydigits.image.formats import Skipped, pictures_below
from tinydigits.image.limits import MAX_BYTES
from tinydigits.scale.ids import open_shard
from tinydigits.scale.pieces import TOGETHER, as_id

SCHEMA = pa.schema({"id": pa.string(), "bytes": pa.binary()})
_GROUP_BYTES = 64 * 2**20  # and a row group holds TOGETHER pictures at most
_GROUPS = 10  # in a shard

_Group = list[tuple[str, bytes]]


def pack(folder: Path, out: Path, skipped: Skipped | None = None) -> Iterator[int]:
    """Write what shards are missing -> after each row group, how many pictures it holds.

    A file that is larger than the reader takes is cut there, and read as too large. What is no
    picture is counted in `skipped`.

    Raises:
        TinydigitsError: there are no pictures, or the shards in `out` are not of this folder.
        OSError: a picture cannot be read, or a shard written.
    """
    if not folder.is_dir():
        raise TinydigitsError(f"{folder}: there is no such folder")
    names = pictures_below(folder, skipped or Skipped())
    shards = sorted(out.glob("shard-*.parquet")) if out.is_dir() else []
    if shards:
        last = _last_id(shards[-1])
        names = dropwhile(lambda name: as_id(name) != last, names)
        if not next(names, None):
            raise TinydigitsError(
                f"{out} holds shards of another folder: {last} is not in {folder}"
            )
    groups = _groups(folder, names)
    first = next(groups, None)
    if not first and not shards:
        raise TinydigitsError(f"{folder}: no pictures in this folder")
    for number in count(len(shards)):
        if not first:
            break
        yield from _write(out / f"shard-{number:06}.parquet", first, groups)
        first = next(groups, None)


def _write(path: Path, first: _Group, groups: Iterator[_Group]) -> Iterator[int]:
    """One shard; pictures are compressed already."""
    with (
        atomic_path(path) as part,
        part.open("wb") as file,
        pq.ParquetWriter(file, SCHEMA, compression="none", use_dictionary=False) as writer,
    ):
        group: _Group | None = first
        for number in range(_GROUPS):
            if group:
                ids, contents = zip(*group, strict=True)
                writer.write_table(pa.table([ids, contents], SCHEMA))
                yield len(group)
            group = next(groups, None) if number < _GROUPS - 1 else None


def _groups(folder: Path, names: Iterator[str]) -> Iterator[_Group]:
    group: _Group = []
    size = 0
    for name in names:
        with naming(folder / name), (folder / name).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if group and (len(group) == TOGETHER or size + len(content) > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append((as_id(name), content))
        size += len(content)
    if group:
        yield group


def _last_id(shard: Path) -> str:
    with open_shard(shard) as file:
        return str(file.read(columns=["id"])["id"][-1].as_py())

"""What is read in bulk -> pieces of work: some files of a folder, or a row group of a shard.

The same input gives the same pieces in the same order, so that a piece's number says what is in it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from tinydigits.errors import TinydigitsError
from tinydigits.files import natural
from tinydigits.image.formats import SUFFIXES, Skipped, is_litter, pictures_below
from tinydigits.scale.ids import open_shard

TOGETHER = 1000  # pictures in a piece, and in a row group of the shards that `pack` makes

T = TypeVar("T")

_BATCH = 16  # rows that are decoded at a time: a picture may have 64 MiB


class Piece(Protocol):
    """Some pictures, to be read by one worker into one part."""

    @property
    def number(self) -> int:
        """Of the piece, from 0 on."""

    @property
    def count(self) -> int:
        """How many pictures."""

    @property
    def where(self) -> str:
        """For a person who looks for it."""

    def pictures(self) -> Iterator[tuple[str, str | bytes]]:
        """Each picture's id, and its path or bytes."""


@dataclass(frozen=True)
class Input:
    """All that is to be read."""

    pieces: Sequence[Piece]  # in order
    digest: str  # changes when the pieces do
    # The files whose ids have to be compared; none for a folder, where paths differ
    shards: Sequence[Path] = ()
    skipped: Skipped = field(default_factory=Skipped)  # what lies among the pictures and is none

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(piece.count for piece in self.pieces)


@dataclass(frozen=True)
class _Files:
    number: int
    folder: str
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.names)

    @property
    def where(self) -> str:
        return f"{self.folder}, from {self.names[0]} to {self.names[-1]},"

    def pictures(self) -> Iterator[tuple[str, str | bytes]]:
        return ((as_id(name), os.path.join(self.folder, name)) for name in self.names)


@dataclass(frozen=True)
class _RowGroup:
    number: int
    path: str
    group: int
    count: int

    @property
    def where(self) -> str:
        return f"row group {self.group} of {self.path}"

    def pictures(self) -> Iterator[tuple[str, str | bytes]]:
        """Raises TinydigitsError where the shard is damaged."""
        # Buffered, so that a row group of any size is read in little memory.
        with open_shard(self.path, buffer_size=2**20, pre_buffer=False) as file:
            batches = file.iter_batches(
                _BATCH, row_groups=[self.group], columns=["id", "bytes"], use_threads=False
            )
            for batch in batches:
                for row in batch.to_pylist():
                    yield row["id"], row["bytes"] or b""


def find_input(source: Path) -> Input:
    """The pieces of a folder of pictures, folders in it too, of a shard, or of a folder of shards.

    Raises:
        TinydigitsError: there is no picture, or a shard is damaged or lacks the columns "id" (text)
            and "bytes" (binary).
        OSError: something cannot be read.
    """
    if source.is_file():
        return _find_rows([source])
    if not source.is_dir():
        raise TinydigitsError(f"{source}: there is no such folder")
    entries = sorted(source.iterdir(), key=natural)
    here = [path for path in entries if path.is_file() and not is_litter(path.name)]
    shards = [path for path in here if path.suffix == ".parquet"]
    if not shards:
        return _find_files(source)
    if strangers := [path for path in here if path.suffix.lower() in SUFFIXES]:
        raise TinydigitsError(
            f"{source} holds shards and pictures ({strangers[0].name}); give one kind of them"
        )
    return _find_rows(shards)


def as_id(name: str) -> str:
    """A file's path as an id, the same on every system; what is no text is written as escapes."""
    return os.fsencode(Path(name).as_posix()).decode("utf-8", "backslashreplace")


def in_lots(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in tuples of `size`, the last of them perhaps shorter."""
    rest = iter(items)
    while lot := tuple(islice(rest, size)):
        yield lot


def _find_files(folder: Path) -> Input:
    skipped = Skipped()
    lots = in_lots(pictures_below(folder, skipped), TOGETHER)
    pieces = [_Files(number, str(folder.resolve()), lot) for number, lot in enumerate(lots)]
    if not pieces:
        raise TinydigitsError(f"{folder}: no pictures and no Parquet shards in this folder")
    names = (name for piece in pieces for name in piece.names)
    return Input(pieces, _digest(os.fsencode(name) for name in names), skipped=skipped)


def _find_rows(paths: Sequence[Path]) -> Input:
    groups: list[tuple[Path, int, int]] = []
    for path in paths:
        groups += [(path, group, rows) for group, rows in enumerate(_group_sizes(path))]
    pieces = [
        _RowGroup(number, str(path.resolve()), group, rows)
        for number, (path, group, rows) in enumerate(groups)
    ]
    if not pieces:
        raise TinydigitsError(f"{paths[0]}: no rows in these shards")
    sizes = (f"{path.name} {path.stat().st_size} {group} {rows}" for path, group, rows in groups)
    return Input(pieces, _digest(text.encode() for text in sizes), paths)


def _group_sizes(path: Path) -> list[int]:
    with open_shard(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
    kinds = {field.name: str(field.type) for field in schema}
    texts, contents = ("string", "large_string"), ("binary", "large_binary")
    if kinds.get("id") not in texts or kinds.get("bytes") not in contents:
        found = ", ".join(f"{name} ({kind})" for name, kind in kinds.items()) or "nothing"
        raise TinydigitsError(
            f"{path} has the columns {found}; expected id (string) and bytes (binary)"
        )
    return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]


def _digest(texts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text + b"\0")
    return digest.hexdigest()

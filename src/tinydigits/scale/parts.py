"""What bulk reading writes: a part for each piece of the input, and a plan that fits them.

A finished part is the record that its piece is done: it appears under its name when it is whole,
and a piece that is read twice becomes the same part twice. So nothing is lost and nothing doubled,
whatever is killed when.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tinydigits import __version__
from tinydigits.errors import TinydigitsError, sentence
from tinydigits.files import as_json, atomic_path, atomic_write, naming
from tinydigits.reader.reading import Outcome, Reading
from tinydigits.scale.ids import open_shard
from tinydigits.scale.pieces import Input, Piece, in_lots

DIGIT = {
    "label": pa.int8(),
    "confidence": pa.float32(),
    **dict.fromkeys(("x", "y", "width", "height"), pa.int32()),
    "uncertain": pa.bool_(),
}
# Text and digits are null where there is an error.
SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "text": pa.string(),
        "digits": pa.list_(pa.struct(DIGIT)),
        "error": pa.string(),
    }
)
_TRIES = 5
_ROWS = 1000  # gathered before they are written


@dataclass(frozen=True)
class Parts:
    """The folder of the parts."""

    folder: Path

    def path(self, piece: Piece) -> Path:
        """Where the piece's part is, once it is done."""
        return self.folder / f"part-{piece.number:07}.parquet"

    def missing(self, found: Input) -> list[Piece]:
        """The pieces that are not done."""
        if not self.begun:
            return list(found.pieces)
        there = {path.name for path in self.folder.iterdir()}  # one listing, not a million looks
        return [piece for piece in found.pieces if self.path(piece).name not in there]

    def plan(self, found: Input, **options: Any) -> str:
        """What `begin` is to write, seen to be what is there if anything is.

        Raises:
            TinydigitsError: the folder holds other things, or was begun with another input, another
                model or other options.
        """
        plan = {"version": __version__, "pictures": found.count, "pieces": len(found.pieces)}
        plan |= {"input": found.digest} | options
        if self.begun:
            self._compare(plan)
        elif self.folder.is_dir() and any(self.folder.iterdir()):
            raise TinydigitsError(f"{self.folder} holds other things; name a new folder")
        return as_json(plan, indent=1) + "\n"

    @property
    def begun(self) -> bool:
        """Whether there is a plan."""
        return self._plan.exists()

    def begin(self, plan: str) -> None:
        """Make the folder with its plan, and count tries anew.

        Raises:
            OSError: it cannot be written.
        """
        if not self.begun:
            atomic_write(self._plan, plan)
        for path in self.folder.glob(".tries-*"):
            path.unlink(missing_ok=True)

    def end(self) -> None:
        """Remove what killed processes left half-written, now that nothing is missing."""
        for path in (*self.folder.glob(".part-*"), *self.folder.glob(".tries-*")):
            path.unlink(missing_ok=True)

    def write(self, piece: Piece, outcomes: Iterable[tuple[str, Outcome]]) -> tuple[int, int]:
        """Write a piece's part at once or not at all -> how many rows, how many of them errors.

        Raises:
            OSError: it cannot be written; the part's name is in the sentence.
        """
        rows = errors = 0
        with (
            atomic_path(self.path(piece)) as path,
            path.open("wb") as file,
            pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer,
        ):
            for lot in in_lots((_row(*each) for each in outcomes), _ROWS):
                writer.write_table(pa.Table.from_pylist(list(lot), SCHEMA))
                rows += len(lot)
                errors += sum(row["error"] is not None for row in lot)
        return rows, errors

    def rows(self, piece: Piece) -> Iterator[dict[str, Any]]:
        """The rows of a part that is done.

        Raises:
            TinydigitsError: it is damaged.
        """
        with open_shard(self.path(piece)) as file:
            for batch in file.iter_batches(_ROWS, use_threads=False):
                yield from batch.to_pylist()

    @contextmanager
    def trying(self, piece: Piece) -> Iterator[None]:
        """Count how often a piece is begun and kills its process.

        Raises:
            TinydigitsError: it has done so too often.
        """
        path = self.folder / f".tries-{piece.number:07}"
        with naming(path), path.open("ab") as file:
            file.write(b".")
            tries = file.tell()
        if tries > _TRIES:
            raise TinydigitsError(f"{piece.where} has killed {_TRIES} processes that read it")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    @property
    def _plan(self) -> Path:
        return self.folder / "_plan.json"  # what reads Parquet passes over such names

    def _compare(self, plan: dict[str, Any]) -> None:
        try:
            there = dict(json.loads(self._plan.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise TinydigitsError(
                f"{self._plan} is no plan of bulk reading; name a new folder"
            ) from error
        changed = [name for name in plan if there.get(name) != plan[name]]
        if changed:
            raise TinydigitsError(
                f"{self.folder} was begun otherwise ({', '.join(changed)} changed); go on as it "
                "was begun, or name a new folder"
            )


def _row(name: str, outcome: Outcome) -> dict[str, Any]:
    if not isinstance(outcome, Reading):
        return {"id": name, "text": None, "digits": None, "error": sentence(outcome)}
    digits = [
        (digit.label, digit.confidence, *digit.box, digit.uncertain) for digit in outcome.digits
    ]
    named = [dict(zip(DIGIT, values, strict=True)) for values in digits]
    return {"id": name, "text": outcome.text, "digits": named, "error": None}

"""`pack` and `search`, and `read --bulk`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.cli.common import console

if TYPE_CHECKING:
    from rich.progress import Progress

    from tinydigits.reader.reader import Reader

app = typer.Typer()


@app.command()
def pack(
    folder: Annotated[
        Path, typer.Argument(help="Pictures, in folders within it too.", metavar="FOLDER")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for the shards.", metavar="SHARDS")
    ],
) -> None:
    """Put a folder of pictures into Parquet shards for `read --bulk`; goes on where it stopped."""
    from tinydigits.scale.pack import pack

    done = 0
    with _progress() as progress:
        bar = progress.add_task("packing", total=None)
        for pictures in pack(folder, output):
            done += pictures
            progress.update(bar, completed=done, description=f"packing, {done:,} pictures")
    print(f"packed {done:,} pictures into {output}/")


def read_bulk(
    reader: "Reader",
    source: Path,
    out: Path,
    single: bool,
    min_confidence: float | None,
    workers: int | None,
    cluster: str | None,
) -> None:
    """Read what is missing of a folder or of shards into a folder of parts."""
    from tinydigits.scale.bulk import prepare

    job = prepare(source, out, reader, single=single, min_confidence=min_confidence)
    before = job.total - job.left
    if before:
        print(f"{before:,} of {job.total:,} pictures are read already", file=sys.stderr)
    unreadable = 0
    with _progress() as progress:
        bar = progress.add_task("reading", total=job.left)
        for pictures, errors in job.run(workers, cluster):
            unreadable += errors
            progress.advance(bar, pictures)
            speed = progress.tasks[bar].speed or 0
            progress.update(bar, description=f"reading, {speed:,.0f} pictures/s")
    print(f"read {job.left:,} pictures into {out}/; {unreadable:,} could not be read")


def _progress() -> "Progress":
    """A bar that says how many, how fast, and how long still."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
        speed_estimate_period=300,
    )

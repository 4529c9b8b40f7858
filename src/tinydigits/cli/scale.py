"""`bulk`, `pack` and `search`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.cli.common import (
    ClusterOption,
    DataDirOption,
    DataOption,
    MinConfidenceOption,
    ModelOption,
    SingleOption,
    WorkersOption,
    check_where,
    load,
    open_reader,
    progress,
    say_skipped,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from tinydigits.mnist.bench import Line
    from tinydigits.scale.bulk import Job

app = typer.Typer()


@app.command()
def pack(
    folder: Annotated[
        Path, typer.Argument(help="A folder of pictures, including subfolders.", metavar="FOLDER")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for the shards.", metavar="SHARDS")
    ],
) -> None:
    """Put a folder of pictures into Parquet shards for `bulk`. Continues where it stopped."""
    from tinydigits.image.formats import Skipped
    from tinydigits.scale.pack import pack

    done, skipped = 0, Skipped()
    with _progress() as shown:
        bar = shown.add_task("packing", total=None)
        for pictures in pack(folder, output, skipped):
            done += pictures
            shown.update(bar, completed=done, description=f"packing, {done:,} pictures")
    print(f"packed {done:,} pictures into {output}/")
    say_skipped(skipped)


@app.command()
def bulk(
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder of pictures, including subfolders, or of shards made by pack.",
            metavar="IN",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder for the Parquet parts.")],
    csv: Annotated[
        Path | None, typer.Option(help="Also write a table with all lines of text.", metavar="FILE")
    ] = None,
    doubtful: Annotated[
        Path | None,
        typer.Option(help="Also write a page for correcting doubtful digits.", metavar="FILE.html"),
    ] = None,
    most: Annotated[
        int,
        typer.Option(
            help="How many digits that page shows at most, the least sure first.",
            min=1,
            max=100_000,
        ),
    ] = 1000,
    model: ModelOption = None,
    min_confidence: MinConfidenceOption = None,
    single: SingleOption = False,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Read any number of pictures into Parquet parts. Continues where it stopped.

    When everything is read, the same command can still add --csv and --doubtful, and reads nothing
    twice.
    """
    from tinydigits.scale.bulk import prepare
    from tinydigits.scale.table import write_table

    check_where(workers, cluster)
    _check_apart(out, csv=csv, doubtful=doubtful)
    reader = open_reader(model)
    job = prepare(source, out, reader, single=single, min_confidence=min_confidence)
    _read(job, out, workers, cluster)
    if csv:
        rows = write_table(csv, job.rows())
        print(f"wrote {csv}, {rows:,} lines")
    if doubtful:
        _write_doubtful(job, doubtful, most)


@app.command()
def search(
    space: Annotated[
        Path,
        typer.Argument(
            help="A file with the settings to search; docs/scale.md has an example.",
            metavar="SPACE.toml",
        ),
    ],
    trials: Annotated[int, typer.Option(help="How many trials to make.", min=1)],
    out: Annotated[
        Path | None, typer.Option(help="The folder for results; by default runs/search-SPACE.")
    ] = None,
    cluster: ClusterOption = "local",
    data: DataOption = "mnist",
    data_dir: DataDirOption = None,
) -> None:
    """Search for good settings of a recipe on the last 10,000 training images. Can be resumed."""
    from tinydigits.scale.space import as_flags, as_toml, read_space

    wanted = read_space(space)

    from tinydigits import plots
    from tinydigits.scale.search import Search, values

    folder = out or Path("runs", f"search-{space.stem}")
    found = Search(wanted, trials, folder)

    def show(line: "Line") -> None:
        state = f"stopped after epoch {line['epochs']}" if line["stopped"] else "finished"
        if "diverged" in line:
            state = f"diverged in epoch {line['epochs']}"
        chosen = ", ".join(f"{name} {value}" for name, value in values(wanted, line).items())
        print(f"{line['accuracy']:.2%}  {state}  {chosen}", flush=True)

    lines = found.run(load(data, data_dir), cluster or "local", show)
    best, dataset = lines[0], lines[0]["dataset"]
    chosen = [values(wanted, line) for line in lines]
    figure = plots.search(
        {name: [each[name] for each in chosen] for name in wanted.varied},
        [line["accuracy"] for line in lines],
        [line["stopped"] for line in lines],
        wanted.scales(),
        f"{len(lines)} trials on {dataset}; those in grey were stopped early",
    )
    plots.save_figure(figure, folder / "search.png")
    print(f"\nbest of {len(lines)}: {best['accuracy']:.2%} of {dataset}, one seed; its settings:")
    print(f"\n{as_flags(wanted, chosen[0])}\n\n{as_toml(wanted, chosen[0])}")
    if diverged := sum("diverged" in line for line in lines):
        print(f"{diverged} of {len(lines)} trials diverged; their lines say in which epoch")
    print(f"lines and a picture are in {folder}/")
    if len(lines) < trials:  # after Ctrl-C, say
        print(f"{len(lines)} of {trials} trials; the same command continues", file=sys.stderr)
        raise typer.Exit(1)


def _check_apart(out: Path, **files: Path | None) -> None:
    """Refuse at once what could not be written after all the reading."""
    for name, path in files.items():
        if path and path.is_dir():
            raise typer.BadParameter(f"{path} is a folder; name a file", param_hint=f"--{name}")
        if path and path.resolve().is_relative_to(out.resolve()):
            raise typer.BadParameter(
                f"{out} is for the parts alone; name a file elsewhere", param_hint=f"--{name}"
            )
    given = [path.resolve() for path in files.values() if path]
    if len(set(given)) < len(given):
        raise typer.BadParameter("name two files", param_hint="--csv and --doubtful")


def _read(job: "Job", out: Path, workers: int | None, cluster: str | None) -> None:
    """Read what is missing into the folder of parts."""
    before = job.total - job.left
    if before:
        print(f"{before:,} of {job.total:,} pictures have been read already", file=sys.stderr)
    unreadable = 0
    with _progress() as shown:
        bar = shown.add_task("reading", total=job.left)
        for pictures, errors in job.run(workers, cluster):
            unreadable += errors
            shown.advance(bar, pictures)
            speed = shown.tasks[bar].speed or 0
            shown.update(bar, description=f"reading, {speed:,.0f} pictures/s")
    print(f"read {job.left:,} pictures into {out}/; {unreadable:,} could not be read")
    say_skipped(job.skipped)


def _write_doubtful(job: "Job", path: Path, most: int) -> None:
    from tinydigits.files import atomic_write
    from tinydigits.reader.reading import MIN_CONFIDENCE
    from tinydigits.scale.doubtful import crops, least_sure, page

    doubts, total = least_sure(job.parts, job.pieces, most)
    with _progress() as shown:
        bar = shown.add_task("cutting out doubtful digits", total=len(doubts))
        cut = list(shown.track(crops(doubts, job.pieces), task_id=bar))
    least = MIN_CONFIDENCE if job.min_confidence is None else job.min_confidence
    atomic_write(path, page(cut, total, least))
    left_out = total - len(doubts)
    rest = f"; {left_out:,} surer ones are not on it (--most {total} puts all)" if left_out else ""
    print(f"wrote {path}, a page to correct {len(doubts):,} doubtful digits{rest}")


def _progress() -> "Progress":
    """A bar that also says how many, and how fast."""
    from rich.progress import MofNCompleteColumn, TimeElapsedColumn

    return progress(MofNCompleteColumn(), TimeElapsedColumn(), speed_estimate_period=300)

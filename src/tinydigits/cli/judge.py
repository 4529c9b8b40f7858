"""`trust`."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.cli.common import DataDirOption, DataOption, console, load
from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    from tinydigits.mnist.data import Data
    from tinydigits.trust.accuracy import Seeds
    from tinydigits.trust.subject import Subject

app = typer.Typer()


@app.command()
def trust(
    model: Annotated[
        Path,
        typer.Argument(
            help="A run folder, a .safetensors file, or an ONNX file.", metavar="RUN|FILE.onnx"
        ),
    ],
    data: DataOption = "auto",
    data_dir: DataDirOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the report goes; by default out/trust-NAME.")
    ] = None,
    mnist_c: Annotated[
        Path | None,
        typer.Option(help="MNIST-C's published files, taken instead of drawing the corruptions."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer images, so wider intervals.")
    ] = False,
    seeds: Annotated[
        Path | None,
        typer.Option(help="Other runs of the recipe, as `bench accuracy` keeps them."),
    ] = None,
) -> None:
    """Judge a model: write report.html and report.json on when it is right, and when it knows."""
    from tinydigits.files import atomic_write
    from tinydigits.trust.page.build import build_page
    from tinydigits.trust.report import QUICK, Options, as_plain, judge
    from tinydigits.trust.subject import load_subject

    subject = load_subject(model)
    images = load(data, data_dir)
    options = Options(
        seeds=_seeds(seeds, subject, images) if seeds else None,
        mnist_c=mnist_c,
        **(QUICK if quick else {}),
    )
    folder = out or Path("out") / f"trust-{subject.name}"
    with _progress() as on_step:
        report = judge(subject, images, options, on_step)
    atomic_write(folder / "report.json", json.dumps(as_plain(report), indent=1) + "\n")
    atomic_write(folder / "report.html", build_page(report))
    print(f"wrote {folder / 'report.html'} and report.json")


def _seeds(path: Path, subject: "Subject", data: "Data") -> "Seeds":
    """The runs of the subject's recipe in a file of `bench accuracy`."""
    from tinydigits.mnist.bench import read_lines
    from tinydigits.trust.accuracy import over_seeds

    if subject.recipe is None:
        raise TinydigitsError("--seeds needs a run folder, whose recipe tells which runs are meant")
    lines = read_lines(path, subject.recipe, data.name)
    if not lines:
        raise TinydigitsError(
            f"{path}: holds no run of {subject.recipe.name} on {data.name}; make some with "
            f"tinydigits bench accuracy --recipe {subject.recipe.name}"
        )
    return over_seeds(subject.recipe.name, lines, data.name, len(data.test_labels))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each part, gone when all is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    hidden = not sys.stderr.isatty()
    columns = (TextColumn("{task.description:12}"), BarColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console(stderr=True), transient=True, disable=hidden
    ) as progress:
        tasks = {}

        def on_step(part: str, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = progress.add_task(part, total=total)
            progress.update(tasks[part], completed=done, total=total)

        yield on_step

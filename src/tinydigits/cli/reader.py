"""`read`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.cli.common import (
    MinConfidenceOption,
    ModelOption,
    SingleOption,
    console,
    open_reader,
    printable,
    say_skipped,
    shows_all,
)
from tinydigits.errors import TinydigitsError, sentence

if TYPE_CHECKING:
    from tinydigits.reader.reader import Reader
    from tinydigits.reader.reading import Outcome, Reading

app = typer.Typer()


@app.command()
def read(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, folders of pictures, patterns such as *.png, or - for standard input.",
            metavar="FILE...",
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per picture.")
    ] = False,
    show: Annotated[
        Path | None,
        typer.Option(
            help="Draw one picture's boxes and readings, and what the network saw, into this file."
        ),
    ] = None,
    model: ModelOption = None,
    min_confidence: MinConfidenceOption = None,
    single: SingleOption = False,
) -> None:
    """Read the digits in pictures. Prints one line per picture, with " / " between lines of text.

    Pages may be sideways or upside down. Digits with a confidence below 0.98 are uncertain, and
    --json and --show mark them. --min-confidence prints ? for digits below a confidence of yours.
    """
    from tinydigits.image.formats import Skipped
    from tinydigits.image.pillow import DAMAGED, MOVING
    from tinydigits.reader.sources import find_pictures

    skipped = Skipped()
    pictures = list(find_pictures(files, skipped))
    if show:
        _check_drawable(pictures, show)
    reader = open_reader(model)
    failed = 0
    for name, outcome in _read_all(reader, pictures, single, min_confidence):
        if isinstance(outcome, Exception):
            failed += 1
            print(f"tinydigits: {printable(sentence(outcome))}", file=sys.stderr)
            continue
        for reason in outcome.left_out.keys() & {DAMAGED, MOVING}:
            skipped.add(reason, name)
        print(_json_line(name, outcome) if as_json else _text_line(name, outcome))
        if show:
            _draw(name, outcome, show)
    say_skipped(skipped)
    if failed or not pictures:
        raise typer.Exit(1)


def _read_all(
    reader: "Reader",
    pictures: "list[tuple[str, TinydigitsError | None]]",
    single: bool,
    min_confidence: float | None,
) -> "Iterator[tuple[str, Outcome]]":
    """Each picture's, or page's, name and its reading or error, with a bar if there are many."""
    from tinydigits.reader.many import read_many
    from tinydigits.reader.reading import page_name

    def pages(name: str, error: "TinydigitsError | None") -> "Iterator[tuple[str, Outcome]]":
        outcomes: list[Outcome] = [error] if error else next(readings)
        for place, outcome in enumerate(outcomes, 1):
            yield page_name(name, place, len(outcomes)), outcome

    names = [name for name, error in pictures if error is None]
    sources = [_standard_input() if name == "-" else name for name in names]
    readings = read_many(reader, sources, single=single, min_confidence=min_confidence)
    if len(pictures) < 30 or not sys.stderr.isatty():
        for name, error in pictures:
            yield from pages(name, error)
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as progress:
        bar = progress.add_task("reading", total=len(pictures))
        for name, error in pictures:
            yield from pages(name, error)
            progress.advance(bar)


def _standard_input() -> bytes:
    from tinydigits.files import naming
    from tinydigits.image.limits import MAX_BYTES

    if sys.stdin is None:
        raise TinydigitsError("-: standard input is closed; pipe a picture into it or name a file")
    with naming(Path("-")):
        return sys.stdin.buffer.read(MAX_BYTES + 1)


def _text_line(name: str, reading: "Reading") -> str:
    return f"{printable(name)}: {' / '.join(reading.text.splitlines())}".rstrip()


def _json_line(name: str, reading: "Reading") -> str:
    return json.dumps({"file": name} | reading.as_dict(), ensure_ascii=not shows_all())


def _check_drawable(pictures: "list[tuple[str, TinydigitsError | None]]", path: Path) -> None:
    """Refuse at once what could not be drawn after all the reading."""
    if len(pictures) != 1:
        raise typer.BadParameter("draws one picture; name just one", param_hint="--show")
    if pictures[0][0] == "-":
        raise typer.BadParameter("cannot draw standard input; name a file", param_hint="--show")
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name a PNG file", param_hint="--show")
    from tinydigits.image.picture import open_pages

    with open_pages(pictures[0][0]) as pages:
        pages.check_single()


def _draw(name: str, reading: "Reading", path: Path) -> None:
    from tinydigits.files import atomic_path
    from tinydigits.reader.draw import draw_reading

    with atomic_path(path) as part:
        draw_reading(name, reading).save(part, "PNG")

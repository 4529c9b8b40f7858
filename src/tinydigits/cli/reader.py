"""`read` and `export`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from tinydigits.cli.common import (
    DataDirOption,
    DataOption,
    MinConfidenceOption,
    ModelOption,
    SingleOption,
    console,
    load,
    number,
    open_reader,
    printable,
    say_skipped,
    shows_all,
)
from tinydigits.errors import TinydigitsError, sentence

if TYPE_CHECKING:
    from tinydigits.mnist.data import Data
    from tinydigits.mnist.model import Net
    from tinydigits.reader.reader import Reader
    from tinydigits.reader.reading import Outcome, Reading

CALIBRATION_IMAGES = 1000  # the first training images: what ranges of integers are set by

app = typer.Typer()


class _Read(typer.core.TyperCommand):
    """Says where `read --bulk` has gone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--bulk" in args:
            raise TinydigitsError("read --bulk has become tinydigits bulk IN --out OUT")
        return super().parse_args(ctx, args)


@app.command(cls=_Read)
def read(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, folders of them, patterns, or - for standard input.", metavar="FILE..."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per picture.")
    ] = False,
    show: Annotated[
        Path | None,
        typer.Option(help="Draw the boxes, readings and what the network saw of one picture."),
    ] = None,
    model: ModelOption = None,
    min_confidence: MinConfidenceOption = None,
    single: SingleOption = False,
) -> None:
    """Read the digits in pictures: a line per picture, with " / " between its lines.

    A page that lies on its side or head is turned; a digit read with less confidence than 0.98 is
    uncertain (--json, --show), and ? is written for it with --min-confidence.
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


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run folder or a safetensors file.", metavar="RUN")],
    output: Annotated[Path, typer.Option("--output", "-o", help="FILE.onnx, FILE.json or FILE.c.")],
    int8: Annotated[
        bool, typer.Option("--int8", help="ONNX in integers of 8 bits, to the bit those of FILE.c.")
    ] = False,
    main: Annotated[
        bool,
        typer.Option("--main", help="Add to FILE.c a program that reads images, 784 bytes each."),
    ] = False,
    temperature: Annotated[
        float,
        typer.Option(min=0.01, max=100, callback=number, help="What calibrates its probabilities."),
    ] = 1.0,
    data: DataOption = "auto",
    data_dir: DataDirOption = None,
) -> None:
    """Write a run's model as one ONNX file, as JSON layers, or in C for microcontrollers.

    An ONNX file is written only if its outputs are PyTorch's. C comes with its header.
    """
    if output.suffix not in (".onnx", ".json", ".c"):
        raise typer.BadParameter(
            f"{output}: name FILE.onnx, FILE.json or FILE.c", param_hint="--output"
        )
    if main and output.suffix != ".c":
        raise typer.BadParameter("goes with -o FILE.c", param_hint="--main")
    if int8 and output.suffix == ".json":
        raise typer.BadParameter("goes with -o FILE.onnx or FILE.c", param_hint="--int8")
    from tinydigits.mnist.runs import load_model

    trained = load_model(run)
    if output.suffix == ".json":
        _export_layers(trained, output, temperature)
    elif output.suffix == ".c":
        _export_c(trained, output, load(data, data_dir), main, temperature)
    else:
        _export_onnx(trained, output, load(data, data_dir), int8, temperature)


def _export_onnx(
    trained: "Net", output: Path, images: "Data", int8: bool, temperature: float
) -> None:
    from tinydigits.mnist.export import CHECK_IMAGES, export

    count = len(images.test_labels) if int8 else CHECK_IMAGES
    parity = export(
        trained,
        output,
        images.test_images[:count],
        images.test_labels[:count],
        calibration=images.train_images[:CALIBRATION_IMAGES] if int8 else None,
        temperature=temperature,
    )
    print(f"wrote {output}, {parity.size:,} bytes; on {parity.images:,} {images.name} test images:")
    print(
        f"largest difference of a log-probability from PyTorch's  {parity.largest_difference:.1e}"
    )
    print(f"images read alike  {parity.agreement:.2%}")
    _print_accuracy(parity.accuracy, parity.torch_accuracy)


def _export_c(
    trained: "Net", output: Path, images: "Data", program: bool, temperature: float
) -> None:
    from tinydigits.mnist.integers.c_file import write_c
    from tinydigits.mnist.integers.quantise import quantise
    from tinydigits.mnist.integers.reference import scores
    from tinydigits.mnist.model import predict
    from tinydigits.mnist.pixels import unit_interval

    integers = quantise(trained, images.train_images[:CALIBRATION_IMAGES])
    cost = write_c(integers, output, program=program, temperature=temperature)
    pixels = (255 * unit_interval(images.test_images)).round().byte()
    found = scores(integers, pixels[:, 0].numpy()).argmax(1)
    expected = predict(trained, images.test_images).argmax(1).numpy()
    labels = images.test_labels.numpy()
    print(f"wrote {output} and {output.with_suffix('.h').name}:")
    print(f"flash  {cost.flash:,} bytes of tables, and about 1.5 kB of code")
    print(f"RAM  {cost.ram:,} bytes, and under 400 of stack")
    print(f"multiply-adds  {cost.multiply_adds:,} an image at most")
    print(f"on {len(labels):,} {images.name} test images, its integers run by NumPy:")
    print(f"images read alike  {(found == expected).mean():.2%}")
    _print_accuracy((found == labels).mean(), (expected == labels).mean())


def _print_accuracy(found: float, pytorch: float) -> None:
    print(f"accuracy  {found:.2%}, PyTorch's {pytorch:.2%}, difference {found - pytorch:+.2%}")


def _export_layers(trained: "Net", output: Path, temperature: float) -> None:
    from tinydigits.files import atomic_write
    from tinydigits.mnist.layers import layers_json
    from tinydigits.reader.recognise import VIEWS

    atomic_write(output, layers_json(trained, VIEWS, temperature))
    print(f"wrote {output}, {output.stat().st_size:,} bytes")


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

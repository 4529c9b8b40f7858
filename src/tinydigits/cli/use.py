"""`read` and `export`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinydigits.cli.common import DataDirOption, DataOption, console, load, sentence
from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    from tinydigits.reader.reader import Reader, Reading

app = typer.Typer()


@app.command()
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
    model: Annotated[
        Path | None, typer.Option(help="A run folder or an ONNX file instead of the shipped model.")
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Print ? for digits read with less.")
    ] = None,
    single: Annotated[
        bool, typer.Option("--single", help="Take each picture to be one digit.")
    ] = False,
) -> None:
    """Read the digits in pictures: a line per picture, with / between its lines of text."""
    from tinydigits.reader.sources import find_pictures

    pictures = list(find_pictures(files))
    if show and len(pictures) != 1:
        raise typer.BadParameter("draws one picture; name just one", param_hint="--show")
    reader = _open_reader(model)
    failed = 0
    options = {"single": single, "min_confidence": min_confidence}
    for name, outcome in _read_all(reader, model, pictures, options):
        if isinstance(outcome, Exception):
            failed += 1
            print(f"tinydigits: {sentence(outcome)}", file=sys.stderr)
            continue
        print(_json_line(name, outcome) if as_json else _text_line(name, outcome))
        if show:
            _draw(name, outcome, show)
    if failed:
        raise typer.Exit(1)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run folder or a safetensors file.", metavar="RUN")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The ONNX file.")],
    int8: Annotated[bool, typer.Option("--int8", help="8-bit integers instead of floats.")] = False,
    temperature: Annotated[
        float, typer.Option(min=0.01, max=100, help="What calibrates its probabilities.")
    ] = 1.0,
    data: DataOption = "auto",
    data_dir: DataDirOption = None,
) -> None:
    """Write a run's model as one ONNX file, if its outputs are PyTorch's."""
    from tinydigits.mnist.export import CHECK_IMAGES, export
    from tinydigits.mnist.runs import load_model

    trained, images = load_model(run), load(data, data_dir)
    count = len(images.test_labels) if int8 else CHECK_IMAGES
    parity = export(
        trained,
        output,
        images.test_images[:count],
        images.test_labels[:count],
        calibration=images.train_images[:1000] if int8 else None,
        temperature=temperature,
    )
    print(f"wrote {output}, {parity.size:,} bytes; on {parity.images:,} {images.name} test images:")
    print(
        f"largest difference of a log-probability from PyTorch's  {parity.largest_difference:.1e}"
    )
    print(f"images read alike  {parity.agreement:.2%}")
    print(
        f"accuracy  {parity.accuracy:.2%}, PyTorch's {parity.torch_accuracy:.2%}, "
        f"difference {parity.accuracy - parity.torch_accuracy:+.2%}"
    )


def _open_reader(model: Path | None) -> "Reader":
    """The reader of the shipped model, of an ONNX file, or of a run, exported for the purpose."""
    from tinydigits.reader.reader import Reader

    if model is None or not _is_run(model):
        return Reader(model)
    import tempfile

    import torch

    from tinydigits.mnist.export import export
    from tinydigits.mnist.runs import load_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.onnx"
        images = torch.rand(100, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        export(load_model(model), path, images, torch.zeros(100, dtype=torch.int64))
        return Reader(path)


def _read_all(
    reader: "Reader",
    model: Path | None,
    pictures: "list[tuple[str, TinydigitsError | None]]",
    options: dict[str, Any],
) -> "Iterator[tuple[str, Reading | TinydigitsError | OSError]]":
    """Each picture's name and its reading or error, with a bar if there are many."""
    names = [name for name, error in pictures if error is None]
    readings = _readings(reader, model, names, options)
    if len(pictures) < 30 or not sys.stderr.isatty():
        yield from ((name, error or next(readings)) for name, error in pictures)
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as progress:
        bar = progress.add_task("reading", total=len(pictures))
        for name, error in pictures:
            yield name, error or next(readings)
            progress.advance(bar)


def _readings(
    reader: "Reader", model: Path | None, names: list[str], options: dict[str, Any]
) -> "Iterator[Reading | TinydigitsError | OSError]":
    """In several processes if there are many files and the model is a file they can load."""
    from tinydigits.reader.parallel import MANY, read_files

    if len(names) >= MANY and "-" not in names and not _is_run(model):
        return read_files(names, model, **options)
    sources = (sys.stdin.buffer if name == "-" else name for name in names)
    return reader.stream(sources, **options)


def _is_run(model: Path | None) -> bool:
    return model is not None and (model.is_dir() or model.suffix == ".safetensors")


def _text_line(name: str, reading: "Reading") -> str:
    return f"{name}: {' / '.join(reading.text.splitlines())}".rstrip()


def _json_line(name: str, reading: "Reading") -> str:
    digits = [
        {
            "label": digit.label,
            "confidence": round(digit.confidence, 4),
            "box": list(digit.box),
            "uncertain": digit.uncertain,
        }
        for digit in reading.digits
    ]
    return json.dumps({"file": name, "text": reading.text, "digits": digits}, ensure_ascii=False)


def _draw(name: str, reading: "Reading", path: Path) -> None:
    from tinydigits.files import atomic_path
    from tinydigits.reader.draw import draw_reading

    if name == "-":
        raise typer.BadParameter("cannot draw standard input; name a file", param_hint="--show")
    with atomic_path(path) as part:
        draw_reading(name, reading).save(part, "PNG")

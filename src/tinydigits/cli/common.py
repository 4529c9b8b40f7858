"""What several commands share: options, loading data, the terminal."""

import codecs
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

    from tinydigits.image.formats import Skipped
    from tinydigits.mnist.data import Data
    from tinydigits.reader.reader import Reader

DATA_HELP = (
    "mnist, digits (1,797 small ones from scikit-learn), auto (MNIST, or digits if MNIST cannot be "
    "had), or a folder: four IDX files, or pictures in folders 0 to 9."
)
DataOption = Annotated[str, typer.Option(help=DATA_HELP)]
DataDirOption = Annotated[Path | None, typer.Option(help="The folder that holds the MNIST files.")]
WorkersOption = Annotated[
    int | None, typer.Option(help="How many local processes work side by side.", min=1)
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        help="Run on Ray: local starts it here, auto takes this machine's cluster, or HOST:PORT."
    ),
]
QmnistOption = Annotated[
    Path | None,
    typer.Option(help="A folder with QMNIST's labels: give an interval by writer, too."),
]


def number(value: float | None) -> float | None:
    """Refuse "nan", which is neither below nor above any limit."""
    if value is not None and value != value:
        raise typer.BadParameter("nan is no number")
    return value


ModelOption = Annotated[
    Path | None, typer.Option(help="Use this run folder or ONNX file instead of the shipped model.")
]
MinConfidenceOption = Annotated[
    float | None,
    typer.Option(min=0, max=1, callback=number, help="Print ? for digits below this confidence."),
]
SingleOption = Annotated[bool, typer.Option("--single", help="Treat each picture as one digit.")]


def load(spec: str, data_dir: Path | None) -> "Data":
    """The data that `--data` names; what must be known about them is said in red."""
    from tinydigits.mnist.data import load_data

    data = load_data(spec, data_dir, progress=True)
    if data.note:
        console(stderr=True).print(f"\n  {data.note}  \n", style="bold white on red")
    return data


def mnist_writers(qmnist: Path, dataset: str) -> "NDArray[np.int64]":
    """Who wrote each test image, from the folder that `--qmnist` names."""
    if dataset != "mnist":
        raise TinydigitsError(
            f"--qmnist names the writers of MNIST's test images, and these are {dataset}'s"
        )
    from tinydigits.mnist.writers import read_writers

    return read_writers(qmnist, test=True)


def check_where(workers: int | None, cluster: str | None) -> None:
    """Refuse both: a cluster's workers are its CPUs."""
    if workers and cluster:
        raise TinydigitsError(
            "give --workers or --cluster, not both; on a cluster every CPU is a worker"
        )


def open_reader(model: Path | None) -> "Reader":
    """The reader of the shipped model, of an ONNX file, or of a run, exported for the purpose."""
    from tinydigits.reader.reader import Reader

    if model is None or not (model.is_dir() or model.suffix == ".safetensors"):
        return Reader(model)
    from tinydigits.mnist.weights import load_model
    from tinydigits.trust.subject import reader_of

    print(
        f"exporting {model} to ONNX; `tinydigits export` saves this step next time",
        file=sys.stderr,
    )
    return reader_of(load_model(model))


def console(stderr: bool = False) -> "Console":
    """The terminal, for bars and colours."""
    from rich.console import Console

    return Console(stderr=stderr)


def progress(*more: "ProgressColumn", stderr: bool = True, **settings: Any) -> "Progress":
    """A bar with how long still, gone when all is done; on standard error only for a person."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        *(TextColumn("{task.description}"), BarColumn(), *more, TimeRemainingColumn()),
        console=console(stderr),
        transient=True,
        disable=stderr and not sys.stderr.isatty(),
        **settings,
    )


def say_skipped(skipped: "Skipped") -> None:
    """One line on standard error of what was passed over, if anything."""
    if line := str(skipped):
        print(f"tinydigits: {printable(line)}", file=sys.stderr)


# The signs of formulas, for a terminal or a pipe that knows fewer: Windows' cp1252, say.
_PLAIN = {"σ": "sigma", "∂": "d", "·": "*", "−": "-", "²": "^2", "½": "0.5", "×": "x", "±": "+-"}


def print_whatever() -> None:
    """Let no character end a command, whatever the encoding of standard output and error is."""
    codecs.register_error("plain", _in_plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    escaped = (
        _PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in signs
    )
    return "".join(escaped), error.end


def shows_all() -> bool:
    """Whether standard output takes every character."""
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "ascii").name.startswith("utf")


def printable(text: str) -> str:
    """Text with control characters written as escapes, so that no name can forge a line."""
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(shown)

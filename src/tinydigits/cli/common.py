"""What several commands share: options, loading data, the terminal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from tinydigits.image.formats import Skipped
    from tinydigits.mnist.data import Data

DATA_HELP = (
    "auto, mnist, digits (embedded in scikit-learn), or a folder: the four IDX files, or "
    "pictures in folders 0 to 9. auto is MNIST, or digits if MNIST cannot be had."
)
DataOption = Annotated[str, typer.Option(help=DATA_HELP)]
DataDirOption = Annotated[
    Path | None, typer.Option(help="Where the MNIST files are, before looking elsewhere.")
]
WorkersOption = Annotated[int | None, typer.Option(help="Local processes side by side.", min=1)]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        help="Work on Ray: local (started here), auto (the one that runs here), or HOST:PORT."
    ),
]


def load(spec: str, data_dir: Path | None) -> "Data":
    """The data that `--data` names; what must be known about them is said in red."""
    from tinydigits.mnist.data import load_data

    data = load_data(spec, data_dir, progress=True)
    if data.note:
        console(stderr=True).print(f"\n  {data.note}  \n", style="bold white on red")
    return data


def console(stderr: bool = False) -> "Console":
    """The terminal, for bars and colours."""
    from rich.console import Console

    return Console(stderr=stderr)


def say_skipped(skipped: "Skipped") -> None:
    """One line on standard error of what was passed over, if anything."""
    if line := str(skipped):
        print(f"tinydigits: {printable(line)}", file=sys.stderr)


def printable(text: str) -> str:
    """Text with control characters written as escapes, so that no name can forge a line."""
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(shown)

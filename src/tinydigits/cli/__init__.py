"""The `tinydigits` command: one thin function per command, a file per room.

Nothing heavy is imported here: each command imports what it needs, so that reading a picture
never loads torch and back propagation loads neither torch nor ONNX Runtime. Nothing outside this
package prints or exits.
"""

import io
import sys
from typing import Annotated

import typer

from tinydigits import __version__
from tinydigits.cli import learn, train, use
from tinydigits.cli.common import printable, sentence
from tinydigits.errors import TinydigitsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A handwritten-digit recogniser of 17,466 parameters, and how it learns."""
    if version:
        print(f"tinydigits {__version__}")
        raise typer.Exit


app.add_typer(train.app)
app.add_typer(use.app)
app.add_typer(learn.app)


def main() -> None:
    """Run the command line; bad input becomes one sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):  # a name may hold what the terminal cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except ModuleNotFoundError as error:
        extra = "learn" if error.name in ("matplotlib", "xlsxwriter") else "train"
        _fail(f"this needs the package {error.name}; install it: pip install 'tinydigits[{extra}]'")
    except (TinydigitsError, OSError) as error:
        _fail(sentence(error))


def _fail(message: str) -> None:
    print(f"tinydigits: {printable(message)}", file=sys.stderr)
    sys.exit(1)

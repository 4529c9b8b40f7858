"""The `tinydigits` command: one thin function per command.

Nothing heavy is imported here: each command imports what it needs, so that reading a picture
never loads torch and back propagation loads neither torch nor ONNX Runtime. This is the only
module that prints or exits.
"""

import sys

import typer

from tinydigits import __version__
from tinydigits.errors import TinydigitsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """A handwritten-digit recogniser of 17,466 parameters, and how it learns."""
    if version:
        print(f"tinydigits {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; bad input becomes one sentence and exit status 1."""
    try:
        app()
    except TinydigitsError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _fail(message: str) -> None:
    print(f"tinydigits: {message}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()

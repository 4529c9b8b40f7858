"""The `tinydigits` command: one thin function per command, a file per room.

Nothing heavy is imported here: each command imports what it needs, so that reading a picture
never loads torch and back propagation loads neither torch nor ONNX Runtime. Nothing outside this
package prints or exits.
"""

import errno
import sys
from typing import Annotated

import typer

from tinydigits import __version__
from tinydigits.cli import backprop, mnist, reader, scale, trust, web
from tinydigits.cli.common import print_whatever, printable
from tinydigits.errors import TinydigitsError, sentence

# Each extra of pyproject.toml and what it brings for import; a package in two is named for one.
EXTRAS = {
    "files": {"pillow_heif", "pypdfium2"},
    "learn": {"matplotlib", "safetensors", "xlsxwriter"},
    "scale": {"pyarrow", "ray"},
    "train": {"onnx", "onnxscript", "pooch", "requests", "scipy", "sklearn", "torch", "torchinfo"},
    "trust": {"cleanlab", "skimage"},
    "web": {"fastapi", "fastapi_offline", "prometheus_client", "python_multipart", "uvicorn"},
}

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
    """Read handwritten digits, train the network that does it, and see how it learns."""
    if version:
        print(f"tinydigits {__version__}")
        raise typer.Exit


for room in (mnist, reader, backprop, web, scale, trust):
    app.add_typer(room.app)


def main() -> None:
    """Run the command line; bad input becomes one sentence and exit status 1."""
    print_whatever()
    try:
        app()
    except ModuleNotFoundError as error:
        _fail(_how_to_install(error))
    except (TinydigitsError, OSError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and not error.filename:
            error.filename = "standard output"  # all else that is written has its name
        _fail(sentence(error))


def _how_to_install(error: ModuleNotFoundError) -> str:
    package = (error.name or "").partition(".")[0]
    extra = next((extra for extra, packages in EXTRAS.items() if package in packages), None)
    how = f"in tinydigits' folder: pip install '.[{extra}]'" if extra else "install it"
    return f"this needs the package {package}; {how}"


def _fail(message: str) -> None:
    print(f"tinydigits: {printable(message)}", file=sys.stderr)
    sys.exit(1)

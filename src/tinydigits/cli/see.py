"""`page`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def page(
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")],
    layers: Annotated[
        Path | None,
        typer.Option(help="A network exported as .json instead of the shipped one."),
    ] = None,
) -> None:
    """Write the page on which digits are drawn and read, as one file that works offline."""
    from tinydigits.files import atomic_write
    from tinydigits.web.page import build_page

    html = build_page(layers).html
    atomic_write(output, html)
    print(f"wrote {output}, {len(html.encode()):,} bytes; open it in a browser")

"""The pieces that a report is made of: numbers in words, tables, bars, small pictures."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from tinydigits.arrays import Bytes
from tinydigits.trust.figures import svg
from tinydigits.trust.measures import Share

_SPACE = "\N{NO-BREAK SPACE}"  # a number and its unit stay on one line


@dataclass(frozen=True)
class Tile:
    """A small picture with a line or two under it."""

    # Floats (height, width) in [0, 1], ink 1, shown dark on light, and in a dark page light on
    # dark; or bytes (height, width, 3), shown as they are
    image: NDArray[np.floating] | Bytes
    caption: str  # what stands below


@dataclass(frozen=True)
class Section:
    """A part of the report: its title, the sentence that says the finding, and the rest."""

    key: str
    title: str
    finding: str
    body: str


def text(words: object) -> str:
    """Words, safe to stand in HTML."""
    return html.escape(str(words))


def percent(share: float, digits: int = 2) -> str:
    """A fraction in per cent; so that nothing is rounded to all or none, more digits if need be."""
    if not np.isfinite(share):
        return "–"
    while digits < 4 and 0 < min(share, 1 - share) < 0.5 * 10 ** -(digits + 2):
        digits += 1
    return f"{100 * share:.{digits}f}{_SPACE}%"


def interval(share: Share, digits: int = 2) -> str:
    """A share with its interval."""
    return (
        f"{percent(share.share, digits)} <span class=range>{100 * share.low:.{digits}f} to "
        f"{100 * share.high:.{digits}f}</span>"
    )


def count(number: int, thing: str) -> str:
    """A number of things, such as "1 image" or "2,000 images"."""
    return f"{number:,}{_SPACE}{thing if number == 1 else thing + 's'}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], name: str = "") -> str:
    """A table whose first column names the rows; cells are HTML."""
    top = "".join(f"<th scope=col>{cell}</th>" for cell in head)
    body = "".join(
        f"<tr><th scope=row>{first}</th>{''.join(f'<td>{cell}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    kind = f' class="{name}"' if name else ""
    return (
        f'<div class="wide" tabindex=0 role=region aria-label="table"><table{kind}>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def bar(share: float, most: float, kind: str = "") -> str:
    """A bar as long as a share of the longest, with its number."""
    width, label = 100 * share / most if most else 0, percent(share, 1)
    return f'<span class="bar {kind}"><i style="width:{width:.1f}%"></i><b>{label}</b></span>'


def interval_bar(share: Share, kind: str = "") -> str:
    """A bar as long as a share of the whole width, a line over its interval, and the number."""
    low, high = 100 * share.low, 100 * share.high
    return (
        f'<span class="measured {kind}"><span class="track"><i style="width:{100 * share.share:.1f}'
        f'%"></i><i class="ends" style="left:{low:.1f}%;width:{high - low:.1f}%"></i></span>'
        f"<b>{percent(share.share, 0)}</b></span>"
    )


def tiles(shown: Sequence[Tile], kind: str = "") -> str:
    """Small pictures, as many in a row as there is room for."""
    figures = ""
    for tile in shown:
        ink = "" if tile.image.ndim == 3 else " class=ink"
        lines = text(tile.caption).split("\n")
        figures += (
            f'<figure><img{ink} alt="{", ".join(lines)}" src="{_data_uri(tile.image)}">'
            f"<figcaption>{'<br>'.join(lines)}</figcaption></figure>"
        )
    return f'<div class="tiles {kind}">{figures}</div>'


def _data_uri(image: NDArray[np.floating] | Bytes) -> str:
    plain = image if image.ndim == 3 else np.rint(255 * (1 - image)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(plain).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def figure(drawing: Figure, caption: str) -> str:
    """A drawing with what it shows below it."""
    return f'<figure class="plot">{svg(drawing)}<figcaption>{caption}</figcaption></figure>'


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph of HTML."""
    return f'<p class="{kind}">{words}</p>' if kind else f"<p>{words}</p>"

"""The page: everything under `static/` and an exported network in one HTML file.

The file refers to nothing outside itself. It brings its own content-security policy, in which the
one script and the one style sheet are allowed by their hashes, so that nothing else can run but the
WebAssembly that this script makes, and nothing is fetched but from the service that the page came
from.

JavaScript modules become one script without a build step: each module's source, in the order in
which they import one another, becomes a function of its own that returns what it exports. Nothing
is minified: whoever opens the file's source can read it.
"""

import base64
import hashlib
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydigits.layers_file import FORMAT, read_layers
from tinydigits.reader.finder import SHIPPED as FINDER
from tinydigits.reader.reading import MIN_CONFIDENCE
from tinydigits.reader.session import SHIPPED
from tinydigits.web.constants import constants
from tinydigits.web.finder_layers import finder_parts
from tinydigits.web.packed import pack, with_bytes

STATIC = Path(__file__).with_name("static")
MAX_BYTES = 32 * 2**20  # of a request to the service

# The drawing pad's own rule: from so many digits on they are judged together. With these shares of
# them uncertain, the doubt whether they are digits at all is 0 and 1.
FEWEST_TOGETHER = 3
ILLEGIBLE_SHARES = (0.3, 0.8)

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[\w./-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*? |const |class )(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """The page."""

    html: str  # the whole file
    policy: str  # its content-security policy, to be sent as a header as well


def build_page(layers: Path | None = None, finder: Path = FINDER) -> Page:
    """Put the page together.

    Args:
        layers: a network that `tinydigits export RUN -o FILE.json` wrote; else the shipped one.
        finder: the network that finds digits in photographs, made by weights/finder/export.py.

    Raises:
        TinydigitsError: `layers` or `finder` is no such file.
        OSError: it cannot be read.
    """
    script = join_modules(STATIC, "main")
    sheets = sorted(STATIC.rglob("*.css"), key=lambda sheet: (sheet.stem != "style", sheet.stem))
    style = "".join(_text(sheet) for sheet in sheets)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}' 'wasm-unsafe-eval'",  # static/shared/tile.js
            f"style-src '{_hash(style)}'",
            "img-src data: blob:",
            "worker-src blob:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    parts = {
        "policy": f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        "style": f"<style>{style}</style>",
        "data": _packed("network", with_bytes(read_layers(layers or SHIPPED.with_suffix(".json"))))
        + _data("reader", json.dumps(_limits()))
        + _packed("photographs", zlib.compress(with_bytes(_photographs(finder)), 9))
        + "".join(_data(path.stem, _text(path)) for path in sorted(STATIC.rglob("*.json"))),
        "script": f'<script type="module">{script}</script>',
    }
    shell = _text(STATIC / "index.html")
    return Page(re.sub(r"<!-- (\w+) -->", lambda found: parts[found[1]], shell), policy)


def join_modules(folder: Path, entry: str) -> str:
    """The source of one script that does what the module `entry` and all it imports do.

    Modules import one another as `import { a, b as c } from "./folder/name.js";` and export
    functions, constants and classes where they declare them; nothing else is understood. Each
    module's exports are the constant `$name`, whatever its folder.

    Raises:
        ValueError: two modules have one name, or one is written otherwise.
    """
    order: list[Path] = []

    def visit(module: Path) -> None:
        for _, other in _IMPORT.findall(_text(module)):
            if (path := _imported(module, other)) not in order:
                visit(path)
        order.append(module)

    visit((folder / f"{entry}.js").resolve())
    names = [path.stem for path in order]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"several modules are called {', '.join(sorted(twice))}")
    return "".join(map(_module, order))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _imported(module: Path, name: str) -> Path:
    return (module.parent / f"{name}.js").resolve()


def _module(path: Path) -> str:
    """One module as a function that returns its exports, kept under the module's name."""

    def variable(module: Path) -> str:
        return "$" + module.stem.replace("-", "_")

    def bind(found: re.Match[str]) -> str:
        names = found[1].strip().rstrip(",").replace(" as ", ": ")
        return f"const {{ {names} }} = {variable(_imported(path, found[2]))};\n"

    source = _text(path)
    exports = ", ".join(found[1] for found in _EXPORT.findall(source))
    body = _EXPORT.sub(r"\1\2", _IMPORT.sub(bind, source))
    if re.search(r"^(import|export)\b", body, re.MULTILINE) or "</script" in body:
        raise ValueError(f"{path.name} imports or exports in a way that join_modules cannot read")
    return f"const {variable(path)} = (() => {{\n{body}return {{ {exports} }};\n}})();\n"


def _limits() -> dict[str, Any]:
    """The limits of the reader and the service that the page keeps to, and the format it takes."""
    return {
        "min_confidence": MIN_CONFIDENCE,
        "fewest_together": FEWEST_TOGETHER,
        "illegible_shares": ILLEGIBLE_SHARES,
        "max_bytes": MAX_BYTES,
        "layers_format": FORMAT,
    }


def _photographs(finder: Path) -> dict[str, Any]:
    """All that reading photographs takes: the finder, the constants, and the worker's source."""
    return {
        "finder": finder_parts(finder),
        "constants": constants(),
        "source": join_modules(STATIC, "photograph/worker"),
    }


def _data(name: str, text: str) -> str:
    """A block of data that the script finds by its id; no `<` in it can end it."""
    escaped = text.strip().replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}-data">{escaped}</script>\n'


def _packed(name: str, packed: bytes) -> str:
    """A block of bytes that the script finds by its id."""
    return f'<script type="text/plain" id="{name}-data">{pack(packed)}</script>\n'


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

"""A network's layers as a JSON file: the name of its format, and what reads it again.

`mnist/layers_file.py` writes it, and says what is in it.
"""

import base64
import json
from pathlib import Path
from typing import Any

from tinydigits.errors import TinydigitsError

FORMAT = "tinydigits layers 1"


def read_layers(path: Path) -> dict[str, Any]:
    """What a file holds, its arrays as bytes.

    Raises:
        TinydigitsError: it is no file that `tinydigits export RUN -o FILE.json` wrote.
        OSError: it cannot be read.
    """
    try:
        exported: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if exported["format"] != FORMAT:
            raise ValueError("another format")
        layers = [
            {
                key: base64.b64decode(value, validate=True)
                if isinstance(value, str) and key != "type"
                else value
                for key, value in layer.items()
            }
            for layer in exported["layers"]
        ]
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise TinydigitsError(
            f"{path} is no exported network; expected a file made by "
            "`tinydigits export RUN -o FILE.json`"
        ) from error
    return exported | {"layers": layers}

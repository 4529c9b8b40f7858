"""What the page's JavaScript needs to know of the reader: the constants of its modules, as data.

So a threshold stands in one place, in Python, and the page cannot disagree with it.
"""

from types import ModuleType
from typing import Any

from tinydigits.image import colour, digit, limits, picture
from tinydigits.reader import (
    centres,
    close_up,
    evidence,
    finder,
    found,
    fuse,
    glyphs,
    reading,
    rows,
    scales,
    split,
)

MODULES: tuple[ModuleType, ...] = (
    limits, picture, colour, digit, finder, scales, centres, glyphs, evidence, split, close_up,
    fuse, found, rows, reading,
)  # fmt: skip


def constants() -> dict[str, dict[str, Any]]:
    """By module and name: `_LEAST_HEAT` of centres.py is `constants.centres.least_heat`."""
    return {module.__name__.rpartition(".")[2]: _plain(module) for module in MODULES}


def _plain(module: ModuleType) -> dict[str, Any]:
    return {
        name.strip("_").lower(): value
        for name, value in vars(module).items()
        if name.strip("_").isupper() and isinstance(value, int | float | str | list | tuple)
    }

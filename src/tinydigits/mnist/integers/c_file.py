"""A network in integers -> a C file and its header, for machines without floats or an allocator.

`digits.c` and `digits.h` beside this module are the code; the tables and facts are filled in here.
"""

import math
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits import __version__
from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_write
from tinydigits.mnist.integers.quantise import Integers, Layer

# Where a layer's weights begin, in C, and the bytes of its line in the table of layers.
_NEAR, _FAR = ("uint16_t", 16), ("uint32_t", 20)


@dataclass(frozen=True)
class Cost:
    """What the C file needs."""

    flash: int  # bytes of its tables; its code comes on top
    ram: int  # bytes of its state; its stack comes on top
    multiply_adds: int  # of an image, at most


def write_c(
    integers: Integers, path: Path, *, program: bool = False, temperature: float = 1.0
) -> Cost:
    """Write FILE.c, and FILE.h beside it.

    Args:
        integers: the network.
        path: FILE.c; its folder is made if need be.
        program: whether FILE.c has a `main`, too, that reads images from standard input.
        temperature: what the log-probabilities are to be divided by to be calibrated.

    Raises:
        TinydigitsError: the file's name cannot stand in C, or the network is too large.
        OSError: a file cannot be written.
    """
    header = path.with_suffix(".h")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", path.name):
        raise TinydigitsError(
            f"{path.name}: C includes it by name; use letters, digits, -, _ and . only"
        )
    facts, cost = _filled(integers)
    # A digit that is ahead of each of the others by so much has 99 %, if one of them has the rest.
    lead = math.ceil(math.log(99) * temperature / integers.step)
    facts |= {"NAME": path.name, "HEADER": header.name, "LEAD": f"{lead:,}"}
    code = _template("digits.c", facts) + (_template("main.c", facts) if program else "")
    atomic_write(header, _template("digits.h", facts))
    atomic_write(path, code)
    return cost


def _filled(integers: Integers) -> tuple[dict[str, str], Cost]:
    lines, weights, biases, shifts = [], list[Any](), list[Any](), list[Any]()
    rows = 0
    for layer in integers.layers:
        outputs, inputs, kernel, _ = layer.weight.shape
        row = (layer.side + 2 * layer.padding) * inputs
        at = [len(biases), len(shifts), rows, row]
        one = [kernel, layer.padding, inputs, outputs, layer.computed, int(layer.pool)]
        if max(at) >= 2**16 or max(one) >= 2**8:
            raise TinydigitsError("the network is too large for a C file: over 64 kB of rows")
        lines.append(_entry([len(weights), *at, *one]))
        weights += _fours(layer)
        biases += _padded(layer.bias.reshape(-1, outputs))
        shifts += layer.shift.tolist()
        rows += kernel * row
    offset, entry = _NEAR if len(weights) < 2**16 else _FAR
    maps = integers.weight.shape[1]
    ram = rows + rows % 2 + 2 * maps + 2 * len(lines)
    flash = len(weights) + 4 * len(biases) + len(shifts) + entry * len(lines)
    flash += integers.weight.size + 4 * len(integers.bias)
    cost = Cost(flash, ram, integers.multiply_adds)
    facts = {
        "VERSION": __version__,
        "FLASH": f"{cost.flash:,}",
        "RAM": f"{cost.ram:,}",
        "PRODUCTS": f"{cost.multiply_adds:,}",
        "ROWS": str(rows),
        "MAPS": str(maps),
        "OFFSET": offset,
        "LAYERS": str(len(lines)),
        "TABLE": "\n".join(lines),
        "WEIGHTS": _numbers(weights),
        "BIASES": _numbers(biases),
        "SHIFTS": _numbers(shifts),
        "LAST_WEIGHTS": "\n".join(
            f"    {{{', '.join(map(str, row))}}}," for row in integers.weight
        ),
        "LAST_BIASES": ", ".join(map(str, integers.bias)),
    }
    return facts, cost


def _fours(layer: Layer) -> list[int]:
    """Weights as the C file reads them: four outputs at a time, (O / 4, K, K, I, 4)."""
    outputs, inputs, kernel, _ = layer.weight.shape
    weight = np.zeros((-(-outputs // 4) * 4, inputs, kernel, kernel), np.int8)
    weight[:outputs] = layer.weight
    fours = weight.reshape(-1, 4, inputs, kernel, kernel).transpose(0, 3, 4, 2, 1)
    return [int(value) for value in fours.ravel()]


def _padded(table: NDArray[np.int32]) -> list[int]:
    """Rows of a table, each with zeros to a multiple of four."""
    wide = np.pad(table, ((0, 0), (0, -table.shape[1] % 4)))
    return [int(value) for value in wide.ravel()]


def _entry(values: list[int]) -> str:
    return f"    {{{', '.join(map(str, values))}}},"


def _numbers(values: Iterable[int]) -> str:
    text = ", ".join(map(str, values))
    return textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    ")


def _template(name: str, facts: dict[str, str]) -> str:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    for key, value in facts.items():
        text = text.replace(f"@{key}@", value)
    return text

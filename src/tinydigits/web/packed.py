"""Bytes as text that can stand in an HTML file: 13 bits are two characters, in base64 they are 2.2.

Of the printable characters of ASCII 91 are used, so that two of them tell 8,281 things apart, and
13 bits are 8,192. None of them is a space, a quotation mark, a backslash or `<`.
"""

import json
from typing import Any

import numpy as np

_BITS = 13
_BASE = 91
_ALPHABET = bytes(range(35, 35 + _BASE)).replace(b"<", b"!").replace(b"\\", b"~")


def pack(packed: bytes) -> str:
    """Text that `unpack` in static/base64.js turns into these bytes again.

    The last bits have one character if they are six or fewer; so no byte is made of filling.
    """
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))
    last = len(bits) % _BITS
    filling = np.zeros(-len(bits) % _BITS, np.uint8)
    filled = np.concatenate([bits, filling] if last > 6 or not last else [bits[:-last]])
    groups = filled.reshape(-1, _BITS) @ (1 << np.arange(_BITS)[::-1])
    codes = np.stack(np.divmod(groups, _BASE), 1).ravel()
    if 0 < last <= 6:
        codes = np.append(codes, bits[-last:] @ (1 << np.arange(6 - last, 6)[::-1]))
    return bytes(_ALPHABET[code] for code in codes).decode()


def with_bytes(value: Any) -> bytes:
    """A line of JSON, in which {"bytes": length} stands for bytes in `value`, and these bytes."""
    apart: list[bytes] = []

    def put_apart(each: bytes) -> dict[str, int]:
        apart.append(each)
        return {"bytes": len(each)}

    line = json.dumps(value, separators=(",", ":"), default=put_apart)
    return b"\n".join([line.encode(), b"".join(apart)])

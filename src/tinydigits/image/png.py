"""A PNG file's chunks, put right: what does not matter to the picture cannot spoil it.

As browsers do, text, colour profiles and other extras are left out, whatever their size or
checksum, and a file that ends early keeps what is there. What is left has sound checksums.
"""

import struct
import zlib
from collections.abc import Iterator

START = b"\x89PNG\r\n\x1a\n"
# Transparency and EXIF, for its orientation; all others of lower case are of no use here.
_USED = {b"tRNS", b"eXIf"}


def repaired(data: bytes) -> tuple[bytes, bool, bool]:
    """The same PNG without what could spoil it; whether it moves; whether it is damaged.

    Only image data may have a wrong checksum: the decoder then says how far it is sound.
    """
    kept, moves, damaged, changed, ended = [START], False, False, False, False
    for kind, body, sound in _chunks(data):
        moves |= kind == b"acTL" and body[:4] > b"\0\0\0\1"
        needed = kind[:1].isupper() or (kind in _USED and sound)
        changed |= not (needed and sound)
        if needed:
            damaged |= not sound
            kept.append(_chunk(kind, body, sound or kind == b"IDAT"))
        ended = kind == b"IEND"
    if not ended:
        kept.append(_chunk(b"IEND", b"", True))
    return (b"".join(kept) if changed or not ended else data), moves, damaged or not ended


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Name, content and whether the checksum is right, to the end or where there is no chunk."""
    at = len(START)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if not kind.isalpha():
            return
        body, check = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        yield kind, body, check == struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
        if kind == b"IEND":
            return
        at += 12 + length


def _chunk(kind: bytes, body: bytes, sound: bool) -> bytes:
    check = zlib.crc32(body, zlib.crc32(kind)) ^ (not sound)
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", check)

"""Which files are pictures: told by their first bytes, with a system's litter left aside."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tinydigits.files import natural

# A file of one of these names is taken for a picture unseen; any other is looked into.
SUFFIXES = frozenset(
    {
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".tif", ".tiff"),
        *(".webp", ".avif", ".heic", ".heif", ".hif", ".ico", ".pdf"),
    }
)
NAMES = "PNG, JPEG, GIF, BMP, TIFF, WEBP, AVIF, ICO, HEIC or PDF"
HEAD = 1024  # bytes that `kind_of` wants to see

HIDDEN = "hidden or the system's own"
NO_PICTURE = "no picture"
FOLDER = "folder within"
NO_FILE = "no regular file"
UNREADABLE = "cannot be opened"

_STARTS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # BigTIFF
    b"MM\0+": "TIFF",
}
_AVIF = {b"avif", b"avis"}
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
_BMP_HEADERS = {bytes([size, 0, 0, 0]) for size in (12, 40, 52, 56, 64, 108, 124)}
# What Windows, macOS and network drives put into folders.
_LITTER = {
    *(
        ".ds_store",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
        "__macosx",
        "@eadir",
        "#recycle",
    ),
    *("$recycle.bin", "system volume information", "lost+found"),
}


def kind_of(head: bytes) -> str | None:
    """The format of a file that begins with these bytes: Pillow's name, "HEIF" or "PDF"."""
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        end = min(int.from_bytes(head[:4], "big"), len(head))
        brands = {head[8:12], *(head[i : i + 4] for i in range(16, end - 3, 4))}
        return "AVIF" if brands & _AVIF else "HEIF" if brands & _HEIF else None
    # Two letters, or four bytes of which three are 0, would fit much else.
    if head[:2] == b"BM" and head[14:18] in _BMP_HEADERS:
        return "BMP"
    if head[:4] == b"\0\0\1\0" and head[4:6] > b"\0\0" and head[5:6] + head[9:10] == b"\0\0":
        return "ICO"
    return "PDF" if b"%PDF-" in head[:HEAD] else None


def is_litter(name: str, hidden: bool = True) -> bool:
    """Whether a file or folder of this name is a system's own, or `hidden`."""
    return name.startswith("." if hidden else "._") or name.lower() in _LITTER


class Skipped:
    """What was passed over, counted by reason, with the first names of each."""

    _SHOWN = 3

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        """Count one more."""
        self._counts[reason] += 1
        names = self._names.setdefault(reason, [])
        if len(names) < self._SHOWN:
            names.append(name)

    def __str__(self) -> str:
        """One line without an end, or nothing if nothing was skipped."""
        parts = []
        for reason, count in sorted(self._counts.items()):
            more = ", …" if count > self._SHOWN else ""
            parts.append(f"{reason}: {count:,} ({', '.join(self._names[reason])}{more})")
        return f"not read: {'; '.join(parts)}" if parts else ""


def why_skipped(path: Path) -> str:
    """The reason not to take what lies in a folder for a picture; "" for a picture.

    A name that ends like a picture's is believed, so a damaged one is found damaged later.
    """
    if is_litter(path.name):
        return HIDDEN
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return FOLDER
        if not stat.S_ISREG(mode):
            return NO_FILE
        if path.suffix.lower() in SUFFIXES:
            return ""
        with path.open("rb") as file:
            return "" if kind_of(file.read(HEAD)) else NO_PICTURE
    except OSError:
        return UNREADABLE


def pictures_in(folder: Path, skipped: Skipped) -> list[Path]:
    """The pictures directly in a folder, in natural order; all else is counted as skipped.

    Raises:
        OSError: the folder cannot be listed.
    """
    found = []
    for path in sorted(folder.iterdir(), key=natural):
        if reason := why_skipped(path):
            skipped.add(reason, path.name)
        else:
            found.append(path)
    return found


def pictures_below(folder: Path, skipped: Skipped) -> Iterator[str]:
    """The pictures in a folder and in the folders in it: paths from there, in natural order.

    Raises:
        OSError: a folder cannot be listed.
    """

    def fail(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=fail):
        for name in filter(is_litter, folders):
            skipped.add(HIDDEN, os.path.relpath(os.path.join(parent, name), folder))
        folders[:] = sorted((name for name in folders if not is_litter(name)), key=natural)
        for name in sorted(names, key=natural):
            path = os.path.join(parent, name)
            if reason := why_skipped(Path(path)):
                skipped.add(reason, os.path.relpath(path, folder))
            else:
                yield os.path.relpath(path, folder)

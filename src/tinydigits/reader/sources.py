"""What a person names on the command line -> the pictures that it stands for."""

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from tinydigits.errors import TinydigitsError
from tinydigits.files import natural
from tinydigits.image.formats import HIDDEN, NAMES, Skipped, is_litter, pictures_in


def find_pictures(
    names: Iterable[str], skipped: Skipped | None = None
) -> Iterator[tuple[str, TinydigitsError | None]]:
    """Give every picture's path, in order, or with it the reason why there is none.

    A folder stands for the pictures directly in it, in natural order; a pattern with *, ? or [] for
    what it matches, ** for folders within folders. Any other name, `-` too, stands for itself, but
    a system's own files and folders for nothing, since a shell names them with the rest. What is
    passed over is counted in `skipped`.
    """
    skipped = skipped or Skipped()
    for name in names:
        path = Path(name)
        if not name or "\0" in name:
            found, missing = [], f"{name!r} is no file name; name a picture or a folder"
        elif is_litter(path.name, hidden=False):
            skipped.add(HIDDEN, name)
            continue
        elif path.is_dir():
            found = [str(path) for path in pictures_in(path, skipped)]
            missing = f"{name}: no pictures in this folder; expected {NAMES}"
        elif glob.has_magic(name) and not path.exists():
            found, missing = _matches(name, skipped), f"{name}: no file matches this pattern"
        else:
            found, missing = [name], ""
        yield from ((each, None) for each in found)
        if not found:
            yield name, TinydigitsError(missing)


def _matches(pattern: str, skipped: Skipped) -> list[str]:
    found = []
    for path in map(Path, sorted(glob.glob(pattern, recursive=True), key=natural)):
        if any(is_litter(part, hidden=False) for part in path.parts):
            skipped.add(HIDDEN, str(path))
        elif path.is_file():
            found.append(str(path))
    return found

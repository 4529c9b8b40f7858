"""What a person names on the command line -> the pictures that it stands for."""

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from tinydigits.errors import TinydigitsError
from tinydigits.files import natural
from tinydigits.reader.picture import SUFFIXES


def find_pictures(names: Iterable[str]) -> Iterator[tuple[str, TinydigitsError | None]]:
    """Give every picture's path, in order, or with it the reason why there is none.

    A folder stands for the pictures directly in it, in natural order; a pattern with *, ? or [] for
    what it matches, ** for folders within folders. Any other name, `-` too, stands for itself.
    """
    for name in names:
        path = Path(name)
        if not name or "\0" in name:
            found, missing = [], f"{name!r} is no file name; name a picture or a folder"
        elif path.is_dir():
            pictures = (p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
            found = [str(p) for p in sorted(pictures, key=natural)]
            missing = f"{name}: no pictures in this folder; expected {', '.join(sorted(SUFFIXES))}"
        elif glob.has_magic(name) and not path.exists():
            matches = (p for p in glob.glob(name, recursive=True) if Path(p).is_file())
            found = sorted(matches, key=natural)
            missing = f"{name}: no file matches this pattern"
        else:
            found, missing = [name], ""
        yield from ((each, None) for each in found)
        if not found:
            yield name, TinydigitsError(missing)

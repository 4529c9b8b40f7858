"""The order of files, and writing them so that an interruption leaves no half of one."""

import errno
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PART = ".part-"  # how temporary names begin


def natural(path: str | os.PathLike[str]) -> tuple[str, str]:
    """A key for sorting names as a person numbers them: page2 comes before page10."""
    name = os.fspath(path)
    # Each number behind the count of its digits; a longer one is larger.
    return re.sub(r"0*([0-9]+)", lambda found: f"{len(found[1]):04}{found[1]}", name), name


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside `path`; what is written there becomes `path` if all went well.

    Missing parent folders are made. On an error the temporary file goes and `path` stays as it was.

    Raises:
        OSError: the folder cannot be made or written, or the disk is full; it names `path`.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with naming(target):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # The suffix stays, because libraries choose a format by it.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=PART, suffix=target.suffix)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.chmod(0o666 & ~_umask())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def atomic_write(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write `content` to `path` atomically; text is UTF-8.

    Raises:
        OSError: as `atomic_path`.
    """
    data = content.encode() if isinstance(content, str) else content
    with atomic_path(path) as part:
        part.write_bytes(data)


def append_line(path: Path, values: Any) -> None:
    """Add a line of JSON to a file, and have it on the disk before this returns.

    Raises:
        OSError: the file cannot be written, or the disk is full; it names `path`, in which no part
            of the line is left.
    """
    line = as_json(values) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
        size = path.stat().st_size if path.exists() else 0
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if path.exists():
                os.truncate(path, size)
            raise


def as_json(values: Any, indent: int | None = None) -> str:
    """JSON as its standard has it.

    Raises:
        ValueError: a number is not finite; JSON has none such.
    """
    return json.dumps(values, indent=indent, allow_nan=False)


@contextmanager
def naming(target: Path) -> Iterator[None]:
    """Let errors of no file, as a full disk's, and of a temporary one name this file.

    Raises:
        OSError: whatever was raised within, with a file's name.
    """
    try:
        yield
    except OSError as error:
        parts = Path(str(error.filename or PART)).parts
        place = next((i for i, part in enumerate(parts, 1) if part.startswith(PART)), 0)
        if not place:
            raise
        name = str(target.joinpath(*parts[place:]))
        raise OSError(error.errno, error.strerror or str(error), name) from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

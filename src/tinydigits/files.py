"""The order of files, and writing them so that an interruption leaves no half of one."""

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
        OSError: the folder cannot be made or written, or the disk is full.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with naming(target):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # The suffix stays, because libraries choose a format by it.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-", suffix=target.suffix)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with naming(target):
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


@contextmanager
def naming(target: Path) -> Iterator[None]:
    """Let errors name the file that a person asked for, not the temporary one.

    Raises:
        OSError: whatever was raised within, with this file's name.
    """
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

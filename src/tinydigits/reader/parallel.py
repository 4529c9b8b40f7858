"""Many picture files at once, in processes: threads would wait for Python's lock."""

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader, Reading

MANY = 200  # below this, starting the processes takes longer than it saves
_WORKERS = 3  # at most: each takes up to 320 MB for a picture of the largest size allowed
_WINDOW = 512  # files handed out at a time, which bounds the readings that wait

_reader: Reader | None = None
_options: tuple[bool, float | None] = (False, None)


def read_files(
    paths: Sequence[str],
    model: str | os.PathLike[str] | None,
    *,
    single: bool = False,
    min_confidence: float | None = None,
) -> Iterator[Reading | TinydigitsError | OSError]:
    """Read files in order; a file that cannot be read gives its error.

    Args:
        paths: the files.
        model: an ONNX file, or None for the shipped one; every process loads it.
        single: as in `Reader.read`.
        min_confidence: as in `Reader.read`.
    """
    with ProcessPoolExecutor(
        min(_WORKERS, os.cpu_count() or 1),
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(model, single, min_confidence),
    ) as pool:
        for first in range(0, len(paths), _WINDOW):
            yield from pool.map(_read, paths[first : first + _WINDOW], chunksize=16)


def _start(
    model: str | os.PathLike[str] | None, single: bool, min_confidence: float | None
) -> None:
    global _reader, _options
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer
    _reader, _options = Reader(model), (single, min_confidence)


def _read(path: str) -> Reading | TinydigitsError | OSError:
    assert _reader is not None
    try:
        return _reader.read(path, single=_options[0], min_confidence=_options[1])
    except (TinydigitsError, OSError) as error:
        return error

"""Download MNIST's four files: several mirrors in turn, a checksum per file, nothing half-written.

A mirror that is down, slow, stalled or wrong costs seconds, and the next one is asked. Pooch
keeps the cache, compares the checksum and renames a file only when it is whole.
"""

import time
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.idx import FILES

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# SHA-256 of the files that Yann LeCun's page offered; their MD5 sums are those torchvision checks.
_SHA256 = (
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)
CHECKSUMS = {f"{name}.gz": checksum for name, checksum in zip(FILES, _SHA256, strict=True)}

ROUNDS = 2
CONNECT_SECONDS = 4.0
STALL_SECONDS = 10.0
# Slower than this after the first STALL_SECONDS counts as stalled: a trickle never times out.
SLOWEST_BYTES_PER_SECOND = 4096
LARGEST_BYTES = 9_912_422

NO_CONNECTION = "no connection"

ELSEWHERE = "put the four files into ./data or a folder named by --data-dir"


class MnistUnavailable(TinydigitsError):
    """MNIST is nowhere on this machine and no mirror could be read."""


def download_mnist(folder: Path, *, progress: bool = False) -> None:
    """Make `folder` hold MNIST's four files, downloading those that are missing or damaged.

    Args:
        folder: where they go; made if missing.
        progress: show a bar per file on standard error.

    Raises:
        MnistUnavailable: a file could be had from no mirror.
        TinydigitsError: a damaged file that lies in `folder` could not be replaced.
    """
    for name, checksum in CHECKSUMS.items():
        _fetch(name, checksum, folder, progress)


def _fetch(name: str, checksum: str, folder: Path, progress: bool) -> None:
    failures: dict[str, str] = {}
    for _ in range(ROUNDS):
        for mirror in MIRRORS:
            host = urlsplit(mirror).netloc
            failures[host] = _ask(mirror, name, checksum, folder, progress)
            if not failures[host]:
                return
        if set(failures.values()) == {NO_CONNECTION}:
            break  # there is no network, and asking again only takes time
    tried = "; ".join(f"{host}: {reason}" for host, reason in failures.items())
    if (folder / name).exists():
        raise TinydigitsError(
            f"{folder / name}: is damaged and could not be replaced ({tried}); "
            "delete it, and connect to the network or put a whole file there"
        )
    raise MnistUnavailable(
        f"MNIST is not on this machine and {name} could not be downloaded ({tried}); connect to "
        f"the network, or {ELSEWHERE}"
    )


def _ask(mirror: str, name: str, checksum: str, folder: Path, progress: bool) -> str:
    """Have one file from one mirror, unless it is there already; say why not, or nothing."""
    import pooch
    import requests
    from urllib3.exceptions import HTTPError

    pooch.get_logger().setLevel("WARNING")  # the bar says the same
    stream = partial(_stream, label=f"{name} from {urlsplit(mirror).netloc}", progress=progress)
    try:
        pooch.retrieve(mirror + name, checksum, fname=name, path=folder, downloader=stream)
    except (requests.RequestException, HTTPError, TimeoutError, ValueError) as error:
        return _reason(error)
    except OSError as error:
        raise MnistUnavailable(
            f"MNIST is not on this machine and cannot be stored in {folder} ({error.strerror}); "
            f"make that possible, or {ELSEWHERE}"
        ) from error
    return ""


def _reason(error: Exception) -> str:
    """Say in a few words why a mirror was left; the libraries' own texts fill half a screen."""
    import requests
    from urllib3.exceptions import ReadTimeoutError

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code}"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, requests.ConnectionError):
        return NO_CONNECTION
    if isinstance(error, requests.Timeout | ReadTimeoutError | TimeoutError):
        return "stalled"
    if isinstance(error, ValueError):
        return "sent something else, by its checksum"
    return "broke off"


def _stream(url: str, output_file: str, _pooch: Any, *, label: str, progress: bool) -> None:
    """Write what `url` sends, undecoded; unlike pooch's own, leave a mirror that trickles."""
    import requests
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bar = Progress(*columns, console=Console(stderr=True), disable=not progress)
    timeout = (CONNECT_SECONDS, STALL_SECONDS)
    headers = {"Accept-Encoding": "identity"}
    with (
        requests.get(url, stream=True, timeout=timeout, headers=headers) as response,
        open(output_file, "wb") as file,
        bar,
    ):
        response.raise_for_status()
        total = int(response.headers.get("Content-Length", 0))
        task = bar.add_task(label, total=total or None)
        started = time.monotonic()
        received = 0
        while block := response.raw.read1(1 << 16):
            file.write(block)
            received += len(block)
            bar.update(task, completed=received)
            if received > LARGEST_BYTES:
                raise ValueError("longer than any of the files")
            if time.monotonic() - started > STALL_SECONDS + received / SLOWEST_BYTES_PER_SECOND:
                raise TimeoutError("a trickle")

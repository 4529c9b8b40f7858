"""Downloads from a server on this machine that misbehaves as mirrors do."""

import gzip
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.mnist import download, idx
from tinydigits.mnist.data import load_data
from tinydigits.mnist.download import CHECKSUMS, MIRRORS, MnistUnavailable, download_mnist

DOWN = "http://127.0.0.1:9/"  # nothing listens there
NAMES = list(CHECKSUMS)


class Server(ThreadingHTTPServer):
    """Serves the four files; the first part of the path says how."""

    files: dict[str, bytes]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.mebibytes = 0  # sent by a mirror that does not stop
        self.closing = threading.Event()

    def mirror(self, how: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{how}/"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some of these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        _, how, name = self.path.split("/")
        self.server.asked.append(f"{how}/{name}")
        content = self.server.files[name]
        if how == "once":  # breaks off the first time it is asked for a file
            how = "interrupted" if self.server.asked.count(f"once/{name}") == 1 else "good"
        if how in ("404", "500"):
            self.send_error(int(how))
            return
        if how == "silent":
            self.server.closing.wait(60)
            return
        if how == "corrupt":
            content = content[:-9] + bytes(9)
        if how == "portal":
            content = b"<html>Please accept our terms</html>"
        self.send_response(200)
        if how == "endless":
            self.end_headers()
            for _ in range(100):
                self.wfile.write(bytes(1 << 20))
                self.server.mebibytes += 1
            return
        self.send_header("Content-Length", str(len(content)))
        if how == "labelled":  # some servers say this of any .gz file
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if how in ("stalls", "interrupted", "trickles"):
            self.wfile.write(content[:20])
            content = b"" if how == "interrupted" else content[20:]
        if how == "stalls":
            self.server.closing.wait(60)
        if how == "trickles":
            for byte in content:
                if self.server.closing.wait(0.05):
                    return
                self.wfile.write(bytes([byte]))
        self.wfile.write(content)


@pytest.fixture
def server(
    idx_bytes: Callable[[np.ndarray], bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """A running server whose four small files count as MNIST's own."""
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (9, 28, 28)), np.arange(9), rng.integers(0, 256, (5, 28, 28))]
    plain = [idx_bytes(array) for array in [*arrays, np.arange(5)]]
    packed = [gzip.compress(content) for content in plain]
    sums = [hashlib.sha256(content).hexdigest() for content in packed]
    monkeypatch.setattr(download, "CHECKSUMS", dict(zip(NAMES, sums, strict=True)))
    digests = tuple(hashlib.sha256(content).hexdigest() for content in plain)
    monkeypatch.setattr(idx, "MNIST_SHA256", digests)
    monkeypatch.setattr(download, "STALL_SECONDS", 0.5)
    with Server() as running:
        running.files = dict(zip(NAMES, packed, strict=True))
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, server: Server) -> Callable[..., None]:
    """Name the mirrors to ask, in turn, by what they do."""

    def set_mirrors(*how: str) -> None:
        mirrors = tuple(DOWN if one == "down" else server.mirror(one) for one in how)
        monkeypatch.setattr(download, "MIRRORS", mirrors)

    return set_mirrors


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_a_trickle_is_left(
    server: Server,
    use: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No single read times out, and yet the file, many seconds away, is had from elsewhere."""
    use("trickles", "good")
    server.files = {name: gzip.compress(os.urandom(300)) for name in NAMES}
    checksum = hashlib.sha256(server.files[NAMES[0]]).hexdigest()
    download._fetch(NAMES[0], checksum, tmp_path, False)
    assert server.asked == [f"trickles/{NAMES[0]}", f"good/{NAMES[0]}"]


@pytest.mark.parametrize(("how", "times"), [("good", 1), ("once", 2), ("labelled", 1)])
def test_a_transfer_that_broke_off_is_tried_again(
    how: str, times: int, server: Server, use: Callable[..., None], tmp_path: Path
) -> None:
    use(how, "down")
    download_mnist(tmp_path)
    assert contents(tmp_path) == server.files
    assert server.asked == [f"{how}/{name}" for name in NAMES for _ in range(times)]
    (tmp_path / NAMES[2]).write_bytes(b"half")
    download_mnist(tmp_path)  # what is there and whole is not downloaded again
    assert contents(tmp_path) == server.files
    assert len(server.asked) == times * len(NAMES) + 1


def test_when_every_mirror_fails_one_sentence_says_what_was_tried_and_the_next_is_asked(
    server: Server, use: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = {
        "404": "answered 404",
        "500": "answered 500",
        "corrupt": "sent something else, by its checksum",
        "portal": "sent something else, by its checksum",
        "silent": "stalled",
        "stalls": "stalled",
        "interrupted": "broke off",
        "endless": "sent something else, by its checksum",
        "down": "no connection",
    }
    monkeypatch.setattr(download, "ROUNDS", 1)
    for how, reason in reasons.items():
        use(how)
        host = download.MIRRORS[0].split("/")[2]
        with pytest.raises(MnistUnavailable) as info:
            download_mnist(tmp_path / "cache")
        assert str(info.value) == (
            f"MNIST is not on this machine and {NAMES[0]} could not be downloaded "
            f"({host}: {reason}); connect to the network, or put the four files into ./data or "
            "a folder named by --data-dir"
        )
        assert contents(tmp_path / "cache") == {}  # nothing half-written
        use(how, "good")
        server.asked.clear()
        # One file suffices to see it, and each stall takes its time.
        download._fetch(NAMES[1], download.CHECKSUMS[NAMES[1]], tmp_path / how, False)
        assert contents(tmp_path / how) == {NAMES[1]: server.files[NAMES[1]]}
        assert server.asked == [f"{each}/{NAMES[1]}" for each in (how, "good") if each != "down"]
    assert 0 < server.mebibytes < 100


def test_without_a_network_no_mirror_is_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    asked = []

    def refuse(url: str, **_: object) -> None:
        asked.append(url)
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(requests, "get", refuse)
    with pytest.raises(MnistUnavailable) as info:
        download_mnist(tmp_path)
    assert asked == [mirror + NAMES[0] for mirror in MIRRORS]
    assert str(info.value).count(": no connection") == len(MIRRORS) == 3


def test_a_damaged_file_that_cannot_be_replaced_is_named(
    server: Server, use: Callable[..., None], nowhere: Path
) -> None:
    use("good")
    assert load_data("mnist").name == "mnist"
    path = nowhere.parent / "cache" / "tinydigits" / NAMES[2]
    path.write_bytes(b"half")
    use("down")
    with pytest.raises(TinydigitsError, match=f"^{path}: is damaged and could not") as info:
        load_data("auto")
    assert not isinstance(info.value, MnistUnavailable)


def test_a_cache_that_cannot_be_written(
    server: Server, use: Callable[..., None], tmp_path: Path
) -> None:
    use("good")
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(MnistUnavailable, match=f"stored in {tmp_path / 'cache'} "):
        download_mnist(tmp_path / "cache")


def test_mnist_is_downloaded_into_the_cache_and_found_there(
    server: Server, use: Callable[..., None], nowhere: Path
) -> None:
    use("good")
    data = load_data("auto")
    assert (data.name, data.note, len(data.train_labels)) == ("mnist", "", 9)
    use("down")
    assert load_data("mnist").name == "mnist"
    assert len(server.asked) == 4


@pytest.mark.parametrize("progress", [True, False])
def test_progress_goes_to_standard_error(
    progress: bool,
    server: Server,
    use: Callable[..., None],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pooch.get_logger(), "handlers", [caplog.handler])
    use("good")
    download_mnist(tmp_path, progress=progress)
    out, err = capfd.readouterr()
    assert out == ""
    assert [name in err for name in NAMES] == [progress] * 4
    assert bool(err) == progress
    assert caplog.records == []

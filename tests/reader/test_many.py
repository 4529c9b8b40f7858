"""Many pictures, read here or in processes: the same readings, in the same order."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reader.made import Draw
from tinydigits.errors import TinydigitsError
from tinydigits.reader import many
from tinydigits.reader.many import read_many
from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Reading


@pytest.mark.parametrize("worth_seconds", [1e9, 0.0], ids=["here", "in processes"])
def test_all_are_read_as_one_reader_does(
    draw: Draw,
    reader: Reader,
    tmp_path: Path,
    worth_seconds: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(many, "WORTH_SECONDS", worth_seconds)
    texts = ["472", "10", "", "7"]
    paths = [str(tmp_path / f"{number}.png") for number in range(4)]
    for path, text in zip(paths, texts, strict=True):
        draw(text).save(path)
    (tmp_path / "bad.png").write_text("no picture", encoding="utf-8")
    paths[2:2] = [str(tmp_path / "bad.png"), str(tmp_path / "missing.png")]

    scan = tmp_path / "scan.tif"
    draw("472").save(scan, save_all=True, append_images=[draw("10")])
    found = list(read_many(reader, [*paths, scan.read_bytes()], min_confidence=0.5))
    assert [len(pages) for pages in found] == [1, 1, 1, 1, 1, 1, 2]
    outcomes = [outcome for pages in found for outcome in pages]
    assert isinstance(outcomes[2], TinydigitsError)
    assert isinstance(outcomes[3], OSError)
    assert [page.text for page in found[6] if isinstance(page, Reading)] == ["472", "10"]
    for path, reading in zip(paths, outcomes, strict=False):
        if isinstance(reading, Reading):
            alone = reader.read(path, min_confidence=0.5)
            assert reading.text == alone.text
            assert [digit.box for digit in reading.digits] == [digit.box for digit in alone.digits]


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C is not ignored by what is started, as it is where a shell has put tests behind "&"."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_ctrl_c_ends_the_processes_and_the_command(draw: Draw, tmp_path: Path, heard: None) -> None:
    draw("472", height=400).save(tmp_path / "0.png")
    names = [str(tmp_path / "0.png")] * 2000
    command = subprocess.Popen(
        [sys.executable, "-m", "tinydigits", "read", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert command.stdout
    command.stdout.readline()
    time.sleep(3)  # into the processes' work, on most machines
    os.killpg(command.pid, signal.SIGINT)
    _, errors = command.communicate(timeout=60)  # seconds, on a busy machine
    assert command.returncode == 130, errors.decode()
    assert b"Traceback" not in errors
    for _ in range(50):
        if not alive(command.pid):
            break
        time.sleep(0.1)
    assert alive(command.pid) == []


def alive(group: int) -> list[str]:
    """The processes of a group that are not ended; what ended may still wait to be counted."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just gone
            state, _, owner, *_ = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            if owner == str(group) and state != "Z":
                found.append(path.parent.name)
    return found

"""Files told by their first bytes, and a system's litter."""

import os
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests.reader import made
from tinydigits.image.formats import (
    HEAD,
    Skipped,
    is_litter,
    kind_of,
    pictures_below,
    pictures_in,
)

saved = partial(made.saved, Image.new("L", (40, 30), 255))


@pytest.mark.parametrize(
    "form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "ICO", "HEIF", "PDF"]
)
def test_a_format_is_known_by_its_first_bytes(form: str) -> None:
    assert kind_of(saved(form)[:HEAD]) == form


def test_other_ways_to_begin() -> None:
    assert kind_of(saved("TIFF", big_tiff=True)[:HEAD]) == "TIFF"
    assert kind_of(b"MM\0*\0\0\0\x08") == "TIFF"
    assert kind_of(b"\r\n \r\n" + saved("PDF")[:HEAD]) == "PDF"
    assert kind_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic") == "HEIF"
    assert kind_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif") == "AVIF"


@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"BM is how a letter may begin, too", b"II", b"\0\0\1\0", b"\0\0\1\0" + bytes(40)),
        *(b"\0\0\0\x18ftypisom\0\0\0\0isommp42", b"RIFF\0\0\0\0WAVE", b"PK\3\4", b"%!PS-Adobe"),
    ],
)
def test_what_is_no_picture(head: bytes) -> None:
    assert kind_of(head) is None


def test_litter_by_name() -> None:
    for name in ("._a.png", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX", "@eaDir", ".x"):
        assert is_litter(name)
    for name in ("a.png", "_a.png", "thumbs.png", "@home", "a.b.png"):
        assert not is_litter(name)
    assert not is_litter(".mine.png", hidden=False)
    assert is_litter("._mine.png", hidden=False) and is_litter(".DS_Store", hidden=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures among what is none."""
    for name, content in {
        "a.jpe": saved("JPEG"),
        "b": saved("PNG"),
        "c.dat": saved("PDF"),
        "deep/d.TIF": saved("TIFF"),
        "._a.jpe": b"\0\5\x16\7",
        ".DS_Store": b"x",
        "Thumbs.db": b"x",
        "__MACOSX/a.jpg": saved("JPEG"),
        "deep/@eaDir/d.jpg": saved("JPEG"),
        "deep/notes.txt": b"words",
        "notes.txt": b"words",
        "empty": b"",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    return tmp_path


def test_the_pictures_of_a_folder_and_all_else_by_its_reason(folder: Path) -> None:
    skipped = Skipped()
    assert [path.name for path in pictures_in(folder, skipped)] == ["a.jpe", "b", "c.dat"]
    assert str(skipped) == (
        "not read: cannot be opened: 1 (gone.png); folder within: 1 (deep); "
        "hidden or the system's own: 4 (.DS_Store, ._a.jpe, Thumbs.db, …); "
        "no picture: 2 (empty, notes.txt); no regular file: 1 (pipe.png)"
    )


def test_the_pictures_of_folders_within_folders(folder: Path) -> None:
    skipped = Skipped()
    names = [Path(name).as_posix() for name in pictures_below(folder, skipped)]
    assert names == ["a.jpe", "b", "c.dat", "deep/d.TIF"]
    assert "no picture: 3 (empty, notes.txt, deep/notes.txt)" in str(skipped)
    assert "hidden or the system's own: 5" in str(skipped)


def test_nothing_is_said_of_nothing(tmp_path: Path) -> None:
    skipped = Skipped()
    assert pictures_in(tmp_path, skipped) == [] and str(skipped) == ""

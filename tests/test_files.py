from collections.abc import Callable
from pathlib import Path

import pytest

from tinydigits.files import append_line, as_json, atomic_path, atomic_write, natural


def test_content_arrives_whole_in_new_folders(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a" / "b" / "text.txt", "ink: ∂E/∂w")
    assert (tmp_path / "a" / "b" / "text.txt").read_text(encoding="utf-8") == "ink: ∂E/∂w"
    atomic_write(tmp_path / "a" / "b" / "text.txt", b"\x00\x01")
    assert (tmp_path / "a" / "b" / "text.txt").read_bytes() == b"\x00\x01"
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == ["text.txt"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "text.txt"
    target.write_text("old", encoding="utf-8")

    def write_half() -> None:
        with atomic_path(target) as part:
            assert part.suffix == ".txt"
            part.write_text("half", encoding="utf-8")
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        write_half()
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_leaves_what_was_there_and_names_the_file(
    small_disk: Callable[[int], Path],
) -> None:
    full = "No space left on device: .*/disk/"
    target = small_disk(8) / "text.txt"
    atomic_write(target, "old")
    with pytest.raises(OSError, match=full + "text.txt'"):
        atomic_write(target, "x" * 10_000)
    with pytest.raises(OSError, match=full + "lines/a.jsonl'"):
        append_line(target.with_name("lines") / "a.jsonl", "x" * 10_000)
    assert target.read_text(encoding="utf-8") == "old"
    assert (target.parent / "lines" / "a.jsonl").read_text(encoding="utf-8") == ""
    append_line(target.parent / "lines" / "a.jsonl", {"a": 1})
    with pytest.raises(OSError, match=full + "lines/a.jsonl'"):
        append_line(target.parent / "lines" / "a.jsonl", "x" * 10_000)
    assert (target.parent / "lines" / "a.jsonl").read_text(encoding="utf-8") == '{"a": 1}\n'
    assert {file.name for file in target.parent.iterdir()} == {"text.txt", "lines"}


def test_an_error_of_another_file_keeps_its_name(tmp_path: Path) -> None:
    def copy() -> None:
        with atomic_path(tmp_path / "copy.txt") as part:
            part.write_bytes((tmp_path / "missing.txt").read_bytes())

    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        copy()


def test_what_json_lacks_is_no_json() -> None:
    assert as_json({"a": [1.5, None]}) == '{"a": [1.5, null]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"loss": float("nan")})


def test_natural_order_is_a_persons() -> None:
    names = ["1", "2.png", "9.png", "10.png", "a", "a.png", "a0.png", "a01", "a1", "a1b2", "a1b10"]
    names += ["a²", "page"]
    assert sorted(set(names), key=natural) == names
    assert natural("a1") != natural("a01")

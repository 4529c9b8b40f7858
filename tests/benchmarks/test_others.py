"""Pictures that several readers read: which are read, how they are handed over, what stays."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import others_tables
from others import (
    BLOCK,
    CHARACTER,
    LINE,
    Contestant,
    Task,
    _lines,
    bring_up_to_date,
    drawn,
    layout,
    real,
    upright,
)
from pictures.judging import KINDS, Sources


@pytest.mark.parametrize(
    ("truths", "mode"),
    [
        (["1", "7"], CHARACTER),
        (["12", "7"], LINE),
        (["12", "3/4"], BLOCK),
        (["", ""], BLOCK),  # what shows no digit may show anything
    ],
)
def test_tesseract_is_told_what_the_labels_say(truths: list[str], mode: int) -> None:
    assert layout(truths) == mode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set of two pictures of each digit, sorted by digit."""
    rows = []
    for number in range(20):
        Image.new("L", (8, 8), number).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png\t{number // 2}\n")
    (tmp_path / "labels.tsv").write_text("".join(rows), encoding="utf-8")
    return tmp_path


def reads(text: str, version: str = "1") -> Contestant:
    return Contestant(version, lambda path, task: text)


def all_read(text: str) -> dict[str, Contestant]:
    return {name: reads(text) for name in ("tinydigits", "tesseract", "rapidocr")}


def test_a_part_of_a_sorted_set_shows_all_digits(folder: Path, tmp_path: Path) -> None:
    task = real(folder, 10)
    pictures = list(task.pictures(tmp_path))
    assert [path.name for path, _ in pictures] == [f"{n}.png" for n in range(0, 20, 2)]
    rights = [[counts(str(digit))["right"] for digit in range(10)] for _, counts in pictures]
    assert rights == [[int(row == column) for column in range(10)] for row in range(10)]
    assert real(folder, 40).facts["pictures"] == 20


def test_what_is_read_counts_without_letters_and_superscripts(folder: Path) -> None:
    row: dict[str, Any] = {}
    assert bring_up_to_date(row, real(folder, 10), all_read("O3\u00b2\n/3"))
    counts = {key: row["rapidocr"][key] for key in ("pictures", "digits", "right", "invented")}
    assert counts == {"pictures": 10, "digits": 10, "right": 1, "invented": 19}


def test_only_the_reader_that_changed_reads_again(folder: Path) -> None:
    row: dict[str, Any] = {}
    task = real(folder, 10)
    bring_up_to_date(row, task, all_read("1"))
    assert not bring_up_to_date(row, task, {"tinydigits": reads("2")})
    assert bring_up_to_date(row, task, {"tinydigits": reads("22", version="2")})
    assert (row["tinydigits"]["version"], row["tinydigits"]["invented"]) == ("2", 19)
    assert (row["tesseract"]["version"], row["tesseract"]["invented"]) == ("1", 9)


def test_other_pictures_are_read_again_by_all_or_not_at_all(folder: Path) -> None:
    row: dict[str, Any] = {}
    bring_up_to_date(row, real(folder, 10), all_read("1"))
    Image.new("L", (8, 8), 99).save(folder / "4.png")
    with pytest.raises(ValueError, match="--rapidocr"):
        bring_up_to_date(row, real(folder, 10), {"tinydigits": reads("1")})
    assert row["tesseract"]["right"] == 1
    assert bring_up_to_date(row, real(folder, 10), all_read("2"))
    assert row["tesseract"]["right"] == row["rapidocr"]["right"] == 1


def test_another_title_is_no_other_picture(sources: Sources) -> None:
    row: dict[str, Any] = {}
    task = drawn(KINDS["mnist_28"], sources, 3)
    bring_up_to_date(row, task, all_read("1"))
    renamed = replace(task, facts=task.facts | {"title": "new"})
    assert not bring_up_to_date(row, renamed, {"tinydigits": reads("1")})
    assert (row["title"], row["tesseract"]["pictures"]) == ("new", 3)


def test_a_kind_of_single_digits_is_one_character(sources: Sources) -> None:
    def told(name: str) -> Task:
        return drawn(KINDS[name], sources, 1)

    assert [told(name).layout for name in ("mnist_28", "pages")] == [CHARACTER, BLOCK]
    assert told("mnist_28").facts["pictures_sha256"] != told("pages").facts["pictures_sha256"]


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_picture_is_turned_as_its_file_says(tmp_path: Path, orientation: int) -> None:
    image = Image.new("L", (30, 20), 255)
    image.paste(0, (0, 0, 8, 8))
    exif = image.getexif()
    exif[0x0112] = orientation
    path = tmp_path / "phone.jpg"
    image.save(path, exif=exif, quality=95)
    with Image.open(upright(path, tmp_path)) as turned:
        assert turned.size == ((20, 30) if orientation == 6 else (30, 20))
        corner = {1: (2, 2), 3: (27, 17), 6: (17, 2)}[orientation]
        assert int(turned.getpixel(corner)) < 50  # type: ignore[arg-type]


def test_level_boxes_make_a_line() -> None:
    def box(left: int, top: int) -> list[list[float]]:
        return [[left, top], [left + 9, top], [left + 9, top + 10], [left, top + 10]]

    found = [(box(30, 2), "2"), (box(0, 0), "1"), (box(5, 20), "3")]
    assert ["".join(text for _, text in line) for line in _lines(found)] == ["12", "3"]


def row(rights: tuple[int, int, int], digits: int = 10) -> dict[str, Any]:
    each = {"digits": digits, "pictures": 5, "whole": 1, "invented": 0, "version": "1"}
    names = ("tinydigits", "tesseract", "rapidocr")
    return {"pictures": 5} | {
        name: each | {"right": right} for name, right in zip(names, rights, strict=True)
    }


def test_where_another_is_ahead_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "sets": {"ahead": row((9, 3, 5)), "nothing": row((0, 0, 0), digits=0)},
        "kinds": {
            "close": row((5, 6, 5)) | {"title": "close"},
            "far": row((1, 0, 9)) | {"title": "far"},
        },
    }
    found["sets"]["nothing"]["tinydigits"]["invented"] = 4
    found["kinds"]["unfinished"] = {"title": "unfinished", "tesseract": {}}
    files = {"others": found, "reading": {"reader_sha256": "1"}}
    monkeypatch.setattr(others_tables, "load", files.__getitem__)
    lines = others_tables.others_summary().splitlines()
    assert lines[2].startswith("| far | 5 | 10 | 10.0 % | 0.0 % | **90.0 %** |")
    assert lines[3].startswith("| close |")
    text = "\n".join(lines)
    assert "Of 2 sets of real pictures and 2 kinds" in text
    assert "more correct digits in 0 sets and 2 kinds; more fully correct texts in 0 sets" in text
    assert "fewer invented digits in 1 sets and 0 kinds" in text
    assert "In 10 real pictures with 10 digits, tinydigits reads 90.0 % of the digits" in text
    assert "earlier reader" not in text
    files["reading"] = {"reader_sha256": "2"}
    assert "earlier reader" in others_tables.others_summary()
    names = [line.split(" | ")[0] for line in others_tables.others_table().splitlines()[2:]]
    expected = ["**real pictures**", "ahead", "nothing", "**drawn pictures**", "far", "close"]
    assert names[:6] == [f"| {name}" for name in expected]

"""The table of bulk reading: every picture in it, and nothing that a spreadsheet would run."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tinydigits.scale.table import COLUMNS, file_and_page, plain, write_table


def row(name: str, text: str | None, *sure: float, error: str | None = None) -> dict[str, Any]:
    digits = [{"confidence": each} for each in sure]
    return {"id": name, "text": text, "digits": None if error else digits, "error": error}


def table(path: Path, *rows: dict[str, Any]) -> list[list[str]]:
    count = write_table(path, rows)
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *found = csv.reader(file)
    assert tuple(head) == COLUMNS
    assert count == len(found)
    return found


def test_a_row_for_each_line_with_its_least_confidence(tmp_path: Path) -> None:
    found = table(
        tmp_path / "new" / "t.csv",
        row("a.png", "12 / 3?\n(4)\n+", 0.9, 0.8, 0.99, 0.123456, 0.7),
        row("scan.pdf#2", "5", 1.0),
    )
    assert found == [
        ["a.png", "1", "1", "12 / 3?", "0.1235", ""],
        ["a.png", "1", "2", "(4)", "0.7", ""],
        ["a.png", "1", "3", "'+", "", ""],
        ["scan.pdf", "2", "1", "5", "1.0", ""],
    ]


def test_no_picture_is_left_out(tmp_path: Path) -> None:
    found = table(tmp_path / "t.csv", row("blank", ""), row("bad", None, error="bad: is damaged"))
    assert found == [["blank", "1", "", "", "", ""], ["bad", "1", "", "", "", "bad: is damaged"]]


def test_names_are_what_they_were(tmp_path: Path) -> None:
    names = ['a "b", c.png', "a;b\tc.png", "line\nfeed.png", "é漢.png", "'quoted'.png"]
    assert [each[0] for each in table(tmp_path / "t.csv", *(row(name, "") for name in names))] == (
        names
    )
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel takes cp1252


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1-2",
        "-1-2",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "\r=1",
        "＝1",
        "-",
        "+",
    ],
)
def test_nothing_starts_a_formula(text: str, tmp_path: Path) -> None:
    ((name, _, _, found, _, error),) = table(
        tmp_path / "t.csv", row(text, text.strip(), error=text) | {"digits": []}
    )
    assert {name, error} == {f"'{text}"}
    assert found == f"'{text.strip()}"


@pytest.mark.parametrize("text", ["-5", "+5", "-1.5", "12", "1-2", "(3)", "a=b", ""])
def test_numbers_and_other_text_stay(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("scan.pdf#2", ("scan.pdf", 2)),
        ("a/b.c.tif#10", ("a/b.c.tif", 10)),
        ("a#1.png", ("a#1.png", 1)),
        ("a#1/b.png", ("a#1/b.png", 1)),
        ("a#1", ("a#1", 1)),
        ("a.png#0", ("a.png#0", 1)),
    ],
)
def test_a_page_is_told_from_its_file(name: str, parted: tuple[str, int]) -> None:
    assert file_and_page(name) == parted

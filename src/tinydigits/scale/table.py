"""What bulk reading has written, as a table for a spreadsheet: a row for each line of text."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tinydigits.files import atomic_path

COLUMNS = ("file", "page", "line", "text", "confidence", "error")
Row = dict[str, Any]  # of a part: id, text, digits, error

# What a spreadsheet would take for a formula and run, full-width signs included; not a number.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def write_table(path: Path, rows: Iterable[Row]) -> int:
    """Write a CSV file of all pictures -> how many rows it has.

    It is UTF-8 with the mark by which Excel knows that. A picture without digits has one row, and
    one that cannot be read a row with the error. Text that would start a formula is written behind
    an apostrophe.

    Raises:
        OSError: it cannot be written.
    """
    count = 0
    with atomic_path(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        table.writerow(COLUMNS)
        for row in rows:
            name, page = file_and_page(row["id"])
            for number, text, confidence in _lines(row):
                error = plain(row["error"] or "")
                table.writerow((plain(name), page, number, plain(text), confidence, error))
                count += 1
    return count


def file_and_page(name: str) -> tuple[str, int]:
    """Part the id of a page, scan.pdf#2, into the file and the page's number, else 1."""
    found = re.fullmatch(r"(.+\.\w+)#([1-9][0-9]*)", name, re.DOTALL)
    return (found[1], int(found[2])) if found else (name, 1)


def lines(row: Row) -> Iterator[tuple[str, list[Row]]]:
    """Each line of a picture's text with its digits, in the order of both."""
    digits = iter(row["digits"] or ())
    for text in (row["text"] or "").splitlines():
        yield text, list(islice(digits, sum(is_digit(sign) for sign in text)))


def is_digit(sign: str) -> bool:
    """Whether a sign of the text is a digit, perhaps one that was too unsure to be written."""
    return sign in "0123456789?"


def plain(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    harmless = not _FORMULA.match(text) or _NUMBER.fullmatch(text)
    return text if harmless else f"'{text}"


def _lines(row: Row) -> Iterator[tuple[int | str, str, float | str]]:
    """Each line's number, text and least confidence; one of nothing where there is no text."""
    number = 0
    for number, (text, digits) in enumerate(lines(row), start=1):
        least = min((digit["confidence"] for digit in digits), default=None)
        yield number, text, "" if least is None else round(least, 4)
    if not number:
        yield "", "", ""

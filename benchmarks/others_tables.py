"""The reader beside Tesseract and RapidOCR: tables from results/others.json."""

from typing import Any

from common import load, percent, table
from reading_tables import title_of_set

Row = dict[str, Any]
_READERS = {"tinydigits": "tinydigits", "tesseract": "Tesseract", "rapidocr": "RapidOCR"}
# Sets and kinds that docs/reading.md shows, after those in which another reader is ahead.
_TELLING = (
    *("orand_car_a", "bills", "pages_words_around", "pages_photos", "sudoku_mixed", "dida"),
    *("student_photos", "pages", "touching_pairs", "tables", "dates_slash", "printed"),
)
_BEHIND = 5  # rows in which another reader is ahead, at most; ten rows in all


def others_summary() -> str:
    """Ten telling sets and kinds, and where another reader is ahead."""
    compared = _compared()
    behind = [name for name in _in_order(compared) if _behind(compared[name], "right")]
    shown = dict.fromkeys([*behind[:_BEHIND], *(name for name in _TELLING if name in compared)])
    titles = ["pictures", "how many", "digits"]
    titles += [f"correct digits: {title}" for title in _READERS.values()]
    rows = [
        [row["title"], *_sizes(row), *_best(_shares(row, "right", "digits"), 1)]
        for row in (compared[name] for name in list(shown)[:10])
    ]
    return "\n\n".join([table(titles, rows), _told(compared), _versions(compared)])


def others_table() -> str:
    """All real sets, then all drawn kinds, those first in which another reader is ahead."""
    compared = _compared()
    titles = ["pictures", "how many", "digits"]
    for what in ("correct digits", "fully correct texts", "invented digits"):
        titles += [f"{what}: {title}" for title in _READERS.values()]
    rows = []
    for part, heading in (("sets", "real pictures"), ("kinds", "drawn pictures")):
        rows.append([f"**{heading}**"] + [""] * (len(titles) - 1))
        own = {name: row for name, row in compared.items() if row["part"] == part}
        for row in (own[name] for name in _in_order(own)):
            cells = [row["title"], *_sizes(row), *_best(_shares(row, "right", "digits"), 1)]
            cells += _best(_shares(row, "whole", "pictures"), 0)
            rows.append(cells + [f"{row[name]['invented']:,}" for name in _READERS])
    return "\n\n".join([table(titles, rows), _versions(compared)])


def _compared() -> dict[str, Row]:
    """Each set and kind with digits or without that all three have read, by name."""
    found = load("others")
    return {
        name: {"part": part, "title": title_of_set(name), **row}
        for part in ("sets", "kinds")
        for name, row in found[part].items()
        if all(reader in row for reader in _READERS)
    }


def _in_order(compared: dict[str, Row]) -> list[str]:
    """The names, those first in which another reader leads by most; those without digits last."""
    return sorted(compared, key=lambda name: (not _digits(compared[name]), _lead(compared[name])))


def _digits(row: Row) -> int:
    return int(row["tinydigits"]["digits"])


def _lead(row: Row) -> float:
    """Our correct digits minus those of the best other reader, as a share.

    Without digits: how many fewer we invented in a picture.
    """
    if _digits(row):
        ours, *others = (row[name]["right"] for name in _READERS)
        return float(ours - max(others)) / _digits(row)
    ours, *others = (row[name]["invented"] for name in _READERS)
    return float(min(others) - ours) / row["pictures"]


def _behind(row: Row, what: str) -> bool:
    """Whether another reader has more of what is right, or fewer of what is invented."""
    ours, *others = (row[name][what] for name in _READERS)
    return bool(min(others) < ours if what == "invented" else max(others) > ours)


def _sizes(row: Row) -> list[str]:
    return [f"{row['pictures']:,}", f"{_digits(row):,}"]


def _shares(row: Row, part: str, whole: str) -> list[float]:
    if not row["tinydigits"][whole]:
        return []
    return [row[name][part] / row[name][whole] for name in _READERS]


def _best(shares: list[float], digits: int) -> list[str]:
    """Shares as they stand in a table; the largest is bold."""
    if not shares:
        return [""] * len(_READERS)
    cells = [percent(share, digits) for share in shares]
    return [
        f"**{cell}**" if share == max(shares) else cell
        for share, cell in zip(shares, cells, strict=True)
    ]


def _told(compared: dict[str, Row]) -> str:
    """In how many sets and kinds another reader is ahead, and what all read of the real ones."""
    ways = {
        "more correct digits": "right",
        "more fully correct texts": "whole",
        "fewer invented digits": "invented",
    }
    rows = compared.values()
    sets, kinds = ([row for row in rows if row["part"] == part] for part in ("sets", "kinds"))
    parts = []
    for title, key in ways.items():
        ahead, also = (sum(_behind(row, key) for row in part) for part in (sets, kinds))
        parts.append(f"{title} in {ahead} sets and {also} kinds")
    totals = {
        name: {key: sum(row[name][key] for row in sets) for key in ("right", "whole", "invented")}
        for name in _READERS
    }
    digits, pictures = sum(map(_digits, sets)), sum(row["pictures"] for row in sets)
    each = [
        f"{title} reads {percent(totals[name]['right'] / max(1, digits), 1)} of the digits and "
        f"{percent(totals[name]['whole'] / max(1, pictures), 0)} of the texts correctly, and "
        f"invents {totals[name]['invented']:,} digits"
        for name, title in _READERS.items()
    ]
    return (
        f"Of {len(sets)} sets of real pictures and {len(kinds)} kinds of drawn ones, another "
        f"reader has {'; '.join(parts)}. In {pictures:,} real pictures with {digits:,} digits, "
        f"{'; '.join(each)}."
    )


def _versions(compared: dict[str, Row]) -> str:
    """Which versions have read."""
    parts = []
    for part, what in (("sets", "real"), ("kinds", "drawn")):
        own = [row for row in compared.values() if row["part"] == part]
        versions = [
            f"{_READERS[name]} {' and '.join(sorted({row[name]['version'] for row in own}))}"
            for name in ("tesseract", "rapidocr")
        ]
        if own:
            parts.append(f"{what} pictures by {' and '.join(versions)}")
    ours = {row["tinydigits"]["version"] for row in compared.values()}
    earlier = " Some of tinydigits' own numbers are those of an earlier reader."
    same = ours == {load("reading")["reader_sha256"]}
    return f"Read were {', '.join(parts)}.{'' if same else earlier}"

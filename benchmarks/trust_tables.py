"""Reports on several models side by side, from their report.json: in short, and as a whole."""

import json
from collections.abc import Callable
from typing import Any

from common import RESULTS, ROOT, percent, table
from reading_tables import worst_real

# Each model and where its report is; the first is the example in docs/.
REPORTS = {
    "`reader`": ROOT / "docs" / "trust" / "report.json",
    **{f"`{name}`": RESULTS / "trust" / f"{name}.json" for name in ("best", "fast", "original")},
}
Row = dict[str, Any]
Cell = Callable[[Row], str]


def trust_limits() -> str:
    """What the shipped weights are worst at."""
    report = next(iter(_reports().values()))
    rows = report["robustness"]["rows"]
    worst = max(rows, key=lambda row: row["reader_errors"]["share"])
    alike, other = (_kind(kind)(report) for kind in _KINDS[:2])
    failed = percent(worst["reader_errors"]["share"], 0)
    left = percent(1 - report["confidence"]["coverage"][0]["share"], 1)
    return (
        f"- A sure digit is read in {alike} of the pictures of a letter that looks like a digit, "
        f"and in {other} of those of another letter.\n"
        f"- The corruption *{worst['name']}* makes {failed} of the answers wrong, even through the "
        f"reader. The mean over 15 corruptions is {percent(report['robustness']['mean'][1], 1)}."
        f"\n- To keep errors on MNIST's test images at 0.1 %, {left} of the images must be left to "
        "a person.\n- Real pictures with the fewest correct digits, through the reader: "
        f"{worst_real()}. [All sets](../MODEL_CARD.md#real-pictures)."
    )


def trust_summary() -> str:
    """The ten telling rows of docs/trust.md, without intervals."""
    return _table(_SUMMARY | {f"sure digit read in {kind}": _kind(kind) for kind in _KINDS})


def trust_table() -> str:
    """A row per question, a column per model; shares of small samples with their intervals."""
    report = next(iter(_reports().values()))
    rows = dict(_ROWS)
    for number in (0, 1):
        name = report["writers"]["sources"][number]["name"].split(",")[0]
        rows[f"{name}: correct"] = lambda r, n=number: _interval(
            r["writers"]["sources"][n]["right"]
        )
    for kind in report["not_digits"]["kinds"]:
        rows[f"sure digit read in {kind['name']}"] = _kind(kind["name"], _interval)
    return _table(rows)


def _table(rows: dict[str, Cell]) -> str:
    found = _reports()
    cells = [[title, *(cell(each) for each in found.values())] for title, cell in rows.items()]
    return table(["", *found], cells)


def _reports() -> dict[str, Row]:
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in REPORTS.items()}


def _kind(name: str, shown: Cell = lambda share: percent(share["share"], 1)) -> Cell:
    """Of a kind of picture without a digit: the share in which a digit was surely read."""
    return lambda report: shown(
        next(each["sure"] for each in report["not_digits"]["kinds"] if each["name"] == name)
    )


def _interval(share: Row) -> str:
    low, high = (f"{100 * share[end]:.1f}" for end in ("low", "high"))
    return f"{percent(share['share'], 1)} ({low} to {high}, n = {share['n']:,})"


def _worst(report: Row) -> str:
    row = report["robustness"]["rows"][0]
    return f"{row['name']}, {percent(row['errors']['share'], 1)}"


_ROWS: dict[str, Cell] = {
    "MNIST test images correct, network alone": lambda r: percent(r["accuracy"]["alone"]["share"]),
    "without the 15 disputed labels": lambda r: percent(r["accuracy"]["undisputed"]["share"]),
    "expected calibration error, network alone": lambda r: percent(
        r["confidence"]["alone"]["error"]
    ),
    "the same in three views, with temperature": lambda r: percent(
        r["confidence"]["after"]["error"]
    ),
    "share of images answered at 0.1 % errors": lambda r: percent(
        r["confidence"]["coverage"][0]["share"], 1
    ),
    "mean error on 15 corruptions, network alone": lambda r: percent(r["robustness"]["mean"][0], 1),
    "the same through the reader": lambda r: percent(r["robustness"]["mean"][1], 1),
    "worst corruption, network alone": _worst,
}
_SUMMARY = {title: cell for title, cell in _ROWS.items() if "disputed" not in title}
_KINDS = ("letters that look like digits", "other letters", "scribbles")

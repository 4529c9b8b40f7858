"""The table of docs/trust.md: reports on several models side by side, from their report.json."""

import json
from typing import Any

from common import RESULTS, ROOT, percent, table

# Each model and where its report is; the first is the example in docs/.
REPORTS = {
    "the reader's": ROOT / "docs" / "trust" / "report.json",
    **{f"`{name}`": RESULTS / "trust" / f"{name}.json" for name in ("best", "fast", "original")},
}
Row = dict[str, Any]


def trust_table() -> str:
    """A row per question, a column per model."""
    found = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in REPORTS.items()}
    reports = list(found.values())
    rows = [[title, *(cell(report) for report in reports)] for title, cell in _ROWS.items()]
    for kept_out in (0, 1):
        name = reports[0]["writers"]["sources"][kept_out]["name"].split(",")[0]
        cells = [_interval(each["writers"]["sources"][kept_out]["right"]) for each in reports]
        rows.append([f"{name} of others, read rightly", *cells])
    for number, kind in enumerate(reports[0]["not_digits"]["kinds"]):
        cells = [_interval(each["not_digits"]["kinds"][number]["sure"]) for each in reports]
        rows.append([f"{kind['name']}: surely taken for a digit", *cells])
    return table(["", *found], rows)


def _interval(share: Row) -> str:
    low, high = (f"{100 * share[end]:.1f}" for end in ("low", "high"))
    return f"{percent(share['share'], 1)} ({low} to {high}, n = {share['n']:,})"


def _worst(report: Row) -> str:
    row = report["robustness"]["rows"][0]
    return f"{row['name']}, {percent(row['errors']['share'], 1)}"


_ROWS = {
    "MNIST test images read rightly, alone": lambda r: percent(r["accuracy"]["alone"]["share"]),
    "without 15 disputed labels": lambda r: percent(r["accuracy"]["undisputed"]["share"]),
    "calibration error, alone": lambda r: percent(r["confidence"]["alone"]["error"]),
    "in three views, after temperature": lambda r: percent(r["confidence"]["after"]["error"]),
    "can be answered with 0.1 % errors": lambda r: percent(
        r["confidence"]["coverage"][0]["share"], 1
    ),
    "MNIST-C, mean errors, alone": lambda r: percent(r["robustness"]["mean"][0], 1),
    "through the reader": lambda r: percent(r["robustness"]["mean"][1], 1),
    "worst, alone": _worst,
}

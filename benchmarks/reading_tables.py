"""The README's tables of the reader, from what its benchmarks keep in results/."""

import json
import statistics
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
Row = dict[str, Any]
# Family of kinds -> what the table calls it.
_FAMILIES = {
    "digits": "one digit",
    "pages": "pages",
    "light": "photographs and boards",
    "forms": "forms and papers with rules",
    "marks": "numbers with marks",
    "prints": "printed",
    "nothing": "nothing written",
}
_OTHERS = ("tinydigits", "tesseract", "rapidocr")


def reading_table() -> str:
    """A row per kind of picture, with digits, then without."""
    found, others = _load("reading"), _load("others")
    rows = [
        "| pictures | how many | digits | read rightly | whole texts right "
        f"| with an invented digit | sure and wrong |{_others_head(others)}",
        "|---|---|---|---|---|---|---|" + "---|" * bool(others),
    ]
    kinds: dict[str, Row] = found["kinds"]
    family = ""
    for name, row in kinds.items():
        if row["digits"]:
            if row["family"] != family:
                family = row["family"]
                rows.append(f"| **{_FAMILIES[family]}** |" + " |" * (6 + bool(others)))
            rows.append(_digits_row(name, row, others))
    rows += ["", "| pictures without a digit | how many | with a digit | with a sure one |"]
    rows.append("|---|---|---|---|")
    for row in kinds.values():
        if not row["digits"]:
            counts = (row["pictures"], row["inventing"], row["sure_pictures"])
            rows.append(f"| {row['title']} | {' | '.join(map(str, counts))} |")
    return "\n".join([*rows, "", *_notes(found, others)])


def _load(name: str) -> Row:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _digits_row(name: str, row: Row, others: Row) -> str:
    cells = [
        row["title"],
        f"{row['pictures']:,}",
        f"{row['digits']:,}",
        f"**{100 * row['right'] / row['digits']:.1f} %**",
        f"{100 * row['whole'] / row['pictures']:.1f} %",
        f"{100 * row['inventing'] / row['pictures']:.1f} %",
        f"{100 * row['sure_wrong'] / row['digits']:.2f} %",
    ]
    if others:
        cells.append(_others_cell(others["kinds"].get(name)))
    return f"| {' | '.join(cells)} |"


def _others_head(others: Row) -> str:
    if not others:
        return ""
    return f" of the first {others['pictures']}: ours, Tesseract, RapidOCR |"


def _others_cell(kind: Row | None) -> str:
    """Shares of digits, in whole per cent; where another is ahead, its number is bold."""
    if kind is None:
        return ""
    shares = [100 * kind[name]["right"] / kind[name]["digits"] for name in _OTHERS]
    return ", ".join(f"**{s:.0f}**" if s > shares[0] else f"{s:.0f}" for s in shares) + " %"


def _notes(found: Row, others: Row) -> list[str]:
    raw = found["mnist_raw"]
    notes = [
        f"MNIST's test images given to the network as they are, in one view: "
        f"{100 * raw['right'] / raw['digits']:.2f} %. Read were {found['seeds']} of each kind's "
        f"pictures; handwriting besides MNIST's: {', '.join(found['handwriting']) or 'none'}; "
        f"{len(found['fonts'])} fonts."
    ]
    letters: Row = found["kinds"].get("letters_like_digits", {}).get("sure_by_letter", {})
    if letters:
        each = ", ".join(f"{letter} {count}" for letter, count in letters.items())
        notes.append(f"Letters that look like a digit, surely read as one: {each}.")
    if others:
        versions = others["versions"]
        notes.append(
            f"Beside it, the same first pictures of each kind read by Tesseract "
            f"{versions['tesseract']} (told that there are only digits and marks) and RapidOCR "
            f"{versions['rapidocr']}, in digits right; bold where another is ahead."
        )
    if speed := _load("reading_speed"):
        notes.append(_speed(speed))
    return ["\n\n".join(notes)]


def _speed(found: Row) -> str:
    """What a picture, a folder and a start take, and how many times as fast that is as before."""
    now, times = found["now"], found.get("times_as_fast", {})
    parts = (
        ("picture_300_ms", "a picture of 300 pixels takes {:.1f} ms"),
        ("picture_12_megapixels_s", "one of 12 megapixels {:.2f} s"),
        ("files_per_s", "one command reads {:.0f} files of 200 pixels a second"),
        ("cold_start_s", "a cold start on one file takes {:.2f} s"),
    )
    said = [
        text.format(now[name]) + (f" ({times[name]:.1f} times as fast as before)" if times else "")
        for name, text in parts
    ]
    text = ", ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def metamorphic_table() -> str:
    """A row per transformation: the share of digits that read as they do when shown plainly."""
    found = _load("metamorphic")
    rows = ["| the same digit, with another | the same answer | the worst |", "|---|---|---|"]
    for transformation, looks in found["agreement"].items():
        worst = min(looks, key=looks.__getitem__)
        mean = statistics.fmean(looks.values())
        rows.append(
            f"| {transformation} ({len(looks)}) | {100 * mean:.1f} % "
            f"| {worst}: {100 * looks[worst]:.1f} % |"
        )
    return "\n".join([*rows, "", f"{found['images']} of MNIST's test images in each."])

"""The README's tables of the reader, from what its benchmarks keep in results/."""

import statistics
from typing import Any

from common import load, percent, table

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
# Set of images of reader_weights.json -> what the table calls it; first those of digits.
_READ = {
    "cuts": "what the finder cuts out of drawn pictures: digits",
    "thin pens": "pen strokes of 10 writers, pens of 3 to 14 % of the height",
    "bold pens": "the same, pens of 14 to 40 %",
    "scans": "scanned digits",
    "printed": "printed digits, three other typefaces",
    "MNIST's test images": "MNIST's test images as they are",
}
_TAKEN = {
    "cuts of no digit": "what the finder cuts out of drawn pictures: pieces, letters, signs",
    "printed_letter": "single printed letters, other typefaces",
    "written_letter": "letters of a few strokes, other hands",
    "letters_in_one": "two or three letters in one",
    "printed_mark": "printed punctuation and signs",
    "shape": "crosses, arrows, corners, arcs, grids",
    "face": "faces",
    "scribble": "scribbles",
    "half": "halves of digits",
    "several": "two or three digits in one",
    "blob": "blobs",
}
_WITHOUT = ("pictures", "inventing", "sure_pictures")
_OTHERS = ("tinydigits", "tesseract", "rapidocr")


def reading_table() -> str:
    """A row per kind of picture, with digits, then without."""
    found, last, others = (load(name) for name in ("reading", "reading_last", "others"))
    titles = ["pictures", "how many", "digits", "read rightly", "whole texts right"]
    titles += ["with an invented digit", "sure and wrong"]
    titles += ["digits and texts right, seeds nobody had seen"] * bool(last)
    if others:
        titles.append(f"of the first {others['pictures']}: ours, Tesseract, RapidOCR")
    rows: list[list[str]] = []
    family = ""
    for name, row in found["kinds"].items():
        if row["digits"]:
            if row["family"] != family:
                family = row["family"]
                rows.append([f"**{_FAMILIES[family]}**"] + [""] * (len(titles) - 1))
            cells = _digits_cells(row)
            cells += [_last_cell(last["kinds"].get(name))] if last else []
            cells += [_others_cell(others["kinds"].get(name))] if others else []
            rows.append(cells)
    without = table(
        ["pictures without a digit", "how many", "with a digit", "with a sure one"],
        [
            [row["title"], *(row[key] for key in _WITHOUT)]
            for row in found["kinds"].values()
            if not row["digits"]
        ],
    )
    return "\n\n".join([table(titles, rows), without, *_notes(found, others)])


def real_table() -> str:
    """A row per set of real pictures, the worst read first; and what the rules before read."""
    found = load("real")
    arms = {"finder": "", "rules": "the rules before: "}
    titles = ["set", "pictures", "digits"]
    for before in arms.values():
        titles += [f"{before}digits right", "texts whole", "invented", "sure and wrong"]
    rows = []
    sets = found["finder"]
    for name in sorted(sets, key=lambda name: sets[name]["right"] / max(1, sets[name]["digits"])):
        row = sets[name]
        cells = [name, f"{row['pictures']:,}", f"{row['digits']:,}"]
        for arm in arms:
            cells += _real_cells(found[arm][name])
        rows.append(cells)
    return table(titles, rows)


def weights_table() -> str:
    """A row per set of images that judges the recogniser's weights, beside those of `best`."""
    found = load("reader_weights")
    networks = [found[name]["sets"] for name in ("reader", "best")]
    rows = []
    for key, names in (("accuracy", _READ), ("sure", _TAKEN)):
        if key == "sure":
            rows.append(["*surely taken for a digit:* | | |"])
        for name, title in names.items():
            first, second = (percent(sets[name][key]) for sets in networks)
            rows.append([title, f"{networks[0][name]['images']:,}", f"**{first}**", second])
    return table(["read by the weights", "images", "`reader`", "`best`"], rows)


def _real_cells(row: Row) -> list[str]:
    share = percent(row["right"] / row["digits"], 1) if row["digits"] else ""
    return [
        share,
        percent(row["whole"] / row["pictures"], 0),
        str(row["invented"]),
        str(row["sure_wrong"]),
    ]


def _digits_cells(row: Row) -> list[str]:
    return [
        row["title"],
        f"{row['pictures']:,}",
        f"{row['digits']:,}",
        f"**{percent(row['right'] / row['digits'], 1)}**",
        percent(row["whole"] / row["pictures"], 1),
        percent(row["inventing"] / row["pictures"], 1),
        percent(row["sure_wrong"] / row["digits"]),
    ]


def _last_cell(row: Row | None) -> str:
    if row is None:
        return ""
    right, whole = row["right"] / row["digits"], row["whole"] / row["pictures"]
    return f"{percent(right, 1)}, {percent(whole, 1)}"


def _others_cell(kind: Row | None) -> str:
    """Shares of digits, in whole per cent; where another is ahead, its number is bold."""
    if not kind or not all(name in kind for name in _OTHERS):
        return ""
    shares = [100 * kind[name]["right"] / kind[name]["digits"] for name in _OTHERS]
    return ", ".join(f"**{s:.0f}**" if s > shares[0] else f"{s:.0f}" for s in shares) + " %"


def _notes(found: Row, others: Row) -> list[str]:
    raw = found["mnist_raw"]
    notes = [
        f"MNIST's test images given to the network as they are, in one view: "
        f"{percent(raw['right'] / raw['digits'])}. Read were {found['seeds']} of each kind's "
        f"pictures. Handwriting: MNIST's test images{_handwriting(found['handwriting'])}; "
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
    if speed := load("reading_speed"):
        notes.append(_speed(speed))
    return notes


def _handwriting(names: list[str]) -> str:
    """What there was besides MNIST, of which nothing is trained on."""
    what = {
        "pens": "UCI's pen digits of the 10 writers kept for development",
        "scanned": "a third of the zip codes' scanned digits, kept likewise",
    }
    return "".join(f", {what[name]}" for name in names)


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
    found, rows = load("metamorphic"), []
    for transformation, looks in found["agreement"].items():
        worst = min(looks, key=looks.__getitem__)
        mean = percent(statistics.fmean(looks.values()), 1)
        row = [f"{transformation} ({len(looks)})", mean, f"{worst}: {percent(looks[worst], 1)}"]
        rows.append(row)
    titles = ["the same digit, with another", "the same answer", "the worst"]
    return f"{table(titles, rows)}\n\n{found['images']} of MNIST's test images in each."

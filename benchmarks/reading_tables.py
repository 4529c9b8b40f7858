"""The tables of the reader in docs/, from what its benchmarks keep in results/."""

import statistics
from collections.abc import Callable, Iterable
from typing import Any

from common import load, percent, table
from tinydigits.trust import measures

Row = dict[str, Any]
# Family of kinds -> what the table calls it, if that is not the module's name.
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
    "cuts": "digits that the finder cut out of drawn pictures",
    "thin pens": "pen strokes of 10 writers, pens of 3 to 14 % of the height",
    "bold pens": "the same, pens of 14 to 40 %",
    "scans": "scanned digits",
    "printed": "printed digits, three other typefaces",
    "MNIST's test images": "MNIST's test images as they are",
}
_TAKEN = {
    "cuts of no digit": "cut out of drawn pictures by the finder: pieces, letters, signs",
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
# The kinds of drawn pictures that docs/reading.md shows: easy ones, and those that are read worst.
_TELLING = (
    *("mnist_28", "pen_thin", "scanned_96", "bold_40", "pages", "touching_pairs"),
    *("turned_180", "tables", "photo_edge", "dates_slash"),
)
# Sets of real pictures that docs/reading.md shows.
_TELLING_REAL = (
    *("dida", "orand_car_a", "semeion16", "pages_words_around", "bills", "student_photos"),
    *("notebook_math", "pages_photos", "sudoku_mixed", "snigdha_letters_photos"),
)


def headline() -> str:
    """What the README says of the reader: real pictures, and letters taken for digits."""
    total = _total(load("real"))
    letters = load("reading")["kinds"]["letters_like_digits"]
    return (
        f"On {total['pictures']:,} real photographs, scans and drawings, none of them used in "
        f"training, it reads **{percent(_share(total), 1)}** of {total['digits']:,} digits "
        f"correctly. It also reads {total['invented']:,} digits wrongly or where there is none, "
        f"and {total['sure_wrong']:,} of the digits that it calls sure are wrong. A single letter "
        f"that looks like a digit (O, l, S, Z) is surely read as one in {letters['sure_pictures']} "
        f"of {letters['pictures']} pictures."
    )


def limits() -> str:
    """What the reader is worst at, in one paragraph for the first screen of docs/reading.md."""
    kinds, total = load("reading")["kinds"], _total(load("real"))
    share = {name: percent(_share(row), 0) for name, row in kinds.items()}
    letters = kinds["letters_like_digits"]
    return (
        f"In numbers ([below](#results)): on real pictures {percent(_share(total), 1)} of the "
        f"digits are correct, and {100 * total['invented'] / total['pictures']:.0f} digits for "
        "every 100 pictures are wrong or invented. On drawn pictures "
        f"{share['pages']} of the digits are correct on plain pages, {share['turned_180']} on "
        f"pages upside down, {share['touching_pairs']} in touching pairs, {share['scanned_96']} in "
        f"scans cropped to the ink and {share['bold_40']} in bold strokes cropped to the ink. A "
        "single letter that looks like a digit is surely read as one in "
        f"{letters['sure_pictures']} of {letters['pictures']} pictures."
    )


def reading_summary() -> str:
    """Ten telling kinds of drawn pictures, the mean and the worst of all, and false alarms."""
    found = load("reading")["kinds"]
    titles = ["drawn pictures", "how many", "digits", "correct digits", "fully correct texts"]
    titles += ["texts with an invented digit", "sure but wrong"]
    rows = [_digits_cells(found[name]) for name in _TELLING]
    shares = [_share(row) for row in found.values() if row["digits"]]
    empty = {name: row for name, row in found.items() if not row["digits"]}
    alarms = {name: row for name, row in empty.items() if row["sure_pictures"]}
    each = [
        f"{_short(name, row)} ({row['sure_pictures']} of {row['pictures']} pictures)"
        for name, row in sorted(alarms.items(), key=lambda item: -item[1]["sure_pictures"])
    ]
    told = (
        f"The mean over all {len(shares)} kinds with digits is "
        f"**{percent(statistics.fmean(shares), 1)}** correct digits; the worst kind has "
        f"{percent(min(shares), 1)}. Where there is no digit, the reader should answer nothing. Of "
        f"{len(empty)} such kinds, these gave a sure digit: {_listed(each) or 'none'}."
    )
    return "\n\n".join([table(titles, rows), told, _speed(load("reading_speed"))])


def reading_table() -> str:
    """A row per kind of picture, with digits, then without."""
    found, last = load("reading"), load("reading_last")
    last = last if _same_reader(found, last) else {}
    titles = ["pictures", "how many", "digits", "correct digits", "fully correct texts"]
    titles += ["texts with an invented digit", "sure but wrong"]
    titles += ["correct digits and texts, seeds kept for the end"] * bool(last)
    rows: list[list[str]] = []
    family = ""
    for name, row in found["kinds"].items():
        if row["digits"]:
            if row["family"] != family:
                family = row["family"]
                rows.append([f"**{_FAMILIES.get(family, family)}**"] + [""] * (len(titles) - 1))
            cells = _digits_cells(row)
            cells += [_last_cell(last["kinds"].get(name))] if last else []
            rows.append(cells)
    without = table(
        ["pictures without a digit", "how many", "with a digit", "with a sure digit"],
        [
            [row["title"], *(row[key] for key in _WITHOUT)]
            for row in found["kinds"].values()
            if not row["digits"]
        ],
    )
    return "\n\n".join([table(titles, rows), without, *_notes(found, last)])


def _looked_at(sure_wrong: int) -> str:
    """How many of these the pictures do show, if a person looked at just so many."""
    looked = load("real_looked_at")
    if looked["sure_wrong"] != sure_wrong:
        return ""
    return (
        f" We looked at each of these: {looked['shown']} are on the picture as they were read, but "
        "not in its true text, such as page numbers and carried digits "
        "([list](../benchmarks/results/real_looked_at.json))."
    )


def real_summary() -> str:
    """Ten telling sets of real pictures, the worst read first, and the sum of all sets."""
    sets = load("real")
    total = _total(sets)
    return (
        f"{_real_rows(filter(sets.__contains__, _TELLING_REAL), title_of_set)}\n\n"
        f"All {len(sets)} sets together: {total['pictures']:,} pictures with "
        f"{total['digits']:,} digits. **{percent(_share(total), 1)}** of the digits are "
        f"correct, and {percent(total['whole'] / total['pictures'], 0)} of the pictures have no "
        f"mistake. The reader also read {total['invented']:,} digits wrongly or where there is "
        f"none; {total['sure_wrong']:,} of its sure digits are wrong."
        f"{_looked_at(total['sure_wrong'])}"
    )


def real_card() -> str:
    """All sets of real pictures, the worst read first, for the model card."""
    return _real_rows(load("real"), title_of_set)


def _real_rows(names: Iterable[str], title: Callable[[str], str]) -> str:
    sets = load("real")
    titles = ["real pictures", "how many", "digits", "correct digits", "fully correct texts"]
    rows = [
        [
            title(name),
            *(f"{sets[name][key]:,}" for key in ("pictures", "digits")),
            *_real_cells(sets[name]),
        ]
        for name in sorted(names, key=lambda name: _share(sets[name]))
    ]
    return table([*titles, "wrong or invented", "sure but wrong"], rows)


def worst_real() -> str:
    """The three sets of real pictures with the smallest shares of correct digits."""
    sets = {name: row for name, row in load("real").items() if row["digits"]}
    worst = sorted(sets, key=lambda name: _share(sets[name]))[:3]
    return "; ".join(f"{title_of_set(name)}, {percent(_share(sets[name]), 1)}" for name in worst)


def title_of_set(name: str) -> str:
    """What a set of real pictures shows, or its name if we don't know."""
    known: Row = load("real_sets").get(name, {})
    return str(known.get("shows", name))


def real_table() -> str:
    """A row per set of real pictures by its name, the worst read first."""
    return _real_rows(load("real"), str)


def sources_table() -> str:
    """What each set of real pictures shows, and where it comes from."""
    rows = [
        [name, known["shows"], known["from"], known.get("licence", "none stated")]
        for name, known in load("real_sets").items()
    ]
    return table(["set", "what it shows", "from", "licence"], rows)


def _total(sets: Row) -> Row:
    """The counts of all sets of real pictures together."""
    keys = ("pictures", "digits", "right", "whole", "invented", "sure_wrong")
    return {key: sum(row[key] for row in sets.values()) for key in keys}


def _share(row: Row) -> float:
    return float(row["right"] / max(1, row["digits"]))


def _short(name: str, row: Row) -> str:
    """A kind's name within a sentence: its title, without the explanation after it."""
    alike = {"letters_like_digits": "letters that look like a digit", "letters": "other letters"}
    return alike.get(name, str(row["title"]).split(":")[0].split(" (")[0])


def _listed(parts: list[str]) -> str:
    """As a person lists them: a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _same_reader(found: Row, other: Row) -> bool:
    """Whether two files of results are of the same reader and the same pictures."""
    return all(found[key] == other.get(key) for key in ("reader_sha256", "pictures_sha256"))


def weights_table() -> str:
    """A row per set of images that judges the recogniser's weights, beside those of `best`."""
    found = load("reader_weights")
    networks = [found[name]["sets"] for name in ("reader", "best")]
    rows = []
    for key, names in (("accuracy", _READ), ("sure", _TAKEN)):
        if key == "sure":
            rows.append(["*no digit, yet a sure answer:*", "", "", ""])
        for name, title in names.items():
            first, second = (percent(sets[name][key]) for sets in networks)
            rows.append([title, f"{networks[0][name]['images']:,}", f"**{first}**", second])
    return table(["correct answers", "images", "`reader`", "`best`"], rows)


def _real_cells(row: Row) -> list[str]:
    """Shares with their Wilson intervals, and counts."""
    return [
        _interval(row["right"], row["digits"], 1) if row["digits"] else "",
        _interval(row["whole"], row["pictures"], 0),
        f"{row['invented']:,}",
        f"{row['sure_wrong']:,}",
    ]


def _interval(count: int, n: int, digits: int) -> str:
    found = measures.share(count, n)
    low, high = (f"{100 * end:.{digits}f}" for end in (found.low, found.high))
    return f"{percent(found.share, digits)} ({low} to {high})"


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


def _notes(found: Row, last: Row) -> list[str]:
    raw = found["mnist_raw"]
    notes = [
        f"The network alone, given MNIST's test images unchanged and in one view, reads "
        f"{percent(raw['right'] / raw['digits'])}. Of each kind were read {found['seeds']}. "
        f"Handwriting: MNIST's test images{_handwriting(found['handwriting'])}. Print: "
        f"{len(found['fonts'])} fonts."
    ]
    letters: Row = found["kinds"]["letters_like_digits"]["sure_by_letter"]
    each = ", ".join(f"{letter} {count}" for letter, count in letters.items())
    notes.append(f"Letters that look like a digit, and how many were surely read as one: {each}.")
    if not last:
        notes.append(
            "Left out, because measured with an earlier reader: `reading_last.json` (pictures kept "
            "for the end)."
        )
    return notes


def _handwriting(names: list[str]) -> str:
    """What there was besides MNIST, of which nothing is trained on."""
    what = {
        "pens": "UCI's pen digits by the 10 writers kept out of training",
        "scanned": "every third of the U.S. Postal Service's scanned digits, also kept out",
    }
    return "".join(f"; {what[name]}" for name in names)


def _speed(found: Row) -> str:
    """What a picture, a folder and a start take."""
    now = found["now"]
    return (
        f"A picture of 300 pixels takes {now['picture_300_ms']:.0f} ms, one of 12 megapixels "
        f"{now['picture_12_megapixels_s']:.2f} s. One command reads {now['files_per_s']:.0f} files "
        f"of 200 pixels a second on {found['cores']} cores, and needs {now['cold_start_s']:.1f} s "
        f"for a single file from a cold start (medians of {found['rounds']} rounds)."
    )


def is_earlier(found: Row) -> bool:
    """Whether results are of another reader than results/reading.json, which is always measured."""
    return bool(found.get("reader_sha256") != load("reading")["reader_sha256"])


def milliseconds_of_300_pixels() -> float:
    """What a picture of 300 pixels takes the current reader."""
    return float(load("reading_speed")["now"]["picture_300_ms"])


def metamorphic_table() -> str:
    """A row per transformation: the share of digits that read as they do when shown plainly."""
    found, rows = load("metamorphic"), []
    for transformation, looks in found["agreement"].items():
        worst = min(looks, key=looks.__getitem__)
        mean = percent(statistics.fmean(looks.values()), 1)
        share = percent(looks[worst], 1)
        rows.append([transformation, len(looks), mean, f"{worst}: {share}"])
    parts = [table(["changed", "variants", "same answer", "worst variant"], rows)]
    parts.append(f"{found['images']} of MNIST's test images in each variant.")
    if is_earlier(found):
        parts.append(
            "**Measured with an earlier reader, and not since.** Digits without a margin are now "
            "read less well: see the kinds that are cropped to the ink in [reading.md](reading.md)."
        )
    return "\n\n".join(parts)

"""How well the reader reads: every kind of picture, printed and kept in results/reading.json.

    python benchmarks/reading.py --handwriting DIR [--only KIND]... [--seeds N] [--sheet FOLDER]

DIR holds `usps-zip.train.gz` and `pendigits-orig.tra.gz`; without it, or with one missing, the
kinds that need it are left out and the others' digits are MNIST's. Of each kind's seeds the first
three quarters are read; `--last` reads a quarter that nobody has seen, once, at the end, and keeps
it in results/reading_last.json. The next time it must be another one: raise `UNSEEN`.
A kind that the file has, by this reader and from these pictures, is not read again. With another
reader, or with a kind more, all are: so `--only` is refused then. With another model, or with
`--seeds`, nothing is kept.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from common import add_sources, arguments, load, save
from pictures.judging import KINDS, Kind, Sources, load_sources
from pictures.judging.prints import fonts
from score import Score, score
from tinydigits import Reader
from tinydigits.mnist.idx import holds_idx, read_idx_folder
from tinydigits.reader.session import SHIPPED

UNSEEN = 750_000  # the first seed of those kept for the end; earlier ones have been seen
Row = dict[str, Any]


def here(handwriting: Path | None, data_dir: Path | None) -> Sources:
    """The handwriting on this machine."""
    folder = data_dir or Path(os.environ.get("TINYDIGITS_DATA", "data"))
    if not holds_idx(folder):
        sys.exit(f"{folder}: no MNIST files; name their folder with --data-dir")
    (_, _, images, labels), _ = read_idx_folder(folder)
    return load_sources((images, labels), handwriting)


def seeds(kind: Kind, last: bool) -> range:
    """The seeds of a kind to read: the first three quarters, or a quarter that nobody has seen."""
    return range(UNSEEN, UNSEEN + kind.seeds // 4) if last else range(3 * kind.seeds // 4)


def measure(reader: Reader, kind: Kind, sources: Sources, chosen: Iterable[int]) -> Row:
    """Read a kind's pictures."""
    total, seconds = Score(), 0.0
    notes: dict[str, list[int]] = {}
    for seed in chosen:
        page = kind.page(sources, seed)
        start = time.perf_counter()
        reading = reader.read(page.picture)
        seconds += time.perf_counter() - start
        found = score(page.lines, reading.text, [not each.uncertain for each in reading.digits])
        total.add(found)
        if page.note:
            count = notes.setdefault(page.note, [0, 0])
            count[0] += found.sure_pictures
            count[1] += 1
    row: Row = {"title": kind.title, "family": kind.family, **total.as_dict()}
    row["ms_per_picture"] = round(1000 * seconds / total.pictures, 1)
    if kind.name == "letters_like_digits":
        row["sure_by_letter"] = {note: f"{a} of {b}" for note, (a, b) in sorted(notes.items())}
    return row


def raw_accuracy(reader: Reader, sources: Sources) -> Row:
    """MNIST's test images given to the network as they are, in one view."""
    images, labels = sources.mnist
    scores = reader.session.log_probs(images.astype("float32") / 255)
    return {"right": int((scores.argmax(1) == labels).sum()), "digits": len(labels)}


def line(name: str, row: Row) -> str:
    """A row as it is printed."""
    share = f"{100 * row['right'] / row['digits']:6.2f} %" if row["digits"] else "       -"
    return (
        f"{name:20} {row['pictures']:5} pictures {row['digits']:6} digits {share} right, "
        f"{100 * row['whole'] / row['pictures']:5.1f} % whole, {row['inventing']:4} inventing, "
        f"{row['sure_wrong']:4} sure and wrong, {row['sure_pictures']:4} with a sure digit, "
        f"{row['ms_per_picture']:6.1f} ms"
    )


def reader_digest(model: Path) -> str:
    """What the readings depend on: the model, the finder and the reader's code."""
    import tinydigits.reader

    folder = Path(tinydigits.reader.__path__[0])
    files = [folder / "finder.onnx", *sorted(folder.glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in [model, *files])).hexdigest()


def pictures_digest(kinds: list[Kind], sources: Sources) -> str:
    """What the pictures are: of the first three of each kind."""
    digest = hashlib.sha256()
    for kind in kinds:
        for seed in range(3):
            digest.update(kind.page(sources, seed).picture.tobytes())
    return digest.hexdigest()


def kept(name: str, facts: Row) -> Row:
    """The results of that name if they are of the same reader and pictures, else none."""
    results: Row = load(name)
    same = all(results.get(key) == value for key, value in facts.items())
    return results if same else facts | {"kinds": {}}


def picked(names: Iterable[str] | None, sources: Sources) -> list[Kind]:
    """The kinds or families of kinds of these names, or all, that can be drawn here."""
    wanted = set(names or KINDS)
    if unknown := wanted - set(KINDS) - {kind.family for kind in KINDS.values()}:
        sys.exit(f"{', '.join(sorted(unknown))}: no such kind; there are {', '.join(KINDS)}")
    able = [kind for kind in KINDS.values() if sources.has(kind.needs)]
    return [kind for kind in able if {kind.name, kind.family} & wanted]


def contact_sheet(kind: Kind, sources: Sources) -> Image.Image:
    """The first pictures of a kind, each with its size and the text expected below it."""
    columns, rows, wide, high = 5, 4, 300, 220
    whole = Image.new("RGB", (columns * wide, rows * high + 24), (90, 90, 140))
    draw = ImageDraw.Draw(whole)
    font, small = ImageFont.load_default(14), ImageFont.load_default(11)
    draw.text((4, 4), f"{kind.name}: {kind.title}", fill=(255, 255, 255), font=font)
    for seed in range(columns * rows):
        page = kind.page(sources, seed)
        picture = page.picture.convert("RGB")
        size = picture.size
        picture.thumbnail((wide - 8, high - 26))
        x, y = seed % columns * wide + 4, seed // columns * high + 28
        whole.paste(picture, (x, y))
        text = f"{size[0]}x{size[1]} {page.note or ' / '.join(page.lines)}"[:46]
        draw.text((x, y + high - 24), text, fill=(255, 255, 255), font=small)
    return whole


def read_all(reader: Reader, kinds: list[Kind], sources: Sources, facts: Row, last: bool) -> None:
    """Read what the file of results has not got yet, keeping each kind as it is done."""
    name = "reading_last" if last else "reading"
    results = kept(name, facts)
    if load(name) and not results["kinds"] and kinds != picked(None, sources):
        sys.exit(
            f"results/{name}.json is of another reader or other pictures, and would lose all other "
            "kinds: leave out --only to read all, or add --seeds to keep nothing"
        )
    if "mnist_raw" not in results:
        results["mnist_raw"] = raw_accuracy(reader, sources)
    for kind in kinds:
        if kind.name not in results["kinds"]:
            row = measure(reader, kind, sources, seeds(kind, last))
            rows = results["kinds"] | {kind.name: row}
            results["kinds"] = {each: rows[each] for each in KINDS if each in rows}
            save(name, results, quiet=True)
        print(line(kind.name, results["kinds"][kind.name]), flush=True)


def main() -> None:
    parser = arguments(__doc__)
    add_sources(parser)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--only", action="append", metavar="KIND", help="a kind or a family")
    parser.add_argument("--seeds", type=int, help="read no more of each kind, and keep nothing")
    parser.add_argument("--last", action="store_true", help="read the seeds that nobody has seen")
    parser.add_argument("--sheet", type=Path, help="draw a contact sheet per kind, read nothing")
    chosen = parser.parse_args()
    sources = here(chosen.handwriting, chosen.data_dir)
    kinds = picked(chosen.only, sources)
    if chosen.sheet:
        chosen.sheet.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            contact_sheet(kind, sources).save(chosen.sheet / f"{kind.name}.png")
        return
    reader = Reader(chosen.model)
    if chosen.seeds or chosen.model != SHIPPED:
        for kind in kinds:
            some = seeds(kind, chosen.last)[: chosen.seeds]
            print(line(kind.name, measure(reader, kind, sources, some)), flush=True)
        return
    facts = {
        "reader_sha256": reader_digest(chosen.model),
        "pictures_sha256": pictures_digest(picked(None, sources), sources),
        "handwriting": [name for name in ("pens", "scanned") if sources.has(name)],
        "fonts": list(fonts()),
        "seeds": f"from {UNSEEN} on" if chosen.last else "the first three quarters",
    }
    read_all(reader, kinds, sources, facts, chosen.last)


if __name__ == "__main__":
    main()

"""The same pictures read by tinydigits, Tesseract and RapidOCR: keeps results/others.json.

    python benchmarks/others.py --rapidocr PYTHON [--real DIR] [--handwriting DIR] [--pictures N]
    python benchmarks/others.py [--real DIR] [--handwriting DIR]

Nothing is read twice: the readings of Tesseract and RapidOCR stand while the pictures and their
versions stay the same, ours while the reader does. So the second command, which needs neither of
them, fills in what a changed reader reads. DIR holds sets of real pictures, as for real.py; of a
set the pictures are spread evenly over its list, which may be sorted by digit. Of a kind of drawn
pictures they are the first seeds.

Tesseract (Debian's tesseract-ocr) is told that a set or kind of single digits shows one character,
one whose labels have a line each shows a line, and any other a block of text; and that there are
only digits, in drawn pictures also the marks of `MARKS`. RapidOCR (PP-OCR's networks on ONNX
Runtime, which are in the wheel of PyPI's rapidocr) runs as it comes, in an environment of its own,
whose Python is PYTHON; where it detects no text in a picture of one digit, it is given the whole
picture as text. Of what either reads, those characters count.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageOps

from common import add_sources, arguments, load, save
from pictures.judging import Kind, Sources
from reading import here, picked, pictures_digest, reader_digest
from score import MARKS, score
from tinydigits import Reader
from tinydigits.errors import TinydigitsError
from tinydigits.reader.session import SHIPPED
from tinydigits.trust.real_pictures import counted, find_sets, read_labels

DIGITS = "0123456789"
COUNTS = ("pictures", "digits", "right", "whole", "invented")
RIVALS = ("tesseract", "rapidocr")
BLOCK, LINE, CHARACTER = 6, 7, 10  # Tesseract's page segmentation modes
Row = dict[str, Any]
Picture = tuple[Path, Callable[[str], dict[str, int]]]  # a file, and the counts of a text read

# Reads lines of [alone, path], prints its version and then for each line its [box, text]s, as JSON.
_RAPIDOCR = """
import json, sys
from importlib.metadata import version
import cv2
from rapidocr import RapidOCR
cv2.setNumThreads(1)
threads = ["EngineConfig.onnxruntime." + kind + "_op_num_threads" for kind in ("intra", "inter")]
engine = RapidOCR(params=dict.fromkeys(threads, 1) | {"Global.log_level": "critical"})
print(json.dumps(version("rapidocr")), flush=True)
for line in sys.stdin:
    alone, path = json.loads(line)
    found = engine(path, use_det=True)  # each time, as what a call is told holds for the next
    texts = found.txts or ()
    boxes = found.boxes.tolist() if texts else []
    if alone and not texts:
        texts = engine(path, use_det=False).txts or ()
        boxes = [[[0, 0], [1, 1]] for _ in texts]
    print(json.dumps(list(zip(boxes, texts))), flush=True)
"""


@dataclass(frozen=True)
class Task:
    """Pictures of a kind or a set, and what Tesseract is told of them."""

    facts: Row  # how many pictures, their digest, and of a kind its title and family
    layout: int
    characters: str
    pictures: Callable[[Path], Iterator[Picture]]  # from a folder for temporary files


@dataclass(frozen=True)
class Contestant:
    """A reader, and the version whose readings stand."""

    version: str
    read: Callable[[Path, Task], str]


def drawn(kind: Kind, sources: Sources, count: int) -> Task:
    """The first pictures of a kind."""
    alone = kind.family == "digits" or kind.name == "printed_one"
    count = min(count, 3 * kind.seeds // 4)
    digest = pictures_digest([kind], sources)
    facts = {"pictures": count, "pictures_sha256": digest}
    facts |= {"title": kind.title, "family": kind.family}

    def pictures(folder: Path) -> Iterator[Picture]:
        for seed in range(count):
            page, path = kind.page(sources, seed), folder / "picture.png"
            page.picture.save(path)
            yield path, partial(_drawn_counts, page.lines)

    return Task(facts, CHARACTER if alone else BLOCK, DIGITS + MARKS, pictures)


def _drawn_counts(lines: list[str], text: str) -> dict[str, int]:
    return score(lines, text, [True] * len(text)).as_dict()


def real(folder: Path, count: int) -> Task:
    """Pictures of a set, spread evenly over its list."""
    rows = read_labels(folder)
    count = min(count, len(rows))
    chosen = [rows[len(rows) * place // count] for place in range(count)]
    digest = hashlib.sha256(json.dumps(chosen).encode())
    for name, _ in chosen:
        digest.update((folder / name).read_bytes())

    def pictures(temporary: Path) -> Iterator[Picture]:
        for name, truth in chosen:
            yield upright(folder / name, temporary), partial(counted, truth)

    facts = {"pictures": count, "pictures_sha256": digest.hexdigest()}
    return Task(facts, layout([truth for _, truth in rows]), DIGITS, pictures)


def layout(truths: list[str]) -> int:
    """How Tesseract is told that the pictures with these digits are laid out."""
    if all(len(truth) == 1 for truth in truths):
        return CHARACTER
    return LINE if any(truths) and not any("/" in truth for truth in truths) else BLOCK


def upright(path: Path, folder: Path) -> Path:
    """The picture as its EXIF data turns it, of which Tesseract knows nothing."""
    with Image.open(path) as image:
        if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
            return path
        ImageOps.exif_transpose(image).save(folder / "upright.png")
    return folder / "upright.png"


def tesseract(path: Path, task: Task) -> str:
    """What Tesseract reads."""
    command = ["tesseract", str(path), "-", "--psm", str(task.layout)]
    command += ["-c", f"tessedit_char_whitelist={task.characters}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class RapidOcr:
    """A process that loads the networks once and reads what it is told to."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(
            [str(python), "-c", _RAPIDOCR],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.version: str = self._answer()

    def __call__(self, path: Path, task: Task) -> str:
        """Read a file; boxes whose middles are level make a line."""
        assert self._process.stdin
        told = [task.layout == CHARACTER, str(path)]
        print(json.dumps(told), file=self._process.stdin, flush=True)
        return "\n".join("".join(text for _, text in line) for line in _lines(self._answer()))

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            sys.exit("RapidOCR's process ended; is rapidocr installed for its Python?")
        return json.loads(line)


def _lines(found: list[tuple[list[list[float]], str]]) -> list[list[tuple[float, str]]]:
    """Boxes as (left, text), in lines from the top, each from the left."""
    lines: list[tuple[float, float, list[tuple[float, str]]]] = []
    for box, text in sorted(found, key=lambda each: sum(y for _, y in each[0])):
        top, bottom = min(y for _, y in box), max(y for _, y in box)
        left = min(x for x, _ in box)
        if lines and (top + bottom) / 2 < lines[-1][1]:
            lines[-1][2].append((left, text))
        else:
            lines.append((top, bottom, [(left, text)]))
    return [sorted(line) for _, _, line in lines]


def contestants(python: Path | None) -> dict[str, Contestant]:
    """Our reader, and the others if RapidOCR's Python is named."""
    ours = Reader()
    version = reader_digest(SHIPPED)
    found = {"tinydigits": Contestant(version, lambda path, _: ours.read(path).text)}
    if python:
        command = ["tesseract", "--version"]
        first = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rapid = RapidOcr(python)
        found["tesseract"] = Contestant(first.split()[1], tesseract)
        found["rapidocr"] = Contestant(rapid.version, rapid)
    return found


def bring_up_to_date(row: Row, task: Task, readers: dict[str, Contestant]) -> bool:
    """Read what `row` lacks; whether anything was read.

    Raises:
        ValueError: the pictures are others, and Tesseract and RapidOCR are not among the readers;
            `row` stays as it is.
    """
    same = all(row.get(key) == task.facts[key] for key in ("pictures", "pictures_sha256"))
    if any(name not in readers and not (same and name in row) for name in RIVALS):
        raise ValueError("Tesseract and RapidOCR have not read these pictures; add --rapidocr")
    if not same:
        row.clear()
    row.update(task.facts)
    missing = {
        name: reader
        for name, reader in readers.items()
        if row.get(name, {}).get("version") != reader.version
    }
    totals: dict[str, Counter[str]] = {name: Counter() for name in missing}
    if missing:
        with tempfile.TemporaryDirectory() as folder:
            for path, counts in task.pictures(Path(folder)):
                for name, reader in missing.items():
                    text = reader.read(path, task)
                    kept = "".join(c for c in text if c in task.characters + "\n")
                    totals[name].update(counts(kept))
    for name, total in totals.items():
        row[name] = {"version": missing[name].version, **{key: total[key] for key in COUNTS}}
    return bool(missing)


def line(name: str, row: Row) -> str:
    """A row as it is printed."""
    parts = []
    for reader in ("tinydigits", *RIVALS):
        found = row[reader]
        right = f"{100 * found['right'] / found['digits']:.1f} %" if found["digits"] else "-"
        parts.append(
            f"{reader} {right} of digits, {found['whole']} of {found['pictures']} whole, "
            f"{found['invented']} invented"
        )
    return f"{name}: " + "; ".join(parts)


def tasks(chosen: Any, results: Row) -> Iterator[tuple[str, str, Task]]:
    """The part of the results, the name and the pictures of each set and kind."""

    def count(part: str, name: str, usual: int) -> int:
        return chosen.pictures or int(results[part].get(name, {}).get("pictures", usual))

    only = set(chosen.only or ())
    folders = find_sets(chosen.real) if chosen.real else []
    for folder in folders:
        if not only or folder.name in only:
            yield "sets", folder.name, real(folder, count("sets", folder.name, 40))
    kinds = only - {folder.name for folder in folders}
    if only and not kinds:
        return
    sources = here(chosen.handwriting, chosen.data_dir)
    for kind in picked(kinds, sources):
        if kind.name != "many_digits":  # a page of a thousand digits takes both others minutes
            yield "kinds", kind.name, drawn(kind, sources, count("kinds", kind.name, 15))


def main() -> None:
    parser = arguments(__doc__)
    add_sources(parser)
    parser.add_argument("--rapidocr", type=Path, metavar="PYTHON", help="let the others read, too")
    parser.add_argument("--real", type=Path, metavar="DIR", help="sets of real pictures")
    parser.add_argument("--pictures", type=int, help="of each kind or set; else as many as before")
    parser.add_argument("--only", action="append", metavar="NAME", help="a set, a kind or a family")
    chosen = parser.parse_args()
    results = {"sets": {}, "kinds": {}} | load("others")
    readers = contestants(chosen.rapidocr)
    failed = False
    for part, name, task in tasks(chosen, results):
        row = results[part].get(name, {})
        try:
            changed = bring_up_to_date(row, task, readers)
        except ValueError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
            continue
        results[part][name] = row
        if changed:
            save("others", results, quiet=True)
        print(line(name, row), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    try:
        main()
    except TinydigitsError as error:
        sys.exit(str(error))

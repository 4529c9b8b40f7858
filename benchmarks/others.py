"""The same pictures read by Tesseract and by RapidOCR, side by side: keeps results/others.json.

    python benchmarks/others.py --rapidocr PYTHON [--handwriting DIR] [--pictures N] [--only KIND]

Tesseract 5 (Debian's tesseract-ocr) is told that there are only digits and the marks of `marks`,
and for kinds of one digit that the picture is one character. RapidOCR (PP-OCR's networks on ONNX
Runtime; PyPI's rapidocr-onnxruntime has them in its wheel) runs as it comes, in an environment of
its own, whose Python is PYTHON; where it detects no text in a picture of one digit, it is given the
whole picture as text. Of what either reads, digits and those marks count. Every kind is read from
its first seeds, and nothing that the file has already is read again: the others' readings stand
while the pictures stay the same, ours while the reader does.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import add_sources, arguments, save
from pictures.judging import Kind, Sources
from reading import here, kept, picked, pictures_digest, reader_digest
from score import MARKS, Score, score
from tinydigits import Reader
from tinydigits.reader.session import SHIPPED

Read = Callable[[Kind, Path], str]

# Reads lines of [alone, path], prints its version and then for each line its [box, text]s, as JSON.
_RAPIDOCR = """
import json, sys
from importlib.metadata import version
from rapidocr_onnxruntime import RapidOCR
engine = RapidOCR(intra_op_num_threads=1)
print(json.dumps(version("rapidocr-onnxruntime")), flush=True)
for line in sys.stdin:
    alone, path = json.loads(line)
    found, _ = engine(path)
    if not found and alone:
        alone, _ = engine(path, use_det=False)
        found = [[[[0, 0], [1, 1]], text, sure] for text, sure in alone or []]
    print(json.dumps([[box, text] for box, text, _ in found or []]), flush=True)
"""


def tesseract(kind: Kind, path: Path) -> str:
    """What Tesseract reads: one character of a family of single digits, else a block of text."""
    command = ["tesseract", str(path), "-", "--psm", "10" if _alone(kind) else "6"]
    command += ["-c", f"tessedit_char_whitelist=0123456789{MARKS}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def _alone(kind: Kind) -> bool:
    return kind.family == "digits" or kind.name == "printed_one"


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
        self.version = self._answer()

    def __call__(self, kind: Kind, path: Path) -> str:
        """Read a file; boxes whose middles are level make a line."""
        assert self._process.stdin
        print(json.dumps([_alone(kind), str(path)]), file=self._process.stdin, flush=True)
        return "\n".join("".join(text for _, text in line) for line in _lines(self._answer()))

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            sys.exit("RapidOCR's process ended; is rapidocr-onnxruntime installed for its Python?")
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


def counted(text: str) -> str:
    """Digits and marks of a text, line by line."""
    return "".join(c for c in text if c in f"0123456789\n{MARKS}")


def compare(readers: dict[str, Read], kind: Kind, sources: Sources, count: int) -> dict[str, Any]:
    """Each reader's score on the kind's first pictures."""
    totals = {name: Score() for name in readers}
    seconds = dict.fromkeys(readers, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(min(count, 3 * kind.seeds // 4)):
            page, path = kind.page(sources, seed), Path(folder) / "picture.png"
            page.picture.save(path)
            for name, read in readers.items():
                start = time.perf_counter()
                text = counted(read(kind, path))
                seconds[name] += time.perf_counter() - start
                totals[name].add(score(page.lines, text, [True] * len(text)))
    return {
        name: total.as_dict() | {"seconds_per_picture": seconds[name] / total.pictures}
        for name, total in totals.items()
    }


def main() -> None:
    parser = arguments(__doc__)
    add_sources(parser)
    parser.add_argument("--rapidocr", type=Path, required=True, metavar="PYTHON")
    parser.add_argument("--pictures", type=int, default=15, help="of each kind")
    parser.add_argument("--only", action="append", metavar="KIND", help="a kind or a family")
    chosen = parser.parse_args()
    sources = here(chosen.handwriting, chosen.data_dir)
    ours, rapid = Reader(), RapidOcr(chosen.rapidocr)
    readers: dict[str, Read] = {
        "tinydigits": lambda _, path: ours.read(path).text,
        "tesseract": tesseract,
        "rapidocr": rapid,
    }
    first = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    facts = {
        "pictures_sha256": pictures_digest(sources),
        "pictures": chosen.pictures,
        "versions": {"tesseract": first.stdout.split()[1], "rapidocr": rapid.version},
    }
    results = kept("others", facts)
    if results.get("reader_sha256") != (digest := reader_digest(SHIPPED)):
        results["reader_sha256"] = digest
        for found in results["kinds"].values():
            found.pop("tinydigits", None)
    for kind in picked(chosen.only, sources):
        if kind.name == "many_digits":  # a page of a thousand digits takes both others minutes
            continue
        found = results["kinds"].setdefault(kind.name, {"title": kind.title, "family": kind.family})
        missing = {name: read for name, read in readers.items() if name not in found}
        if missing:
            found |= compare(missing, kind, sources, chosen.pictures)
            save("others", results, quiet=True)
        print(row(kind.name, found, list(readers)), flush=True)


def row(name: str, found: dict[str, Any], readers: list[str]) -> str:
    """A kind's results as they are printed."""
    parts = []
    for reader in readers:
        line = found[reader]
        right = f"{100 * line['right'] / line['digits']:.1f} %" if line["digits"] else "-"
        parts.append(
            f"{reader} {right} of digits, {line['whole']} of {line['pictures']} whole, "
            f"{line['inventing']} inventing, {line['seconds_per_picture']:.2f} s"
        )
    return f"{name}: " + "; ".join(parts)


if __name__ == "__main__":
    main()

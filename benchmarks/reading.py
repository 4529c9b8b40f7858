"""How well and how fast the shipped reader reads: prints the table, keeps results/reading.json.

    python benchmarks/reading.py --handwriting DIR [--model FILE.onnx] [--only NAME]...

DIR holds `usps-zip.train.gz` and `pendigits-orig.tra.gz`; without it, or with one missing, those
rows are left out. A picture counts as right only if `Reader.read` finds exactly one digit in it,
the right one; on pages, a digit counts only in its right place in the order of its line.
"""

import argparse
import difflib
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import pictures
from pictures.sources import PEN_FILE, SCANNED_FILE, pen_digits, scanned_digits
from tinydigits import Reader
from tinydigits.files import atomic_write
from tinydigits.mnist.data import load_data
from tinydigits.reader.picture import Source
from tinydigits.reader.reader import MIN_CONFIDENCE
from tinydigits.reader.session import SHIPPED

RESULTS = Path(__file__).with_name("results") / "reading.json"
PAGES = 200
Row = dict[str, Any]


def single_digits(reader: Reader, labelled: Iterable[tuple[Source, int]]) -> Row:
    """Read pictures of one digit each, and see how well confidence matches accuracy."""
    right, total, confidence = 0, 0, []
    for picture, label in labelled:
        reading = reader.read(picture)
        total += 1
        correct = reading.text == str(label)
        right += correct
        if len(reading.digits) == 1:
            confidence.append((reading.digits[0].confidence, correct))
    return {
        "right": right,
        "total": total,
        "accuracy": right / total,
        "calibration_error": calibration_error(confidence),
        "certain": sum(sure >= MIN_CONFIDENCE for sure, _ in confidence) / total,
        "certain_and_wrong": sum(s >= MIN_CONFIDENCE and not c for s, c in confidence) / total,
    }


def calibration_error(confidence: list[tuple[float, bool]]) -> float:
    """Expected calibration error over 15 bins of equal width (Guo et al., ICML 2017)."""
    sure, correct = (np.array(column, float) for column in zip(*confidence, strict=True))
    bins = np.minimum((sure * 15).astype(int), 14)
    gaps = [abs((sure - correct)[bins == b].sum()) for b in range(15)]
    return float(sum(gaps) / len(sure))


def mnist_raw(images: NDArray[np.uint8], labels: NDArray[np.int64], reader: Reader) -> Row:
    """MNIST's images given to the network as they are, and through `normalise`."""
    from tinydigits.reader.ink import find_ink
    from tinydigits.reader.normalise import normalise

    through = np.zeros((len(images), 28, 28), np.float32)
    unit = images.astype(np.float32) / 255
    for index, image in enumerate(unit):
        if ink := find_ink(image):
            through[index] = normalise(ink.amount, ink.noise)
    session = reader._session
    raw = float((session.log_probs(unit).argmax(1) == labels).mean())
    seen = float((session.log_probs(through).argmax(1) == labels).mean())
    return {"raw_accuracy": raw, "accuracy": seen, "total": len(images)}


def pages(
    reader: Reader, images: NDArray[np.uint8], labels: NDArray[np.int64], touching: bool
) -> Row:
    """Read those of 200 generated pages on which digits touch, or those on which none do."""
    rng = np.random.default_rng(2)
    right = total = count = added = 0
    for _ in range(PAGES):
        page = pictures.drawn_page(images, labels, rng)
        if page.touching != touching:
            continue
        text = reader.read(page.picture).text.replace(" ", "")
        wanted = sum(map(len, page.lines))
        found = in_order(page.lines, text.split("\n"))
        count, right, total = count + 1, right + found, total + wanted
        added += len(text.replace("\n", "")) - found
    result = {"pages": count, "right": right, "total": total, "accuracy": right / total}
    return result | {"wrong_or_added": added}


def in_order(wanted: list[str], found: list[str]) -> int:
    """Digits found in their right place: line by line if there are as many, else in the whole."""
    if len(wanted) != len(found):
        wanted, found = ["\n".join(wanted)], ["\n".join(found)]
    matches = (
        difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
        for a, b in zip(wanted, found, strict=True)
    )
    newlines = wanted[0].count("\n") if len(wanted) == 1 else 0
    return max(0, sum(block.size for blocks in matches for block in blocks) - newlines)


def false_digits(reader: Reader, font: Path) -> dict[str, Row]:
    """Read pictures without digits: how many give any digit, and how many a confident one."""
    rows: dict[str, Row] = {}
    for kind, picture in pictures.no_digits(np.random.default_rng(3), str(font)):
        digits = reader.read(picture).digits
        row = rows.setdefault(kind, {"pictures": 0, "with_a_digit": 0, "with_a_confident_digit": 0})
        row["pictures"] += 1
        row["with_a_digit"] += bool(digits)
        row["with_a_confident_digit"] += any(not digit.uncertain for digit in digits)
    return rows


def speed(images: NDArray[np.uint8]) -> Row:
    """A cold start on one file, 1,000 files in one command, and one call of `read`."""
    with tempfile.TemporaryDirectory() as folder:
        for index in range(1000):
            Image.fromarray(images[index]).save(Path(folder) / f"{index:04}.png")
        one = str(Path(folder) / "0000.png")
        cold = [_seconds("read", one) for _ in range(15)]
        many = [_seconds("read", folder) for _ in range(3)]
        reader = Reader()
        calls = []
        for _ in range(200):
            start = time.perf_counter()
            reader.read(one)
            calls.append(time.perf_counter() - start)
    return {
        "cold_start_s": statistics.median(cold),
        "cold_start_least_s": min(cold),
        "files_per_s": 1000 / (statistics.median(many) - statistics.median(cold)),
        "read_ms": 1000 * statistics.median(calls),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
    }


def _seconds(*arguments: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "tinydigits", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def usps(folder: Path) -> Iterator[tuple[Source, int]]:
    images, labels = scanned_digits(folder / SCANNED_FILE, "development")
    yield from ((image, int(label)) for image, label in zip(images, labels, strict=True))


def pen_strokes(folder: Path) -> Iterator[tuple[Source, int]]:
    """Every pen digit once, 20 to 200 pixels high, with a pen of 3 to 14 % of the height."""
    rng = np.random.default_rng(4)
    for digit in pen_digits(folder / PEN_FILE, "development"):
        width, height = rng.uniform(0.03, 0.14), int(rng.integers(20, 201))
        yield pictures.drawn_strokes(digit.strokes, width, height), digit.label


def measurements(
    reader: Reader, handwriting: Path | None, data_dir: Path | None
) -> dict[str, Callable[[], Any]]:
    """What can be measured here, by name."""
    data = load_data("mnist", data_dir)
    images, labels = data.test_images[:, 0].numpy(), data.test_labels.numpy()
    rng = np.random.default_rng(1)
    drawn = ((pictures.drawn_digit(i, rng), int(k)) for i, k in zip(images, labels, strict=True))
    found: dict[str, Callable[[], Any]] = {
        "normalise": lambda: mnist_raw(images, labels, reader),
        "mnist_drawn": lambda: single_digits(reader, drawn),
        "pages": lambda: pages(reader, images, labels, touching=False),
        "pages_touching": lambda: pages(reader, images, labels, touching=True),
        "no_digits": lambda: false_digits(reader, _font()),
        "speed": lambda: speed(images),
    }
    if handwriting and (handwriting / SCANNED_FILE).exists():
        found["usps"] = lambda: single_digits(reader, usps(handwriting))
    if handwriting and (handwriting / PEN_FILE).exists():
        found["pen_strokes"] = lambda: single_digits(reader, pen_strokes(handwriting))
    return found


def _font() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = os.environ.get("TINYDIGITS_HANDWRITING")
    parser.add_argument("--handwriting", type=Path, default=default and Path(default))
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--only", action="append", help="a measurement's name; may be repeated")
    chosen = parser.parse_args()
    shipped = chosen.model == SHIPPED
    results = json.loads(RESULTS.read_text()) if shipped and RESULTS.exists() else {}
    digest = hashlib.sha256(chosen.model.read_bytes()).hexdigest()
    if results.get("model_sha256") != digest:
        results = {"model_sha256": digest, "machine": platform.machine()}
    todo = measurements(Reader(chosen.model), chosen.handwriting, chosen.data_dir)
    for name, measure in todo.items():
        if not chosen.only or name in chosen.only:
            results[name] = measure()
            print(name, json.dumps(results[name]), flush=True)
            if shipped:
                atomic_write(RESULTS, json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()

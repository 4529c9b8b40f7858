"""Real pictures through the reader: those that nobody drew by program, set by set.

    python benchmarks/real.py DIR [--finder FILE] [SET ...]

DIR holds a folder per set, with pictures and `labels.tsv`: a file, a tab, and its digits, `/`
between lines, nothing where there is no digit. The pictures are not part of this project; the
counts go to results/real.json. A digit counts where it stands in the order of the true text
(longest common subsequence); a text is whole if its digits are the true ones and no others.
"""

import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from common import arguments, load, save
from tinydigits import Reader
from tinydigits.errors import TinydigitsError
from tinydigits.reader.finder import Finder
from tinydigits.reader.reading import MIN_CONFIDENCE, Digit


def matched(truth: str, read: str) -> set[int]:
    """Indices of `read` that are part of a longest common subsequence with `truth`."""
    rows, columns = len(truth) + 1, len(read) + 1
    longest = [[0] * columns for _ in range(rows)]  # of what is left from here on
    for i in reversed(range(rows - 1)):
        for j in reversed(range(columns - 1)):
            longest[i][j] = (
                longest[i + 1][j + 1] + 1
                if truth[i] == read[j]
                else max(longest[i + 1][j], longest[i][j + 1])
            )
    found, i, j = set(), 0, 0
    while i < rows - 1 and j < columns - 1:
        if truth[i] == read[j]:
            found.add(j)
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def sets(folder: Path) -> list[Path]:
    """The folders in it that hold a set of pictures."""
    if found := sorted(path.parent for path in folder.glob("*/labels.tsv")):
        return found
    sys.exit(f"{folder}: holds no folder with a labels.tsv")


def labels(folder: Path) -> list[tuple[str, str]]:
    """Each picture of a set and its digits, with `/` between lines."""
    rows = []
    for line in (folder / "labels.tsv").read_text(encoding="utf-8").splitlines():
        name, _, text = line.partition("\t")
        rows.append((name, "".join(c for c in text if c.isdigit() or c == "/")))
    return rows


def counted(truth: str, read: str) -> dict[str, int]:
    """The counts of one picture; line ends are left out of what is read."""
    text = read.replace("\n", "")
    right = len(matched(truth, text))
    return {
        "pictures": 1,
        "digits": len(truth),
        "right": right,
        "whole": int(text == truth),
        "nothing": int(bool(truth) and not text),
        "invented": len(text) - right,
    }


def measure(reader: Reader, folder: Path) -> tuple[dict[str, int], float]:
    """Read a set; the counts, and the median of the seconds that a picture took."""
    row: Counter[str] = Counter()
    seconds = []
    for name, lines in labels(folder):
        truth = lines.replace("/", "")
        start = time.perf_counter()
        read: list[Digit] = reader.read(folder / name).digits
        seconds.append(time.perf_counter() - start)
        text = "".join(str(digit.label) for digit in read)
        hits = matched(truth, text)
        sure = {j for j, digit in enumerate(read) if digit.confidence >= MIN_CONFIDENCE}
        row.update(counted(truth, text))
        row.update(sure=len(sure & hits), sure_wrong=len(sure - hits))
    return dict(row), statistics.median(seconds)


def line(name: str, row: dict[str, int], seconds: float) -> str:
    """A set's row as it is printed."""
    share = f"{100 * row['right'] / row['digits']:5.1f} %" if row["digits"] else "      -"
    return (
        f"{name:24} {row['pictures']:4} pictures {row['digits']:5} digits {share} right, "
        f"{100 * row['whole'] / row['pictures']:5.1f} % whole, {row['nothing']:3} nothing, "
        f"{row['invented']:4} invented, {row['sure']:4} sure, {row['sure_wrong']:3} of them wrong, "
        f"{1000 * seconds:7.1f} ms"
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("pictures", type=Path, metavar="DIR")
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument(
        "--finder", type=Path, metavar="FILE", help="find digits by this network, and only print"
    )
    chosen = parser.parse_args()
    names = chosen.sets or [folder.name for folder in sets(chosen.pictures)]
    try:
        reader = Reader(finder=Finder(chosen.finder) if chosen.finder else None)
    except (TinydigitsError, OSError) as error:
        sys.exit(str(error))
    rows = {}
    for name in names:
        rows[name], seconds = measure(reader, chosen.pictures / name)
        print(line(name, rows[name], seconds), flush=True)
    if not chosen.finder:
        results = load("real")
        results["finder"] = dict(sorted((results["finder"] | rows).items()))
        save("real", results, quiet=True)


if __name__ == "__main__":
    main()

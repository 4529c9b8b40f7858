"""Real pictures through the reader: those that nobody drew by program, set by set.

    python benchmarks/real.py DIR [--finder FILE] [SET ...]

`tinydigits.trust.real_pictures` says what DIR holds and what counts. The pictures are not part of
this project; the counts go to results/real.json.
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
from tinydigits.trust.reading import answer
from tinydigits.trust.real_pictures import counted, find_sets, read_labels


def measure(reader: Reader, folder: Path) -> tuple[dict[str, int], float]:
    """Read a set; the counts, and the median of the seconds that a picture took."""
    row: Counter[str] = Counter()
    seconds = []
    for name, truth in read_labels(folder):
        start = time.perf_counter()
        read = answer(reader.read(folder / name).digits)
        seconds.append(time.perf_counter() - start)
        row.update(counted(truth, read.text, read.sure))
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
    rows = {}
    try:
        reader = Reader(finder=Finder(chosen.finder) if chosen.finder else None)
        chosen_sets = [chosen.pictures / name for name in chosen.sets]
        for folder in chosen_sets or find_sets(chosen.pictures):
            rows[folder.name], seconds = measure(reader, folder)
            print(line(folder.name, rows[folder.name], seconds), flush=True)
    except (TinydigitsError, OSError) as error:
        sys.exit(str(error))
    if not chosen.finder:
        save("real", dict(sorted((load("real") | rows).items())), quiet=True)


if __name__ == "__main__":
    main()

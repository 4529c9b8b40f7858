"""Real pictures through the reader, set by set: photographs, scans and drawings that people made.

A set is a folder with pictures and `labels.tsv`: in each line a file, a tab, and the digits in it
with `/` between lines of text; nothing after the tab where there is no digit to read. A digit is
right where it stands in the order of the true text (longest common subsequence); a text is whole if
it has all its digits and no others. Marks are not compared.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinydigits.errors import TinydigitsError
from tinydigits.reader.reader import Reader
from tinydigits.trust.measures import Share, share
from tinydigits.trust.reading import Progress, read_files, silent

LABELS = "labels.tsv"


@dataclass(frozen=True)
class About:
    """What a set shows, and where it is from; empty where nobody said so."""

    shows: str = ""
    origin: str = ""
    licence: str = ""


@dataclass(frozen=True)
class PictureSet:
    """Pictures to read, and the digits in each, with `/` between lines."""

    folder: Path
    labels: list[tuple[str, str]]
    about: About = About()


@dataclass(frozen=True)
class Scores:
    """How some pictures were read."""

    right: Share  # of the digits in them, those read in their place in the order
    whole: Share  # of the pictures, those with all digits right and no others
    nothing: int  # pictures with digits in which none was read
    invented: int  # digits read that are not in the true text
    sure: Share  # of the digits read rightly, those that are sure
    sure_wrong: Share  # of the sure digits, those that are not in the true text


@dataclass(frozen=True)
class SetRead:
    """How one set was read."""

    name: str  # of its folder
    about: About
    scores: Scores


@dataclass(frozen=True)
class RealPictures:
    """How real pictures were read."""

    total: Scores  # of all sets together
    sets: list[SetRead]  # those without digits first, then by the share read rightly, worst first


def read_sets(folder: Path, about: Path | None = None) -> list[PictureSet]:
    """The sets in a folder, or the one that it is.

    Args:
        folder: it holds a folder per set, or is one.
        about: a JSON file that says of sets, by their folders' names, what each `shows`, where it
            is `from` and perhaps its `licence`.

    Raises:
        TinydigitsError: there is no set, or a file is not what it should be.
        OSError: a file cannot be read.
    """
    known = _read_about(about) if about else {}
    return [
        PictureSet(each, read_labels(each), known.get(each.name, About()))
        for each in find_sets(folder)
    ]


def find_sets(folder: Path) -> list[Path]:
    """The folders with a set of pictures: those in a folder, in order, or itself.

    Raises:
        TinydigitsError: there is none.
    """
    folder = folder.resolve()
    if (folder / LABELS).is_file():
        return [folder]
    if found := sorted(path.parent for path in folder.glob(f"*/{LABELS}")):
        return found
    raise TinydigitsError(
        f"{folder}: neither it nor a folder in it holds a {LABELS}, which says what each picture "
        "shows"
    )


def read_labels(folder: Path) -> list[tuple[str, str]]:
    """Each picture of a set and its digits, with `/` between lines.

    Raises:
        TinydigitsError: `labels.tsv` is something else, or names a file that is not there.
        OSError: it cannot be read.
    """
    path = folder / LABELS
    rows = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not (found := re.fullmatch(r"([^\t]+)\t([0-9/]*)", line)):
            raise TinydigitsError(
                f"{path}, line {number}: is {line[:60]!r}; expected a file, a tab, and the digits "
                "in it, with / between lines of text"
            )
        name, digits = found.groups()
        if not (folder / name).is_file():
            raise TinydigitsError(f"{path}, line {number}: there is no file {name} beside it")
        rows.append((name, digits))
    if not rows:
        raise TinydigitsError(f"{path}: is empty; expected a line for each picture")
    return rows


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


def counted(truth: str, read: str, sure: Sequence[bool] = ()) -> dict[str, int]:
    """The counts of one picture.

    Args:
        truth: the digits in it, with `/` between lines.
        read: the digits read, perhaps with newlines, which are not compared.
        sure: of each digit read, whether it is sure; where it is not given, none is.
    """
    wanted, text = truth.replace("/", ""), read.replace("\n", "")
    hits = matched(wanted, text)
    certain = {j for j, each in enumerate(sure) if each}
    return {
        "pictures": 1,
        "digits": len(wanted),
        "right": len(hits),
        "whole": int(text == wanted),
        "nothing": int(bool(wanted) and not text),
        "invented": len(text) - len(hits),
        "sure": len(certain & hits),
        "sure_wrong": len(certain - hits),
    }


def real_pictures(
    reader: Reader, sets: Sequence[PictureSet], on_picture: Progress = silent
) -> RealPictures:
    """Read all pictures of the sets; the pages of a file count together.

    Raises:
        TinydigitsError: a picture cannot be read, or a process was killed.
        OSError: a file cannot be read.
    """
    files = [str(each.folder / name) for each in sets for name, _ in each.labels]
    answers = iter(read_files(reader, files, on_picture))
    total, found = Counter[str](), list[SetRead]()
    for each in sets:
        counts = Counter[str]()
        for _, truth in each.labels:
            read = next(answers)
            counts.update(counted(truth, read.text, read.sure))
        total.update(counts)
        found.append(SetRead(each.folder.name, each.about, _scores(counts)))
    return RealPictures(_scores(total), sorted(found, key=_rank))


def _scores(counts: Counter[str]) -> Scores:
    return Scores(
        right=share(counts["right"], counts["digits"]),
        whole=share(counts["whole"], counts["pictures"]),
        nothing=counts["nothing"],
        invented=counts["invented"],
        sure=share(counts["sure"], counts["right"]),
        sure_wrong=share(counts["sure_wrong"], counts["sure"] + counts["sure_wrong"]),
    )


def _rank(found: SetRead) -> tuple[float, float]:
    right, whole = found.scores.right, found.scores.whole
    return right.share if right.n else -1.0, whole.share


def _read_about(path: Path) -> dict[str, About]:
    try:
        plain = json.loads(_text(path))
        return {
            name: About(each["shows"], each["from"], each.get("licence", ""))
            for name, each in plain.items()
        }
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise TinydigitsError(
            f"{path}: expected JSON that says of each set what it shows and where it is from, "
            'such as {"bills": {"shows": "amounts on bills", "from": "our archive"}}'
        ) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Excel begins a file with a mark
    except UnicodeDecodeError as error:
        raise TinydigitsError(f"{path}: is not text in UTF-8") from error

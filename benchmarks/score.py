"""What counts as read rightly: digits in order, whole texts, invented digits, sure and wrong."""

import difflib
import re
from dataclasses import asdict, dataclass, fields

MARKS = "/-+.,:()"


@dataclass
class Score:
    """Counts over pictures of one kind."""

    pictures: int = 0  # read
    digits: int = 0  # that were to be read
    right: int = 0  # read rightly, in their place in the order
    # pictures whose every digit is right, with no other; marks may be missing, not wrong
    whole: int = 0
    exact: int = 0  # pictures whose text is right to the last mark
    invented: int = 0  # digits read where there is none
    inventing: int = 0  # pictures with an invented digit
    sure: int = 0  # digits read surely
    sure_wrong: int = 0  # of these, those that are wrong or invented
    sure_pictures: int = 0  # pictures with a digit read surely

    def add(self, other: "Score") -> None:
        """Count the other's, too."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def as_dict(self) -> dict[str, int]:
        """By name, as it is kept."""
        return asdict(self)


def score(wanted: list[str], text: str, sure: list[bool]) -> Score:
    """Compare a reading with what is written.

    Args:
        wanted: the lines as written, with marks.
        text: what was read.
        sure: of each digit of `text`, in order, whether it was read surely.
    """
    found = [line for line in re.sub(rf"[^\d\n{re.escape(MARKS)}]", "", text).split("\n") if line]
    digits, read = _digits(wanted), _digits(found)
    # Line by line if there are as many, else in the whole; newlines don't count.
    pairs = (
        list(zip(digits, read, strict=True))
        if len(digits) == len(read)
        else [("\n".join(digits), "\n".join(read))]
    )
    right, invented, wrong = 0, 0, []
    for one, other in pairs:
        these, more, bad = _aligned(one, other)
        right, invented, wrong = right + these, invented + more, wrong + bad
    sure_wrong = sum(certain and bad for certain, bad in zip(sure, wrong, strict=False))
    whole = digits == read and all(map(_within, found, wanted))
    counts = (1, sum(map(len, digits)), right, whole, wanted == found, invented, invented > 0)
    return Score(*counts, sum(sure), sure_wrong, any(sure))


def _digits(lines: list[str]) -> list[str]:
    only = [re.sub(r"\D", "", line) for line in lines]
    return [line for line in only if line]


def _aligned(wanted: str, read: str) -> tuple[int, int, list[bool]]:
    """Digits that are right, digits that are too many, and of each digit read: is it wrong?"""
    right, invented, wrong = 0, 0, []
    matcher = difflib.SequenceMatcher(None, wanted, read, autojunk=False)
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        count, other = (len(s.replace("\n", "")) for s in (wanted[i:i_end], read[j:j_end]))
        wrong += [what != "equal"] * other
        if what == "equal":
            right += count
        else:
            invented += max(0, other - count)
    return right, invented, wrong


def _within(found: str, wanted: str) -> bool:
    """Say whether what was found is the wanted text with nothing but marks left out."""
    rest = iter(wanted)
    return all(character in rest for character in found)

"""What a picture says: its text, and its digits with their places and certainty."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tinydigits.arrays import Plane
from tinydigits.errors import TinydigitsError
from tinydigits.image.picture import Picture
from tinydigits.reader.glyph import Found, Lines

MIN_CONFIDENCE = 0.98  # a digit read with less is marked uncertain: one of 50 may be wrong (chosen)


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit that was read.

    Attributes:
        label: 0 to 9.
        confidence: the probability of that label.
        probabilities: float32 (10,), calibrated.
        box: (x, y, width, height) in pixels of the original, upright picture.
        image: float32 (28, 28) in [0, 1], ink 1: what the network saw.
        uncertain: whether the confidence is below the least that was asked for.
    """

    label: int
    confidence: float
    probabilities: Plane = field(repr=False)
    box: tuple[int, int, int, int]
    image: Plane = field(repr=False)
    uncertain: bool


@dataclass(frozen=True, eq=False)
class Reading:
    """What a picture says.

    Attributes:
        text: the digits and the marks that are sure among them (/ - + = . , : and brackets), a line
            of text per line of the page and a space where a gap is wide; empty if there are none.
        digits: the same digits in the same order, without the marks.
        left_out: how many things on the page were taken for no digits, by what they are; and, as
            1, what of the file was not read: a moving picture's later frames, what is damaged.
    """

    text: str
    digits: list[Digit]
    left_out: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON: what `read --json` prints and the service sends."""
        digits = [
            {
                "label": digit.label,
                "confidence": round(digit.confidence, 4),
                "box": list(digit.box),
                "uncertain": digit.uncertain,
            }
            for digit in self.digits
        ]
        return {"text": self.text, "digits": digits, "left_out": self.left_out}


Outcome = Reading | TinydigitsError | OSError


def page_name(name: str, number: int, count: int) -> str:
    """What a page is called, counted from 1: "scan.pdf#2"; the only page as its file."""
    return f"{name}#{number}" if count > 1 else name


def as_reading(picture: Picture, found: Lines, min_confidence: float | None) -> Reading:
    """What was found in a picture, in pixels of the original.

    Args:
        picture: in which it was found.
        found: its lines, and what was left out.
        min_confidence: with less, `?` is written for a digit; None: it is uncertain below
            `MIN_CONFIDENCE`, and written all the same.
    """
    lines, left_out = found
    scale = picture.size[0] / picture.grey.shape[1]
    least = MIN_CONFIDENCE if min_confidence is None else min_confidence
    text_lines, digits = [], []
    for line in lines:
        read = [_digit(found, scale, least) for found in line]
        digits += [digit for digit in read if digit]
        text_lines.append(_text(line, read, marked=min_confidence is not None))
    text = "\n".join(text for text in text_lines if text)
    left_out = left_out + Counter(picture.left_out)
    return Reading(text, digits, dict(sorted((+left_out).items())))


def _digit(found: Found, scale: float, least: float) -> Digit | None:
    if found.glyph.mark:
        return None
    label = int(found.probabilities.argmax())
    confidence = float(found.probabilities[label])
    left, top, right, bottom = (round(edge * scale) for edge in found.glyph.box)
    box = (left, top, max(1, right - left), max(1, bottom - top))
    uncertain = confidence < least
    return Digit(label, confidence, found.probabilities, box, found.image, uncertain)


def _text(line: list[Found], digits: list[Digit | None], marked: bool) -> str:
    text = ""
    for found, digit in zip(line, digits, strict=True):
        text += " " if text and found.glyph.space_before else ""
        shown = "?" if digit is None or (marked and digit.uncertain) else str(digit.label)
        text += found.glyph.mark or shown
    return text

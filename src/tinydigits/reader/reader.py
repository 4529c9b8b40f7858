"""The reader: a picture in, its digits out. Load it once, read many."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError
from tinydigits.reader.glyph import Glyph
from tinydigits.reader.ink import Ink, evenly_lit, find_ink, is_small
from tinydigits.reader.legible import MIN_CONFIDENCE as MIN_CONFIDENCE
from tinydigits.reader.legible import Found, doubted, doubtful, legible
from tinydigits.reader.normalise import normalise
from tinydigits.reader.picture import Source, open_picture
from tinydigits.reader.recognise import recognise
from tinydigits.reader.segment import fills, segment, whole_picture
from tinydigits.reader.session import Session
from tinydigits.reader.split import best_way, may_touch, parts
from tinydigits.reader.turned import QUARTERS, before_turning, turned

# A picture of which nothing is legible is looked at again, as one digit. At 0.4 and 0.8, 98.7
# and 98.2 % of scanned digits of 96 pixels are read rightly, and a digit in 12 and 11 % of scenes.
_LEAST_WHOLE = 0.5
_ONE_PIECE = 0.5  # of its ink; a texture's stripes have 0.1 to 0.3
_CROPPED = 0.05  # the doubt if only the second look finds ink: that it is none, so never surely one
# Of 46 pages lying on their side or head the mean confidence was 0.88 at most as they lay and 0.91
# at least once turned; of upright ones 0.93 at least and 0.97 at most (NOTES.md, "Turned pages").
_FEWEST_TURNED = 4  # digits
_SURE_UPRIGHT = 0.95
_SURE_TURNED = 0.9
_SURE_GLANCE = 0.8  # before what touches is parted, which may take most of the time
_SURER = 0.05
_SURE_SMALL = 0.9  # else a small picture is read as shaded, too, and the surer reading counts
_MOST_PARTED = 100  # glyphs, at 15 ms each; a page of more to part is hardly one of digits

Plane = NDArray[np.float32]


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
        left_out: how many things on the page were taken for no digits, by what they are.
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


class Reader:
    """Reads digits from pictures; can be used from several threads and sent to processes.

    Attributes:
        session: the model, for `recognise`.
    """

    def __init__(self, model: str | os.PathLike[str] | None = None) -> None:
        """Load the shipped model, or an ONNX file made by `tinydigits export`.

        Raises:
            TinydigitsError: the file is not such a model.
            OSError: it cannot be read.
        """
        self.session = Session(model)

    def read(
        self, image: Source, *, single: bool = False, min_confidence: float | None = None
    ) -> Reading:
        """Read one picture.

        Args:
            image: a path, bytes, a binary file, a PIL image, or an array (height, width) or
                (height, width, 3 or 4).
            single: take the whole picture to be one digit.
            min_confidence: write `?` for each digit read with less confidence than this.

        Raises:
            TinydigitsError: the picture cannot be read, or `min_confidence` is not from 0 to 1.
            OSError: the file cannot be read.
        """
        if min_confidence is not None and not 0 <= min_confidence <= 1:
            raise TinydigitsError(f"min_confidence is {min_confidence}, but must be from 0 to 1")
        picture = open_picture(image)
        ink = find_ink(picture.grey)
        lines, left_out = self._read_whole(ink, 0.0) if single else self._read_page(ink)
        if is_small(picture.grey.shape) and _least_sure(lines) < _SURE_SMALL and not single:
            other = self._read_page(find_ink(picture.grey, even=False))
            if _least_sure(other[0]) > _least_sure(lines):
                lines, left_out = other
        if not any(lines) and not single:  # cropped, it may be in pieces, or look like a form
            lines = self._look_again(picture.grey, ink) or lines
        scale = picture.size[0] / picture.grey.shape[1]
        least = MIN_CONFIDENCE if min_confidence is None else min_confidence
        text_lines, digits = [], []
        for line in lines:
            read = [_digit(found, scale, least) for found in line]
            digits += [digit for digit in read if digit]
            text_lines.append(_text(line, read, marked=min_confidence is not None))
        text = "\n".join(text for text in text_lines if text)
        return Reading(text, digits, dict(sorted((+left_out).items())))

    def read_batch(
        self,
        images: Iterable[Source],
        *,
        single: bool = False,
        min_confidence: float | None = None,
    ) -> list[Reading]:
        """Read many pictures, into a list in the same order.

        Raises:
            TinydigitsError: one of the pictures cannot be read.
            OSError: one of the files cannot be read.
        """
        return [self.read(image, single=single, min_confidence=min_confidence) for image in images]

    def _read_page(self, ink: Ink | None) -> "_Lines":
        """The digits and marks of a page, in lines, and what was left out.

        A page of several things that make no digits as it lies is looked at from its other sides.
        """
        lines, left_out = self._read_upright(ink)
        maybe = [found for line in lines for found in line if not found.glyph.mark]
        things = len(maybe) + left_out["no digit"]  # neither marks nor rules say which way it lies
        sure = _sureness(lines)
        if ink is None or things < _FEWEST_TURNED or sure >= _SURE_UPRIGHT:
            return lines, left_out
        for quarters in QUARTERS:
            side = turned(ink, quarters)
            glance, _ = self._read_upright(side, most_parted=0)
            if _sureness(glance) < _SURE_GLANCE:
                continue
            other, other_left_out = self._read_upright(side)
            if _sureness(other) >= max(_SURE_TURNED, sure + _SURER):
                return _before_turning(other, quarters, ink.amount.shape), other_left_out
        return lines, left_out

    def _read_upright(self, ink: Ink | None, most_parted: int = _MOST_PARTED) -> "_Lines":
        if ink is None:
            return [], Counter()
        page = segment(ink)
        lines = [self._look_at(line) for line in page.lines]
        if (
            sum(may_touch(found.glyph, found.sure) for line in lines for found in line)
            <= most_parted
        ):
            alone = sum(map(len, lines)) == 1
            lines = [
                [part for whole in line for part in self._parted(whole, alone)] for line in lines
            ]
        return legible(doubted(lines), page.left_out, ink.amount.shape), page.left_out

    def _read_whole(self, ink: Ink | None, least: float) -> "_Lines":
        """The whole picture as one digit, if it is read with this confidence at least."""
        glyph = whole_picture(ink) if ink else None
        found = self._look_at([glyph] if glyph else [])
        return [[each for each in found if each.sure >= least]], Counter()

    def _look_again(self, grey: NDArray[np.uint8], ink: Ink | None) -> list[list[Found]]:
        """The surest reading of the picture as one digit, cropped to its ink perhaps."""
        whole = whole_picture(ink, _ONE_PIECE) if ink else None
        found = self._look_at([whole] if whole else [])
        cropped = [whole_picture(each, _ONE_PIECE) for each in evenly_lit(grey)]
        filling = [each for each in cropped if each and fills(each, grey.shape)]
        found += [doubtful(each, _CROPPED) for each in self._look_at(filling)]
        best = max(found, key=lambda each: each.sure, default=None)
        return [[best]] if best and best.sure >= _LEAST_WHOLE else []

    def _parted(self, whole: Found, alone: bool) -> list[Found]:
        """One glyph, or the digits it reads better as."""
        if whole.glyph.mark or not may_touch(whole.glyph, float(whole.probabilities.max())):
            return [whole]
        candidates = parts(whole.glyph, float(np.log(whole.sure)), alone)
        if len(candidates) == 1:
            return [whole]
        found = [whole, *self._look_at([part.glyph for part in candidates[1:]])]
        sure = [float(np.log(each.probabilities.max())) for each in found]
        chosen, odds = best_way(candidates, sure, alone)
        # Between digits a pair that touches is likely; alone it may be a letter as well.
        doubt = 1 / (1 + np.exp(odds)) if alone and len(chosen) > 1 else 0.0
        return [doubtful(found[i], doubt) for i in chosen]

    def _look_at(self, glyphs: list[Glyph]) -> list[Found]:
        images = np.zeros((len(glyphs), 28, 28), np.float32)
        probabilities = np.full((len(glyphs), 10), 0.1, np.float32)
        maybe = [i for i, glyph in enumerate(glyphs) if not glyph.mark]
        if maybe:
            images[maybe] = [normalise(glyphs[i].amount, glyphs[i].noise) for i in maybe]
            probabilities[maybe] = recognise(self.session, images[maybe])
        return [Found(*each) for each in zip(glyphs, images, probabilities, strict=True)]


_Lines = tuple[list[list[Found]], Counter[str]]  # and what was left out, by what it is


def _sureness(lines: list[list[Found]]) -> float:
    """The mean confidence of a page's digits; 0 if they are too few to tell which way it lies."""
    sure = [found.sure for line in lines for found in line if not found.glyph.mark]
    return float(np.mean(sure)) if len(sure) >= _FEWEST_TURNED else 0.0


def _least_sure(lines: list[list[Found]]) -> float:
    """The least confidence of a page's digits; 0 without digits."""
    return min((each.sure for line in lines for each in line if not each.glyph.mark), default=0.0)


def _before_turning(
    lines: list[list[Found]], quarters: int, shape: tuple[int, ...]
) -> list[list[Found]]:
    """The same digits, with their boxes where they are in the picture as it came."""
    return [
        [
            replace(
                each, glyph=replace(each.glyph, box=before_turning(each.glyph.box, quarters, shape))
            )
            for each in line
        ]
        for line in lines
    ]


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
    words: list[str] = []
    for found, digit in zip(line, digits, strict=True):
        words.append(" " if words and found.glyph.space_before else "")
        if digit is None:
            words.append(found.glyph.mark)
        else:
            words.append("?" if marked and digit.uncertain else str(digit.label))
    return "".join(words)

"""The digits that bulk reading was least sure of -> one page on which a person corrects them.

The page needs no network: it holds a crop of each digit with its surroundings, and saves what was
corrected as CSV by itself.
"""

import base64
import hashlib
import heapq
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tinydigits.errors import TinydigitsError, sentence
from tinydigits.image.picture import Pages, open_pages
from tinydigits.scale.parts import Parts
from tinydigits.scale.pieces import Piece
from tinydigits.scale.table import Row, file_and_page, is_digit, lines

_PAGE = Path(__file__).with_name("doubtful.html")
_AROUND = 1.2  # of the digit's longer side, shown on each side of it
_LARGEST = 320  # pixels of a crop's longer side

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Doubt:
    """One digit that was read with less confidence than was asked for."""

    id: str  # of the row: its picture's, or its page's
    line: int  # of the text, from 1 on
    box: Box  # (x, y, width, height) in pixels of the original, upright picture
    read: int  # the digit, 0 to 9
    confidence: float  # the probability of that
    before: str  # what stands before it on its line
    after: str  # what stands behind it
    piece: int = field(repr=False)  # the number of the piece that the picture belongs to


@dataclass(frozen=True)
class Crop:
    """A digit with its surroundings."""

    image: str  # as a data URL; empty if the picture cannot be opened any more
    # (left, top, width, height) of the digit, as shares of the crop's sides
    place: tuple[float, float, float, float] = (0, 0, 1, 1)
    error: str = ""  # why there is no image


def least_sure(parts: Parts, pieces: Iterable[Piece], most: int) -> tuple[list[Doubt], int]:
    """Find the doubtful digits in parts -> at most so many, the least sure first; how many in all.

    Raises:
        TinydigitsError: a part is damaged.
        OSError: a part cannot be read.
    """
    total = 0

    def count() -> Iterator[Doubt]:
        nonlocal total
        for piece in pieces:
            for row in parts.rows(piece):
                for doubt in _doubts(row, piece.number):
                    total += 1
                    yield doubt

    found = heapq.nsmallest(most, count(), key=lambda doubt: doubt.confidence)
    return found, total


def crops(doubts: Sequence[Doubt], pieces: Iterable[Piece]) -> Iterator[tuple[Doubt, Crop]]:
    """Cut the digits out of their pictures, picture by picture; in the end those without one."""
    left: dict[int, dict[str, list[Doubt]]] = {}
    for doubt in doubts:
        left.setdefault(doubt.piece, {}).setdefault(doubt.id, []).append(doubt)
    for piece in pieces:
        wanted = left.get(piece.number, {})
        ids = _by_file(wanted)
        for name, source in piece.pictures() if wanted else ():
            places = {page: id for page, id in ids.get(name, {}).items() if id in wanted}
            if places:
                yield from _cut({page: wanted.pop(id) for page, id in places.items()}, source)
    for piece_left in left.values():
        for own in piece_left.values():
            yield from ((doubt, Crop("", error="its picture is gone")) for doubt in own)


def page(crops: Sequence[tuple[Doubt, Crop]], total: int, least: float) -> str:
    """The page.

    Args:
        crops: of the digits, in any order.
        total: how many doubtful digits there are in all.
        least: the confidence below which a digit is doubtful.
    """
    ordered = sorted(crops, key=lambda each: each[0].confidence)
    items = [_item(*each) for each in ordered]
    digest = hashlib.sha256(repr([doubt for doubt, _ in ordered]).encode()).hexdigest()[:16]
    data = json.dumps({"key": digest, "total": total, "least": least, "items": items})
    escaped = data.replace("<", "\\u003c")  # so that no name can end the block
    return _PAGE.read_text(encoding="utf-8").replace("<!-- data -->", escaped)


def _item(doubt: Doubt, crop: Crop) -> dict[str, Any]:
    file, page = file_and_page(doubt.id)
    return {"file": file, "page": page} | asdict(doubt) | asdict(crop)


def _doubts(row: Row, piece: int) -> Iterator[Doubt]:
    for number, (text, digits) in enumerate(lines(row), start=1):
        places = [place for place, sign in enumerate(text) if is_digit(sign)]
        for place, digit in zip(places, digits, strict=True):
            if digit["uncertain"]:
                box = (digit["x"], digit["y"], digit["width"], digit["height"])
                read, sure = digit["label"], round(digit["confidence"], 4)
                around = text[:place], text[place + 1 :]
                yield Doubt(row["id"], number, box, read, sure, *around, piece)


def _by_file(ids: Iterable[str]) -> dict[str, dict[int, str]]:
    """The ids of a file's pages, each by the page's place from 0 on.

    An id that looks like a page's may be a whole file's name, too.
    """
    found: dict[str, dict[int, str]] = {}
    for id in ids:
        file, page = file_and_page(id)
        found.setdefault(id, {})[0] = id
        found.setdefault(file, {})[page - 1] = id
    return found


def _cut(doubts: dict[int, list[Doubt]], source: str | bytes) -> Iterator[tuple[Doubt, Crop]]:
    """The digits of a file's pages, which are counted from 0."""
    try:
        with open_pages(source) as pages:
            for number, own in doubts.items():
                yield from _cut_page(pages, number, own)
    except (TinydigitsError, OSError) as error:  # it has changed since it was read
        crop = Crop("", error=sentence(error))
        yield from ((doubt, crop) for own in doubts.values() for doubt in own)


def _cut_page(pages: Pages, number: int, doubts: list[Doubt]) -> Iterator[tuple[Doubt, Crop]]:
    try:
        picture, ratio = pages.colour(number)
    except TinydigitsError as error:
        yield from ((doubt, Crop("", error=sentence(error))) for doubt in doubts)
    else:
        yield from ((doubt, _crop(picture, ratio, doubt.box)) for doubt in doubts)


def _crop(picture: Image.Image, ratio: float, box: Box) -> Crop:
    x, y, width, height = (length * ratio for length in box)
    around = _AROUND * max(width, height)
    left, top = max(0, round(x - around)), max(0, round(y - around))
    right = min(picture.width, round(x + width + around))
    bottom = min(picture.height, round(y + height + around))
    cut = picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    place = (x - left) / cut.width, (y - top) / cut.height, width / cut.width, height / cut.height
    cut.thumbnail((_LARGEST, _LARGEST))
    file = io.BytesIO()
    cut.save(file, "JPEG", quality=85)
    image = f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
    left_, top_, width_, height_ = (round(share, 4) for share in place)
    return Crop(image, (left_, top_, width_, height_))

"""What is printed: digits, letters, words and punctuation in many fonts."""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pictures.judging.hands import Sources
from pictures.judging.page import Page, kind
from pictures.judging.paper import on_paper, turned
from pictures.scene import Generator, Plane, between, one_of

# In matplotlib's wheel, so everywhere the same.
WHEEL = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Bold"),
    *("DejaVuSerif-Italic", "DejaVuSansMono", "DejaVuSansMono-Bold", "STIXGeneral"),
    *("STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta", "cmr10", "cmss10", "cmtt10"),
    *("cmb10", "cmti10"),
)
# Used where the system has them (Debian's fonts-liberation and fonts-freefont-ttf).
SYSTEM = (
    *("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSerif-Italic"),
    *("LiberationMono-Regular", "LiberationSansNarrow-Regular", "FreeSans", "FreeSerif"),
)
# What a person, too, might take for a digit when it stands alone.
LIKE_DIGITS = "OoDQIiljZzSsBbGgqt"
LETTERS = "ACEFHJKLMNPRTUVWXYacdefhkmnpruvwxy"
_WORDS = (
    *("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "total", "amount"),
    *("paid", "Name", "Address", "Signature", "INVOICE", "PLEASE", "PRINT", "Date", "of", "birth"),
    *("hello", "world", "STOP", "Open", "Closed", "Exit"),
)


@cache
def fonts() -> dict[str, str]:
    """The fonts to be had here: name -> file."""
    import matplotlib

    wheel = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    found = {name: wheel / f"{name}.ttf" for name in WHEEL}
    installed = {path.stem: path for path in sorted(Path("/usr/share/fonts").rglob("*.ttf"))}
    found |= {name: installed[name] for name in SYSTEM if name in installed}
    return {name: str(path) for name, path in found.items() if path.exists()}


def _set(text: str, rng: Generator, height: float) -> Plane:
    """Ink of a printed text whose capitals are about `height` pixels high, with a little room."""
    names = list(fonts())
    face = ImageFont.truetype(fonts()[one_of(names, rng)], round(height / 0.72))
    left, top, right, bottom = face.getbbox(text)
    room = 3
    picture = Image.new("L", (round(right - left) + 2 * room, round(bottom - top) + 2 * room))
    ImageDraw.Draw(picture).text((room - left, room - top), text, fill=255, font=face)
    return np.asarray(picture, np.float32) / 255


def _stacked(planes: list[Plane], rng: Generator, height: float) -> Plane:
    gap, room = (round(n * height) for n in (rng.uniform(0.4, 1), rng.uniform(0.2, 1.2)))
    width = max(plane.shape[1] for plane in planes)
    rows = [np.pad(plane, ((0, gap), (0, width - plane.shape[1]))) for plane in planes]
    return np.pad(np.concatenate(rows)[:-gap], room)


def _digits(count: int, rng: Generator) -> str:
    return "".join(str(n) for n in rng.integers(10, size=count))


@kind("printed digits, lines in many fonts", 160)
def printed(sources: Sources, rng: Generator) -> Page:
    height, state = between(rng, 18, 100), int(rng.integers(2**31))
    lines = [_digits(int(rng.integers(1, 11)), rng) for _ in range(int(rng.integers(1, 5)))]
    # One font for the page: the same choice for each line.
    planes = [_set(line, np.random.default_rng(state), height) for line in lines]
    ink = turned(_stacked(planes, rng, height), rng.uniform(-2, 2))
    return Page(on_paper(ink, rng), lines)


@kind("printed digits, one alone", 400)
def printed_one(sources: Sources, rng: Generator) -> Page:
    return _alone(_digits(1, rng), rng, digits=True)


def _alone(text: str, rng: Generator, digits: bool = False) -> Page:
    height = between(rng, 18, 130)
    ink = np.pad(_set(text, rng, height), round(height * rng.uniform(0, 1)))
    picture = on_paper(turned(ink, rng.uniform(-8, 8)), rng)
    return Page(picture, [text] if digits else [], note=text)


@kind("single printed letters that don't look like a digit", 400)
def letters(sources: Sources, rng: Generator) -> Page:
    return _alone(one_of(LETTERS, rng), rng)


@kind("single printed letters that look like one (O, I, l, S, Z, B, g, q and such)", 200)
def letters_like_digits(sources: Sources, rng: Generator) -> Page:
    return _alone(one_of(LIKE_DIGITS, rng), rng)


@kind("printed words", 120)
def words(sources: Sources, rng: Generator) -> Page:
    height, state = between(rng, 18, 70), int(rng.integers(2**31))
    chosen = [
        " ".join(rng.choice(_WORDS, int(rng.integers(1, 4)))) for _ in range(rng.integers(1, 4))
    ]
    planes = [_set(line, np.random.default_rng(state), height) for line in chosen]
    ink = turned(_stacked(planes, rng, height), rng.uniform(-2, 2))
    return Page(on_paper(ink, rng), [], note=" / ".join(chosen))


@kind("printed punctuation and signs", 120)
def punctuation(sources: Sources, rng: Generator) -> Page:
    signs = rng.choice(list("!?&%$#@*;:=[]'~+-/()^"), int(rng.integers(1, 6)))  # all fonts' own
    return _alone(" ".join(signs), rng)

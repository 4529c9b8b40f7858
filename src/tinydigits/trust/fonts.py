"""Fonts to draw letters in: those that come with packages, and a folder of one's own."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tinydigits.errors import TinydigitsError

# Package -> files in it, and whether the shipped weights learned from letters in them.
_PACKAGED = {
    "matplotlib/mpl-data/fonts/ttf": (("DejaVuSans.ttf", "DejaVuSerif-Italic.ttf"), True),
    "font_roboto/files": (("Roboto-Regular.ttf",), False),
    "font_caladea/files": (("Caladea-Italic.ttf",), False),
    "font_source_sans_pro/files": (("SourceSansPro-Light.ttf",), False),
}


@dataclass(frozen=True)
class Font:
    """A font: its name, its file (None: built into Pillow), and whether it was learned from."""

    name: str
    path: Path | None
    learned: bool


def find_fonts(folder: Path | None = None) -> list[Font]:
    """Pillow's own font, those of installed packages, and all in a folder.

    Raises:
        TinydigitsError: the folder holds no .ttf or .otf file.
    """
    found = [Font("Pillow's built-in", None, False)]
    for place, (names, learned) in _PACKAGED.items():
        package, _, inside = place.partition("/")
        spec = find_spec(package)
        if spec and spec.origin:
            paths = [Path(spec.origin).parent / inside / name for name in names]
            found += [Font(path.stem, path, learned) for path in paths if path.is_file()]
    if folder:
        own = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".ttf", ".otf"))
        if not own:
            raise TinydigitsError(f"{folder}: holds no font, a file that ends in .ttf or .otf")
        found += [Font(path.stem, path, False) for path in own]
    return found

"""Fonts to draw letters and printed digits in: those to train on, and others to decide by.

All come with Python packages, so that the same drawings are made everywhere: matplotlib's, the
`font-*` packages, and Hershey's strokes (A. V. Hershey, 1967), which any pen can draw.
"""

from importlib.resources import files
from pathlib import Path

import matplotlib

from pictures.judging.sources import Part

_MATPLOTLIB = (
    *("DejaVuSans", "DejaVuSerif", "STIXGeneral"),
    *("cmr10", "cmss10", "cmtt10", "cmti10", "cmb10"),
)
_PACKAGES: dict[Part, tuple[str, ...]] = {
    "train": (
        *("font_amatic_sc", "font_intuitive", "font_fredoka_one", "font_source_serif_pro"),
        *("font_lato", "font_fjallaone", "font_manrope"),
    ),
    "development": ("font_roboto", "font_caladea", "font_source_sans_pro"),
}
_HANDS: dict[Part, list[str]] = {
    "train": ["futural", "scripts", "rowmans", "timesr", "cursive", "timesi", "futuram"],
    "development": ["scriptc", "rowmand", "gothitt", "timesib"],
}


def typefaces(part: Part) -> list[Path]:
    """Files of fonts, always in the same order."""
    fonts = _matplotlib() if part == "train" else []
    for package in _PACKAGES[part]:
        folder = Path(str(files(package) / "files"))
        fonts += sorted(path for path in folder.glob("*.ttf") if "Variable" not in path.name)
    return fonts


def _matplotlib() -> list[Path]:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    found = {name: sorted(folder.glob(f"{name}*.ttf")) for name in _MATPLOTLIB}
    return [path for paths in found.values() for path in paths if "Display" not in path.name]


def hands(part: Part) -> list[str]:
    """Names of Hershey's fonts."""
    return _HANDS[part]

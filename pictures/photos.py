"""Real photographs without a digit or a letter, out of packages that are installed anyway.

Each was looked at before it came in; of those with lettering somewhere, only a part is used.
Those of scikit-image are in its wheel and are left out where it is not installed.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pictures.scene import Generator, Plane, between

Box = tuple[int, int, int, int]  # left, top, right, bottom

PHOTOS: tuple[tuple[str, str, Box | None], ...] = (
    ("sklearn", "datasets/images/china.jpg", None),
    ("sklearn", "datasets/images/flower.jpg", None),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", (0, 0, 512, 470)),  # above a name tag
    ("skimage", "data/astronaut.png", (0, 0, 512, 190)),  # above the suit's badges
    ("skimage", "data/brick.png", None),
    ("skimage", "data/camera.png", None),
    ("skimage", "data/cell.png", None),
    ("skimage", "data/chelsea.png", None),
    ("skimage", "data/coffee.png", None),
    ("skimage", "data/grass.png", None),
    ("skimage", "data/gravel.png", None),
    ("skimage", "data/horse.png", None),
    ("skimage", "data/hubble_deep_field.jpg", None),
    ("skimage", "data/ihc.png", None),
    ("skimage", "data/moon.png", None),
    ("skimage", "data/retina.jpg", None),
)


@lru_cache(maxsize=1)
def photos() -> tuple[NDArray[np.uint8], ...]:
    """All that are installed, grey."""
    found = []
    for package, name, box in PHOTOS:
        folder = _folder(package)
        if folder is not None:
            with Image.open(folder / name) as picture:
                found.append(np.asarray(picture.convert("L").crop(box or (0, 0, *picture.size))))
    return tuple(found)


def _folder(package: str) -> Path | None:
    """Where a package lies, without importing it."""
    spec = find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def part(size: int, rng: Generator) -> Plane:
    """A part of one of them in [0, 1], at any scale, turned or mirrored."""
    photo = photos()[int(rng.integers(len(photos())))]
    side = round(min(*photo.shape, size * between(rng, 0.35, 2.5)))
    top, left = (int(rng.integers(0, long - side + 1)) for long in photo.shape)
    cut = Image.fromarray(photo[top : top + side, left : left + side])
    grey = np.asarray(cut.resize((size, size), Image.Resampling.BICUBIC), np.float32) / 255
    grey = np.rot90(grey, int(rng.integers(4)))
    return grey if rng.random() < 0.5 else grey[:, ::-1]

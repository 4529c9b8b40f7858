"""Which part of a scene a picture shows: real inputs are often small, narrow or cut to the ink."""

import numpy as np

from pictures.scene import Generator, Scene, between

View = tuple[int, int, int, int]


def inked(scene: Scene) -> View | None:
    """Top, left, bottom, right of all that is written; None if nothing is."""
    ink = np.maximum(np.maximum(scene.digits, scene.marks), scene.other) > 0.15
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def within(scene: Scene, top: float, left: float, bottom: float, right: float) -> View | None:
    """These edges as a view, if it holds enough of the scene to be a picture."""
    edges = np.clip(np.rint([top, left, bottom, right]), 0, scene.size).astype(int)
    if edges[2] - edges[0] < 8 or edges[3] - edges[1] < 6:
        return None
    return int(edges[0]), int(edges[1]), int(edges[2]), int(edges[3])


def framed(scene: Scene, rng: Generator, margin: float) -> View | None:
    """The ink with up to `margin` pixels around, each side its own."""
    box = inked(scene)
    if box is None:
        return None
    room = margin * rng.uniform(0, 1, 4)
    return within(scene, box[0] - room[0], box[1] - room[1], box[2] + room[2], box[3] + room[3])


def glimpse(scene: Scene, rng: Generator) -> View | None:
    """A window of any shape on some of the ink: a part of a page, a strip, a snippet."""
    y, x = _somewhere(scene, rng)
    high, wide = between(rng, 70, scene.size), between(rng, 90, scene.size)
    if rng.random() < 0.25:
        high = between(rng, 28, 90)
    top = np.clip(y - high * rng.uniform(0.2, 0.8), 0, scene.size - high)
    left = np.clip(x - wide * rng.uniform(0.2, 0.8), 0, scene.size - wide)
    return within(scene, top, left, top + high, left + wide)


def _somewhere(scene: Scene, rng: Generator) -> tuple[float, float]:
    """A place with ink; any place if there is none."""
    for layer in (scene.digits, scene.other):
        places = np.argwhere(layer[::4, ::4] > 0.3)
        if len(places):
            row, column = places[int(rng.integers(len(places)))]
            return 4.0 * row, 4.0 * column
    y, x = rng.uniform(0, scene.size, 2)
    return float(y), float(x)

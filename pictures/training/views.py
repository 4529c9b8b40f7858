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
    """A window of any shape, mostly one with ink in it."""
    high, wide = between(rng, 40, scene.size), between(rng, 60, scene.size)
    box = inked(scene) or (0, 0, scene.size, scene.size)
    middle_y, middle_x = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
    top = np.clip(middle_y - high / 2, 0, scene.size - high)
    left = np.clip(middle_x - wide / 2, 0, scene.size - wide)
    return within(scene, top, left, top + high, left + wide)

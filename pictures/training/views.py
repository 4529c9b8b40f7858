"""Which part of a scene a picture shows: real inputs are often small, narrow or cut to the ink."""

from collections.abc import Sequence

import numpy as np

from pictures.scene import Generator, Scene, between, box_of, one_of

View = tuple[int, int, int, int]


def inked(scene: Scene) -> View | None:
    """Top, left, bottom, right of all that is written; None if nothing is."""
    return box_of(scene.ink() > 0.15)


def within(
    scene: Scene, box: tuple[float, float, float, float], room: Sequence[float] = (0, 0, 0, 0)
) -> View | None:
    """A box (top, left, bottom, right) as a view, if it holds enough of the scene for a picture.

    `room` is how far it reaches beyond each of these edges.
    """
    out = np.array([-1, -1, 1, 1]) * room
    edges = np.clip(np.rint(box + out), 0, scene.size).astype(int)
    if edges[2] - edges[0] < 8 or edges[3] - edges[1] < 6:
        return None
    return int(edges[0]), int(edges[1]), int(edges[2]), int(edges[3])


def framed(scene: Scene, rng: Generator, margin: float) -> View | None:
    """The ink with up to `margin` pixels around, each side its own."""
    box = inked(scene)
    if box is None:
        return None
    return within(scene, box, margin * rng.uniform(0, 1, 4))


def glimpse(scene: Scene, rng: Generator) -> View | None:
    """A window of any shape on some of the ink: a part of a page, a strip, a snippet."""
    y, x = _somewhere(scene, rng)
    high, wide = between(rng, 70, scene.size), between(rng, 90, scene.size)
    if rng.random() < 0.25:
        high = between(rng, 28, 90)
    top = np.clip(y - high * rng.uniform(0.2, 0.8), 0, scene.size - high)
    left = np.clip(x - wide * rng.uniform(0.2, 0.8), 0, scene.size - wide)
    return within(scene, (top, left, top + high, left + wide))


def _somewhere(scene: Scene, rng: Generator) -> tuple[float, float]:
    """A place with ink; any place if there is none."""
    for layer in (scene.digits, scene.other):
        places = np.argwhere(layer[::4, ::4] > 0.3)
        if len(places):
            row, column = one_of(places, rng)
            return 4.0 * row, 4.0 * column
    y, x = rng.uniform(0, scene.size, 2)
    return float(y), float(x)

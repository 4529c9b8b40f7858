"""The register of kinds of training pictures: what is drawn, how often, on what ground, how large.

A kind is a function that draws on a scene. Its module is its family, so that a whole family can be
left out of training to see whether the finder generalises.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module

from pictures.hands import Material
from pictures.paper import Ground
from pictures.scene import Generator, Scene, between
from pictures.training.views import glimpse

Grounds = dict[Ground, float]
Layout = Callable[[Scene, Material, float, Generator], None]
# Modules of this folder, and how often each is drawn.
FAMILIES = {
    "lines": 0.175,
    "grids": 0.15,
    "forms": 0.1,
    "notes": 0.1,
    "cheques": 0.085,
    "archives": 0.05,
    "singles": 0.24,
    "nothing": 0.10,
}
GLIMPSED = 0.2  # share of the scenes that set no view of their own which show a part


@dataclass(frozen=True)
class Kind:
    """A kind of picture."""

    name: str  # the function's name; the ground follows it where a kind is drawn on several
    family: str  # the module it stands in
    weight: float  # how often it is drawn: a share of all kinds, once all are loaded
    ground: Ground  # what it is drawn on
    heights: tuple[float, float]  # of its digits, in pixels, the lowest and the highest
    layout: Layout  # what draws it, told the digits' height

    def draw(self, scene: Scene, material: Material, rng: Generator) -> None:
        """Draw one on an empty scene, its digits' height evenly spread on a log scale."""
        self.layout(scene, material, between(rng, *self.heights), rng)
        if scene.view is None and rng.random() < GLIMPSED:
            scene.view = glimpse(scene, rng)


KINDS: dict[str, Kind] = {}


def kind(
    weight: float, grounds: Ground | Grounds, heights: tuple[float, float] = (11, 90)
) -> Callable[[Layout], Layout]:
    """Register the function below as a kind, on one ground or on several with their shares.

    Args:
        weight: how often it is drawn beside the others of its family.
        grounds: what it is drawn on.
        heights: of its digits, in pixels, the lowest and the highest.
    """

    def register(layout: Layout) -> Layout:
        family = layout.__module__.rsplit(".", 1)[-1]
        shares = grounds if isinstance(grounds, dict) else {grounds: 1.0}
        for ground, share in shares.items():
            name = layout.__name__ + (f"_{ground}" if len(shares) > 1 else "")
            if name in KINDS:
                raise ValueError(f"two kinds are called {name}")
            portion = weight * share / sum(shares.values())
            KINDS[name] = Kind(name, family, portion, ground, heights, layout)
        return layout

    return register


@cache
def load() -> dict[str, Kind]:
    """All kinds of every family, their weights adding up to 1."""
    for family in FAMILIES:
        import_module(f"pictures.training.{family}")
    for family, share in FAMILIES.items():
        own = [each for each in KINDS.values() if each.family == family]
        whole = sum(each.weight for each in own)
        KINDS.update({each.name: replace(each, weight=share * each.weight / whole) for each in own})
    return KINDS

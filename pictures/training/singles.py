"""One digit or two: centred or not, cut to the ink, thin or broad, huge, in a cell, in part."""

from pictures.hands import Hand, Material
from pictures.scene import Generator, Scene, between
from pictures.training.kinds import kind
from pictures.training.views import framed
from pictures.training.writing import ANY, Writer

GROUNDS = {"paper": 0.5, "plain": 0.22, "screen": 0.12, "board": 0.12, "security": 0.04}


@kind(0.06, GROUNDS, heights=(11, 108))
def lone(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """One digit, with margins from none to wide."""
    writer = Writer(scene, Hand(material, rng), rng)
    writer.write_amid(ANY, height, scene.size / 2, scene.size / 2)
    scene.view = framed(scene, rng, height * between(rng, 0.05, 3))


@kind(0.02, GROUNDS, heights=(108, 300))
def huge(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """A digit too large for this scale, wholly or partly in view."""
    writer = Writer(scene, Hand(material, rng), rng)
    x, y = scene.size * (0.5 + rng.normal(0, 0.2, 2))
    writer.write_amid(ANY, height, x, y)
    if rng.random() < 0.4:
        scene.view = framed(scene, rng, height * between(rng, 0.02, 1))


@kind(0.02, GROUNDS, heights=(14, 90))
def pair(scene: Scene, material: Material, height: float, rng: Generator) -> None:
    """Two digits that touch or nearly."""
    hand = Hand(material, rng)
    writer = Writer(scene, hand, rng)
    writer.write_amid(2 * ANY, height, scene.size / 2, scene.size / 2)
    scene.view = framed(scene, rng, height * between(rng, 0.05, 2))

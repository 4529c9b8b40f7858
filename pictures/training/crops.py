"""A crop to learn from: 256 pixels of a drawn page, and the truth of what is seen on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from pictures.camera import photograph
from pictures.hands import Material
from pictures.scene import LABELS, Generator, Plane, Scene, between
from pictures.training.kinds import Kind, load

SIDE = 256
_MARGIN = 352  # of a page that is warped, so that its corners are filled

# Heights of digits, in pixels, that are to be found at one scale; the scales of a picture are a
# factor of 2 apart. What is a little beyond may be found or not, what is far beyond is nothing.
LEAST, MOST = 12.0, 80.0
_BELOW, _BEYOND = 9.0, 108.0
_SMALL = 14.0  # up to this height the next finer scale shows a digit better

_ALL = (0, 0, SIDE, SIDE)
_VISIBLE = 0.7  # of a thing's ink: with less in view nobody should have to say what it is
_SEEN = 0.15  # ink from which on a pixel belongs to a thing


@dataclass(frozen=True, eq=False)
class Crop:
    """What is learned from.

    Attributes:
        grey: uint8 (256, 256), 0 outside `view`.
        view: top, left, bottom, right of the part that is a picture at all.
        digits, marks: uint8 (256, 256), ink from 0 to 255.
        owner: uint16 (128, 128), the number from 1 of the thing whose ink it is, 0 for none.
        unsure: bool (128, 128), where nothing is learned: what is cut off, or of no clear size.
        small: int8 (64, 64): 1 where there are digits too small for this scale, -1 where digits are
            just large enough, else 0.
        things: float32 (n, 5): x and y of the centre, width, height, index in `LABELS`.
        turn: quarters anticlockwise by which the page was turned.
        kind: name of the kind of page.
        alike: bool (128, 128), ink of what looks like a digit and is no thing to find as one:
            digits of no fit size, letters like O and l, slashes.
        beyond: float32 (n, 5), as `things`: the digits that are too small or too large to be found
            at this scale.
    """

    grey: NDArray[np.uint8]
    view: tuple[int, int, int, int]
    digits: NDArray[np.uint8]
    marks: NDArray[np.uint8]
    owner: NDArray[np.uint16]
    unsure: NDArray[np.bool_]
    small: NDArray[np.int8]
    things: NDArray[np.float32]
    turn: int
    kind: str
    alike: NDArray[np.bool_]
    beyond: NDArray[np.float32]

    @property
    def all_things(self) -> NDArray[np.float32]:
        """`things`, and after them those `beyond`."""
        return np.concatenate([self.things, self.beyond])

    def overlaps(self, box: Sequence[float]) -> NDArray[np.float64]:
        """For each of `all_things` (n,), the area it shares with a box, over that of both.

        Args:
            box: left, top, right, bottom, in pixels of the view.
        """
        top, left = self.view[:2]
        own = np.add(box, (left, top, left, top))
        middle, size = self.all_things[:, :2], self.all_things[:, 2:4]
        ends = np.minimum(middle + size / 2, own[2:])
        starts = np.maximum(middle - size / 2, own[:2])
        shared = np.maximum(ends - starts, 0).prod(1)
        return shared / (size.prod(1) + (own[2:] - own[:2]).prod() - shared)


def draw_crop(material: Material, seed: int, kinds: list[Kind] | None = None) -> Crop:
    """The crop of that seed.

    Args:
        material: the handwriting and fonts to draw with.
        seed: makes it what it is.
        kinds: those to choose from; all that train, if none are named.
    """
    rng = np.random.default_rng([71, seed])
    chosen = kinds or list(load().values())
    weights = np.array([kind.weight for kind in chosen])
    kind = chosen[int(rng.choice(len(chosen), p=weights / weights.sum()))]
    warp = kind.family != "singles" and rng.random() < 0.5  # singles are cut close to their ink
    scene = Scene(_MARGIN if warp else SIDE)
    kind.draw(scene, material, rng)
    if warp:
        scene = _warped(scene, rng)
    grey = photograph(scene, kind.ground, rng)
    view = _view(scene)
    turn = int(rng.integers(1, 4)) if rng.random() < 0.15 else 0
    reduction = between(rng, 1.4, 6) if view == _ALL and rng.random() < 0.2 else 1.0
    return _crop(scene, grey, view, turn, reduction, kind.name)


def _view(scene: Scene) -> tuple[int, int, int, int]:
    """All of the crop, or the part that the scene asks for."""
    if scene.view is not None:
        top, left, bottom, right = (int(np.clip(edge, 0, SIDE)) for edge in scene.view)
        if bottom - top >= 8 and right - left >= 6:
            return top, left, bottom, right
    return _ALL


def _warped(scene: Scene, rng: Generator) -> Scene:
    """The middle of the page, turned a little, seen from the side, and curved."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) - SIDE / 2
    whole = scene.view is None  # else little, or what it shows would be moved out of it
    turn = np.radians(rng.uniform(-18, 18) if whole and rng.random() < 0.3 else rng.normal(0, 2))
    across = np.cos(turn) * x - np.sin(turn) * y
    down = np.sin(turn) * x + np.cos(turn) * y
    if whole and rng.random() < 0.4:  # perspective
        lean = rng.uniform(-0.0009, 0.0009, 2)
        depth = 1 + lean[0] * x + lean[1] * y
        across, down = across / depth, down / depth
        across = across * rng.uniform(0.8, 1.1) + rng.uniform(-0.1, 0.1) * down
    if whole and rng.random() < 0.35:  # paper that is not flat
        bend = _bend(rng)
        across, down = across + bend[0], down + bend[1]
    at = [down + scene.size / 2, across + scene.size / 2]
    result = Scene(SIDE)
    result.things = scene.things
    if scene.view is not None:
        edge = (scene.size - SIDE) // 2
        top, left, bottom, right = (at - edge for at in scene.view)
        result.view = top, left, bottom, right
    for name in ("digits", "marks", "other", "rules"):
        layer = getattr(scene, name)
        if layer.any():
            setattr(result, name, ndimage.map_coordinates(layer, at, order=1))
    for name in ("owner", "pen"):
        setattr(result, name, ndimage.map_coordinates(getattr(scene, name), at, order=0))
    return result


def _bend(rng: Generator) -> NDArray[np.float32]:
    strength = rng.uniform(0.01, 0.06) * SIDE
    coarse = rng.normal(0, 0.5 * strength, (2, 4, 4)).astype(np.float32)
    size = (SIDE, SIDE)
    return np.stack(
        [np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BICUBIC)) for one in coarse]
    )


def _crop(
    scene: Scene,
    grey: NDArray[np.uint8],
    view: tuple[int, int, int, int],
    turn: int,
    reduction: float,
    kind: str,
) -> Crop:
    top, left, bottom, right = view
    window = np.s_[top:bottom, left:right]
    planes: list[NDArray[np.uint8]] = [
        np.rot90(plane[window], turn) for plane in (grey, _bytes(scene.digits), _bytes(scene.marks))
    ]
    ink = scene.ink()
    owner = np.rot90(np.where(ink > _SEEN, scene.owner, 0)[window], turn)
    inside = np.bincount(scene.owner[window].ravel(), ink[window].ravel(), len(scene.things))
    height, width = owner.shape
    if reduction > 1:
        size = max(4, round(width / reduction)), max(4, round(height / reduction))
        planes = [_resized(plane, size, Image.Resampling.BOX) for plane in planes]
        owner = _nearest(owner, size)
        top, left = 0, 0
    elif turn:
        top, left = 0, 0
    height, width = owner.shape
    seen = np.zeros((3, SIDE, SIDE), np.uint8)
    seen[:, top : top + height, left : left + width] = planes
    whole = np.zeros((SIDE, SIDE), np.uint16)
    whole[top : top + height, left : left + width] = owner
    shares = inside / np.array([1.0] + [thing.ink for thing in scene.things[1:]])
    small = _small(scene, whole, reduction)
    things, beyond, owner, unsure, gone, alike = _things(scene, whole, shares, reduction)
    digits = np.where(gone, 0, seen[1])
    return Crop(
        seen[0],
        (top, left, top + height, left + width),
        digits,
        seen[2],
        owner[::2, ::2].copy(),
        unsure[::2, ::2].copy(),
        small,
        things,
        turn,
        kind,
        (gone | alike)[::2, ::2],
        beyond,
    )


def _things(
    scene: Scene, owner: NDArray[np.uint16], shares: NDArray[np.float64], reduction: float
) -> tuple[
    NDArray[np.float32], NDArray[np.float32], NDArray[np.uint16], *tuple[NDArray[np.bool_], ...]
]:
    """What is to be found, digits of no fit size, whose ink is whose.

    And where nothing is learned, the ink of digits of no fit size, what else looks like a digit.
    """
    unsure, gone, alike = np.zeros((3, SIDE, SIDE), bool)
    numbers = np.zeros(len(scene.things), np.uint16)
    found: list[tuple[float, ...]] = []
    beyond: list[tuple[float, ...]] = []
    for index, place in enumerate(ndimage.find_objects(owner.astype(np.int32)), start=1):
        thing = scene.things[index]
        if place is None or thing is None:
            continue
        rows, columns = place
        around = np.s_[
            max(0, rows.start - 2) : rows.stop + 2, max(0, columns.start - 2) : columns.stop + 2
        ]
        height = thing.height / reduction
        digit = thing.label.isdigit()
        if thing.alike or thing.label == "/":
            alike |= owner == index
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        x, y = columns.start + wide / 2, rows.start + tall / 2
        row = x, y, wide, tall, LABELS.index(thing.label)
        if digit and (height > _BEYOND or height < _BELOW):
            gone |= owner == index
            if shares[index] >= _VISIBLE:
                beyond.append(row)
        elif (digit and not LEAST <= height <= MOST) or shares[index] < _VISIBLE:
            unsure[around] = True
        elif digit or 2 <= height <= _BEYOND:
            numbers[index] = len(found) + 1
            found.append(row)
    owner = numbers[owner]
    unsure &= owner == 0
    tables = [np.array(rows, np.float32).reshape(-1, 5) for rows in (found, beyond)]
    return *tables, owner, unsure, gone, alike


def _small(scene: Scene, owner: NDArray[np.uint16], reduction: float) -> NDArray[np.int8]:
    """Where digits are too small, or nearly, and their surroundings by half a digit."""
    found = np.zeros((SIDE // 4, SIDE // 4), np.int8)
    heights = np.array([thing.height if thing else 0 for thing in scene.things]) / reduction
    digits = np.array([bool(thing and thing.label.isdigit()) for thing in scene.things])
    for value, low, high in ((-1, _SMALL, 1.5 * _SMALL), (1, 2.0, _SMALL)):
        chosen = (digits & (heights >= low) & (heights < high))[owner]
        if chosen.any():
            cells = chosen.reshape(SIDE // 4, 4, SIDE // 4, 4).any((1, 3))
            found[ndimage.binary_dilation(cells, np.ones((3, 3)))] = value
    return found


def _bytes(plane: Plane) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(plane, 0, 1)).astype(np.uint8)


def _resized(
    plane: NDArray[np.uint8], size: tuple[int, int], kind: Image.Resampling
) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize(size, kind))


def _nearest(owner: NDArray[np.uint16], size: tuple[int, int]) -> NDArray[np.uint16]:
    rows = ((np.arange(size[1]) + 0.5) * owner.shape[0] / size[1]).astype(int)
    columns = ((np.arange(size[0]) + 0.5) * owner.shape[1] / size[0]).astype(int)
    return owner[rows][:, columns]

"""What is to be learned of crops, as a batch of tensors, and how far a guess is from it."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from pictures.scene import LABELS, LETTER, MARKS, SIGN
from pictures.training.crops import SIDE, Crop
from tinydigits.reader.finder import HEATS, OFFSET, UNIT, inputs

COARSE = SIDE // 4
# Which centres a thing shows in, by its index in LABELS: digits, marks, letters and signs.
_HEAT = np.array([0] * 10 + [1] * len(MARKS) + [2, 2])
assert LABELS[10 + len(MARKS) :] == [LETTER, SIGN]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What of a crop does not change from one use to the next."""

    crop: Crop  # the crop
    planes: NDArray[np.float16]  # float16 (3, height, width) of its view, as `inputs` gives them
    heat: NDArray[np.uint8]  # uint8 (3, 64, 64), 255 at centres, falling off around them
    # int64 (n, 3): row and column at a quarter of the size, and which thing is there
    places: NDArray[np.int64]


def lesson(crop: Crop) -> Lesson:
    """Prepare a crop."""
    top, left, bottom, right = crop.view
    planes = inputs(crop.grey[top:bottom, left:right]).astype(np.float16)
    heat = np.zeros((HEATS, COARSE, COARSE), np.float32)
    places = []
    for number, (x, y, width, height, label) in enumerate(crop.things):
        row, column = int(y / 4), int(x / 4)
        _add_peak(heat[_HEAT[int(label)]], row, column, height, width)
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                near = abs(down * 4) <= 0.3 * height and abs(across * 4) <= 0.3 * width
                at = row + down, column + across
                if (near or down == across == 0) and max(at) < COARSE and min(at) >= 0:
                    places.append((*at, number))
    table = np.array(places, np.int64).reshape(-1, 3)
    return Lesson(crop, planes, np.rint(255 * heat).astype(np.uint8), table)


def _add_peak(
    heat: NDArray[np.float32], row: int, column: int, height: float, width: float
) -> None:
    """1 at a thing's centre, a Gaussian around it whose deviations are 0.11 of its size."""
    tall, wide = max(0.6, 0.11 * height / 4), max(0.6, 0.11 * width / 4)
    down, across = int(3 * tall) + 1, int(3 * wide) + 1
    rows = np.arange(max(0, row - down), min(COARSE, row + down + 1))
    columns = np.arange(max(0, column - across), min(COARSE, column + across + 1))
    if rows.size and columns.size:
        peak = np.exp(
            -((rows - row) ** 2)[:, None] / (2 * tall**2) - (columns - column) ** 2 / (2 * wide**2)
        )
        window = heat[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.maximum(window, peak, out=window)


@dataclass(frozen=True, eq=False)
class Batch:
    """Crops side by side, and what is to be told of them: see `Finder`."""

    x: Tensor
    ink: Tensor  # (N, 2, 256, 256)
    valid: Tensor  # (N, 256, 256), 0 where nothing is learned
    owned: Tensor  # (N, 1, 128, 128), whether a thing is there
    offsets: Tensor  # (N, 2, 128, 128)
    heat: Tensor  # (N, 3, 64, 64)
    sure: Tensor  # (N, 1, 64, 64), 0 where no centre is learned
    small: Tensor  # (N, 64, 64), 1 where there are digits too small to be found, -1: not learned
    places: Tensor  # (n, 3): which crop, row, column
    sizes: Tensor  # (n, 2)
    labels: Tensor  # (n,), -1 where the crop was turned
    turns: Tensor  # (n,), -1 for marks


def batch(lessons: list[Lesson], rng: np.random.Generator) -> Batch:
    """Stack lessons; the tones vary from one use to the next."""
    x = np.zeros((len(lessons), 3, SIDE, SIDE), np.float32)
    for plane, each in zip(x, lessons, strict=True):
        top, left, bottom, right = each.crop.view
        window = plane[:, top:bottom, left:right]
        window[:] = each.planes
        window[0] = window[0] * rng.uniform(0.75, 1.3) + rng.normal(0, 0.25)
        if rng.random() < 0.12:
            window[:2] *= -1
    crops = [each.crop for each in lessons]
    unsure = torch.from_numpy(np.stack([crop.unsure for crop in crops]))[:, None].float()
    inside = torch.from_numpy(x[:, 2].copy())
    rows = [
        np.concatenate([np.full((len(each.places), 1), index), each.places], 1)
        for index, each in enumerate(lessons)
    ]
    table = np.concatenate(rows)
    of = [lessons[crop].crop.things[thing] for crop, _, _, thing in table]
    things = np.array(of, np.float32).reshape(-1, 5)
    turned = np.array([lessons[crop].crop.turn for crop in table[:, 0]], np.int64)
    labels = things[:, 4].astype(np.int64)
    telling = (labels < 10) | (labels >= 10 + len(MARKS))
    return Batch(
        x=torch.from_numpy(x),
        ink=torch.from_numpy(np.stack([[crop.digits, crop.marks] for crop in crops])).float() / 255,
        valid=inside * (1 - F.interpolate(unsure, scale_factor=2.0)[:, 0]),
        owned=torch.from_numpy(np.stack([crop.owner > 0 for crop in crops]))[:, None].float(),
        offsets=torch.from_numpy(np.stack([_offsets(crop) for crop in crops])),
        heat=torch.from_numpy(np.stack([each.heat for each in lessons])).float() / 255,
        sure=1 - F.max_pool2d(unsure, 2),
        small=torch.from_numpy(np.stack([crop.small for crop in crops])).float(),
        places=torch.from_numpy(table[:, :3]),
        sizes=torch.from_numpy(np.log(np.maximum(things[:, 2:4], 2) / UNIT)),
        labels=torch.from_numpy(np.where(turned > 0, -1, labels)),
        turns=torch.from_numpy(np.where(telling, turned, -1)),
    )


def _offsets(crop: Crop) -> NDArray[np.float32]:
    """From each pixel, at half the size, to the centre of the thing whose ink it is."""
    at = np.arange(SIDE // 2, dtype=np.float32) * 2 + 1
    centres = np.concatenate([np.zeros((1, 2), np.float32), crop.things[:, :2]])[crop.owner]
    return np.stack([(centres[..., 0] - at) / OFFSET, (centres[..., 1] - at[:, None]) / OFFSET])


def losses(found: tuple[Tensor, Tensor, Tensor], wanted: Batch) -> dict[str, Tensor]:
    """The parts of the loss by name, each already weighted; their sum is minimised.

    Ink: binary cross-entropy with soft labels, and Dice (Milletari, Navab and Ahmadi, 2016) of the
    digits'. Centres: CenterNet's focal loss. Sizes and offsets: smooth L1.
    """
    ink, offsets, coarse = (each.float() for each in found)
    parts = {}
    weights = torch.tensor([2.0, 0.6]), torch.tensor([1.0, 2.0])  # digits, marks
    entropy = F.binary_cross_entropy_with_logits(ink, wanted.ink, reduction="none")
    entropy = entropy * (1 + weights[1].view(1, 2, 1, 1) * wanted.ink) * wanted.valid[:, None]
    amount = wanted.ink.sum((0, 2, 3)) + 2000
    parts["ink"] = (weights[0] * entropy.sum((0, 2, 3)) / amount).sum()
    guess, truth = torch.sigmoid(ink[:, 0]) * wanted.valid, wanted.ink[:, 0] * wanted.valid
    overlap = 2 * (guess * truth).sum() + 1
    parts["dice"] = 0.5 * (1 - overlap / (guess.square().sum() + truth.square().sum() + 1))
    away = F.smooth_l1_loss(offsets, wanted.offsets, reduction="none", beta=0.1)
    parts["offsets"] = 2 * (away * wanted.owned).sum() / (wanted.owned.sum() + 50)
    parts["centres"] = 1.5 * _focal(coarse[:, :HEATS], wanted)
    known = (wanted.small >= 0) * F.max_pool2d(wanted.valid, 4)
    small = F.binary_cross_entropy_with_logits(
        coarse[:, HEATS], wanted.small.clamp(min=0), reduction="none"
    )
    parts["small"] = (small * known).sum() / known.sum()
    crop, row, column = wanted.places.T
    told = coarse[crop, :, row, column][:, HEATS + 1 :]
    classes, turns = told[:, 2 : 2 + len(LABELS)], told[:, 2 + len(LABELS) :]
    if len(told):
        parts["sizes"] = F.smooth_l1_loss(told[:, :2], wanted.sizes, beta=0.1)
        parts["classes"] = 0.7 * _entropy(classes, wanted.labels)
        parts["turns"] = 0.3 * _entropy(turns, wanted.turns)
    return parts


def _focal(logits: Tensor, wanted: Batch) -> Tensor:
    chance = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    peak = (wanted.heat > 0.999).float() * wanted.sure
    hit = peak * (1 - chance) ** 2 * torch.log(chance)
    away = (1 - wanted.heat) ** 4 * chance**2 * torch.log(1 - chance)
    return -(hit + away * (1 - peak) * wanted.sure).sum() / (peak[:, 0].sum() + 10)


def _entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy over those that have a label, with smoothing."""
    known = labels >= 0
    if not known.any():
        return logits.sum() * 0
    return F.cross_entropy(logits[known], labels[known], label_smoothing=0.02)

"""Crops made up by hand: things that are filled boxes."""

import numpy as np

from pictures.scene import LABELS
from pictures.training.crops import SIDE, Crop

Box = tuple[int, int, int, int]  # left, top, right, bottom
SEVEN, TWO, LETTER = (40, 40, 60, 80), (64, 40, 84, 80), (120, 40, 150, 80)


def crop_of(*things: tuple[Box, str]) -> Crop:
    """Each thing, by its label, where it stands."""
    ink = np.zeros((2, SIDE, SIDE), np.uint8)
    owner = np.zeros((SIDE, SIDE), np.uint16)
    rows = []
    for number, ((left, top, right, bottom), label) in enumerate(things, 1):
        ink[int(not label.isdigit()), top:bottom, left:right] = 255
        owner[top:bottom, left:right] = number
        middle, size = ((left + right) / 2, (top + bottom) / 2), (right - left, bottom - top)
        rows.append((*middle, *size, LABELS.index(label)))
    unsure, alike = np.zeros((2, SIDE // 2, SIDE // 2), bool)
    small = np.zeros((SIDE // 4, SIDE // 4), np.int8)
    return Crop(
        230 - ink.max(0) // 2, (0, 0, SIDE, SIDE), *ink, owner[::2, ::2].copy(), unsure, small,
        np.array(rows, np.float32), 0, "boxes", alike, np.zeros((0, 5), np.float32),
    )  # fmt: skip

"""A picture in colour, or partly transparent -> one plane of grey in which ink stands out most."""

from typing import Any

import numpy as np
from PIL import Image

from tinydigits.arrays import Bytes, Plane

_SAMPLED_SIDE = 256  # rows and columns, about, by which the colours are weighed


def grey(image: Image.Image) -> Bytes:
    """Bytes (height, width) of a picture of mode L, RGB, RGBA, or F in [0, 1]."""
    if image.mode == "F":
        return np.asarray(np.rint(255 * np.asarray(image)), np.uint8)
    if image.mode == "RGBA":
        values = np.asarray(image, np.float32) / np.float32(255)
        opaque = _on_paper(values[..., :3], values[..., 3:])
        image = Image.fromarray(np.rint(255 * opaque).astype(np.uint8))
    return np.asarray(image if image.mode == "L" else _strongest_contrast(image))


def _on_paper(colour: Plane, alpha: Plane) -> Plane:
    """Give what is transparent a colour: paper's where paper shows, else what sets off the ink.

    A picture shows its own paper if most of it is opaque, or a quarter and in more than one tone;
    any other holds ink alone, which gets the paper, black or white, that it contrasts with.
    """
    opaque = alpha[..., 0] > 0.5
    share = opaque.mean()
    if share > 0.5 or (share > 0.25 and np.ptp(np.percentile(colour[opaque], (1, 99))) > 0.25):
        paper: Any = np.median(colour[opaque], axis=0)
    else:
        paper = 1.0 if (colour * alpha).sum() < 1.5 * alpha.sum() else 0.0
    return np.asarray(colour * alpha + paper * (1 - alpha), np.float32)


def _strongest_contrast(image: Image.Image) -> Image.Image:
    """RGB -> grey along the line through colour space on which patches side by side differ most.

    So yellow ink on white and red ink on green are as plain as black on white, and under a soft
    shadow, too, for light changes little from one patch to the next. Single pixels differ most by
    the camera's noise, which is grey, where there is little ink. A picture without colour
    gives its own grey.
    """
    colour = np.asarray(image)
    red, green, blue = (colour[..., i] for i in range(3))
    if (red == green).all() and (green == blue).all():
        return image.getchannel(0)
    step = max(1, max(colour.shape) // _SAMPLED_SIDE)
    patches = _patches(colour[::step, ::step].astype(np.float32))
    across = (patches[:, 3:] - patches[:, :-3]).reshape(-1, 3)
    down = (patches[3:] - patches[:-3]).reshape(-1, 3)
    axis = np.linalg.eigh(across.T @ across + down.T @ down)[1][:, -1]
    axis = axis * (np.sign(axis.sum()) or 1.0) / np.abs(axis).sum()
    # Black and white stay at 0 and 255 when the axis is grey's own; other axes are only scaled.
    return image.convert("L", (*axis, -255 * np.minimum(axis, 0).sum()))


def _patches(colour: Plane) -> Plane:
    """The sum of the 3x3 pixels at each place, of single ones along a short side."""
    if len(colour) >= 9:
        colour = colour[2:] + colour[1:-1] + colour[:-2]
    if colour.shape[1] >= 9:
        colour = colour[:, 2:] + colour[:, 1:-1] + colour[:, :-2]
    return colour

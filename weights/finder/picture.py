"""What the finder sees, as a picture: crops beside the ink it finds and the centres."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from finder.net import Finder
from pictures.hands import Material
from pictures.training.crops import SIDE, draw_crop
from tinydigits.reader.finder import inputs

_SHOWN = 24
_COLUMNS = 6
_LEAST = 0.3  # of a centre's heat, to be shown
_COLOURS = ((220, 30, 30), (30, 90, 220), (20, 150, 60))  # digits, marks, letters


def draw_seen(net: Finder, handwriting: Path | None, data_dir: Path | None, path: Path) -> None:
    """Draw a sheet of crops by writers that nothing is learned from, as the finder sees them."""
    material = Material.load("development", data_dir, handwriting)
    crops = [draw_crop(material, 10_000_000 + seed) for seed in range(_SHOWN)]
    rows = -(-_SHOWN // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * (SIDE + 4), rows * 2 * (SIDE + 4)), (255, 255, 255))
    for number, crop in enumerate(crops):
        top, left, bottom, right = crop.view
        grey = crop.grey[top:bottom, left:right]
        seen = _seen(net, grey)
        x, y = number % _COLUMNS * (SIDE + 4), number // _COLUMNS * 2 * (SIDE + 4)
        sheet.paste(Image.fromarray(grey), (x, y))
        sheet.paste(seen, (x, y + SIDE + 4))
    sheet.save(path)


def _seen(net: Finder, grey: NDArray[np.uint8]) -> Image.Image:
    """Ink of digits in red, of marks in blue; boxes around what is found."""
    height, width = grey.shape
    x = np.zeros((1, 3, -(-height // 16) * 16, -(-width // 16) * 16), np.float32)
    x[0, :, :height, :width] = inputs(grey)
    net.eval()
    with torch.no_grad():
        ink, _, coarse = net(torch.from_numpy(x))
    digits, marks = torch.sigmoid(ink[0]).numpy()[:, :height, :width]
    colours = 255 - np.stack([marks, np.maximum(digits, marks), digits], -1) * 255
    picture = Image.fromarray(np.uint8(colours))
    draw = ImageDraw.Draw(picture)
    heat = torch.sigmoid(coarse[:, :3])
    peaks = (heat == torch.nn.functional.max_pool2d(heat, 3, 1, 1)) & (heat > _LEAST)
    for kind, row, column in torch.nonzero(peaks[0]).tolist():
        wide, tall = 16 * torch.exp(coarse[0, 4:6, row, column]).numpy()
        middle_x, middle_y = 4 * column + 2, 4 * row + 2
        box = (middle_x - wide, middle_y - tall, middle_x + wide, middle_y + tall)
        draw.rectangle([float(edge) for edge in box], outline=_COLOURS[kind])
    return picture

"""The fifteen corruptions of MNIST-C by their published settings.

Norman Mu and Justin Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019; the
settings are those of the corruptions.py that they published (github.com/google-research/mnist-c),
which drew with scikit-image, OpenCV and ImageMagick as of that year. This draws the same with
NumPy, SciPy and scikit-image, with random numbers of its own.

Images are float32 (N, 28, 28) in [0, 1], ink 1, in and out; like the published files', the
results are rounded to bytes.
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinydigits.arrays import Generator, Images, Plane

Corruption = Callable[[Images, Generator], NDArray[np.floating]]

_CENTRE = 13.5  # of 28 pixels, which the warps keep where it is
_REACH = 2.3  # pixels from its middle to where a line ends
_WIDTH = _LENGTH = 2.0  # of a zigzag


def corrupt(images: Images, name: str) -> Images:
    """Corrupt images (N, 28, 28) in [0, 1] in one of the ways of `CORRUPTIONS`, always alike."""
    rng = np.random.default_rng([0, list(CORRUPTIONS).index(name)])
    found = np.clip(CORRUPTIONS[name](images, rng), 0, 1)
    return (np.rint(found * 255) / 255).astype(np.float32)


def shot_noise(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Few photons: 3 at full ink."""
    return rng.poisson(images * 3) / 3


def impulse_noise(images: Images, rng: Generator) -> NDArray[np.floating]:
    """17 % of the pixels become ink or paper, half and half."""
    hit, salt = rng.random((2, *images.shape)) < np.array([0.17, 0.5])[:, None, None, None]
    return np.where(hit, salt, images)


def glass_blur(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Blurred, each pixel perhaps swapped with one beside it, twice, and blurred again.

    The published code blurs along columns alone, since it takes the rows for colours.
    """
    blurred = np.floor(_blurred(images, (0.7, 0)) * 255)
    every = np.arange(len(images))
    for _ in range(2):
        for row in range(27, 1, -1):
            for column in range(27, 1, -1):
                swapped = every[rng.random(len(images)) < 0.5]
                down, right = rng.integers(-1, 1, (2, len(swapped)))
                here, there = (swapped, row, column), (swapped, row + down, column + right)
                blurred[here], blurred[there] = blurred[there], blurred[here]
    return _blurred(blurred / 255, (0.7, 0))


def motion_blur(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Moved along a line within 45 degrees of the horizontal; ImageMagick's radius 10, sigma 3.

    Each pixel becomes a weighted mean of the 21 that lie from it in one direction, the weights
    falling as half a normal distribution.
    """
    weights = np.exp(-(np.arange(21) ** 2) / (2 * 3**2))
    weights /= weights.sum()
    angles = np.radians(rng.uniform(-45, 45, len(images)))
    padded = np.pad(images, ((0, 0), (21, 21), (21, 21)), mode="edge")
    rows, columns = np.arange(28)[:, None] + 21, np.arange(28) + 21
    every = np.arange(len(images))[:, None, None]
    found = np.zeros(images.shape)
    for step, weight in enumerate(weights):
        right, down = (np.ceil(step * turn(angles) - 0.5).astype(int) for turn in (np.cos, np.sin))
        found += weight * padded[every, rows + down[:, None, None], columns + right[:, None, None]]
    return found


def shear(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Leaning by 0.4 radians to either side, and a little higher."""
    return _warped(images, rng, lambda sign: [[1, -sign * np.sin(0.4)], [0, np.cos(0.4)]])


def scale(images: Images, rng: Generator) -> NDArray[np.floating]:
    """At 0.7 of the size."""
    return _warped(images, rng, lambda sign: [[1 / 0.7, 0], [0, 1 / 0.7]])


def rotate(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Turned by 0.4 radians, 23 degrees, to either side."""
    cosine, sine = np.cos(0.4), np.sin(0.4)
    return _warped(images, rng, lambda sign: [[cosine, -sign * sine], [sign * sine, cosine]])


def brightness(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Brighter by half of the range."""
    return np.asarray(images + 0.5)


def translate(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Moved by 3 pixels along and across, either way."""
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3)))
    down, right = 3 + 3 * rng.choice([-1, 1], (2, len(images), 1, 1))
    rows, columns = np.arange(28)[:, None] + down, np.arange(28) + right
    return np.asarray(padded[np.arange(len(images))[:, None, None], rows, columns])


def stripe(images: Images, rng: Generator) -> NDArray[np.floating]:
    """The left and the right quarter inverted."""
    found = images.copy()
    for columns in (slice(7), slice(21, None)):
        found[:, :, columns] = 1 - found[:, :, columns]
    return found


def fog(images: Images, rng: Generator) -> NDArray[np.floating]:
    """A plasma fractal of strength 3 over the image, whose detail falls by 1.4 a level."""
    strongest = images.max((1, 2), keepdims=True)
    clouds = np.concatenate([_corners(_plasma(rng, 10, 1.4)) for _ in range(0, len(images), 40)])
    clouds = clouds[: len(images)]
    return np.asarray((images + 3 * clouds) * strongest / (strongest + 3))


def spatter(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Splashes of a grey of 63 of 255, opaque."""
    liquid = _blurred(rng.normal(0.65, 0.3, images.shape), (1, 1))
    cover = _blurred((liquid > 0.65).astype(float), (1.5, 1.5))
    cover[cover < 0.8] = 0
    return images * (1 - cover) + 63 / 255 * cover


def canny_edges(images: Images, rng: Generator) -> NDArray[np.floating]:
    """Edges by Canny's method (1986) with scikit-image's settings, ink 1 on 0."""
    from skimage.feature import canny

    return np.stack([canny(image) for image in images]).astype(np.float32)


def dotted_line(images: Images, rng: Generator) -> NDArray[np.floating]:
    """A line from the left edge to the right, every other two columns of it left out."""
    kept = (np.arange(28) // 2) % 2 == 1
    ends = rng.integers(0, 27, (len(images), 2)).tolist()
    lines = np.stack([line(0, left, 27, right) for left, right in ends])
    return np.asarray(np.clip(images + lines * kept, 0, 1), float)


def zigzag(images: Images, rng: Generator) -> NDArray[np.floating]:
    """A zigzag from column 2 to column 25, rising or falling by up to 5 rows."""
    starts, rises = rng.integers(0, 27, len(images)), rng.integers(-5, 5, len(images))
    ways = zip(starts.tolist(), rises.tolist(), strict=True)
    lines = np.stack([_zigzag(row, rise) for row, rise in ways])
    return np.asarray(np.clip(images + lines, 0, 1), float)


CORRUPTIONS: dict[str, Corruption] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "glass blur": glass_blur,
    "motion blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
    "zigzag": zigzag,
    "canny edges": canny_edges,
}


def _blurred(images: NDArray[np.floating], sigmas: tuple[float, float]) -> NDArray[np.float64]:
    """Blurred by a Gaussian, (down, across), in pixels; the edges go on as they are."""
    found: NDArray[np.float64] = ndimage.gaussian_filter(
        np.asarray(images, float), (0, *sigmas), mode="nearest", truncate=4.0
    )
    return found


def _warped(
    images: Images, rng: Generator, matrix: Callable[[int], list[list[float]]]
) -> NDArray[np.floating]:
    """Each image looked up bilinearly through a matrix of (x, y) for +1 or -1, by chance."""
    signs = rng.choice([-1, 1], len(images))
    y, x = np.mgrid[:28, :28] - _CENTRE
    found = np.empty(images.shape)
    for sign in (-1, 1):
        across, down = np.tensordot(np.array(matrix(sign)), np.stack([x, y]), 1) + _CENTRE
        for index in np.flatnonzero(signs == sign):
            ndimage.map_coordinates(images[index], [down, across], found[index], order=1)
    return found


def _corners(clouds: Plane) -> Plane:
    """The 28x28 at each corner, seen from there: MNIST-C takes one, and the others are its like."""
    downs = (clouds, np.roll(clouds[:, ::-1], 1, 1))
    seen = [each for down in downs for each in (down, np.roll(down[:, :, ::-1], 1, 2))]
    return np.concatenate([each[:, :28, :28] for each in seen])


def _plasma(rng: Generator, count: int, decay: float) -> Plane:
    """Clouds (count, 256, 256) in [0, 1] by the diamond-square algorithm, joined at the rim."""
    clouds = np.zeros((count, 256, 256), np.float32)
    step, swing = 256, 100.0
    while step >= 2:
        half = step // 2

        def moved(sums: Plane, swing: float = swing) -> Plane:
            random = rng.random(sums.shape, np.float32)
            return sums / 4 + np.float32(swing**2) * (2 * random - 1)

        corners = clouds[:, ::step, ::step]
        rows = corners + np.roll(corners, -1, 1)
        clouds[:, half::step, half::step] = moved(rows + np.roll(rows, -1, 2))
        middles = clouds[:, half::step, half::step]
        above = middles + np.roll(middles, 1, 1) + corners + np.roll(corners, -1, 2)
        clouds[:, ::step, half::step] = moved(above)
        beside = middles + np.roll(middles, 1, 2) + corners + np.roll(corners, -1, 1)
        clouds[:, half::step, ::step] = moved(beside)
        step, swing = half, swing / decay
    clouds -= clouds.min((1, 2), keepdims=True)
    return np.asarray(clouds / clouds.max((1, 2), keepdims=True))


@cache
def line(left: float, start: float, right: float, end: float) -> NDArray[np.float64]:
    """A soft line from (column, row) to (column, row), cut off above and below its columns."""
    if left == right:
        return np.zeros((28, 28))
    rows, columns = np.arange(28.0)[:, None], np.arange(28.0)
    middle = start + (end - start) / (right - left) * (columns - left)
    away = np.minimum(np.abs(rows - middle), _REACH - 1e-10)
    drawn: NDArray[np.float64] = np.clip(np.log(1 - away / _REACH) + 1, 0, 1)
    drawn[:, : int(max(np.floor(left), 0))] = 0
    drawn[:, int(np.ceil(right)) :] = 0
    return drawn


@cache
def _zigzag(row: int, rise: int) -> NDArray[np.float64]:
    first, last = 2.0, 25.0
    turn = np.arctan(rise / (last - first))
    length = (last - first) / np.cos(turn)
    teeth = int((length - _LENGTH) // (2 * _LENGTH)) + 1
    points = [(0.0, 0.0)]
    points += [((2 * i + 1) * _LENGTH, (-1) ** i * _WIDTH) for i in range(teeth)]
    whole = 2 * _LENGTH * (length // (2 * _LENGTH))
    if length != whole:
        points.append((length, points[-1][1] / (2 * (length - whole))))
    cosine, sine = np.cos(turn), np.sin(turn)
    turned = np.array(points) @ np.array([[cosine, sine], [-sine, cosine]]) + (first, row)
    pieces = [line(*a, *b) for a, b in pairwise(turned)]
    return np.asarray(np.sum(pieces, axis=0))

"""The fifteen corruptions of MNIST-C by their published settings.

Norman Mu and Justin Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019; the
settings are those of the corruptions.py that they published (github.com/google-research/mnist-c),
which drew with scikit-image, OpenCV and ImageMagick as of that year. This draws the same with
NumPy and SciPy, with random numbers of its own.

Images are float32 (N, 28, 28) in [0, 1], ink 1, in and out; like the published files', the
results are rounded to bytes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinydigits.trust.canny import canny
from tinydigits.trust.lines import dotted_line, zigzag

Images = NDArray[np.float32]
Generator = np.random.Generator
Corruption = Callable[[Images, Generator], NDArray[np.floating]]

_CENTRE = 13.5  # of 28 pixels, which the warps keep where it is


def corrupt(images: Images, name: str, seed: int = 0) -> Images:
    """Corrupt images (N, 28, 28) in [0, 1] in one of the ways of `CORRUPTIONS`.

    The same images, name and seed give the same result.
    """
    rng = np.random.default_rng([seed, list(CORRUPTIONS).index(name)])
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
    "canny edges": lambda images, rng: canny(images),
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


def _corners(clouds: NDArray[np.float32]) -> NDArray[np.float32]:
    """The 28x28 at each corner, seen from there: MNIST-C takes one, and the others are its like."""
    downs = (clouds, np.roll(clouds[:, ::-1], 1, 1))
    seen = [each for down in downs for each in (down, np.roll(down[:, :, ::-1], 1, 2))]
    return np.concatenate([each[:, :28, :28] for each in seen])


def _plasma(rng: Generator, count: int, decay: float, side: int = 256) -> NDArray[np.float32]:
    """Clouds (count, side, side) in [0, 1] by the diamond-square algorithm, joined at the rim."""
    clouds = np.zeros((count, side, side), np.float32)
    step, swing = side, 100.0
    while step >= 2:
        half = step // 2

        def moved(sums: NDArray[np.float32], swing: float = swing) -> NDArray[np.float32]:
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

"""Does the same digit read the same in another size, colour, file? Keeps results/metamorphic.json.

    python benchmarks/metamorphic.py [--images N] [--data-dir DIR]

The digits are MNIST's test images from the first on; each look is compared with the plain one.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from common import add_sources, arguments, save
from pictures.judging.hands import enlarged
from pictures.judging.paper import turned, two_colours
from pictures.scene import Generator, between
from reading import here, reader_digest
from tinydigits import Reader
from tinydigits.reader.session import SHIPPED

Tone = float | NDArray[np.float64]


@dataclass(frozen=True)
class Look:
    """How a digit is shown."""

    size: int = 64  # of MNIST's 20 pixels, in pixels
    margin: float = 0.5  # round the digit, in sizes
    paper: Tone = 0.95  # reflectance in [0, 1], one or three
    pen: Tone = 0.1  # the ink's
    gamma: float = 1.0  # every tone in [0, 1] to this power
    degrees: float = 0.0  # turned counterclockwise
    # "" for the picture as it is, or the format it is saved in, with the quality after it
    file: str = ""

    def show(self, image: NDArray[np.uint8]) -> Image.Image | bytes:
        """An MNIST image, uint8 (28, 28), shown so."""
        ink = np.pad(enlarged(image, self.size / 20, 0.5), round(self.margin * self.size))
        ink = turned(ink, self.degrees) if self.degrees else ink
        paper, pen = (np.broadcast_to(tone, 3) for tone in (self.paper, self.pen))
        seen = (paper + (pen - paper) * ink[..., None]) ** self.gamma
        picture = Image.fromarray((255 * np.clip(seen, 0, 1) + 0.5).astype(np.uint8))
        return _saved(picture, *self.file.split()) if self.file else picture


def _saved(picture: Image.Image, kind: str, quality: str = "90") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, quality=int(quality))
    return file.getvalue()


PLAIN = Look()


def looks(rng: Generator) -> dict[str, dict[str, Look]]:
    """By transformation, every look to compare with the plain one; the colours are random."""
    files = ("PNG", "JPEG 95", "JPEG 75", "JPEG 40", "WEBP 80", "TIFF", "BMP", "GIF")
    return {
        "size": {f"{n} pixels": Look(size=n) for n in (16, 28, 128, 256, 512, 1024)},
        "margin": {f"{n} of its size": Look(margin=n) for n in (0, 0.05, 0.2, 1, 2, 3)},
        "margin, light on dark": {
            f"{n} of its size": Look(margin=n, paper=0.1, pen=0.95) for n in (0, 0.2, 3)
        },
        "polarity": {"light on dark": replace(PLAIN, paper=0.1, pen=0.95)},
        "colours": {f"pair {n}": Look(64, 0.5, *two_colours(rng)) for n in range(8)},
        "gamma": {f"{n}": Look(gamma=n) for n in (0.5, 0.7, 1.4, 2)},
        "file": {name: Look(file=name) for name in files},
        "turned": {f"{n} degrees": Look(degrees=n) for n in (-10, -5, 5, 10)},
        "all at once": {f"look {n}": _any(rng) for n in range(8)},
    }


def _any(rng: Generator) -> Look:
    paper, pen = two_colours(rng)
    margin = float(rng.choice([0, 0.1, 0.5, 2]))
    size, gamma = round(between(rng, 16, 600 / (1 + margin))), between(rng, 0.5, 2)
    degrees, file = float(rng.uniform(-10, 10)), str(rng.choice(["PNG", "JPEG 60"]))
    return Look(size, margin, paper, pen, gamma, degrees, file)


def agreement(
    read: Callable[[Image.Image | bytes], str], images: NDArray[np.uint8], rng: Generator
) -> dict[str, dict[str, float]]:
    """By transformation and look, the share of images that read as they do when shown plainly."""
    plain = [read(PLAIN.show(image)) for image in images]

    def same(look: Look) -> float:
        pairs = zip(images, plain, strict=True)
        return float(np.mean([read(look.show(image)) == text for image, text in pairs]))

    return {
        transformation: {name: same(look) for name, look in group.items()}
        for transformation, group in looks(rng).items()
    }


def main() -> None:
    parser = arguments(__doc__)
    add_sources(parser, handwriting=False)
    parser.add_argument("--images", type=int, default=200)
    chosen = parser.parse_args()
    images = here(None, chosen.data_dir).mnist[0][: chosen.images]
    reader = Reader()
    found = agreement(lambda shown: reader.read(shown).text, images, np.random.default_rng(5))
    facts = {"images": len(images), "reader_sha256": reader_digest(SHIPPED)}
    save("metamorphic", facts | {"agreement": found})


if __name__ == "__main__":
    main()

"""What MNIST-C's fifteen corruptions do to a model, by itself and through the reader."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinydigits.arrays import Images, Labels, Plane
from tinydigits.errors import TinydigitsError
from tinydigits.trust.corruptions import CORRUPTIONS, corrupt
from tinydigits.trust.measures import Share, share_of, spread
from tinydigits.trust.reading import Progress, as_picture, read_pictures, silent
from tinydigits.trust.subject import Subject

EXAMPLES = 5  # images of each corruption that are shown


@dataclass(frozen=True)
class Corrupted:
    """What one corruption does."""

    name: str  # of the corruption
    errors: Share  # the images that the network alone reads wrong
    drawn_errors: Share | None  # the same on our own drawings, where the published files were taken
    reader_errors: Share  # pictures that the reader reads as anything but that digit
    # `EXAMPLES` corrupted test images, float32 (28, 28), with what was read
    examples: list[tuple[Plane, str]] = field(repr=False)


@dataclass(frozen=True)
class Robustness:
    """What the corruptions do, worst first for the network alone."""

    source: str  # "drawn here" or the folder with the published files
    clean: tuple[Share, Share]  # the errors without any, and through the reader
    # The mean share of errors over the corruptions, alone and through the reader
    mean: tuple[float, float]
    rows: list[Corrupted]  # a line per corruption


def robustness(
    subject: Subject,
    images: Images,
    labels: Labels,
    read: int,
    published: Path | None,
    on_image: Progress = silent,
) -> Robustness:
    """Corrupt test images in every way and count errors.

    Args:
        subject: the model.
        images: (N, 28, 28) in [0, 1].
        labels: (N,).
        read: how many of the images, evenly spread, go through the reader in each way.
        published: a folder with MNIST-C's own files, used instead of drawing.
        on_image: called with the work done and in all.

    Raises:
        TinydigitsError: the folder lacks a corruption, or its files are not MNIST-C's.
    """
    alone, truths, pictures = [], list[list[int]](), list[Image.Image]()
    for done, name in enumerate(("", *CORRUPTIONS)):
        shown, truth = corrupt(images, name) if name else images, labels
        drawn_errors = None
        if name and published:
            drawn_errors = share_of(subject.alone(shown).argmax(1) != truth)
            shown, truth = read_published(published, name)
        answers = subject.alone(shown).argmax(1)
        errors = share_of(answers != truth)
        alone.append((name, errors, drawn_errors, _examples(shown, truth, answers)))
        few = spread(len(shown), read)
        pictures += [as_picture(image) for image in shown[few]]
        truths.append(truth[few].tolist())
        on_image(done, 2 * len(CORRUPTIONS))
    through = iter(
        read_pictures(subject.reader, pictures, lambda done, n: on_image(n + done, 2 * n))
    )
    clean, *rows = [
        Corrupted(
            name, errors, drawn, share_of([not next(through).is_digit(y) for y in truth]), examples
        )
        for (name, errors, drawn, examples), truth in zip(alone, truths, strict=True)
    ]
    return Robustness(
        source=str(published) if published else "drawn here",
        clean=(clean.errors, clean.reader_errors),
        mean=(
            float(np.mean([row.errors.share for row in rows])),
            float(np.mean([row.reader_errors.share for row in rows])),
        ),
        rows=sorted(rows, key=lambda row: -row.errors.share),
    )


def read_published(folder: Path, name: str) -> tuple[Images, Labels]:
    """MNIST-C's test images (N, 28, 28) in [0, 1] of a corruption, and their labels (N,).

    Raises:
        TinydigitsError: they are not there, or something else.
    """
    place = folder / name.replace(" ", "_")
    try:
        images, labels = (
            np.load(place / f"test_{what}.npy", allow_pickle=False) for what in ("images", "labels")
        )
    except (OSError, ValueError) as error:
        raise TinydigitsError(
            f"{place}: holds no test_images.npy and test_labels.npy that can be read; expected "
            "MNIST-C as it is published, a folder for each corruption"
        ) from error
    if images.dtype != np.uint8 or images.shape != (len(labels), 28, 28, 1) or not len(labels):
        raise TinydigitsError(
            f"{place}: holds {images.dtype} {images.shape} for {len(labels)} labels; expected "
            "bytes (N, 28, 28, 1), as MNIST-C is published"
        )
    return (images[..., 0] / np.float32(255)).astype(np.float32), labels.astype(np.int64)


def _examples(
    images: Images, labels: Labels, answers: NDArray[np.int64]
) -> list[tuple[Plane, str]]:
    """Images of different digits, those read wrong first where there are any."""
    wrong = answers != labels
    order = np.argsort(~wrong, kind="stable")
    kept: dict[int, int] = {}
    for index in order.tolist():
        kept.setdefault(int(labels[index]), index)
        if len(kept) == EXAMPLES:
            break
    return [
        # a copy, or all images of each corruption would be kept
        (images[i].copy(), f"{labels[i]} → {answers[i]}" if wrong[i] else f"{labels[i]}")
        for i in kept.values()
    ]

"""A model and data in, everything that is known of their trustworthiness out."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinydigits.arrays import Labels
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.device import choose_device, device_name
from tinydigits.mnist.runs import versions
from tinydigits.reader.recognise import probabilities
from tinydigits.trust.accuracy import Accuracy, Seeds, accuracy
from tinydigits.trust.calibration import Confidence, confidence
from tinydigits.trust.corruptions import CORRUPTIONS
from tinydigits.trust.fonts import find_fonts
from tinydigits.trust.label_errors import LabelErrors, label_errors
from tinydigits.trust.measures import spread
from tinydigits.trust.not_digits import NotDigits, not_digits, read_set
from tinydigits.trust.other_writers import (
    Handwriting,
    Sweep,
    Writers,
    read_handwriting,
    sweeps,
    writers,
)
from tinydigits.trust.out_of_fold import out_of_fold
from tinydigits.trust.reading import Progress
from tinydigits.trust.real_pictures import RealPictures, read_sets, real_pictures
from tinydigits.trust.robustness import Robustness, read_published, robustness
from tinydigits.trust.saliency import Why, why
from tinydigits.trust.subject import Subject, judged_arrays

FORMAT = "tinydigits trust 1"
_LEAST_IMAGES = 10

OnStep = Callable[[str, int, int], None]  # the part, done, in all


@dataclass(frozen=True)
class Model:
    """What was judged: see `Subject`."""

    name: str
    digest: str
    parameters: int
    temperature: float
    recipe: str
    seed: int
    epochs: int


@dataclass(frozen=True)
class Report:
    """All parts, and what they were made with."""

    format: str  # of `report.json`
    model: Model  # what was judged
    machine: str  # the processor
    versions: dict[str, str]  # of the packages
    seconds: float  # that it took
    accuracy: Accuracy
    confidence: Confidence
    real: RealPictures | None  # None where no real pictures were given
    robustness: Robustness
    writers: Writers
    sweeps: list[Sweep]
    not_digits: NotDigits
    label_errors: LabelErrors | None
    why: Why


@dataclass(frozen=True)
class Options:
    """What a report is to look at besides the test images.

    Attributes:
        seeds: other runs of the same recipe, if there are any.
        test_writers: who wrote each test image, (N,), if that is known.
        real: a folder with sets of real pictures; see `real_pictures`.
        real_sets: a JSON file that says what each of them shows, and where it is from.
        mnist_c: a folder with MNIST-C's published files.
        handwriting: a folder with digits of other people; see `handwriting`.
        fonts: a folder with more fonts to draw letters in.
        others: IDX files of images that are no digits.
        folds: where out-of-fold predictions are kept; None leaves doubtful labels out.
        images: how many test images are corrupted, evenly spread if there are more.
        read: how many of them go through the reader.
        digits: how many digits of each source of handwriting are read.
        each: how many digits are drawn for each value of a sweep.
        letters: how many pictures of each letter are drawn.
    """

    seeds: Seeds | None = None
    test_writers: Labels | None = None
    real: Path | None = None
    real_sets: Path | None = None
    mnist_c: Path | None = None
    handwriting: Path | None = None
    fonts: Path | None = None
    others: tuple[Path, ...] = ()
    folds: Path | None = None
    images: int = 10_000
    read: int = 300
    digits: int = 800
    each: int = 100
    letters: int = 18


QUICK = {"images": 1000, "read": 30, "digits": 150, "each": 20, "letters": 3}


def judge(
    subject: Subject,
    data: Data,
    options: Options | None = None,
    on_step: OnStep = lambda part, done, total: None,
) -> Report:
    """Judge a model on test images.

    Raises:
        TinydigitsError: there are too few images or of one class only, or a file in the options
            is not what it should be.
    """
    options, began = options or Options(), time.perf_counter()
    images, labels = judged_arrays(data)
    _check(data.name, labels)
    if options.mnist_c:
        for name in CORRUPTIONS:
            read_published(options.mnist_c, name)  # what is wrong with a file is said at once
    pictures = read_sets(options.real, options.real_sets) if options.real else []
    hands = read_handwriting(options.handwriting) if options.handwriting else Handwriting([], None)
    fonts, sets = find_fonts(options.fonts), [read_set(path) for path in options.others]

    def part(name: str) -> Progress:
        return lambda done, total: on_step(name, done, total)

    alone = subject.alone(images, part("accuracy"))
    views = subject.views(images, part("certainty"))
    seen = probabilities(views, subject.temperature)
    few = spread(len(images), options.images)
    return Report(
        format=FORMAT,
        model=_model(subject),
        machine=device_name(choose_device("cpu"), 0),
        versions=versions(),
        accuracy=accuracy(alone, seen, labels, data.name, options.seeds, options.test_writers),
        confidence=confidence(alone, views, labels, subject.temperature),
        real=real_pictures(subject.reader, pictures, part("real")) if pictures else None,
        robustness=robustness(
            subject, images[few], labels[few], options.read, options.mnist_c, part("corruptions")
        ),
        writers=writers(subject, hands, options.digits, part("writers")),
        sweeps=sweeps(subject, images, labels, hands.pens, options.each, part("pens")),
        not_digits=not_digits(subject, images, fonts, options.letters, sets, part("no digits")),
        why=why(subject, images, labels, alone),
        label_errors=label_errors(out_of_fold(data, options.folds, on_epoch=part("labels")), data)
        if options.folds
        else None,
        seconds=round(time.perf_counter() - began, 1),
    )


def _check(name: str, labels: Labels) -> None:
    """Refuse test images that nothing could be learned from."""
    if len(labels) < _LEAST_IMAGES:
        raise TinydigitsError(
            f"{name}: has {len(labels)} test images, from which nothing can be told; give at least "
            f"{_LEAST_IMAGES}, better some hundred"
        )
    if len(np.unique(labels)) < 2:
        raise TinydigitsError(
            f"{name}: all test images are of class {labels[0]}; give images of several digits"
        )


def as_plain(value: Any) -> Any:
    """A report, or a part of it, as plain values for JSON; pictures are left out."""
    if is_dataclass(value):
        return {
            each.name: as_plain(getattr(value, each.name)) for each in fields(value) if each.repr
        }
    if isinstance(value, dict):
        return {str(key): as_plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_plain(each) for each in value]
    if isinstance(value, (float, np.floating)):
        return round(float(value), 6) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def _model(subject: Subject) -> Model:
    recipe = subject.recipe
    how = (recipe.name, recipe.seed, recipe.epochs) if recipe else ("", 0, 0)
    return Model(subject.name, subject.digest, subject.parameters, subject.temperature, *how)

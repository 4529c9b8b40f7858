"""How often a model is right on the test images, and how sure that number is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Labels, Probabilities
from tinydigits.mnist.bench import DISPUTED, Line, Summary, summarise, undisputed
from tinydigits.mnist.writers import ByWriter, interval_by_writer
from tinydigits.trust.measures import Share, share_of


@dataclass(frozen=True)
class Confusion:
    """Images of the digit `true` that are read as `read`: how many, of how many errors."""

    true: int
    read: int
    count: int
    errors: int


@dataclass(frozen=True)
class Seeds:
    """Runs of the same recipe with other seeds: their accuracies on the same test images.

    `all` and `undisputed` have Student's 95 % interval for the mean over seeds; `undisputed` is
    None where the data are not MNIST's.
    """

    recipe: str
    all: Summary
    undisputed: Summary | None


@dataclass(frozen=True)
class Accuracy:
    """How a model reads the test images."""

    dataset: str  # the data set's name
    alone: Share  # the images that the network reads rightly, by itself
    views: Share  # the same in the reader's views
    # Alone, without MNIST's fifteen test images of disputed label; None elsewhere
    undisputed: Share | None
    per_class: list[Share]  # alone, of each digit from 0 to 9
    confusion: list[list[int]]  # counts[true][read], alone
    costliest: list[Confusion]  # the three most frequent errors, most frequent first
    wrong: list[int]  # the numbers of the images that it reads wrong, alone
    seeds: Seeds | None = None  # other runs of the same recipe, if there are any
    by_writer: ByWriter | None = None  # the interval of `alone` for other writers, if known


def accuracy(
    alone: Probabilities,
    views: Probabilities,
    labels: Labels,
    dataset: str,
    seeds: Seeds | None = None,
    writers: Labels | None = None,
) -> Accuracy:
    """Score probabilities (N, 10), the network's own and the reader's, on labels (N,).

    `writers` says who wrote each image, (N,).
    """
    read = alone.argmax(1)
    right = read == labels
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, read), 1)
    wrong = np.flatnonzero(~right).tolist()
    return Accuracy(
        dataset=dataset,
        alone=share_of(right),
        views=share_of(views.argmax(1) == labels),
        undisputed=share_of(np.delete(right, DISPUTED)) if dataset == "mnist" else None,
        per_class=[share_of(right[labels == digit]) for digit in range(10)],
        confusion=confusion.tolist(),
        costliest=_costliest(confusion),
        wrong=wrong,
        seeds=seeds,
        by_writer=interval_by_writer([wrong], writers) if writers is not None else None,
    )


def over_seeds(recipe: str, lines: list[Line], dataset: str, images: int) -> Seeds:
    """The runs of a recipe as `bench accuracy` keeps them, one or more."""
    return Seeds(
        recipe,
        summarise([line["accuracy"] for line in lines]),
        summarise([undisputed(line, images) for line in lines]) if dataset == "mnist" else None,
    )


def _costliest(confusion: NDArray[np.int64]) -> list[Confusion]:
    errors = confusion - np.diag(np.diag(confusion))
    order = np.argsort(-errors, axis=None, kind="stable")[:3]
    pairs = [divmod(int(place), 10) for place in order]
    total = int(errors.sum())
    return [
        Confusion(true, read, int(errors[true, read]), total)
        for true, read in pairs
        if errors[true, read]
    ]

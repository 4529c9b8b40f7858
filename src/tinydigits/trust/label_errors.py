"""Labels that look wrong: what models that never saw an image say of its label, by cleanlab.

Confident learning after Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty
in dataset labels", 2021; the fifteen disputed test labels are those of Northcutt, Athalye and
Mueller, "Pervasive label errors in test sets destabilize machine learning benchmarks", 2021.
"""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Labels, Probabilities
from tinydigits.mnist.bench import DISPUTED
from tinydigits.mnist.data import Data
from tinydigits.trust.measures import Share, share_of
from tinydigits.trust.out_of_fold import OutOfFold

SHOWN = 50  # training images
LOOKED_AT = 60  # test images, among which the disputed are counted


@dataclass(frozen=True)
class Doubtful:
    """An image whose label is doubtful."""

    index: int  # its number in the set
    label: int  # as it is given
    likelier: int  # as the models read it
    quality: float  # cleanlab's score of the label, 0 to 1: the probability that models give it


@dataclass(frozen=True)
class LabelErrors:
    """Doubtful labels of the training and the test images."""

    folds: int  # how many models there were
    recipe: str  # by which they were trained
    out_of_fold: Share  # training images that are read as they are labelled by models without them
    issues: int  # how many training labels cleanlab takes for wrong
    train: list[Doubtful]  # the most doubtful training images, `SHOWN` of them, worst first
    test: list[Doubtful]  # the most doubtful test images, `LOOKED_AT` of them
    # Of each of MNIST's disputed test images its place in that order, from 1; empty where the data
    # are not MNIST's
    disputed: dict[int, int]
    disputed_found: int  # how many of them are among the first `LOOKED_AT`


def label_errors(found: OutOfFold, data: Data) -> LabelErrors:
    """Rank the labels of the training and test images by how doubtful they are."""
    from cleanlab.filter import find_label_issues

    labels, test_labels = data.train_labels.numpy(), data.test_labels.numpy()
    issues = find_label_issues(labels, found.train, n_jobs=1)
    train, test = _ranked(found.train, labels), _ranked(found.test, test_labels)
    places = {each.index: place for place, each in enumerate(test, 1)}
    disputed = {index: places[index] for index in DISPUTED} if data.name == "mnist" else {}
    return LabelErrors(
        folds=found.folds,
        recipe=found.recipe,
        out_of_fold=share_of(found.train.argmax(1) == labels),
        issues=int(issues.sum()),
        train=train[:SHOWN],
        test=test[:LOOKED_AT],
        disputed=disputed,
        disputed_found=sum(place <= LOOKED_AT for place in disputed.values()),
    )


def _ranked(probabilities: Probabilities, labels: Labels) -> list[Doubtful]:
    """All images, the most doubtful label first, by cleanlab's self-confidence."""
    from cleanlab.rank import get_label_quality_scores

    read = probabilities.argmax(1)
    quality = get_label_quality_scores(labels, probabilities, method="self_confidence")
    order = np.argsort(quality, kind="stable")
    return [Doubtful(int(i), int(labels[i]), int(read[i]), float(quality[i])) for i in order]

"""Out-of-fold predictions: what models say of training images that they were not trained on.

The training set is cut into folds with equal shares of each class; for each, a model is trained
by `fast` on the others, and predicts it. All of these models predict the test images, too. A
fold's predictions are a file, written when it is finished, so an interruption costs one fold.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Probabilities
from tinydigits.errors import TinydigitsError
from tinydigits.files import atomic_path
from tinydigits.mnist.bench import settings
from tinydigits.mnist.data import Data
from tinydigits.mnist.fit import Training, fit
from tinydigits.mnist.model import predict
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.trust.reading import Progress, silent

RECIPE = preset("fast")


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What models trained without them say of images."""

    # Probabilities (N, 10) of the training images, each by the one model trained without it
    train: Probabilities
    test: Probabilities  # probabilities (M, 10) of the test images, the mean over the models
    folds: int  # how many models there were
    recipe: str  # by which they were trained


def out_of_fold(
    data: Data,
    folder: Path,
    *,
    folds: int = 5,
    recipe: Recipe = RECIPE,
    on_epoch: Progress = silent,
) -> OutOfFold:
    """Predict all training images by models that were not trained on them.

    Args:
        data: the training and test images.
        folder: where each fold's predictions are kept, and found again.
        folds: how many, 2 or more.
        recipe: by which each model is trained; the fold's number is its seed.
        on_epoch: called with the epochs done and the epochs in all.

    Raises:
        TinydigitsError: a class has fewer training images than there are folds.
        OSError: the folder cannot be written.
    """
    from sklearn.model_selection import StratifiedKFold

    labels = data.train_labels.numpy()
    least = int(np.bincount(labels, minlength=10).min())
    if least < folds:
        raise TinydigitsError(
            f"{data.name}: a class has {least} training images, but {folds} folds need at least "
            f"{folds} of each"
        )
    train = np.empty((len(labels), 10), np.float32)
    test = np.zeros((len(data.test_labels), 10), np.float32)
    splits = StratifiedKFold(folds, shuffle=True, random_state=0).split(labels, labels)
    for fold, (others, own) in enumerate(splits):
        path = folder / f"fold-{fold + 1}-of-{folds}-{_digest(data, recipe)}.npz"
        if not path.exists():
            started = fold * recipe.epochs

            def count(training: Training, started: int = started) -> None:
                on_epoch(started + len(training.history), folds * recipe.epochs)

            found = _one_fold(data, others, own, recipe.changed(seed=fold), count)
            with atomic_path(path) as part, part.open("wb") as file:
                np.savez_compressed(file, train=found["train"], test=found["test"])
        with np.load(path) as kept:
            train[own] = kept["train"]
            test += kept["test"] / folds
        on_epoch((fold + 1) * recipe.epochs, folds * recipe.epochs)
    return OutOfFold(train, test, folds, recipe.name)


def _one_fold(
    data: Data,
    others: NDArray[np.int64],
    own: NDArray[np.int64],
    recipe: Recipe,
    count: Callable[[Training], None],
) -> dict[str, Probabilities]:
    part = replace(
        data, train_images=data.train_images[others], train_labels=data.train_labels[others]
    )
    model = fit(recipe, part, on_epoch=count, score_each_epoch=False).model
    device = next(model.parameters()).device
    return {
        name: predict(model, images.to(device)).exp().cpu().numpy()
        for name, images in (("train", data.train_images[own]), ("test", data.test_images))
    }


def _digest(data: Data, recipe: Recipe) -> str:
    """Of what the predictions follow from: the images, the labels, the recipe.

    A setting newer than a fold had its default then, so only the others count.
    """
    defaults = settings(Recipe())
    chosen = {k: v for k, v in settings(recipe).items() if v != defaults[k]}
    digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    for tensor in (data.train_images, data.train_labels, data.test_images):
        digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()[:12]

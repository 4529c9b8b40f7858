"""Out-of-fold predictions and doubtful labels, on the embedded digits with labels made wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.trust.label_errors import LOOKED_AT, SHOWN, label_errors
from tinydigits.trust.out_of_fold import OutOfFold, out_of_fold

Spoiled = tuple[Data, NDArray[np.int64]]  # data, and which training labels are wrong
QUICK = preset("fast").changed(epochs=2, epoch_images=1500, batch_size=64, threads=1)


@pytest.fixture(scope="module")
def spoiled(digits: Data) -> Spoiled:
    """The digits with every twentieth training label moved on by one."""
    wrong = np.arange(7, 400, 20)
    labels = digits.train_labels.clone()
    labels[wrong] = (labels[wrong] + 1) % 10
    return replace(digits, train_labels=labels), wrong


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("folds")


@pytest.fixture(scope="module")
def found(spoiled: Spoiled, kept: Path) -> OutOfFold:
    return out_of_fold(spoiled[0], kept, folds=2, recipe=QUICK)


def test_wrong_labels_are_ranked_first(spoiled: Spoiled, found: OutOfFold) -> None:
    data, wrong = spoiled
    assert np.allclose(found.train.sum(1), 1, atol=1e-5)
    assert np.allclose(found.test.sum(1), 1, atol=1e-5)
    told = label_errors(found, data)
    assert (len(told.train), len(told.test)) == (SHOWN, LOOKED_AT)
    assert np.isin([each.index for each in told.train[:20]], wrong).mean() >= 0.6
    first = told.train[0]
    assert first.label == data.train_labels[first.index] != first.likelier
    assert 10 <= told.issues <= 40
    assert told.disputed == {}


def test_no_model_has_seen_what_it_predicts(spoiled: Spoiled, found: OutOfFold) -> None:
    """A model that had learned the wrong labels would agree with them."""
    data, wrong = spoiled
    agreed = found.train[wrong].argmax(1) == data.train_labels[wrong].numpy()
    assert agreed.mean() < 0.3


def test_a_fold_that_is_kept_is_not_trained_again(
    spoiled: Spoiled, found: OutOfFold, kept: Path
) -> None:
    files = sorted(kept.iterdir())
    assert len(files) == 2
    files[1].unlink()  # as an interruption leaves it
    before, trained = files[0].stat().st_mtime_ns, list[int]()
    again = out_of_fold(
        spoiled[0], kept, folds=2, recipe=QUICK, on_epoch=lambda done, total: trained.append(done)
    )
    assert trained == [2, 3, 4, 4]
    assert files[0].stat().st_mtime_ns == before
    assert np.array_equal(again.train, found.train)
    assert np.array_equal(again.test, found.test)


def test_other_data_or_another_recipe_are_trained_anew(
    digits: Data, found: OutOfFold, kept: Path
) -> None:
    before = len(list(kept.iterdir()))
    few = replace(
        digits, train_images=digits.train_images[:100], train_labels=digits.train_labels[:100]
    )
    recipe: Recipe = QUICK.changed(epochs=1, epoch_images=100)
    out_of_fold(few, kept, folds=2, recipe=recipe)
    assert len(list(kept.iterdir())) == before + 2


def test_a_class_must_be_in_every_fold(digits: Data, tmp_path: Path) -> None:
    few = replace(
        digits, train_images=digits.train_images[:30], train_labels=digits.train_labels[:30]
    )
    with pytest.raises(TinydigitsError, match="folds need at least 5 of each"):
        out_of_fold(few, tmp_path)


def test_the_disputed_labels_are_found_in_their_places(mnist: Data) -> None:
    """Probabilities that doubt two of them, and one that is not disputed."""
    labels = mnist.test_labels.numpy()
    sure = np.eye(10, dtype=np.float32)[labels] * 0.9 + 0.01
    for index, quality in ((9729, 0.001), (5, 0.002), (2130, 0.003)):
        sure[index] = (1 - quality) / 9
        sure[index, labels[index]] = quality
    train = np.eye(10, dtype=np.float32)[mnist.train_labels.numpy()] * 0.9 + 0.01
    found = label_errors(OutOfFold(train, sure, 5, "fast"), mnist)
    assert (found.disputed[9729], found.disputed[2130]) == (1, 3)
    assert found.disputed_found == 2 + sum(
        place <= LOOKED_AT for index, place in found.disputed.items() if index not in (9729, 2130)
    )
    assert len(found.disputed) == 15

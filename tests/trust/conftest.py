"""A model and data to judge."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinydigits.mnist.data import Data, load_data
from tinydigits.reader import many
from tinydigits.trust.report.parts import Options, Report, judge
from tinydigits.trust.subject import Subject, load_subject

ROOT = Path(__file__).parents[2]
BEST = ROOT / "weights" / "best.safetensors"


@pytest.fixture(scope="session")
def subject() -> Subject:
    return load_subject(BEST)


@pytest.fixture(scope="session")
def digits() -> Data:
    """200 embedded digits to judge by, and 400 that nothing was trained on."""
    data = load_data("digits")
    return replace(
        data,
        train_images=data.train_images[:400],
        train_labels=data.train_labels[:400],
        test_images=data.test_images[:200],
        test_labels=data.test_labels[:200],
    )


@pytest.fixture(scope="session")
def images(digits: Data) -> NDArray[np.float32]:
    return (digits.train_images[:, 0].numpy() / 255).astype(np.float32)


@pytest.fixture(scope="session")
def report(subject: Subject, digits: Data) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "WORTH_SECONDS", math.inf)  # the other cores run other tests
        return judge(subject, digits, Options(read=3, each=3, letters=2))

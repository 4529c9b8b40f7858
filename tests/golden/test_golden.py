"""The package, and an implementation written from the specification alone, held to its vectors."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.golden import implementation
from tinydigits.image.normalise import normalise
from tinydigits.reader.recognise import recognise, view_log_probs
from tinydigits.reader.session import Session

FOLDER = Path(__file__).parent
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
Way = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def package() -> Way:
    session = Session()

    def way(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        image = normalise(ink.astype(np.float32))
        log_probs = view_log_probs(session, image[None])[0]
        return image, log_probs, recognise(session, image[None])[0]

    return way


@pytest.fixture(scope="module")
def specification() -> Way:
    def way(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        image = implementation.image_of(ink)
        return (image, *implementation.answer(image))

    return way


@pytest.mark.parametrize("way", ["package", "specification"])
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_vectors(name: str, way: str, request: pytest.FixtureRequest) -> None:
    with Image.open(FOLDER / "ink" / name) as picture:
        ink = np.asarray(picture, float) / 255
    image, log_probs, probabilities = request.getfixturevalue(way)(ink)
    expected = {field: np.array(values) for field, values in EXPECTED[name].items()}
    difference = np.abs(255 * image - expected["image"])
    assert difference.max() <= 2
    assert difference.mean() <= 0.5
    assert np.abs(log_probs - expected["log_probs"]).max() <= 0.02
    assert np.abs(probabilities - expected["probabilities"]).max() <= 0.001


def test_every_ink_has_its_vectors() -> None:
    assert {path.name for path in (FOLDER / "ink").iterdir()} == EXPECTED.keys()

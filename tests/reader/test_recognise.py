"""The look-up against PyTorch's grid_sample."""

import math

import numpy as np
import pytest

from tinydigits.reader.recognise import VIEWS, probabilities, recognise, view
from tinydigits.reader.session import Session


@pytest.mark.parametrize(("size", "turn"), [*VIEWS, (1.0, 0.0), (1.2, 30.0)])
def test_a_view_is_pytorchs(size: float, turn: float, rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    images = rng.random((3, 28, 28), np.float32)
    cosine, sine = math.cos(math.radians(turn)) / size, math.sin(math.radians(turn)) / size
    maps = torch.tensor([[cosine, -sine, 0.0], [sine, cosine, 0.0]]).repeat(3, 1, 1)
    grid = torch.nn.functional.affine_grid(maps, [3, 1, 28, 28], align_corners=False)
    expected = torch.nn.functional.grid_sample(
        torch.from_numpy(images)[:, None], grid, align_corners=False
    )
    assert np.allclose(view(images, size, turn), expected[:, 0].numpy(), atol=1e-5)


def test_the_first_view_is_the_image_itself(rng: np.random.Generator) -> None:
    images = rng.random((2, 28, 28), np.float32)
    assert (view(images, *VIEWS[0]) == images).all()


def test_probabilities_are_the_mean_of_tempered_softmaxes(rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    log_probs = torch.from_numpy(rng.normal(0, 5, (4, 3, 10))).float()
    expected = (log_probs / 1.7).softmax(2).mean(1)
    assert np.allclose(probabilities(log_probs.numpy(), 1.7), expected.numpy(), atol=1e-6)


def test_recognising_is_all_of_it(rng: np.random.Generator) -> None:
    session, images = Session(), rng.random((5, 28, 28), np.float32)
    seen = [session.log_probs(view(images, *each)) for each in VIEWS]
    expected = probabilities(np.stack(seen, 1), session.temperature)
    assert np.allclose(recognise(session, images), expected, atol=1e-6)
    assert recognise(session, images[:0]).shape == (0, 10)

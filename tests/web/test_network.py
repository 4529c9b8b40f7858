"""The page's own arithmetic against ONNX Runtime, and against the golden vectors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.recognise import recognise
from tinydigits.reader.session import Session

GOLDEN = Path(__file__).parents[1] / "golden"

SCORES = """
(images) => images.map((image) => {
  const { network, forward } = globalThis.tinydigits;
  return Array.from(forward(network, image).at(-1).values);
})"""
RECOGNISED = """
(images) => images.map((image) => Array.from(
  globalThis.tinydigits.recognise(globalThis.tinydigits.network, image)))"""
NORMALISED = "(ink) => Array.from(globalThis.tinydigits.normalise(ink)?.image ?? [])"


@pytest.mark.mnist
def test_forward_pass_is_onnx_runtimes(open_page: Any, mnist_test: Any) -> None:
    images = mnist_test[0][::200].astype(np.float32) / 255
    assert len(images) == 50
    page, flat = open_page().page, images.reshape(50, -1).tolist()
    scores = np.array(page.evaluate(SCORES, flat))
    log_probs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    session = Session()
    assert np.abs(log_probs - session.log_probs(images)).max() < 1e-4
    probabilities = np.array(page.evaluate(RECOGNISED, flat))
    assert np.abs(probabilities - recognise(session, images)).max() < 1e-4


def test_ink_becomes_the_golden_images_and_probabilities(open_page: Any) -> None:
    page = open_page().page
    expected = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    for name, wanted in expected.items():
        tones = np.asarray(Image.open(GOLDEN / "ink" / name), np.float32) / 255
        ink = {"height": tones.shape[0], "width": tones.shape[1], "values": tones.ravel().tolist()}
        # What is sent arrives as plain arrays; the page's own ink is Float32Array.
        image = page.evaluate(
            f"(ink) => ({NORMALISED})({{...ink, values: Float32Array.from(ink.values)}})", ink
        )
        image = image or [0] * 784  # null where there is no ink
        difference = np.abs(255 * np.array(image).reshape(28, 28) - wanted["image"])
        assert difference.max() <= 2, name
        assert difference.mean() <= 0.5, name
        (probabilities,) = page.evaluate(RECOGNISED, [image])
        assert np.abs(np.array(probabilities) - wanted["probabilities"]).max() <= 1e-3, name


def test_the_network_is_a_list_of_layers_of_any_length(open_page: Any) -> None:
    """A pooling, a strided convolution with an edge, by hand: the page knows no architecture."""
    run = """() => {
      const { forward } = globalThis.tinydigits;
      const weight = Float32Array.from({ length: 25 }, (_, i) => i);
      const layers = [
        { type: "avg_pool", kernel: 4 },
        { type: "conv2d", in_channels: 1, out_channels: 1, kernel: 5, stride: 3, padding: 2,
          weight, bias: Float32Array.of(0.5) },
        { type: "max_pool", kernel: 3 },
      ];
      const image = Float32Array.from({ length: 784 }, (_, i) => i / 784);
      return forward({ mean: 0, std: 1, layers }, image).map(({ values }) => Array.from(values));
    }"""
    image, pooled, convolved, (largest,) = open_page().page.evaluate(run)
    image = np.array(image).reshape(28, 28)
    means = image.reshape(7, 4, 7, 4).mean((1, 3))
    assert np.allclose(pooled, means.ravel(), atol=1e-6)
    padded = np.pad(means, 2)
    kernel = np.arange(25).reshape(5, 5)
    sums = [
        0.5 + (kernel * padded[y : y + 5, x : x + 5]).sum() for y in (0, 3, 6) for x in (0, 3, 6)
    ]
    assert np.allclose(convolved, sums, atol=1e-3)
    assert largest == pytest.approx(max(sums), abs=1e-3)

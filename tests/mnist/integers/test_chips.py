"""The C file elsewhere: all of MNIST's test images, big-endian, and on emulated microcontrollers.

`make test-all` runs these: they need what .ci/run installs, or take a minute.
"""

from pathlib import Path

import numpy as np
import pytest
from integers_kit import STRICT, Bytes, Compile, answers, needed, onnx_scores, weights

from microcontrollers import BOARDS, Board, read_on
from tinydigits.mnist.data import Data
from tinydigits.mnist.integers.c_file import write_c
from tinydigits.mnist.integers.onnx_file import onnx_model
from tinydigits.mnist.integers.quantise import Integers, quantise, scores

pytestmark = [pytest.mark.slow, pytest.mark.mnist]


@pytest.fixture(scope="module", params=["best", "chip"])
def shipped(mnist: Data, request: pytest.FixtureRequest) -> Integers:
    return quantise(weights(request.param), mnist.train_images[:1000])


@pytest.fixture(scope="module")
def shipped_source(shipped: Integers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shipped") / "digits.c"
    write_c(shipped, path, program=True)
    return path


@pytest.mark.parametrize("kind", ["test images", "random images"])
def test_ten_thousand_images_have_the_same_integers_in_c_numpy_and_onnx(
    kind: str, mnist: Data, shipped: Integers, shipped_source: Path, compiled: Compile
) -> None:
    images = np.asarray(mnist.test_images[:, 0].numpy())
    if kind == "random images":
        images = np.random.default_rng(0).integers(0, 256, images.shape, np.uint8)
    wanted = scores(shipped, images)
    program = compiled(needed("gcc"), *STRICT, "-O2", shipped_source)
    found = answers([program], images)
    assert np.array_equal(found[:, :10], wanted)
    assert np.array_equal(found[:, 10], wanted.argmax(1))
    model = onnx_model(shipped)
    for start in range(0, len(images), 500):
        part = images[start : start + 500].astype(np.float32) / 255
        assert np.array_equal(onnx_scores(model, part), wanted[start : start + 500])


def twenty(mnist: Data) -> Bytes:
    """Ten test images and ten of noise."""
    noise = np.random.default_rng(1).integers(0, 256, (10, 28, 28), np.uint8)
    return np.concatenate([mnist.test_images[:10, 0].numpy(), noise])


def test_big_endian(
    mnist: Data, shipped: Integers, shipped_source: Path, compiled: Compile
) -> None:
    flags = ("-static", "-O2", *STRICT)
    program = compiled(needed("s390x-linux-gnu-gcc"), *flags, shipped_source)
    images = twenty(mnist)
    found = answers([needed("qemu-s390x"), program], images)
    assert np.array_equal(found[:, :10], scores(shipped, images))


@pytest.mark.parametrize("optimise", ["-Os", "-O2"])
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_microcontrollers(
    board: Board, optimise: str, mnist: Data, shipped: Integers, tmp_path: Path
) -> None:
    """Linked without any library, in 8 kB of RAM; the instructions as they were measured."""
    needed(board.compiler[0])
    needed(board.emulator[0])
    source = tmp_path / "digits.c"
    cost, images = write_c(shipped, source), twenty(mnist)
    run = read_on(board, source, images, optimise)
    wanted = scores(shipped, images)
    assert np.array_equal(run.scores, wanted)
    assert run.digits == wanted.argmax(1).tolist()
    assert run.stack < 400  # as digits.h says
    assert 0 < run.code - cost.flash < 1600
    products = shipped.multiply_adds
    assert 2 * products < min(run.instructions) <= max(run.instructions) < 13 * products
    if products < 250_000:  # the sibling for chips
        assert run.code <= 12_000
        assert cost.ram + run.stack <= 4_000

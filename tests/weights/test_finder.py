"""The finder's school: what crops ask of it, its exported file, and training that goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from finder.export import export, layers
from finder.net import Finder
from finder.targets import COARSE, Lesson, batch, lesson, losses
from finder.train import KEPT, STEPS, Training, rate, seeds
from pictures.scene import LABELS
from pictures.training.crops import SIDE, Crop
from tests.weights.made import crop_of
from tinydigits.reader.finder import CLASSES, HEATS, inputs
from tinydigits.reader.finder import Finder as Session


@pytest.fixture
def two() -> Crop:
    return crop_of(((50, 60, 70, 100), "7"), ((116, 92, 124, 100), "."))


def test_centres_sizes_and_labels_are_asked_for_where_things_stand(two: Crop) -> None:
    found = lesson(two)
    assert np.argwhere(found.heat[0] == 255).tolist() == [[20, 15]]
    assert np.argwhere(found.heat[1] == 255).tolist() == [[24, 30]]
    asked = batch([found], np.random.default_rng(0))
    at = (asked.places == torch.tensor([0, 20, 15])).all(1)
    assert asked.labels[at].tolist() == [LABELS.index("7")]
    np.testing.assert_allclose(asked.sizes[at][0], np.log([20 / 32, 40 / 32]), rtol=1e-6)


def test_offsets_point_at_the_centre(two: Crop) -> None:
    offsets = batch([lesson(two)], np.random.default_rng(0)).offsets[0].numpy()
    row, column = 35, 28  # pixel (71, 57) of the crop
    assert offsets[:, row, column] * 16 == pytest.approx([60 - 57, 80 - 71])


def test_right_answers_cost_least(two: Crop) -> None:
    asked = batch([lesson(two)], np.random.default_rng(0))
    coarse = torch.zeros(1, HEATS + 1 + 2 + len(CLASSES) + 4, COARSE, COARSE)
    coarse[:, : HEATS + 1] = -8
    coarse[:, 0, 20, 15] = coarse[:, 1, 24, 30] = 8
    for (crop, row, column), size, label in zip(
        asked.places.tolist(), asked.sizes, asked.labels.tolist(), strict=True
    ):
        coarse[crop, HEATS + 1 : HEATS + 3, row, column] = size
        coarse[crop, HEATS + 3 + label, row, column] = 12
        coarse[crop, HEATS + 3 + len(CLASSES), row, column] = 12
    right = losses((asked.ink * 20 - 10, asked.offsets, coarse), asked)
    wrong = losses((10 - asked.ink * 20, -asked.offsets, -coarse), asked)
    for name in ("ink", "dice", "offsets", "centres", "sizes", "classes", "turns"):
        assert right[name] < 0.2 < wrong[name], name


def test_nothing_is_learned_where_nobody_can_say(two: Crop) -> None:
    unsure = two.unsure.copy()
    unsure[20:60, 20:40] = True  # the 7
    asked = batch([lesson(replace(two, unsure=unsure))], np.random.default_rng(0))
    guess = torch.randn(1, 2, SIDE, SIDE)
    other = guess.clone()
    other[:, :, 45:115, 45:75] += 5
    offsets, coarse = asked.offsets, torch.zeros(1, 31, COARSE, COARSE)
    first, second = (losses((each, offsets, coarse), asked)["ink"] for each in (guess, other))
    assert first == second


def test_contrast_and_brightness_change_little(two: Crop) -> None:
    plain = inputs(two.grey)
    faint = inputs(np.uint8(60 + two.grey / 4))
    assert np.abs(plain - faint).mean() < 0.15
    assert plain[2].min() == 1


def test_the_exported_file_computes_what_the_network_does(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = Finder()
    for each in net.modules():
        if isinstance(each, torch.nn.BatchNorm2d):
            each.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
            each.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    net.eval()
    assert 50_000 <= sum(each.numel() for each in net.parameters()) <= 200_000
    export(net, tmp_path / "finder.onnx")
    assert (tmp_path / "finder.onnx").stat().st_size <= 260_000
    session = Session(tmp_path / "finder.onnx")
    grey = np.random.default_rng(0).integers(0, 256, (90, 75), np.uint8)
    maps = session.maps(grey, 1.0)
    x = np.zeros((1, 3, 96, 80), np.float32)
    x[0, :, :90, :75] = inputs(grey)
    with torch.no_grad():
        ink, offsets, coarse = net(torch.from_numpy(x))
    close = {"atol": 0.02}  # weights of 8 bits
    np.testing.assert_allclose(maps.ink, torch.sigmoid(ink)[0, :, :90, :75], **close)
    np.testing.assert_allclose(maps.offsets / 16, offsets[0, :, :45, :38], **close)
    np.testing.assert_allclose(maps.heat, torch.sigmoid(coarse)[0, :HEATS, :23, :19], **close)
    np.testing.assert_allclose(maps.told, coarse[0, HEATS + 1 :, :23, :19], **close)


def test_every_weight_is_within_half_a_step_of_its_integer() -> None:
    torch.manual_seed(1)
    net = Finder().eval()
    first = layers(net)[0]
    assert first.weight is not None and first.scale is not None
    norm = net.down1[1]
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)  # type: ignore[operator]
    folded = (net.down1[0].weight * gain[:, None, None, None]).detach().numpy()  # type: ignore[operator]
    steps = folded / first.scale[:, None, None, None] - first.weight
    assert np.abs(steps).max() <= 0.5001


def lessons_of_boxes(rng: np.random.Generator) -> list[Lesson]:
    left, top = map(int, rng.integers(40, 200, 2))
    return [lesson(crop_of(((left, top, left + 20, top + 40), "3")))]


def equal(one: Training, other: Training) -> bool:
    pairs: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = [
        (a.numpy(), b.numpy())
        for first, second in ((one.net, other.net), (one.average.module, other.average.module))
        for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    ]
    return all(np.array_equal(a, b) for a, b in pairs)


def test_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    torch.set_num_threads(1)  # more would part sums otherwise each time
    whole, parted = Training(), Training()
    for training in (whole, parted):
        for step in range(2):
            training.learn(lessons_of_boxes(np.random.default_rng(step)))
    parted.save(tmp_path / "checkpoint.safetensors")
    again = Training()
    again.load(tmp_path / "checkpoint.safetensors")
    assert again.step == 2
    for training in (whole, again):
        training.learn(lessons_of_boxes(np.random.default_rng(2)))
    assert equal(whole, again)
    assert not equal(whole, parted)
    assert (tmp_path / "checkpoint.safetensors").stat().st_size < 4_000_000


def test_the_crops_of_a_step_follow_from_its_number() -> None:
    assert seeds(5000) == seeds(5000) != seeds(5001)
    new = seeds(5000)[:4]
    assert new == [20_000, 20_001, 20_002, 20_003]
    assert min(seeds(5000)) >= 20_000 - KEPT


def test_the_learning_rate_rises_stays_and_falls() -> None:
    assert rate(0) < rate(100) < rate(1000) == rate(STEPS // 2)
    assert rate(STEPS - 1) < 0.001 * rate(STEPS // 2)

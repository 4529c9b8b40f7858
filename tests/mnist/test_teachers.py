"""Learning from other networks: the same warped, mixed view for teacher and student."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.fit import epoch_batches, fit, start, steps_per_epoch
from tinydigits.mnist.model import Net, predict
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.mnist.runs import create_run, open_run
from tinydigits.mnist.weights import save_model

RECIPE = preset("fast").changed(
    net="700", epochs=2, epoch_images=1, batch_size=48, device="cpu", threads=1, elastic=0.5
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two networks of different sizes with weights of their own."""
    folder = tmp_path_factory.mktemp("teachers")
    paths = [folder / "one.safetensors", folder / "two.safetensors"]
    for path, net in zip(paths, ("2k", "700"), strict=True):
        torch.manual_seed(len(net))
        save_model(Net(net=net), path)  # type: ignore[arg-type]
    return paths


def taught(files: list[Path], **changes: float) -> Recipe:
    return RECIPE.changed(teacher=", ".join(map(str, files)), **changes)


def test_a_label_is_what_the_teachers_make_of_the_same_view(
    tiny_data: Data, files: list[Path]
) -> None:
    recipe = taught(files, teacher_share=0.75)
    teachers = start(recipe).teachers
    assert [sum(p.numel() for p in net.parameters()) for net in teachers] == sizes("2k", "700")
    found = list(epoch_batches(recipe, tiny_data, 1, teachers))
    plain = list(epoch_batches(RECIPE, tiny_data, 1))
    assert len(found) == len(plain) == steps_per_epoch(recipe, tiny_data)
    for (images, labels), (same_images, classes) in zip(found, plain, strict=True):
        assert torch.equal(images, same_images)
        answers = sum(predict(net, images).exp() for net in teachers) / 2
        expected = 0.75 * answers + 0.25 * F.one_hot(classes, 10)
        torch.testing.assert_close(labels, expected, rtol=1e-4, atol=1e-5)


def sizes(*nets: str) -> list[int]:
    return [sum(p.numel() for p in Net(net=net).parameters()) for net in nets]  # type: ignore[arg-type]


def test_mixed_images_have_mixed_labels(tiny_data: Data) -> None:
    recipe = RECIPE.changed(mix=0.6)
    [(images, labels), *_], [(whole, classes), *_] = (
        list(epoch_batches(each, tiny_data, 1)) for each in (recipe, RECIPE)
    )
    own = labels.gather(1, classes[:, None])[:, 0]
    assert labels.shape == (48, 10)
    torch.testing.assert_close(labels.sum(1), torch.ones(48))
    assert 0.4 <= own.min() < 0.6
    # What is not the image's own is one other image of the batch, by the share of its label.
    for image, shares, label, mine in zip(images, own, labels, range(48), strict=True):
        if label.count_nonzero() == 2:
            other = (image - shares * whole[mine]) / (1 - shares)
            nearest = (whole - other).flatten(1).norm(dim=1).argmin()
            torch.testing.assert_close(whole[nearest], other, rtol=0, atol=1e-3)
            assert label[classes[nearest]] == pytest.approx(float(1 - shares), abs=1e-5)


def test_a_student_comes_to_answer_as_its_teacher(tiny_data: Data, files: list[Path]) -> None:
    """From the teacher alone, whose untrained answers no label would teach."""
    recipe = taught(files[:1], teacher_share=1.0, epochs=8)
    teacher, student = start(recipe).teachers[0], fit(recipe, tiny_data).model
    stranger = fit(RECIPE.changed(epochs=8), tiny_data).model

    def distance(net: Net) -> float:
        theirs = predict(teacher, tiny_data.test_images)
        return F.kl_div(
            predict(net, tiny_data.test_images), theirs, log_target=True, reduction="batchmean"
        ).item()

    assert distance(student) < 0.05 * distance(stranger)


def test_an_interrupted_student_goes_on_as_if_it_had_not_been(
    tiny_data: Data, files: list[Path], tmp_path: Path
) -> None:
    recipe = taught(files, mix=0.5)
    whole = fit(recipe, tiny_data)
    run = create_run(tmp_path / "run", recipe, tiny_data, "digits", start(recipe).model)
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, tiny_data, on_epoch=lambda training: stop(run.save_epoch(training)))
    resumed = fit(recipe, tiny_data, training=open_run(tmp_path / "run").resume(tiny_data))
    for name, value in whole.tensors().items():
        assert torch.equal(value, resumed.tensors()[name]), name


def stop(_: None) -> None:
    raise KeyboardInterrupt


def test_teachers_that_have_changed_are_noticed(
    tiny_data: Data, files: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "teacher.safetensors"
    path.write_bytes(files[0].read_bytes())
    recipe = taught([path])
    create_run(tmp_path / "run", recipe, tiny_data, "digits", start(recipe).model)
    assert (
        len(json.loads((tmp_path / "run" / "recipe.json").read_text(encoding="utf-8"))["teachers"])
        == 1
    )
    path.write_bytes(files[1].read_bytes())
    with pytest.raises(TinydigitsError, match=r"teacher.* other weights than when .* began"):
        open_run(tmp_path / "run").resume(tiny_data)


def test_without_teachers_labels_stay_classes(tiny_data: Data) -> None:
    images, labels = next(iter(epoch_batches(RECIPE.changed(teacher=" , "), tiny_data, 1)))
    assert labels.dtype == torch.int64
    assert isinstance(images, Tensor)
    spread = replace(tiny_data, train_labels=F.one_hot(tiny_data.train_labels, 10).float())
    assert next(iter(epoch_batches(RECIPE.changed(mix=0.5), spread, 1)))[1].shape == (48, 10)

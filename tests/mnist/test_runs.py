import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.lines import json_lines
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.mnist.evaluate import evaluate
from tinydigits.mnist.fit import Training, fit, start
from tinydigits.mnist.model import Net, predict
from tinydigits.mnist.recipe import NetName, preset
from tinydigits.mnist.runs import Run, create_run, next_path, open_run
from tinydigits.mnist.weights import load_model, save_model

RECIPE = preset("fast").changed(epochs=2, epoch_images=1, batch_size=100, device="cpu", threads=1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_data: Data) -> tuple[Run, Training]:
    """A run of two epochs in runs/one, saved as the command saves it."""
    training = start(RECIPE)
    path = tmp_path_factory.mktemp("runs") / "one"
    run = create_run(path, RECIPE, tiny_data, "digits", training.model)
    fit(RECIPE, tiny_data, training=training, on_epoch=run.save_epoch)
    return run, training


@pytest.fixture
def copy(finished: tuple[Run, Training], tmp_path: Path) -> Path:
    """A copy of that folder, to be spoiled."""
    return Path(shutil.copytree(finished[0].path, tmp_path / "copy"))


def test_a_run_opens_as_it_was_saved(finished: tuple[Run, Training], tiny_data: Data) -> None:
    run, training = finished
    assert open_run(run.path) == run
    assert run.epochs_done() == 2
    torch.testing.assert_close(
        predict(run.model(), tiny_data.test_images),
        predict(training.model, tiny_data.test_images),
    )
    lines = json_lines(run.path / "history.jsonl")
    assert [line["epoch"] for line in lines] == [1, 2]
    assert lines == [vars(epoch) for epoch in training.history]


def test_epochs_that_were_not_scored_are_kept_without_numbers_that_json_lacks(
    tmp_path: Path, tiny_data: Data
) -> None:
    training = start(RECIPE)
    run = create_run(tmp_path / "run", RECIPE, tiny_data, "digits", training.model)
    fit(RECIPE, tiny_data, training=training, on_epoch=run.save_epoch, score_each_epoch=False)
    lines = json_lines(run.path / "history.jsonl")
    assert [line.keys() & {"train_loss", "test_loss"} for line in lines] == [{"train_loss"}] * 2
    assert math.isnan(run.resume(tiny_data).history[-1].test_loss)


def test_resuming_repairs_a_history_that_a_kill_left_ahead(copy: Path, tiny_data: Data) -> None:
    with (copy / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"epoch": 3, "train_lo')
    training = open_run(copy).resume(tiny_data)
    assert len(training.history) == 2
    assert len(json_lines(copy / "history.jsonl")) == 2


def test_a_report_says_what_it_was_made_with(copy: Path, finished: tuple[Run, Training]) -> None:
    log_probs = torch.eye(10).log_softmax(1)
    report = evaluate(log_probs, torch.arange(10), "digits")
    open_run(copy).save_report(report, finished[1])
    content = json.loads((copy / "report.json").read_text(encoding="utf-8"))
    assert content["dataset"] == "digits"
    assert content["accuracy"] == 1.0
    assert content["parameters"] == 17_466
    assert content["epochs"] == 2
    assert content["device"].startswith("cpu")
    assert content["seconds"] > 0
    assert content["versions"]["torch"] == torch.__version__
    assert {"loss", "per_class", "confusion", "wrong"} <= content.keys()


def test_next_path_is_the_first_that_is_free(tmp_path: Path) -> None:
    (tmp_path / "fast-1").mkdir()
    assert next_path(tmp_path, "fast") == tmp_path / "fast-2"


def flip_a_weight(path: Path) -> None:
    data = bytearray((path / "model.safetensors").read_bytes())
    data[-100] ^= 0x01
    (path / "model.safetensors").write_bytes(data)


def cut_short(path: Path) -> None:
    data = (path / "model.safetensors").read_bytes()
    (path / "model.safetensors").write_bytes(data[: len(data) // 2])


def replace_by_pickle(path: Path) -> None:
    torch.save(Net().state_dict(), path / "model.safetensors")


def with_tensor(name: str, value: Tensor | None, path: Path) -> None:
    tensors = load_file(path / "model.safetensors")
    if value is None:
        del tensors[name]
    else:
        tensors[name] = value
    save_file(tensors, path / "model.safetensors")


widen = partial(with_tensor, "layers.0.weight", torch.zeros(16, 3, 3, 3))
drop_a_layer = partial(with_tensor, "layers.21.bias", None)
poison = partial(with_tensor, "layers.21.bias", torch.full((10,), torch.nan))


@pytest.mark.parametrize("name", get_args(NetName))
def test_a_file_of_weights_tells_which_sibling_it_is(name: NetName, tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = Net(net=name).eval()
    save_model(net, tmp_path / "net.safetensors")
    found, images = load_model(tmp_path / "net.safetensors"), torch.rand(2, 1, 28, 28)
    assert torch.equal(found(images), net(images))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (flip_a_weight, "has been changed since it was saved"),
        (cut_short, "is damaged or not a safetensors file"),
        (replace_by_pickle, "is damaged or not a safetensors file"),
        (widen, r"another network: layers\.0\.weight is \(16, 3, 3, 3\), but must be \(16, 1, 3,"),
        (drop_a_layer, r"another network: layers\.21\.bias is missing, but must be \(10,\)"),
        (poison, "not finite numbers"),
        (
            lambda path: (path / "model.safetensors").unlink(),
            "does not exist; expected a run folder or a safetensors file",
        ),
    ],
)
def test_spoiled_weights_are_one_sentence(
    copy: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(copy)
    with pytest.raises(TinydigitsError, match=sentence) as caught:
        load_model(copy)
    assert "model.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", '{"recipe": {"epochs": 0}}', '{"recipe": 3}'])
def test_a_folder_that_is_no_run_is_one_sentence(tmp_path: Path, content: str) -> None:
    with pytest.raises(TinydigitsError, match="is not a run folder: it has no recipe"):
        open_run(tmp_path)
    (tmp_path / "recipe.json").write_text(content, encoding="utf-8")
    with pytest.raises(TinydigitsError, match=r"recipe\.json|epochs is 0"):
        open_run(tmp_path)


def test_a_run_from_when_recipes_had_more_settings_opens(tmp_path: Path) -> None:
    content: dict[str, Any] = {"dataset": "mnist", "data": "mnist", "digest": ""}
    content["recipe"] = {"epochs": 3, "first_size": 28}
    (tmp_path / "recipe.json").write_text(json.dumps(content), encoding="utf-8")
    assert open_run(tmp_path).recipe == preset("original").changed(epochs=3)
    content["recipe"] = {"first_size": 20}
    (tmp_path / "recipe.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TinydigitsError, match="is not a run's recipe"):
        open_run(tmp_path)


def test_resuming_wants_the_runs_own_data_and_state(copy: Path, tiny_data: Data) -> None:
    run = open_run(copy)
    with pytest.raises(TinydigitsError, match="was trained on digits, not on mnist"):
        run.resume(replace(tiny_data, name="mnist", train_images=255 - tiny_data.train_images))
    assert len(run.resume(replace(tiny_data, name="renamed")).history) == 2
    (copy / "state.safetensors").write_bytes((copy / "model.safetensors").read_bytes())
    with pytest.raises(TinydigitsError, match="does not fit the run's recipe"):
        run.resume(tiny_data)


def test_a_safetensors_file_from_elsewhere_loads(tmp_path: Path) -> None:
    net = Net().eval()
    save_file(net.state_dict(), tmp_path / "plain.safetensors")
    images = torch.randint(0, 256, (4, 1, 28, 28), dtype=torch.uint8)
    expected = predict(net, images)
    torch.testing.assert_close(
        predict(load_model(tmp_path / "plain.safetensors"), images), expected
    )

"""The search: its space, what a trial may see, and going on after kills."""

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.lines import json_lines
from tinydigits.errors import TinydigitsError
from tinydigits.mnist import bench
from tinydigits.mnist.data import load_data
from tinydigits.mnist.recipe import Recipe, preset
from tinydigits.scale import search
from tinydigits.scale.space import Range, as_flags, as_toml, read_space

SPACE = """
recipe = "fast"
epochs = 2
epoch_images = 1
precision = "float32"
batch_size = [100, 200]
muon_learning_rate = {from = 0.01, to = 0.1, log = true}
"""
TRIALS = 4


def space_file(folder: Path, text: str = SPACE) -> Path:
    path = folder / "space.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_space_fixes_chooses_and_ranges(tmp_path: Path) -> None:
    space = read_space(space_file(tmp_path, SPACE + "warmup = {from = 0, to = 0.5}\n"))
    assert space.varied == {
        "batch_size": [100, 200],
        "muon_learning_rate": Range(0.01, 0.1, True, False),
        "warmup": Range(0, 0.5, False, False),
    }
    assert space.scales() == {
        "batch_size": "choice",
        "muon_learning_rate": "log",
        "warmup": "linear",
    }
    chosen = {"batch_size": 100, "muon_learning_rate": 0.05, "warmup": 0.1}
    wanted = preset("fast").changed(epochs=2, epoch_images=1, precision="float32", **chosen)
    assert bench.settings(space.recipe(chosen)) == bench.settings(wanted)
    assert space.most_epochs() == 2
    drawn = space.recipe({"warmup": 0.123456, "muon_learning_rate": 0.0999996})
    assert (drawn.warmup, drawn.muon_learning_rate) == (0.123, 0.1)
    narrow = replace(space, varied={"momentum": Range(0.5, 0.9999, False, False)})
    assert narrow.recipe({"momentum": 0.99985}).momentum == 0.9999


def test_the_best_settings_are_flags_and_toml_that_mean_them(tmp_path: Path) -> None:
    text = 'recipe = "best"\noptimizer = ["sgd", "muon"]\nschedule = ["linear", "cosine"]\n'
    space = read_space(space_file(tmp_path, text))
    chosen = {"optimizer": "muon", "schedule": "linear"}
    assert as_flags(space, chosen) == "--recipe best --optimizer muon --schedule linear"
    assert as_toml(space, chosen) == 'recipe = "best"\noptimizer = "muon"\nschedule = "linear"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rate = [1, 2]", "a recipe has no 'rate' to search; it has net, epochs, "),
        ('name = ["a"]', "a recipe has no 'name' to search"),
        ("seed = [0, 1]", "a seed is not chosen"),
        ("epochs = []", "epochs has an empty list"),
        ("momentum = {from = 0.9, to = 0.9}", "the range from 0.9 to 0.9 is empty"),
        ("momentum = {from = 0.9, to = 0.1}", "the range from 0.9 to 0.1 is empty"),
        ("momentum = {from = 0.9, to = nan}", "the range from 0.9 to nan is empty"),
        ("momentum = {from = 0.9}", "momentum: a range is {from"),
        ("momentum = {from = 0.9, to = 2}", "momentum is 2.0, but must be from 0 to 0.9999"),
        ("momentum = {from = 0, to = 0.9, log = true}", "starts above 0, not at 0"),
        ('schedule = ["linear", "round"]', "schedule is 'round', but must be one of"),
        ("schedule = {from = 1, to = 2}", "schedule is no number and has no range"),
        ("epochs = 3", "nothing varies"),
        ('recipe = "none"\nepochs = [1, 2]', "there is no recipe 'none'"),
        ("recipe = 3\nepochs = [1, 2]", "recipe is 3; name one of original, quick, fast, best"),
        ("epochs = [1, 2", "is not TOML"),
    ],
)
def test_what_is_no_space_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(TinydigitsError) as stop:
        read_space(space_file(tmp_path, text))
    assert sentence in str(stop.value)
    assert str(stop.value).startswith(str(tmp_path / "space.toml"))


def test_no_trial_can_see_the_test_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_data("digits")
    marked = replace(data, test_images=torch.full_like(data.test_images, 77))
    given: list[dict[str, Any]] = []

    def seen(address: str) -> Any:
        return pytest.MonkeyPatch.context()  # no cluster: what it would be given is looked at

    def looked_at(_: object, values: dict[str, Any], __: object) -> list[bench.Line]:
        given.append(values)
        return []

    monkeypatch.setattr(search, "cluster", seen)
    monkeypatch.setattr(search, "_tune", looked_at)
    wanted = search.Search(read_space(space_file(tmp_path)), TRIALS, tmp_path / "out")
    wanted.run(marked, "local", lambda line: None)
    (values,) = given
    held = len(data.train_labels) // 6
    assert torch.equal(torch.tensor(values["test_images"]), data.train_images[-held:])
    assert torch.equal(torch.tensor(values["train_images"]), data.train_images[:-held])
    assert values["name"] == "digits-validation"
    for value in values.values():
        assert not (hasattr(value, "base") and value.base is not None and (value.base == 77).all())
    other = replace(wanted, trials=TRIALS + 1)
    with pytest.raises(TinydigitsError, match="holds another search"):
        other.run(marked, "local", lambda line: None)


@pytest.mark.slow
def test_a_search_goes_on_after_kills_and_its_lines_are_those_of_bench(
    nodes: Any, tinydigits: Callable[..., Any], wait_for: Callable[..., None], tmp_path: Path
) -> None:
    """The job is killed whole after its first trial, started again, and then loses a worker."""
    out = tmp_path / "out"
    command = ["search", space_file(tmp_path), "--trials", TRIALS, "--out", out]
    command += ["--data", "digits", "--cluster", nodes.address]
    job = tinydigits(*command)

    def done() -> int:
        states = sorted((out / "tune").glob("experiment_state*"))
        return states[-1].read_text(encoding="utf-8").count("TERMINATED") if states else 0

    wait_for(lambda: done() or job.poll() is not None)
    job.send_signal(signal.SIGKILL)
    assert 0 < (before := done()) < TRIALS, job.communicate()
    wait_for(lambda: not nodes.workers("ImplicitFunc"))  # Ray ends what a killed job leaves

    job = tinydigits(*command)
    wait_for(lambda: nodes.kill_worker("ImplicitFunc") or job.poll() is not None)
    output, errors = job.communicate(timeout=400)
    assert job.returncode == 0, errors
    lines = json_lines(out / "trials.jsonl")
    assert output.count("batch_size 1") + output.count("batch_size 2") == TRIALS - before
    assert len({line["trial"] for line in lines}) == len(lines) == TRIALS
    assert f"best of {TRIALS}: {lines[0]['accuracy']:.2%} of digits-validation" in output
    assert (out / "search.png").read_bytes().startswith(b"\x89PNG")
    best = lines[0]
    assert not best["stopped"]
    recipe = Recipe(**best["settings"], threads=1)
    alone, _ = bench.run_seed(recipe, load_data("digits").held_out(1433 // 6))
    timeless = {"seconds": 0, "recipe": "", "trial": "", "stopped": False}
    assert best | timeless == alone | timeless


@pytest.mark.slow
def test_a_trial_that_diverges_is_named_and_the_others_go_on(
    nodes: Any, tinydigits: Callable[..., Any], tmp_path: Path
) -> None:
    space = 'recipe = "original"\nepochs = 1\nepoch_images = 1\nprecision = "float32"\n'
    file = space_file(tmp_path, space + "learning_rate = [0.05, 1000.0]\n")
    command = ["search", file, "--data", "digits", "--cluster", nodes.address]
    output, errors = tinydigits(*command, "--trials", 4, "--out", tmp_path / "out").communicate()
    lines = json_lines(tmp_path / "out/trials.jsonl")
    diverged = [line for line in lines if line["settings"]["learning_rate"] == 1000]
    assert 0 < len(diverged) < len(lines) == 4
    assert lines[-len(diverged) :] == diverged
    assert all(line["stopped"] and "epoch 1" in line["diverged"] for line in diverged)
    assert output.count("diverged in epoch 1  learning_rate 1000.0") == len(diverged), errors
    assert f"{len(diverged)} of 4 trials diverged" in output

    space_file(tmp_path, space + "learning_rate = [999.0, 1000.0]\n")
    job = tinydigits(*command, "--trials", 1, "--out", tmp_path / "none")
    _, errors = job.communicate()
    assert (job.returncode, errors.count("\n")) == (1, 1)
    assert "all 1 trials diverged; of original" in errors

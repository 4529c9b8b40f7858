"""Seeds side by side: the lines of one after the other, whatever is killed."""

import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.lines import json_lines
from tinydigits.errors import TinydigitsError
from tinydigits.mnist import bench
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.recipe import preset
from tinydigits.scale import seeds

RECIPE = preset("fast").changed(
    name="fast-changed", epochs=2, epoch_images=1, batch_size=200, precision="float32", threads=1
)
FLAGS = ("--epochs", 2, "--epoch-images", 1, "--batch-size", 200, "--precision", "float32")
SEEDS = 4


@pytest.fixture(scope="module")
def data() -> Data:
    return load_data("digits")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the weights of one seed after the other."""
    return tmp_path_factory.mktemp("alone")


@pytest.fixture(scope="module")
def alone(data: Data, kept: Path) -> list[bench.Line]:
    """The lines of two seeds, one after the other."""
    return list(bench.run_seeds(RECIPE, data, 2, kept / "lines.jsonl", kept))


def same(lines: list[bench.Line], others: list[bench.Line]) -> bool:
    """Whether they say the same of the same seeds, in any order; seconds differ."""
    timeless = [
        sorted(({**line, "seconds": 0} for line in each), key=lambda line: line["seed"])
        for each in (lines, others)
    ]
    return timeless[0] == timeless[1]


def test_processes_give_the_lines_and_weights_of_one_after_the_other(
    data: Data, alone: list[bench.Line], kept: Path, tmp_path: Path
) -> None:
    path, keep = tmp_path / "lines.jsonl", tmp_path / "weights"
    found = list(bench.run_seeds(RECIPE, data, 2, path, keep, seeds.in_processes(2)))
    assert same(found, alone)
    assert json_lines(path) == found
    assert len(list(keep.iterdir())) == 2
    for path in keep.iterdir():
        one, other = (load_file(folder / path.name) for folder in (keep, kept))
        assert all(torch.equal(one[name], weights) for name, weights in other.items())


@pytest.mark.slow
def test_a_killed_process_costs_its_run_alone(
    data: Data, alone: list[bench.Line], tmp_path: Path
) -> None:
    path = tmp_path / "lines.jsonl"
    running = bench.run_seeds(RECIPE, data, SEEDS, path, run=seeds.in_processes(1))
    first = next(running)
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(TinydigitsError, match="a process that was working has been killed"):
        list(running)
    assert json_lines(path)[:1] == [first]
    rest = list(bench.run_seeds(RECIPE, data, 2, path))
    assert rest[0] == first
    assert same(rest, alone)


def test_threads_are_shared_and_a_recipe_that_says_how_many_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seeds, "CORES", 8)
    free = RECIPE.changed(threads=0)
    assert [seeds.shared(free, workers).threads for workers in (1, 2, 3, 9)] == [8, 4, 2, 1]
    assert seeds.shared(RECIPE.changed(threads=5), 4).threads == 5


def test_a_gpu_is_asked_for_by_recipes_that_want_one() -> None:
    assert seeds.resources(RECIPE) == {"num_cpus": 1, "num_gpus": 0}
    wanting = RECIPE.changed(device="cuda", threads=3)
    assert seeds.resources(wanting) == {"num_cpus": 3, "num_gpus": 1}


@pytest.mark.slow
def test_a_cluster_loses_and_doubles_nothing_when_a_worker_is_killed(
    nodes: Any,
    wait_for: Callable[..., None],
    tinydigits: Callable[..., Any],
    data: Data,
    tmp_path: Path,
) -> None:
    """The job is killed whole after its first line, started again, and then loses a worker."""
    path = tmp_path / "lines.jsonl"
    command = ["bench", "accuracy", *FLAGS, "--data", "digits", "--seeds", SEEDS]
    command += ["--results", path, "--cluster", nodes.address]
    job = tinydigits(*command)
    wait_for(lambda: json_lines(path) or job.poll() is not None)
    job.send_signal(signal.SIGKILL)
    job.communicate()
    before = json_lines(path)
    assert 0 < len(before) < SEEDS

    wait_for(lambda: not nodes.workers("_run_packed"))  # Ray ends what a killed job leaves
    job = tinydigits(*command)
    wait_for(lambda: nodes.kill_worker("_run_packed"))
    output, errors = job.communicate(timeout=200)
    assert job.returncode == 0, errors
    assert json_lines(path)[: len(before)] == before
    alone = bench.run_seeds(RECIPE, data, SEEDS, tmp_path / "alone.jsonl")
    assert same(json_lines(path), list(alone))
    assert f"n = {SEEDS}" in output


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("127.0.0.1:1", "no Ray cluster answers at 127.0.0.1:1; start one"),
        ("somewhere", "'somewhere' is no cluster; give local, auto or HOST:PORT"),
        ("ray://127.0.0.1:1", "is no cluster; give local"),
    ],
)
def test_no_cluster_is_one_sentence(
    address: str, sentence: str, data: Data, tmp_path: Path
) -> None:
    path = tmp_path / "lines.jsonl"
    with pytest.raises(TinydigitsError, match=sentence):
        list(bench.run_seeds(RECIPE, data, 1, path, run=seeds.on_cluster(address)))
    assert not path.exists()

import json
import math
from pathlib import Path

import pytest
import torch
from scipy import stats

from tests.lines import json_lines
from tinydigits.errors import TinydigitsError
from tinydigits.mnist import bench
from tinydigits.mnist.data import Data
from tinydigits.mnist.fit import fit
from tinydigits.mnist.model import test as score
from tinydigits.mnist.recipe import preset

RECIPE = preset("fast").changed(
    epochs=2, epoch_images=1, batch_size=150, device="cpu", precision="float32"
)


def test_a_line_is_one_run_scored_at_its_last_epoch(tiny_data: Data) -> None:
    line, _ = bench.run_seed(RECIPE.changed(seed=3), tiny_data)
    model = fit(RECIPE.changed(seed=3), tiny_data).model
    loss, accuracy = score(model, tiny_data.test_images, tiny_data.test_labels)
    assert line["accuracy"] == accuracy
    assert line["loss"] == pytest.approx(loss)
    assert line["errors"] == len(line["wrong"]) == round(100 * (1 - accuracy))
    assert (line["recipe"], line["seed"], line["dataset"], line["epochs"]) == (
        "fast",
        3,
        "digits",
        2,
    )
    assert line["seconds"] > 0
    assert line["device"].startswith("cpu")
    assert line["versions"]["torch"] == torch.__version__


def test_seeds_run_in_order_once_and_are_kept_at_once(tmp_path: Path, tiny_data: Data) -> None:
    path = tmp_path / "results" / "accuracy.jsonl"
    running = bench.run_seeds(RECIPE, tiny_data, 3, path)
    first = next(running)
    assert json_lines(path) == [first]
    running.close()  # interrupted
    lines = list(bench.run_seeds(RECIPE, tiny_data, 2, path))
    assert lines[0] == first
    assert [line["seed"] for line in lines] == [0, 1]
    content = path.read_text(encoding="utf-8")
    assert list(bench.run_seeds(RECIPE, tiny_data, 2, path)) == lines
    assert path.read_text(encoding="utf-8") == content
    path.write_text(content.replace(first["device"], "another"), encoding="utf-8")
    assert len(bench.read_lines(path, RECIPE, "digits", "another")) == 2
    assert bench.read_lines(path, RECIPE, "digits", first["device"]) == []


def test_disputed_images_are_left_out_of_both_sides() -> None:
    assert len(set(bench.DISPUTED)) == 15
    line = {"wrong": [bench.DISPUTED[0], 0, bench.DISPUTED[14], 1]}
    assert bench.undisputed(line, 10_000) == 1 - 2 / 9985


def test_lines_of_other_settings_data_or_names_are_not_mixed(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.jsonl"

    def write(seed: int, dataset: str, **changes: object) -> None:
        settings = {name: v for name, v in bench.settings(RECIPE).items() if name != "elastic"}
        line = {"seed": seed, "dataset": dataset, "settings": settings | changes}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    write(1, "mnist")
    write(0, "mnist", elastic=0.0)
    write(0, "mnist-validation")
    write(2, "mnist", elastic=0.5)
    write(3, "mnist", a_setting_of_old=1)
    write(4, "mnist", first_size=28, growth=0.0)
    write(5, "mnist", first_size=20, growth=0.0)
    assert [line["seed"] for line in bench.read_lines(path, RECIPE, "mnist")] == [0, 1, 4]
    moved = RECIPE.changed(seed=9, threads=1, name="other")
    assert [line["seed"] for line in bench.read_lines(path, moved, "mnist")] == [0, 1, 4]
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(TinydigitsError, match="line 1: is not a benchmark's line"):
        bench.read_lines(path, RECIPE, "mnist")
    assert bench.read_lines(tmp_path / "none", RECIPE, "mnist") == []


def test_the_summary_agrees_with_scipy() -> None:
    values = [0.9951, 0.9958, 0.9955, 0.9949]
    found = bench.summarise(values)
    assert found.n == 4
    assert found.mean == pytest.approx(0.995325)
    assert found.std == pytest.approx(stats.tstd(values))
    oracle = stats.t.interval(0.95, 3, loc=0.995325, scale=stats.sem(values))
    assert found.interval == pytest.approx(oracle)
    assert (found.low, found.high) == (0.9949, 0.9958)
    assert math.isnan(bench.summarise([0.5]).std)
    with pytest.raises(TinydigitsError, match="no runs to summarise"):
        bench.summarise([])


def test_recipes_are_compared_seed_by_seed() -> None:
    mine = [{"seed": s, "accuracy": a} for s, a in [(0, 0.97), (1, 0.98), (2, 0.96), (7, 0.1)]]
    theirs = [{"seed": s, "accuracy": a} for s, a in [(2, 0.95), (1, 0.96), (0, 0.94)]]
    found = bench.compare(mine, theirs, 10_000)
    assert found.n == 3
    assert found.difference == pytest.approx(0.02)
    oracle = stats.t.interval(0.95, 2, loc=0.02, scale=stats.sem([0.03, 0.02, 0.01]))
    assert found.interval == pytest.approx(oracle)
    assert found.sampling == pytest.approx(math.sqrt(0.97 * 0.03 / 10_000))
    with pytest.raises(TinydigitsError, match="share no seed"):
        bench.compare(mine[3:], theirs, 10_000)

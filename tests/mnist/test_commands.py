"""The commands as a person types them: what they print, write and return."""

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.lines import json_lines
from tinydigits import __version__, cli
from tinydigits.mnist.data import Data
from tinydigits.mnist.fit import Training
from tinydigits.mnist.kernels import compiled
from tinydigits.mnist.recipe import Recipe
from tinydigits.mnist.runs import Run, open_run

Command = Callable[..., tuple[int, str, str]]  # status, output, errors
QUICK = ("--epochs", "2", "--epoch-images", "1", "--batch-size", "400", "--device", "cpu")
QUICK += ("--threads", "1")  # for runs whose weights are compared bit for bit
PICTURES = {"samples.png", "curves.png", "confusion.png", "misclassified.png", "log.png"}


def report_of(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "report.json").read_text(encoding="utf-8")))


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of two quick epochs on the embedded digits."""
    path = tmp_path_factory.mktemp("finished") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sys.argv", ["tinydigits", "train", "--data", "digits", "--out", str(path), *QUICK]
        )
        with pytest.raises(SystemExit) as stop:
            cli.main()
    assert not stop.value.code
    return path


def test_version_and_help(command: Command) -> None:
    assert command("--version")[:2] == (0, f"tinydigits {__version__}\n")
    status, output, _ = command("train", "--help")
    assert status == 0
    for name, _, _ in Recipe.settings():
        flag = "--" + name.replace("_", "-")
        assert (flag in output) == (name != "name"), flag


def test_train_prints_and_keeps_everything(command: Command) -> None:
    status, output, errors = command("train", "--data", "digits", "--recipe", "original", *QUICK)
    assert (status, errors) == (0, "")
    assert "Conv2d: 2-1" in output
    assert "Total params: 17,466" in output
    assert "device   cpu" in output
    assert ("a C compiler would make it faster" in output) == (compiled.library() is None)
    assert "dataset  digits: 1,433 images to train on, 364 to test on" in output
    run = Path("runs/original-changed-1")
    assert {entry.name for entry in run.iterdir()} == PICTURES | {
        "recipe.json", "model.safetensors", "state.safetensors", "history.jsonl", "report.json",
    }  # fmt: skip
    assert [entry.name for entry in Path("runs").iterdir()] == [run.name]  # and no part of one
    history = json_lines(run / "history.jsonl")
    lines = [line for line in output.splitlines() if line.startswith("epoch ")]
    assert len(lines) == len(history) == 2
    for line, epoch in zip(lines, history, strict=True):
        assert f"train loss {epoch['train_loss']:.4f}" in line
        assert f"digits test loss {epoch['test_loss']:.4f}" in line
        assert f"{100 * epoch['test_accuracy']:.2f}%" in line
    report = report_of(run)
    assert report["dataset"] == "digits"
    assert report["accuracy"] == pytest.approx(1 - len(report["wrong"]) / 364)
    assert report["accuracy"] == pytest.approx(history[-1]["test_accuracy"])
    assert f"digits test accuracy {report['accuracy']:.2%}" in output
    assert np.sum(report["confusion"]) == 364
    recipe = open_run(run).recipe
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (2, 400, 0.1)
    assert open_run(run).data == "digits"


def test_test_scores_a_saved_run_again(command: Command, finished: Path) -> None:
    status, output, _ = command("test", finished)
    assert status == 0
    assert f"digits test accuracy {report_of(finished)['accuracy']:.2%}" in output
    assert "after 2 of 2 epochs" in output


@pytest.mark.slow
def test_a_sibling_learns_from_a_run_and_goes_where_any_goes(
    command: Command, finished: Path
) -> None:
    taught = ("train", "--data", "digits", "--net", "700", "--teacher")
    status, output, _ = command(*taught, finished, "--batch-size", "64", *QUICK, "--out", "small")
    assert status == 0
    assert "Total params: 692" in output
    assert report_of(Path("small"))["parameters"] == 692
    assert command("test", "small")[0] == 0
    for name, *flags in (("a.onnx",), ("b.onnx", "--int8"), ("c.json",), ("d.c", "--main")):
        status, output, _ = command("export", "small", "-o", name, "--data", "digits", *flags)
        assert (status, output.startswith(f"wrote {name}")) == (0, True), output
    status, _, errors = command(*taught, "nowhere", *QUICK)
    assert status == 1
    assert errors.splitlines() == [
        "tinydigits: nowhere does not exist; expected a run folder or a safetensors file"
    ]
    assert not Path("runs").exists()


def test_without_mnist_the_embedded_digits_are_used_and_nobody_can_miss_it(
    command: Command, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    status, output, errors = command("train", "--out", nowhere / "run", *QUICK)
    assert status == 0
    assert "\x1b[1;37;41m" in errors  # bold white on red
    plain = " ".join(re.sub(r"\x1b\[[\d;]*m", "", errors).split())
    assert "no number here is an MNIST number" in plain
    assert "digits test accuracy" in output
    assert report_of(nowhere / "run")["dataset"] == "digits"
    assert open_run(nowhere / "run").data == "digits"


def test_interrupting_keeps_the_epochs_done_and_resume_ends_as_if_never_stopped(
    command: Command, finished: Path
) -> None:
    def save_and_interrupt(run: Run, training: Training) -> None:
        save(run, training)
        raise KeyboardInterrupt

    save = Run.save_epoch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "save_epoch", save_and_interrupt)
        status, _, errors = command("train", "--data", "digits", "--out", "stopped", *QUICK)
    assert status == 130
    assert errors.strip() == "interrupted; go on with: tinydigits train --resume stopped"
    assert not Path("stopped/report.json").exists()
    assert "after 1 of 2 epochs" in command("test", "stopped")[1]

    status, output, _ = command("train", "--resume", "stopped")
    assert status == 0
    assert [line[:9] for line in output.splitlines() if line.startswith("epoch")] == [
        "epoch  1/",
        "epoch  2/",
    ]
    one, other = (load_file(path / "model.safetensors") for path in (Path("stopped"), finished))
    assert all(torch.equal(one[name], other[name]) for name in other)
    assert {entry.name for entry in Path("stopped").iterdir()} >= PICTURES


def test_resume_takes_the_runs_own_data_only(
    command: Command, idx_folder: Path, tmp_path: Path
) -> None:
    run = ("train", "--out", "run", "--data", idx_folder, "--epochs", "1", "--epoch-images", "60")
    status, output, _ = command(*run)
    assert status == 0
    assert "own: 30 images to train on, 2 times an epoch, 20 to test on" in output
    status, _, errors = command("train", "--resume", "run", "--data", "digits")
    assert (status, errors) == (1, "tinydigits: run was trained on own, not on digits\n")
    moved = Path(shutil.move(idx_folder, tmp_path / "moved" / "renamed"))
    status, _, errors = command("train", "--resume", "run")
    assert (status, errors) == (
        1,
        f"tinydigits: {idx_folder} no longer exists; say with --data where its images are now\n",
    )
    assert command("train", "--resume", "run", "--data", moved)[0] == 0
    moved = moved.rename(moved.with_name("own"))
    for kind in ("images-idx3", "labels-idx1"):
        shutil.copy(moved / f"t10k-{kind}-ubyte.gz", moved / f"train-{kind}-ubyte.gz")
    status, _, errors = command("train", "--resume", "run", "--data", moved)
    assert status == 1
    assert errors.startswith("tinydigits: run was trained on other images than own has now")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--batch-size", "0"), "batch_size is 0, but must be from 1 to 60000"),
        (("--learning-rate", "nan"), "learning_rate is nan, but must be from"),
        (
            ("--recipe", "slow"),
            "there is no recipe 'slow'; choose one of: original, quick, fast, best",
        ),
        (("--data", "empty"), "empty: holds no data; expected four files named like MNIST's"),
        (("--data", "own"), "own/train-images-idx3-ubyte.gz: "),
        (("--out", "taken"), "taken exists already; give another --out, or go on with --resume"),
        (("--out", "taken/file/run"), "taken/file is a file, where a folder is needed"),
        (("--resume", "empty"), "empty is not a run folder: it has no recipe.json"),
        (("--resume", "empty", "--epochs", "3"), "--resume continues with the run's own recipe"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    command: Command, idx_folder: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("", encoding="utf-8")
    (idx_folder / "train-images-idx3-ubyte.gz").write_text("<!doctype html>", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    data = () if "--data" in arguments or "--resume" in arguments else ("--data", "digits")
    status, _, errors = command("train", *data, *arguments)
    assert status == 1
    assert errors.startswith("tinydigits: ")
    assert sentence in errors
    assert errors.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_training_that_diverges_stops_and_keeps_the_last_good_epoch(command: Command) -> None:
    options = ("--data", "digits", *QUICK, "--recipe", "original", "--learning-rate", "1000")
    status, output, errors = command("train", *options, "--out", "run")
    assert (status, errors.count("\n")) == (1, 1)
    assert re.search(r"epoch 1, of 4 steps: the loss of step [234] is not a finite", errors)
    assert errors.endswith(
        "lower --learning-rate (now 1000); run keeps the network before training\n"
    )
    assert "epoch  1/" not in output
    assert {file.name for file in Path("run").iterdir()} == {"recipe.json", "model.safetensors"}
    status, _, errors = command("bench", "accuracy", *options, "--seeds", "2")
    assert (status, errors.count("original-changed, seed 0: training diverged")) == (1, 1)
    assert not Path("runs/accuracy.jsonl").exists()


def test_a_full_disk_is_one_sentence_and_leaves_a_run_that_goes_on(
    command: Command, idx_folder: Path, small_disk: Callable[[int], Path]
) -> None:
    """Full before the run, between its weights and its state, and at its pictures."""
    for kilobytes, kinds in ((16, "model"), (300, "model|state"), (600, "png")):
        run = small_disk(kilobytes) / "run"
        status, _, errors = command("train", "--data", idx_folder, "--out", run, *QUICK)
        assert status == 1
        assert re.fullmatch(
            rf"tinydigits: {run}/[\w.]*({kinds})[\w.]*: No space left on device\n", errors
        )
        assert run.exists() == (kilobytes > 16)
        assert not list(run.parent.glob("**/.part-*"))
        if run.exists():
            assert command("test", run)[0] == 0
    subprocess.run(["mount", "-o", "remount,size=4m", str(run.parent)], check=True)
    assert command("train", "--resume", run)[0] == 0
    assert (run / "misclassified.png").is_file()


def test_bench_accuracy_summarises_and_compares(command: Command, idx_folder: Path) -> None:
    options = ("--data", idx_folder, "--results", "a.jsonl", "--seeds", "2")
    quick = ("--epochs", "1", "--epoch-images", "1", "--device", "cpu")
    assert command("bench", "accuracy", "--recipe", "original", *options, *quick)[0] == 0
    status, output, _ = command("bench", "accuracy", *options, *quick)
    assert status == 0
    assert "fast-changed seed  1  own accuracy" in output
    assert "fast-changed on own, n = 2: mean" in output
    assert [(line["recipe"], line["seed"]) for line in json_lines(Path("a.jsonl"))] == [
        ("original-changed", 0),
        ("original-changed", 1),
        ("fast-changed", 0),
        ("fast-changed", 1),
    ]
    status, _, errors = command("bench", "accuracy", *options, *quick, "--against", "best")
    assert (status, errors) == (
        1,
        "tinydigits: the two recipes share no seed; run the same seeds of both\n",
    )
    status, _, errors = command("bench", "accuracy", *options, *quick, "--validate")
    assert status == 1
    assert "cannot hold out 10,000 of 30 training images" in errors
    assert not Path("runs").exists()
    status, output, _ = command("bench", "accuracy", "--data", idx_folder, "--seeds", "1", *quick)
    assert status == 0
    assert "n = 1: mean" in output and "nan" not in output
    assert [path.name for path in Path("runs").iterdir()] == ["accuracy.jsonl"]  # unless told


@pytest.mark.mnist
def test_bench_accuracy_gives_an_interval_by_writer(command: Command, mnist: Data) -> None:
    """Of runs that are there already; by writers of forty images each."""
    there = Path(__file__).parents[2] / "benchmarks" / "results" / "accuracy.jsonl"
    rows = np.zeros((10_000, 8), ">i4")
    rows[:, 2] = np.arange(10_000) // 40
    header = np.array([0x0C02, 10_000, 8], ">i4")
    content = gzip.compress(header.tobytes() + rows.tobytes())
    Path("qmnist-test-labels-idx2-int.gz").write_bytes(content)
    shutil.copy(there, "a.jsonl")
    best = ("bench", "accuracy", "--recipe", "best", "--results", "a.jsonl", "--qmnist", ".")
    status, output, _ = command(*best)
    assert status == 0
    found = re.search(r"others than these 250 people .* ([\d.]+)% to ([\d.]+)%", output)
    assert found
    assert 99.5 < float(found[1]) < 99.6 < float(found[2]) < 99.8
    status, _, errors = command(*best, "--validate")
    assert status == 1
    assert errors.splitlines()[-1].endswith("test images, and these are mnist-validation's")


def test_without_a_compiler_training_says_what_would_make_it_faster(
    command: Command, idx_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advice = "a C compiler would make it faster"
    arguments = ("train", "--data", idx_folder, *QUICK, "--epochs", "1", "--out")
    monkeypatch.setattr(compiled, "library", lambda: None)
    status, output, _ = command(*arguments, "plain")
    assert (status, advice in output) == (0, True)

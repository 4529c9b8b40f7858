"""Seconds to an accuracy: what is timed, what is kept, and what the table makes of it."""

import copy
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import seconds
import seconds_tables
from seconds import Arm, measure, read
from tinydigits.mnist.data import Data
from tinydigits.mnist.kernels import compiled

HERE = "cpu (Z, AVX2, 1 thread)"


@pytest.fixture(scope="module")
def data() -> Data:
    """A bar in one of ten places for each class, in noise."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(640) % 10
    images = torch.randint(0, 60, (640, 1, 28, 28), generator=generator, dtype=torch.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[0, 4 + 2 * label : 6 + 2 * label, 5:23] = 255
    return Data("bars", images, labels, images[:100], labels[:100])


class Answers(nn.Module):
    """Answers 0 to everything, and lets a clock run while it does."""

    def forward(self, images: Tensor) -> Tensor:
        time.sleep(1000)
        return torch.eye(10)[torch.zeros(len(images), dtype=torch.int64)].log_softmax(1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleeping takes no time, and both clocks show how long was slept."""
    now = [0.0]
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(time, "process_time", lambda: now[0] / 2)


def slow_way(arm: Arm, seed: int, data: Data) -> Iterator[tuple[int, nn.Module]]:
    time.sleep(500)  # prepares

    def epochs() -> Iterator[tuple[int, nn.Module]]:
        for epoch in range(1, arm.epochs + 1):
            time.sleep(10)
            yield epoch, Answers()

    return epochs()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, clock: None) -> None:
    monkeypatch.setitem(seconds.WAYS, "original", slow_way)


@pytest.mark.usefixtures("slow")
def test_preparing_and_scoring_are_in_no_seconds(data: Data, tmp_path: Path) -> None:
    lines = list(measure({"a": Arm("original", 2)}, data, tmp_path / "lines", seeds=1))
    assert [line["epochs"] for line in lines] == [1, 2]
    assert [line["seconds"] for line in lines] == [10, 20]
    assert [line["processor_seconds"] for line in lines] == [5, 10]
    assert [line["errors"] for line in lines] == [90, 90]


@pytest.mark.usefixtures("slow")
def test_arms_take_turns_and_no_run_is_repeated(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    arms = {
        "a": Arm("original", 1),
        "b": Arm("original", 2, images=100),
        "c": Arm("original", 1, seeds=1, images=50),
        "d": Arm("original", 1),  # a under another name
    }
    first = next(measure(arms, data, path))  # interrupted after a run
    rest = list(measure(arms, data, path, seeds=2))
    ran = [(line["arm"], line["seed"], line["epochs"]) for line in [first, *rest]]
    once = [("a", 0, 1), ("b", 0, 1), ("b", 0, 2), ("c", 0, 1)]
    assert ran == [*once, ("a", 1, 1), ("b", 1, 1), ("b", 1, 2)]
    assert list(map(json.loads, path.read_text(encoding="utf-8").splitlines())) == [first, *rest]
    assert not list(measure(arms, data, path, seeds=2))


@pytest.mark.usefixtures("slow")
def test_an_interrupted_run_keeps_its_epochs_once(data: Data, tmp_path: Path) -> None:
    arms = {"a": Arm("original", 3)}
    next(measure(arms, data, tmp_path / "lines"))
    assert [line["epochs"] for line in measure(arms, data, tmp_path / "lines", seeds=1)] == [2, 3]


@pytest.mark.usefixtures("slow")
def test_other_threads_another_set_or_other_settings_are_other_runs(
    data: Data, tmp_path: Path
) -> None:
    path, arm = tmp_path / "lines", Arm("ours", 1)
    (line,) = measure({"a": Arm("original", 1)}, data, path, seeds=1)
    path.write_text(json.dumps(line | {"settings": arm.settings()}) + "\n", encoding="utf-8")
    assert len(read(path, arm, "bars", line["device"], 0)) == 1
    assert not read(path, arm, "bars", "cpu (Z, AVX2, 2 threads)")
    assert not read(path, arm, "bars", seed=1)
    assert not read(path, arm, "mnist")
    for other in (
        replace(arm, epochs=2),
        replace(arm, images=9),
        replace(arm, base="quick"),
        replace(arm, changes={"rotation": 1}),
        replace(arm, way="theirs"),
    ):
        assert not read(path, other, "bars")


@pytest.mark.parametrize("way", ["published", "theirs", "ours"])
def test_each_way_learns(way: str, data: Data, tmp_path: Path) -> None:
    changes = {"epoch_images": 1, "batch_size": 64} if way == "ours" else {}
    (*_, line) = measure({way: Arm(way, 4, changes=changes)}, data, tmp_path / "lines", seeds=1)
    assert line["errors"] < 50
    assert line["threads"] == 1
    assert "1 thread)" in line["device"]
    assert line["processor_seconds"] > 0


def test_the_original_s_way_has_none_of_our_kernels_and_leaves_them_to_others(data: Data) -> None:
    before = compiled.library
    lengths = seconds.original(Arm("original", 2), 0, seconds.first(data, 64))
    epochs, net = next(lengths)
    after_one = copy.deepcopy(net.state_dict())
    assert epochs == 1
    assert compiled.library() is None
    next(lengths)
    assert not torch.equal(net.state_dict()["layers.0.weight"], after_one["layers.0.weight"])
    lengths.close()
    assert compiled.library is before


def test_their_network_and_rate_are_the_published_ones(data: Data) -> None:
    assert sum(p.numel() for p in seconds.their_network().parameters()) == 215_194
    rates: list[float] = []
    step = torch.optim.Adam.step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            torch.optim.Adam,
            "step",
            lambda self, *a: (rates.append(self.param_groups[0]["lr"]), step(self, *a))[1],
        )
        next(seconds.theirs(Arm("theirs", 4), 0, data))
    assert len(rates) == 4 * 3
    assert rates[0] == pytest.approx(0.01 / 25)
    assert max(rates) > 0.0099
    assert rates[-1] < 1e-6


def test_the_table_takes_the_quickest_length_that_reaches_a_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def line(arm: Arm, seed: int, epochs: int, accuracy: float, taken: float) -> str:
        return json.dumps(
            {
                "seed": seed,
                "dataset": "mnist",
                "epochs": epochs,
                "accuracy": accuracy,
                "seconds": 2 * taken,
                "processor_seconds": taken,
                "device": HERE,
                "settings": arm.settings(),
            }
        )

    arms = {
        "o": Arm("original", 2),
        "t": Arm("theirs", 1),
        "q": Arm("ours", 1, images=9, base="quick"),
    }
    lines = [
        *(
            line(arms["o"], seed, epochs, 0.98 + 0.01 * epochs, 30 * epochs)
            for epochs in (1, 2)
            for seed in range(3)
        ),
        *(line(arms["t"], seed, 1, 0.9932 + 0.0002 * seed, 8 + seed) for seed in range(3)),
        *(line(arms["q"], seed, 1, 0.996, 5.0) for seed in range(2)),
    ]
    (tmp_path / "lines").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(seconds_tables, "LINES", tmp_path / "lines")
    monkeypatch.setattr(seconds_tables, "ARMS", arms)
    head, _, *rows = seconds_tables.levels_table().splitlines()
    assert head.startswith("| Z, AVX2, 1 thread: processor seconds")
    original, theirs, ours = ([cell.strip() for cell in row.split("|")[2:-1]] for row in rows)
    assert original == [
        "**30.0** (1 epoch: 99.00 %, n = 3)",
        *["**60.0** (2 epochs: 100.00 %, n = 3)"] * 2,
    ]
    assert theirs == [
        "**9.0** (1 epoch: 99.34 %, n = 3)",
        *["not in 1 epoch; at best 99.34 %"] * 2,
    ]
    assert ours == ["fewer than 3 seeds yet"] * 3
    whole = seconds_tables.lengths_table()
    assert "| 9.0 | 8.0 to 10.0 | 50 % to 50 % |" in whole
    assert "| ours | 9 images of `quick` | 2 | **99.600 %** | 0.000 % | 5.0 |" in whole

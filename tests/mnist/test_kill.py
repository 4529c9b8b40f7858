"""`kill -9` at random moments: whatever it hits, the run can be tested, resumed and finished."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tinydigits.mnist.data import load_data
from tinydigits.mnist.runs import open_run
from tinydigits.mnist.weights import load_model

KILLS = 10
EPOCHS = 150  # of 30 images each: most moments are moments of saving


def train(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tinydigits", "train", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def epochs_done(run: Path) -> int:
    return open_run(run).epochs_done() if run.exists() else 0


@pytest.mark.slow
def test_ten_kills_never_spoil_a_run(idx_folder: Path, tmp_path: Path) -> None:
    new = ("--data", idx_folder, "--epochs", str(EPOCHS), "--epoch-images", "1", "--threads", "1")
    run = tmp_path / "run"
    chance = random.Random(0)
    for kill in range(KILLS):
        process = train("--resume", run) if run.exists() else train("--out", run, *new)
        assert process.stdout
        for line in process.stdout:  # loading PyTorch is no part of the run
            if line.startswith("device"):
                break
        before = epochs_done(run)
        while kill % 2 and epochs_done(run) == before and process.poll() is None:
            time.sleep(0.01)  # on however slow a machine, some kills come after an epoch
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert run.exists() is (run / "recipe.json").is_file()
        if run.exists():
            load_model(run)
            assert 0 <= open_run(run).epochs_done() < EPOCHS
            open_run(run).resume(load_data(str(idx_folder)))
    assert open_run(run).epochs_done() > 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".part-")] == []

    _, errors = train("--resume", run).communicate()
    assert errors == ""
    whole = train("--out", tmp_path / "whole", *new)
    assert whole.communicate()[1] == ""
    one, other = (load_file(path / "model.safetensors") for path in (run, tmp_path / "whole"))
    assert all(torch.equal(one[name], other[name]) for name in other)
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == EPOCHS
    assert np.all(np.diff([int(line.split()[1].strip(",")) for line in lines]) == 1)

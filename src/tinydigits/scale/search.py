"""A search by Ray Tune over a recipe's settings, judged on held-out training images.

Trials are drawn at random and stopped early by ASHA (Li et al., 2020, "A System for Massively
Parallel Hyperparameter Tuning"). What they are given is `Data.held_out()`: the last training images
are its test set, and the real test images are not in it, so that no trial can look at them.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.basic_variant import BasicVariantGenerator

from tinydigits.errors import TinydigitsError
from tinydigits.files import as_json, atomic_write
from tinydigits.mnist.bench import Line, score, settings
from tinydigits.mnist.data import Data
from tinydigits.mnist.fit import Training, fit, start
from tinydigits.mnist.model import Diverged
from tinydigits.scale.cluster import cluster
from tinydigits.scale.seeds import packed, resources, unpacked
from tinydigits.scale.space import Range, Space

SHARE = 6  # the last sixth of the training images judges: of MNIST 10,000
# No files but its state, kept every second at most; no tables.
_TUNE = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "1",
    "RAY_AIR_NEW_OUTPUT": "0",
}
_NAME = "tune"  # of the folder of Ray Tune's own state

_on_line: Callable[[Line], None] | None = None


@dataclass(frozen=True)
class Search:
    """A search, and where it is kept."""

    space: Space  # what varies
    trials: int  # how many are drawn
    out: Path  # the folder for lines, picture and Ray Tune's state; all nodes must see it

    def run(self, data: Data, address: str, on_line: Callable[[Line], None]) -> list[Line]:
        """Run the trials that `out` lacks -> the lines of all, best first.

        Args:
            data: its test images are left out before anything else is done.
            address: of the cluster, as in `cluster`.
            on_line: called with the line of each trial that ends here.

        Raises:
            TinydigitsError: `out` is another search's; there is no cluster; all trials failed.
            OSError: `out` cannot be written.
        """
        chosen_on = data.held_out(len(data.train_labels) // SHARE)
        del data
        self._begin(chosen_on.name)
        os.environ |= _TUNE
        with cluster(address):
            found = _tune(self, packed(chosen_on), on_line)
        lines = sorted(found, key=lambda line: (line["stopped"], -line["accuracy"], line["trial"]))
        content = "".join(as_json(line) + "\n" for line in lines)
        atomic_write(self.out / "trials.jsonl", content)
        return lines

    def _begin(self, dataset: str) -> None:
        """Make the folder, or see that it is this search's."""
        plan = {"space": repr(self.space), "trials": self.trials, "dataset": dataset}
        path = self.out / "search.json"
        if not path.exists():
            atomic_write(path, as_json(plan, indent=1) + "\n")
            return
        try:
            same = json.loads(path.read_bytes()) == plan
        except ValueError:
            same = False
        if not same:
            raise TinydigitsError(
                f"{self.out} holds another search; go on with its space, trials and data, or name "
                "a new folder"
            )


def values(space: Space, line: Line) -> dict[str, Any]:
    """What a trial's line says of the fields that vary."""
    return {name: line["settings"][name] for name in space.varied}


def _trial(config: dict[str, Any], space: Space, values: dict[str, Any]) -> None:
    """One trial, on a worker: after each epoch its line, so that Tune can stop it.

    A trial that diverges ends with a line that says so, and an accuracy of 0.
    """
    began = time.perf_counter()
    recipe = space.recipe(config | {"threads": space.base.threads or 1})

    def report(training: Training) -> None:
        epoch = len(training.history)
        line = score(training.model, recipe, data, began) | {"epochs": epoch}
        tune.report({"accuracy": line["accuracy"], "epoch": epoch, "line": line})

    data, training = unpacked(values), start(recipe)
    try:
        fit(recipe, data, training=training, on_epoch=report, score_each_epoch=False)
    except Diverged as error:
        epoch = len(training.history) + 1
        line = {"recipe": recipe.name, "seed": recipe.seed, "dataset": data.name, "accuracy": 0.0}
        line |= {"diverged": str(error), "epochs": epoch, "settings": settings(recipe)}
        tune.report({"accuracy": 0.0, "epoch": epoch, "line": line})


class _Listener(tune.Callback):
    """Tells of trials that end; kept with Tune's state, so that it holds nothing itself."""

    def on_trial_complete(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        if _on_line and "line" in trial.last_result:
            _on_line(_line(trial.trial_id, trial.last_result))


def _tune(search: Search, values: dict[str, Any], on_line: Callable[[Line], None]) -> list[Line]:
    global _on_line
    _on_line = on_line
    needed = resources(search.space.base)
    trainable = tune.with_resources(
        tune.with_parameters(_trial, space=search.space, values=values),
        {"cpu": needed["num_cpus"], "gpu": needed["num_gpus"]},
    )
    kept = str(search.out.resolve() / _NAME)
    if tune.Tuner.can_restore(kept):
        tuner = tune.Tuner.restore(kept, trainable, resume_errored=True)
    else:
        epochs = search.space.most_epochs()
        tuner = tune.Tuner(
            trainable,
            param_space={name: _domain(each) for name, each in search.space.varied.items()},
            tune_config=tune.TuneConfig(
                metric="accuracy",
                mode="max",
                num_samples=search.trials,
                search_alg=BasicVariantGenerator(random_state=0),
                scheduler=ASHAScheduler(time_attr="epoch", max_t=epochs, grace_period=1),
            ),
            run_config=tune.RunConfig(
                name=_NAME,
                storage_path=str(search.out.resolve()),
                verbose=0,
                callbacks=[_Listener()],
                failure_config=tune.FailureConfig(max_failures=3),
            ),
        )
    grid = tuner.fit()
    found = [grid[i].metrics or {} for i in range(len(grid))]
    lines = [_line(each["trial_id"], each) for each in found if "line" in each]
    if not lines:
        raise TinydigitsError(f"no trial came to its first epoch; see the errors in {kept}")
    if all("diverged" in line for line in lines):
        raise TinydigitsError(f"all {len(lines)} trials diverged; of {lines[0]['diverged']}")
    return lines


def _line(trial: str, result: dict[str, Any]) -> Line:
    """A trial's line, like those of `bench accuracy`; one that was stopped early is no run."""
    line: Line = result["line"]
    stopped = line["epochs"] < line["settings"]["epochs"] or "diverged" in line
    return {"trial": trial, "stopped": stopped, **line}


def _domain(choices: list[Any] | Range) -> Any:
    if not isinstance(choices, Range):
        return tune.choice(choices)
    low, high = choices.low, choices.high
    if choices.integer:
        draw = tune.lograndint if choices.log else tune.randint
        return draw(int(low), int(high) + 1)
    return tune.loguniform(low, high) if choices.log else tune.uniform(low, high)

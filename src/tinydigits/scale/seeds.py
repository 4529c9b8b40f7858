"""Many runs side by side, by local processes or on Ray; to be given to `mnist.bench.run_seeds`.

What a run computes depends on its recipe, its data, its count of threads and the kind of processor,
not on where it runs or on what runs beside it. The lines are written by one process: the caller's.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import replace
from typing import Any

import torch

from tinydigits.mnist.bench import Line, Runner, run_seed
from tinydigits.mnist.data import TENSORS, Data
from tinydigits.mnist.model import Net
from tinydigits.mnist.recipe import Recipe
from tinydigits.pool import pool_for_now
from tinydigits.scale.cluster import CORES, cluster

_data: Data | None = None


def in_processes(workers: int) -> Runner:
    """Run recipes in this many local processes, which share the cores' threads.

    Raises (when it runs):
        TinydigitsError: a process was killed; the runs that ended before have been given.
    """

    def run(recipes: Sequence[Recipe], data: Data) -> Iterator[tuple[Line, Net]]:
        if not recipes:
            return
        count = min(workers, len(recipes))
        with pool_for_now(count, _hold_data, packed(data)) as pool:
            futures = [pool.submit(_run_held, shared(recipe, workers)) for recipe in recipes]
            for future in as_completed(futures):
                yield _unpacked_run(*future.result())

    return run


def on_cluster(address: str) -> Runner:
    """Run recipes as tasks of a Ray cluster, each on as many CPUs as its recipe has threads, or 1.

    A recipe for the device "cuda" gets a GPU of its own, any other none. Where a worker or a node
    is lost, its runs start again elsewhere.

    Raises (when it runs):
        TinydigitsError: there is no such cluster, or it gave up.
    """

    def run(recipes: Sequence[Recipe], data: Data) -> Iterator[tuple[Line, Net]]:
        if not recipes:
            return
        with cluster(address):
            yield from _ray_runs(recipes, data)

    return run


def shared(recipe: Recipe, workers: int) -> Recipe:
    """The recipe with a worker's share of this machine's threads, unless it says how many."""
    return recipe.changed(threads=recipe.threads or max(1, CORES // workers))


def packed(data: Data) -> dict[str, Any]:
    """Data as plain values and NumPy arrays.

    PyTorch would send tensors through shared memory, of which containers have little, and Ray keeps
    arrays once for all runs of a machine.
    """
    arrays = {name: getattr(data, name).numpy() for name in TENSORS}
    return {"name": data.name, "note": data.note} | arrays


def unpacked(values: dict[str, Any]) -> Data:
    """What `packed` was given; the tensors are copies, since Ray's arrays must not be written."""
    tensors = {name: torch.tensor(values[name]) for name in TENSORS}
    return Data(**(values | tensors))


def resources(recipe: Recipe) -> dict[str, float]:
    """What a run takes of a node."""
    return {"num_cpus": recipe.threads or 1, "num_gpus": 1 if recipe.device == "cuda" else 0}


def _ray_runs(recipes: Sequence[Recipe], data: Data) -> Iterator[tuple[Line, Net]]:
    import ray

    held = ray.put(packed(data))
    task = ray.remote(_run_packed).options(max_retries=10, **resources(recipes[0]))
    waiting = [task.remote(replace(each, threads=each.threads or 1), held) for each in recipes]
    while waiting:
        done, waiting = ray.wait(waiting)
        yield _unpacked_run(*ray.get(done[0]))


def _hold_data(values: dict[str, Any]) -> None:
    global _data
    _data = unpacked(values)


def _run_held(recipe: Recipe) -> tuple[Line, dict[str, Any]]:
    assert _data is not None
    return _packed_run(recipe, _data)


def _run_packed(recipe: Recipe, values: dict[str, Any]) -> tuple[Line, dict[str, Any]]:
    return _packed_run(recipe, unpacked(values))


def _packed_run(recipe: Recipe, data: Data) -> tuple[Line, dict[str, Any]]:
    line, model = run_seed(recipe, data)
    return line, {name: value.cpu().numpy() for name, value in model.state_dict().items()}


def _unpacked_run(line: Line, arrays: dict[str, Any]) -> tuple[Line, Net]:
    model = Net(net=line["settings"]["net"])
    model.load_state_dict({name: torch.tensor(value) for name, value in arrays.items()})
    return line, model

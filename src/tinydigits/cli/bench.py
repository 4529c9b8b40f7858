"""`bench`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinydigits.cli.common import (
    ClusterOption,
    DataDirOption,
    DataOption,
    QmnistOption,
    WorkersOption,
    check_where,
    console,
    load,
    mnist_writers,
)
from tinydigits.cli.recipes import changed_recipe, with_recipe_flags
from tinydigits.mnist.recipe import PRESETS, Recipe, preset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinydigits.mnist.bench import Runner

app = typer.Typer()
bench_app = typer.Typer(no_args_is_help=True, help="Measure accuracy over many seeds.")
app.add_typer(bench_app, name="bench")


@bench_app.command("accuracy")
@with_recipe_flags
def bench_accuracy(
    recipe: Annotated[str, typer.Option(help=f"One of: {', '.join(PRESETS)}.")] = "fast",
    seeds: Annotated[int, typer.Option(help="How many, from 0 on.", min=1)] = 10,
    validate: Annotated[
        bool,
        typer.Option(
            "--validate", help="Make a choice: test on the last 10,000 training images instead."
        ),
    ] = False,
    against: Annotated[
        str | None, typer.Option(help="Compare with this recipe, seed by seed.")
    ] = None,
    data: DataOption = "mnist",
    data_dir: DataDirOption = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Kept in this file; by default runs/accuracy.jsonl, or runs/validation.jsonl."
        ),
    ] = None,
    qmnist: QmnistOption = None,
    keep: Annotated[Path | None, typer.Option(help="Keep each run's weights here.")] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    **changes: Any,
) -> None:
    """Run or resume the seeds of a recipe, and print mean, spread and 95 % interval."""
    settings, other = changed_recipe(recipe, changes), preset(against or recipe)
    check_where(workers, cluster)

    from rich.progress import track

    from tinydigits.mnist import bench

    run = _runner(settings, workers, cluster)
    images = load(data, data_dir)
    images = images.held_out() if validate else images
    writers = mnist_writers(qmnist, images.name) if qmnist else None
    kind = "validation" if validate else "accuracy"
    path = results or Path("runs", f"{kind}.jsonl")
    lines = []
    running = bench.run_seeds(settings, images, seeds, path, keep, run)
    for line in track(running, settings.name, total=seeds, console=console(), transient=True):
        lines.append(line)
        print(f"{settings.name} seed {line['seed']:2}  {images.name} accuracy ", end="")
        print(
            f"{line['accuracy']:.2%}  {line['errors']} wrong  {line['seconds']:.1f} s", flush=True
        )
    _print_summary(settings.name, images.name, lines)
    if writers is not None:
        _print_by_writer(lines, writers)
    if against:
        others = bench.read_lines(path, other, images.name)
        _print_comparison(settings.name, against, lines, others, len(images.test_labels))


def _runner(settings: Recipe, workers: int | None, cluster: str | None) -> "Runner | None":
    """What runs the seeds side by side, or None for one after the other."""
    if cluster:  # where the device is for its nodes to have
        from tinydigits.scale.seeds import on_cluster

        return on_cluster(cluster)
    from tinydigits.mnist.device import choose_device

    choose_device(settings.device)
    if workers:
        from tinydigits.scale.seeds import in_processes

        return in_processes(workers)
    return None


def _print_summary(name: str, dataset: str, lines: list[Any]) -> None:
    from tinydigits.mnist import bench

    found = bench.summarise([line["accuracy"] for line in lines])
    low, high = found.interval
    print(
        f"{name} on {dataset}, n = {found.n}: mean {found.mean:.3%}, "
        f"standard deviation {found.std:.3%}, 95 % interval {low:.3%} to {high:.3%}, "
        f"minimum {found.low:.2%}, maximum {found.high:.2%}"
    )
    if dataset == "mnist":
        without = bench.summarise([bench.undisputed(line, 10_000) for line in lines]).mean
        print(f"without the {len(bench.DISPUTED)} images of disputed label: mean {without:.3%}")


def _print_by_writer(lines: list[Any], writers: "NDArray[Any]") -> None:
    from tinydigits.mnist.writers import interval_by_writer

    found = interval_by_writer([line["wrong"] for line in lines], writers)
    print(
        f"had others than these {found.writers} people written the test images: "
        f"95 % interval of the mean {found.low:.3%} to {found.high:.3%}"
    )


def _print_comparison(
    name: str, other: str, lines: list[Any], others: list[Any], images: int
) -> None:
    from tinydigits.mnist import bench

    found = bench.compare(lines, others, images)
    low, high = found.interval
    print(
        f"{name} minus {other}, {found.n} shared seeds: {found.difference:+.3%}, "
        f"95 % interval {low:+.3%} to {high:+.3%}; "
        f"the choice of test images alone moves one accuracy by {found.sampling:.3%} (1 sd)"
    )

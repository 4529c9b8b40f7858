"""`train` and `test`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinydigits.cli.common import DATA_HELP, DataDirOption, console, load
from tinydigits.cli.recipes import changed_recipe, with_recipe_flags
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.recipe import PRESETS

if TYPE_CHECKING:
    from torch import Tensor

    from tinydigits.mnist.data import Data
    from tinydigits.mnist.evaluate import Report
    from tinydigits.mnist.fit import Epoch, Training
    from tinydigits.mnist.runs import Run

app = typer.Typer()


@app.command()
@with_recipe_flags
def train(
    recipe: Annotated[str, typer.Option(help=f"One of: {', '.join(PRESETS)}.")] = "fast",
    data: Annotated[
        str | None, typer.Option(help=f"{DATA_HELP} By default auto, or the resumed run's own.")
    ] = None,
    data_dir: DataDirOption = None,
    out: Annotated[
        Path | None, typer.Option(help="The new run folder; by default runs/RECIPE-N.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with this interrupted run, by its own recipe.")
    ] = None,
    **changes: Any,
) -> None:
    """Train the network; the run folder keeps weights, numbers and pictures."""
    if resume and (out or any(value is not None for value in changes.values())):
        raise TinydigitsError("--resume goes on by the run's own recipe; give no other settings")
    settings = changed_recipe(recipe, changes)

    from tinydigits.mnist import runs
    from tinydigits.mnist.device import choose_device
    from tinydigits.mnist.fit import start
    from tinydigits.mnist.model import Diverged

    if resume:
        run = runs.open_run(resume)
        choose_device(run.recipe.device)
        if not data and run.data not in ("mnist", "digits") and not Path(run.data).is_dir():
            raise TinydigitsError(f"{run.data} is not there any more; name it with --data")
        images = load(data or run.data, data_dir)
        training = run.resume(images)
    else:
        choose_device(settings.device)
        data = data or "auto"
        images = load(data, data_dir)
        training = start(settings)
        path = out or runs.next_path(Path("runs"), settings.name)
        spec = images.name if data == "auto" else data
        spec = spec if spec in ("mnist", "digits") else str(Path(data).resolve())
        run = runs.create_run(path, settings, images, spec, training.model)
    _print_setup(run, images, training)
    try:
        _fit_with_progress(run, images, training)
    except Diverged as error:
        kept = f"of epoch {done}" if (done := run.epochs_done()) else "before training"
        raise TinydigitsError(f"{error}; {run.path} keeps the network {kept}") from error
    except KeyboardInterrupt:
        print(f"\ninterrupted; go on with: tinydigits train --resume {run.path}", file=sys.stderr)
        raise typer.Exit(130) from None
    report = _report(run, images, training)
    _print_report(report, run, len(training.history))
    saved = ", ".join(sorted(file.name for file in run.path.iterdir()))
    print(f"saved in {run.path}/: {saved}")


@app.command()
def test(
    run: Annotated[Path, typer.Argument(help="A run folder.", metavar="RUN")],
    data: Annotated[str | None, typer.Option(help="Other data than the run's own.")] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Score a saved run again on its test images."""
    from tinydigits.mnist import runs
    from tinydigits.mnist.evaluate import evaluate
    from tinydigits.mnist.model import predict

    saved = runs.open_run(run)
    model, epochs = saved.model(), saved.epochs_done()
    images = load(data or saved.data, data_dir)
    report = evaluate(predict(model, images.test_images), images.test_labels, images.name)
    _print_report(report, saved, epochs)


def _print_setup(run: "Run", data: "Data", training: "Training") -> None:
    from tinydigits.mnist.device import choose_precision, device_name
    from tinydigits.mnist.fit import passes
    from tinydigits.mnist.kernels import compiled

    device = training.network.mean.device
    precision = str(choose_precision(run.recipe.precision, device)).removeprefix("torch.")
    print(training.network.summary())
    print(f"device   {device_name(device, run.recipe.threads)}, layers in {precision}")
    if device.type == "cpu" and compiled.library() is None:
        print("         a C compiler would make it faster, on Linux: apt install gcc, for example")
    often = f", {times} times an epoch" if (times := passes(run.recipe, data)) > 1 else ""
    print(f"dataset  {data.name}: {len(data.train_labels):,} images to train on{often}, ", end="")
    print(f"{len(data.test_labels):,} to test on")
    print(
        f"recipe   {run.recipe.name}, seed {run.recipe.seed}: {run.recipe.epochs} epochs, ", end=""
    )
    print(f"batches of {run.recipe.batch_size}")
    print(f"run      {run.path}\n")
    for epoch in training.history:
        print(_epoch_line(epoch, run))


def _fit_with_progress(run: "Run", data: "Data", training: "Training") -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from tinydigits.mnist.fit import fit, steps_per_epoch

    recipe, steps = run.recipe, steps_per_epoch(run.recipe, data)
    done = len(training.history) * steps
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        bar = progress.add_task("epoch 1", total=recipe.epochs * steps, completed=done)

        def on_step(loss: "Tensor") -> None:
            nonlocal done
            done += 1
            if done % 10 == 0:  # reading the loss makes a GPU wait
                rate = (progress.tasks[bar].speed or 0) * recipe.batch_size
                text = f"epoch {(done - 1) // steps + 1}/{recipe.epochs}  loss {loss.item():.4f}"
                progress.update(bar, completed=done, description=f"{text}  {rate:,.0f} images/s")

        def on_epoch(training: "Training") -> None:
            run.save_epoch(training)
            print_line(_epoch_line(training.history[-1], run))

        def print_line(line: str) -> None:
            progress.console.print(line, highlight=False, soft_wrap=True)

        fit(recipe, data, training=training, on_step=on_step, on_epoch=on_epoch)


def _epoch_line(epoch: "Epoch", run: "Run") -> str:
    return (
        f"epoch {epoch.epoch:2}/{run.recipe.epochs}  "
        f"train loss {epoch.train_loss:.4f} accuracy {epoch.train_accuracy:7.2%}  "
        f"{run.dataset} test loss {epoch.test_loss:.4f} accuracy {epoch.test_accuracy:7.2%}  "
        f"{epoch.seconds:5.1f} s"
    )


def _report(run: "Run", data: "Data", training: "Training") -> "Report":
    """Score the finished model and keep its report and pictures in the run folder."""
    from tinydigits import plots
    from tinydigits.mnist.evaluate import evaluate
    from tinydigits.mnist.model import predict

    log_probs = predict(training.model, data.test_images.to(training.network.mean.device)).cpu()
    report = evaluate(log_probs, data.test_labels, data.name)
    run.save_report(report, training)

    history, wrong = training.history, report.wrong[:50]
    sure, read = log_probs[wrong].exp().max(1)
    lines = [_epoch_line(epoch, run) for epoch in history]
    result = f"{data.name}, recipe {run.recipe.name}, seed {run.recipe.seed}"
    shown = f"{report.errors} of {report.images:,} {data.name} test images read wrong"
    pictures = {
        "samples": plots.samples(
            data.train_images[:50], data.train_labels[:50].tolist(), f"{data.name}: training images"
        ),
        "curves": plots.curves(
            [epoch.train_loss for epoch in history],
            [epoch.test_loss for epoch in history],
            [epoch.train_accuracy for epoch in history],
            [epoch.test_accuracy for epoch in history],
            result,
        ),
        "confusion": plots.confusion(report.confusion, shown),
        "misclassified": plots.misclassified(
            data.test_images[wrong],
            data.test_labels[wrong].tolist(),
            read.tolist(),
            sure.tolist(),
            shown if report.errors <= len(wrong) else f"{shown}, the first {len(wrong)} of them",
        ),
        "log": plots.log_picture(lines, f"$ tinydigits train --recipe {run.recipe.name}"),
    }
    for name, figure in pictures.items():
        plots.save_figure(figure, run.path / f"{name}.png")
    return report


def _print_report(report: "Report", run: "Run", epochs: int) -> None:
    per_class = "  ".join(f"{digit}: {share:.2%}" for digit, share in enumerate(report.per_class))
    print(
        f"\n{report.dataset} test accuracy {report.accuracy:.2%}, loss {report.loss:.4f}: ", end=""
    )
    print(f"{report.errors} of {report.images:,} images wrong ", end="")
    print(f"after {epochs} of {run.recipe.epochs} epochs")
    print(f"by digit  {per_class}")

"""`train`, `test`, `bench accuracy` and `export`."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from tinydigits.cli.common import (
    DATA_HELP,
    ClusterOption,
    DataDirOption,
    DataOption,
    QmnistOption,
    WorkersOption,
    check_where,
    console,
    load,
    mnist_writers,
    number,
    progress,
)
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.recipe import PRESETS, Recipe, Setting, preset

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from tinydigits.mnist.bench import Runner
    from tinydigits.mnist.data import Data
    from tinydigits.mnist.evaluate import Report
    from tinydigits.mnist.fit import Epoch, Training
    from tinydigits.mnist.model import Net
    from tinydigits.mnist.runs import Run

CALIBRATION_IMAGES = 1000  # the first training images: what ranges of integers are set by

app = typer.Typer()
bench_app = typer.Typer(no_args_is_help=True, help="Measure accuracy over many seeds.")
app.add_typer(bench_app, name="bench")


def with_recipe_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one flag per field of Recipe; those used arrive as its **changes."""
    signature = inspect.signature(command)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    flags = [_flag(*setting) for setting in Recipe.settings() if setting[0] != "name"]
    command.__signature__ = signature.replace(parameters=own + flags)  # type: ignore[attr-defined]
    return command


def _flag(name: str, kind: Any, setting: Setting) -> inspect.Parameter:
    choices = get_args(kind)
    text = f"{setting.help} One of: {', '.join(choices)}." if choices else setting.help
    option = typer.Option(help=text, rich_help_panel="The recipe's settings")
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[(str if choices else kind) | None, option],
    )


def changed_recipe(name: str, changes: dict[str, Any]) -> Recipe:
    """The preset with the flags given; another name, unless they only say where it runs."""
    given = {key: value for key, value in changes.items() if value is not None}
    recipe = preset(name).changed(**given)
    only_where = given.keys() <= {"seed", "device", "threads"}
    return recipe if only_where else recipe.changed(name=f"{name}-changed")


@app.command()
@with_recipe_flags
def train(
    recipe: Annotated[str, typer.Option(help=f"One of: {', '.join(PRESETS)}.")] = "fast",
    data: Annotated[
        str | None, typer.Option(help=f"{DATA_HELP} Default: auto, or the data of the resumed run.")
    ] = None,
    data_dir: DataDirOption = None,
    out: Annotated[
        Path | None, typer.Option(help="A new folder for the run; by default runs/RECIPE-N.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Continue this interrupted run with its own recipe.")
    ] = None,
    **changes: Any,
) -> None:
    """Train the network. Weights, numbers and pictures go into a run folder."""
    if resume and (out or any(value is not None for value in changes.values())):
        raise TinydigitsError(
            "--resume continues with the run's own recipe, so it takes no other settings"
        )
    settings = changed_recipe(recipe, changes)

    from tinydigits.mnist import runs
    from tinydigits.mnist.device import choose_device
    from tinydigits.mnist.fit import start
    from tinydigits.mnist.model import Diverged

    if resume:
        run = runs.open_run(resume)
        choose_device(run.recipe.device)
        if not data and run.data not in ("mnist", "digits") and not Path(run.data).is_dir():
            raise TinydigitsError(
                f"{run.data} no longer exists; say with --data where its images are now"
            )
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
    data: Annotated[
        str | None, typer.Option(help="Score on this data instead of the run's own.")
    ] = None,
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
    recipe = run.recipe
    epochs = f"{recipe.epochs} epoch{'s' if recipe.epochs > 1 else ''}"
    print(f"recipe   {recipe.name}, seed {recipe.seed}: {epochs}, batches of {recipe.batch_size}")
    print(f"run      {run.path}\n")
    for epoch in training.history:
        print(_epoch_line(epoch, run))


def _fit_with_progress(run: "Run", data: "Data", training: "Training") -> None:
    from tinydigits.mnist.fit import fit, steps_per_epoch

    recipe, steps = run.recipe, steps_per_epoch(run.recipe, data)
    done = len(training.history) * steps
    with progress(stderr=False) as shown:
        bar = shown.add_task("epoch 1", total=recipe.epochs * steps, completed=done)

        def on_step(loss: "Tensor") -> None:
            nonlocal done
            done += 1
            if done % 10 == 0:  # reading the loss makes a GPU wait
                rate = (shown.tasks[bar].speed or 0) * recipe.batch_size
                text = f"epoch {(done - 1) // steps + 1}/{recipe.epochs}  loss {loss.item():.4f}"
                shown.update(bar, completed=done, description=f"{text}  {rate:,.0f} images/s")

        def on_epoch(training: "Training") -> None:
            run.save_epoch(training)
            line = _epoch_line(training.history[-1], run)
            shown.console.print(line, highlight=False, soft_wrap=True)

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


@bench_app.command("accuracy")
@with_recipe_flags
def bench_accuracy(
    recipe: Annotated[str, typer.Option(help=f"One of: {', '.join(PRESETS)}.")] = "fast",
    seeds: Annotated[int, typer.Option(help="How many seeds, counted from 0.", min=1)] = 10,
    validate: Annotated[
        bool,
        typer.Option(
            "--validate",
            help="Score on the last 10,000 training images, to choose between settings.",
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
            help="The file of results; by default runs/accuracy.jsonl or runs/validation.jsonl."
        ),
    ] = None,
    qmnist: QmnistOption = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the weights of every run in this folder.")
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    **changes: Any,
) -> None:
    """Train a recipe with several seeds; print mean, spread and 95 % interval. Can be resumed."""
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
    spread = (
        f"standard deviation {found.std:.3%}, 95 % interval {low:.3%} to {high:.3%}, "
        f"minimum {found.low:.2%}, maximum {found.high:.2%}"
        if found.n > 1
        else "and no spread, which takes two seeds"
    )
    print(f"{name} on {dataset}, n = {found.n}: mean {found.mean:.3%}, {spread}")
    if dataset == "mnist":
        without = bench.summarise([bench.undisputed(line, 10_000) for line in lines]).mean
        print(f"without the {len(bench.DISPUTED)} images of disputed label: mean {without:.3%}")


def _print_by_writer(lines: list[Any], writers: "NDArray[np.int64]") -> None:
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
    interval = f"95 % interval {low:+.3%} to {high:+.3%}; " if found.n > 1 else ""
    print(
        f"{name} minus {other}, n = {found.n} seeds of both: {found.difference:+.3%}, {interval}"
        f"the choice of test images alone moves one accuracy by {found.sampling:.3%} (1 sd)"
    )


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run folder or a safetensors file.", metavar="RUN")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The file to write: FILE.onnx, FILE.json or FILE.c."),
    ],
    int8: Annotated[
        bool,
        typer.Option(
            "--int8",
            help="Write ONNX with 8-bit integers; gives the same values as FILE.c, bit for bit.",
        ),
    ] = False,
    main: Annotated[
        bool,
        typer.Option(
            "--main", help="Add a main program to FILE.c that reads images of 784 bytes each."
        ),
    ] = False,
    temperature: Annotated[
        float,
        typer.Option(
            min=0.01,
            max=100,
            callback=number,
            help="Divide the logits by this, to calibrate the probabilities.",
        ),
    ] = 1.0,
    data: DataOption = "auto",
    data_dir: DataDirOption = None,
) -> None:
    """Write a run's model as an ONNX file, as JSON layers, or as C for microcontrollers.

    An ONNX file is written only if it gives the same outputs as PyTorch. C comes with a header.
    """
    if output.suffix not in (".onnx", ".json", ".c"):
        raise typer.BadParameter(
            f"{output}: name FILE.onnx, FILE.json or FILE.c", param_hint="--output"
        )
    if main and output.suffix != ".c":
        raise typer.BadParameter("goes with -o FILE.c", param_hint="--main")
    if int8 and output.suffix == ".json":
        raise typer.BadParameter("goes with -o FILE.onnx or FILE.c", param_hint="--int8")
    from tinydigits.mnist.weights import load_model

    trained = load_model(run)
    if output.suffix == ".json":
        _export_layers(trained, output, temperature)
    elif output.suffix == ".c":
        _export_c(trained, output, load(data, data_dir), main, temperature)
    else:
        _export_onnx(trained, output, load(data, data_dir), int8, temperature)


def _export_onnx(
    trained: "Net", output: Path, images: "Data", int8: bool, temperature: float
) -> None:
    from tinydigits.mnist.export import CHECK_IMAGES, export

    count = len(images.test_labels) if int8 else CHECK_IMAGES
    parity = export(
        trained,
        output,
        images.test_images[:count],
        images.test_labels[:count],
        calibration=images.train_images[:CALIBRATION_IMAGES] if int8 else None,
        temperature=temperature,
    )
    print(f"wrote {output}, {parity.size:,} bytes; on {parity.images:,} {images.name} test images:")
    print(
        f"largest difference of a log-probability from PyTorch's  {parity.largest_difference:.1e}"
    )
    print(f"images read alike  {parity.agreement:.2%}")
    _print_accuracy(parity.accuracy, parity.torch_accuracy)


def _export_c(
    trained: "Net", output: Path, images: "Data", program: bool, temperature: float
) -> None:
    from tinydigits.mnist.integers.c_file import write_c
    from tinydigits.mnist.integers.quantise import quantise, scores
    from tinydigits.mnist.model import predict
    from tinydigits.mnist.pixels import unit_interval

    integers = quantise(trained, images.train_images[:CALIBRATION_IMAGES])
    cost = write_c(integers, output, program=program, temperature=temperature)
    pixels = (255 * unit_interval(images.test_images)).round().byte()
    found = scores(integers, pixels[:, 0].numpy()).argmax(1)
    expected = predict(trained, images.test_images).argmax(1).numpy()
    labels = images.test_labels.numpy()
    print(f"wrote {output} and {output.with_suffix('.h').name}:")
    print(f"flash  {cost.flash:,} bytes of tables, and about 1.5 kB of code")
    print(f"RAM  {cost.ram:,} bytes, and under 400 of stack")
    print(f"multiply-adds  {cost.multiply_adds:,} an image at most")
    print(f"on {len(labels):,} {images.name} test images, in its integers:")
    print(f"images read alike  {(found == expected).mean():.2%}")
    _print_accuracy((found == labels).mean(), (expected == labels).mean())


def _print_accuracy(found: float, pytorch: float) -> None:
    print(f"accuracy  {found:.2%}, PyTorch's {pytorch:.2%}, difference {found - pytorch:+.2%}")


def _export_layers(trained: "Net", output: Path, temperature: float) -> None:
    from tinydigits.files import atomic_write
    from tinydigits.mnist.layers_file import layers_json
    from tinydigits.reader.recognise import VIEWS

    atomic_write(output, layers_json(trained, VIEWS, temperature))
    print(f"wrote {output}, {output.stat().st_size:,} bytes")

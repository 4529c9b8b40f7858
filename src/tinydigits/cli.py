"""The `tinydigits` command: one thin function per command.

Nothing heavy is imported here: each command imports what it needs, so that reading a picture
never loads torch and back propagation loads neither torch nor ONNX Runtime. This is the only
module that prints or exits.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
import typer.core

from tinydigits import __version__
from tinydigits.errors import TinydigitsError
from tinydigits.mnist.recipe import PRESETS, Recipe, Setting, preset

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor

    from tinydigits.backprop.example import Example
    from tinydigits.backprop.sweep import Curve
    from tinydigits.mnist.data import Data
    from tinydigits.mnist.evaluate import Report
    from tinydigits.mnist.fit import Epoch, Training
    from tinydigits.mnist.runs import Run
    from tinydigits.reader.reader import Reader, Reading

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

bench_app = typer.Typer(no_args_is_help=True, help="Measure accuracy, over many seeds.")
app.add_typer(bench_app, name="bench")

DataOption = Annotated[
    str,
    typer.Option(
        help="auto, mnist, digits (embedded in scikit-learn), or a folder: the four IDX files, or "
        "pictures in folders 0 to 9. auto is MNIST, or digits if MNIST cannot be had."
    ),
]
DataDirOption = Annotated[
    Path | None, typer.Option(help="Where the MNIST files are, before looking elsewhere.")
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A handwritten-digit recogniser of 17,466 parameters, and how it learns."""
    if version:
        print(f"tinydigits {__version__}")
        raise typer.Exit


def _with_recipe_flags(command: Callable[..., None]) -> Callable[..., None]:
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


@app.command()
@_with_recipe_flags
def train(
    recipe: Annotated[str, typer.Option(help=f"One of: {', '.join(PRESETS)}.")] = "fast",
    data: DataOption = "auto",
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
    settings = _changed_recipe(recipe, changes)

    from tinydigits.mnist import runs
    from tinydigits.mnist.device import choose_device
    from tinydigits.mnist.fit import start

    if resume:
        run = runs.open_run(resume)
        choose_device(run.recipe.device)
        images = _load(run.data, data_dir)
        training = run.resume(images)
    else:
        choose_device(settings.device)
        images = _load(data, data_dir)
        training = start(settings, images)
        path = out or runs.next_path(Path("runs"), settings.name)
        spec = images.name if data == "auto" else data
        spec = spec if spec in ("mnist", "digits") else str(Path(data).resolve())
        run = runs.create_run(path, settings, images, spec, training.model)
    _print_setup(run, images, training)
    try:
        _fit_with_progress(run, images, training)
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
    images = _load(data or saved.data, data_dir)
    report = evaluate(predict(model, images.test_images), images.test_labels, images.name)
    _print_report(report, saved, epochs)


@bench_app.command("accuracy")
@_with_recipe_flags
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
        typer.Option(help="Kept in this file; by default in benchmarks/results/."),
    ] = None,
    **changes: Any,
) -> None:
    """Run or resume the seeds of a recipe, and print mean, spread and 95 % interval."""
    settings = _changed_recipe(recipe, changes)

    from rich.progress import track

    from tinydigits.mnist import bench

    images = _load(data, data_dir)
    images = images.held_out() if validate else images
    kind = "validation" if validate else "accuracy"
    path = results or Path("benchmarks", "results", f"{kind}.jsonl")
    lines = []
    running = bench.run_seeds(settings, images, seeds, path)
    for line in track(running, settings.name, total=seeds, console=_console(), transient=True):
        lines.append(line)
        print(f"{settings.name} seed {line['seed']:2}  {images.name} accuracy ", end="")
        print(
            f"{line['accuracy']:.2%}  {line['errors']} wrong  {line['seconds']:.1f} s", flush=True
        )
    found = bench.summarise([line["accuracy"] for line in lines])
    low, high = found.interval
    print(
        f"{settings.name} on {images.name}, n = {found.n}: mean {found.mean:.3%}, "
        f"standard deviation {found.std:.3%}, 95 % interval {low:.3%} to {high:.3%}, "
        f"minimum {found.low:.2%}, maximum {found.high:.2%}"
    )
    if against:
        others = bench.read_lines(path, preset(against), images.name)
        _print_comparison(settings.name, against, lines, others, len(images.test_labels))


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


def _changed_recipe(name: str, changes: dict[str, Any]) -> Recipe:
    """The preset with the flags given; another name, unless they only say where it runs."""
    given = {key: value for key, value in changes.items() if value is not None}
    recipe = preset(name).changed(**given)
    only_where = given.keys() <= {"seed", "device", "threads"}
    return recipe if only_where else recipe.changed(name=f"{name}-changed")


class _SpacedNumbers(typer.core.TyperCommand):
    """Reads --inputs 0.05 0.10 as --inputs 0.05,0.10; the command takes no other arguments."""

    lists = ("--inputs", "--targets", "--weights", "--biases", "--learning-rate")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        joined: list[str] = []
        option = ""
        for argument in args:
            if argument.startswith("--"):
                option = argument.partition("=")[0]
            elif option in self.lists and joined[-1] != option:
                joined[-1] += f",{argument}"
                continue
            joined.append(argument)
        return super().parse_args(ctx, joined)


@app.command(cls=_SpacedNumbers)
def backprop(
    inputs: Annotated[str, typer.Option(help="i1 and i2.")] = "0.05,0.10",
    targets: Annotated[
        str, typer.Option(help="t1 and t2; the other usual pair is 0.01,0.99.")
    ] = "0.5,0.5",
    weights: Annotated[
        str, typer.Option(help="w1 to w8 at the start.")
    ] = "0.15,0.20,0.25,0.30,0.40,0.45,0.50,0.55",
    biases: Annotated[
        str | None, typer.Option(help="b1 and b2, such as 0.35,0.60; by default there are none.")
    ] = None,
    train_biases: Annotated[
        bool,
        typer.Option("--train-biases/--fixed-biases", help="Whether an update moves the biases."),
    ] = True,
    learning_rate: Annotated[
        list[str] | None,
        typer.Option(
            help="One or several, the first for the worked update; by default 0.5 for that, and "
            "0.1,0.2,0.5,0.8,1.0,2.0 to compare."
        ),
    ] = None,
    updates: Annotated[int, typer.Option(help="How many updates the error curves cover.")] = 100,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every number at full precision.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the workbook and the pictures into this folder.")
    ] = None,
) -> None:
    """Work back propagation by hand: forward, error, every gradient, update, learning rates.

    Numbers are separated by commas or blanks: --inputs 0.05,0.10 or --inputs 0.05 0.10.
    """
    from tinydigits.backprop import report, sweep
    from tinydigits.backprop.example import Example, Parameters

    i1, i2 = _numbers("--inputs", inputs, 2)
    t1, t2 = _numbers("--targets", targets, 2)
    start = _numbers("--weights", weights, 8) + _numbers(
        "--biases", "0,0" if biases is None else biases, 2
    )
    example = Example((i1, i2), (t1, t2), Parameters(*start), biases is not None and train_biases)
    given = _numbers("--learning-rate", ",".join(learning_rate)) if learning_rate else ()
    curves = sweep.sweep(example, given or sweep.RATES, updates)
    rate = given[0] if given else sweep.USUAL_RATE
    if out:
        _write_backprop(out, example, rate, curves)
    if as_json:
        print(json.dumps(report.as_numbers(example, curves)))
    else:
        print(report.explain(example, rate, curves))


def _numbers(option: str, text: str, count: int | None = None) -> tuple[float, ...]:
    """Numbers separated by commas or blanks."""
    wanted = f"{option} needs {count or 'one or more'} numbers separated by commas"
    try:
        numbers = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        raise TinydigitsError(f"{wanted}, not '{text}'") from None
    if not numbers or (count and len(numbers) != count):
        raise TinydigitsError(f"{wanted}, but '{text}' has {len(numbers)}")
    return numbers


def _write_backprop(out: Path, example: "Example", rate: float, curves: "list[Curve]") -> None:
    from tinydigits import plots
    from tinydigits.backprop.report import named_values
    from tinydigits.backprop.workbook import write_workbook

    errors = {curve.rate: curve.errors for curve in curves}
    figures = {
        "network": plots.small_network(named_values(example), example.has_biases),
        "error_all": plots.error_curves(errors, "The error at different learning rates"),
    }
    for each, values in errors.items():
        figures[f"error_{each}"] = plots.error_curves({each: values}, f"Learning rate {each}")
    updates = min(max(len(curves[0].errors) - 1, 100), 1000)  # of live formulas
    try:
        for name, figure in figures.items():
            plots.save_figure(figure, out / f"{name}.png")
        drawing = (out / "network.png").read_bytes()
        workbook = out / "back_propagation.xlsx"
        write_workbook(workbook, example, rate, tuple(errors), updates, drawing)
    except OSError as error:
        raise TinydigitsError(
            f"cannot write into the folder '{out}' ({error.strerror}); give --out another one"
        ) from error


# --- reading pictures ---------------------------------------------------------------------------


@app.command()
def read(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, folders of them, patterns, or - for standard input.", metavar="FILE..."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per picture.")
    ] = False,
    show: Annotated[
        Path | None,
        typer.Option(help="Draw the boxes, readings and what the network saw of one picture."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A run folder or an ONNX file instead of the shipped model.")
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Print ? for digits read with less.")
    ] = None,
    single: Annotated[
        bool, typer.Option("--single", help="Take each picture to be one digit.")
    ] = False,
) -> None:
    """Read the digits in pictures: a line per picture, with / between its lines of text."""
    from tinydigits.reader.sources import find_pictures

    pictures = list(find_pictures(files))
    if show and len(pictures) != 1:
        raise typer.BadParameter("draws one picture; name just one", param_hint="--show")
    reader = _open_reader(model)
    failed = 0
    options = {"single": single, "min_confidence": min_confidence}
    for name, outcome in _read_all(reader, pictures, options):
        if isinstance(outcome, Exception):
            failed += 1
            print(f"tinydigits: {_sentence(outcome)}", file=sys.stderr)
            continue
        print(_json_line(name, outcome) if as_json else _text_line(name, outcome))
        if show:
            _draw(name, outcome, show)
    if failed:
        raise typer.Exit(1)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run folder or a safetensors file.", metavar="RUN")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The ONNX file.")],
    int8: Annotated[bool, typer.Option("--int8", help="8-bit integers instead of floats.")] = False,
    temperature: Annotated[
        float, typer.Option(min=0.01, max=100, help="What calibrates its probabilities.")
    ] = 1.0,
    data: DataOption = "auto",
    data_dir: DataDirOption = None,
) -> None:
    """Write a run's model as one ONNX file, if its outputs are PyTorch's."""
    from tinydigits.mnist.export import CHECK_IMAGES, export
    from tinydigits.mnist.runs import load_model

    trained, images = load_model(run), _load(data, data_dir)
    count = len(images.test_labels) if int8 else CHECK_IMAGES
    parity = export(
        trained,
        output,
        images.test_images[:count],
        images.test_labels[:count],
        calibration=images.train_images[:1000] if int8 else None,
        temperature=temperature,
    )
    print(f"wrote {output}, {parity.size:,} bytes; on {parity.images:,} {images.name} test images:")
    print(
        f"largest difference of a log-probability from PyTorch's  {parity.largest_difference:.1e}"
    )
    print(f"images read alike  {parity.agreement:.2%}")
    print(
        f"accuracy  {parity.accuracy:.2%}, PyTorch's {parity.torch_accuracy:.2%}, "
        f"difference {parity.accuracy - parity.torch_accuracy:+.2%}"
    )


def _open_reader(model: Path | None) -> "Reader":
    """The reader of the shipped model, of an ONNX file, or of a run, exported for the purpose."""
    from tinydigits.reader.reader import Reader

    if model is None or not (model.is_dir() or model.suffix == ".safetensors"):
        return Reader(model)
    import tempfile

    import torch

    from tinydigits.mnist.export import export
    from tinydigits.mnist.runs import load_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.onnx"
        images = torch.rand(100, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        export(load_model(model), path, images, torch.zeros(100, dtype=torch.int64))
        return Reader(path)


def _read_all(
    reader: "Reader",
    pictures: "list[tuple[str, TinydigitsError | None]]",
    options: dict[str, Any],
) -> "Iterator[tuple[str, Reading | TinydigitsError | OSError]]":
    """Each picture's name and its reading or error, with a bar if there are many."""
    names = [name for name, error in pictures if error is None]
    sources = (sys.stdin.buffer if name == "-" else name for name in names)
    readings = reader.stream(sources, **options)
    if len(pictures) < 30 or not sys.stderr.isatty():
        yield from ((name, error or next(readings)) for name, error in pictures)
        return
    from rich.progress import Progress

    with Progress(console=_console(stderr=True), transient=True) as progress:
        bar = progress.add_task("reading", total=len(pictures))
        for name, error in pictures:
            yield name, error or next(readings)
            progress.advance(bar)


def _text_line(name: str, reading: "Reading") -> str:
    return f"{name}: {' / '.join(reading.text.splitlines())}".rstrip()


def _json_line(name: str, reading: "Reading") -> str:
    digits = [
        {
            "label": digit.label,
            "confidence": round(digit.confidence, 4),
            "box": list(digit.box),
            "uncertain": digit.uncertain,
        }
        for digit in reading.digits
    ]
    return json.dumps({"file": name, "text": reading.text, "digits": digits}, ensure_ascii=False)


def _draw(name: str, reading: "Reading", path: Path) -> None:
    from tinydigits.files import atomic_path
    from tinydigits.reader.draw import draw_reading

    if name == "-":
        raise typer.BadParameter("cannot draw standard input; name a file", param_hint="--show")
    with atomic_path(path) as part:
        draw_reading(name, reading).save(part, "PNG")


def _sentence(error: TinydigitsError | OSError) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _load(spec: str, data_dir: Path | None) -> "Data":
    from tinydigits.mnist.data import load_data

    data = load_data(spec, data_dir, progress=True)
    if data.note:
        _console(stderr=True).print(f"\n  {data.note}  \n", style="bold white on red")
    return data


def _print_setup(run: "Run", data: "Data", training: "Training") -> None:
    from tinydigits.mnist.device import choose_precision
    from tinydigits.mnist.runs import device_name

    device = training.network.mean.device
    precision = str(choose_precision(run.recipe.precision, device)).removeprefix("torch.")
    print(training.network.summary())
    print(f"device   {device_name(device)}, layers in {precision}")
    print(f"dataset  {data.name}: {len(data.train_labels):,} images to train on, ", end="")
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
    with Progress(*columns, console=_console(), transient=True) as progress:
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


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


def main() -> None:
    """Run the command line; bad input becomes one sentence and exit status 1."""
    try:
        app()
    except TinydigitsError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        extra = "learn" if error.name in ("matplotlib", "xlsxwriter") else "train"
        _fail(f"this needs the package {error.name}; install it: pip install 'tinydigits[{extra}]'")
    except FileExistsError as error:
        _fail(f"{error.filename} is a file, where a folder is needed")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _fail(message: str) -> None:
    print(f"tinydigits: {message}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()

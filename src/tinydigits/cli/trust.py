"""`trust`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinydigits.cli.common import (
    DataDirOption,
    DataOption,
    QmnistOption,
    load,
    mnist_writers,
    number,
    progress,
)
from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    from tinydigits.mnist.data import Data
    from tinydigits.trust.accuracy import Seeds
    from tinydigits.trust.report.parts import Report
    from tinydigits.trust.subject import Subject

app = typer.Typer()


@app.command()
def trust(
    model: Annotated[
        Path,
        typer.Argument(
            help="A run folder, a .safetensors file, or an ONNX file.", metavar="RUN|FILE.onnx"
        ),
    ],
    data: DataOption = "auto",
    data_dir: DataDirOption = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder for the report; by default out/trust-NAME.")
    ] = None,
    real: Annotated[
        Path | None,
        typer.Option(
            help="Also read real pictures: a folder of sets, each a folder with pictures and "
            "labels.tsv (a file, a tab, its digits, / between lines)."
        ),
    ] = None,
    real_sets: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file that says what each set of --real shows and where it is from."
        ),
    ] = None,
    handwriting: Annotated[
        Path | None,
        typer.Option(
            help="Also judge other writers: a folder with pendigits-orig.tra.gz or "
            "usps-zip.train.gz."
        ),
    ] = None,
    mnist_c: Annotated[
        Path | None,
        typer.Option(
            help="The folder of MNIST-C's published files, used instead of drawing corruptions."
        ),
    ] = None,
    others: Annotated[
        list[Path] | None,
        typer.Option(
            help="Also judge images that are no digits: an IDX file, such as Fashion-MNIST's."
        ),
    ] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="A folder with more fonts for drawing letters.")
    ] = None,
    folds: Annotated[
        Path | None,
        typer.Option(
            help="The folder that keeps out-of-fold predictions; by default within --out."
        ),
    ] = None,
    seeds: Annotated[
        Path | None, typer.Option(help="A file of `bench accuracy` with other runs of this recipe.")
    ] = None,
    qmnist: QmnistOption = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=100,
            callback=number,
            help="Divide the logits by this, to calibrate the probabilities; 1 by default.",
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Use fewer images; intervals get wider, and doubtful labels need --folds.",
        ),
    ] = False,
    card: Annotated[
        Path | None,
        typer.Option(help="Also write the model card of the shipped weights into this file."),
    ] = None,
) -> None:
    """Report how often a model is right, whether it knows, and what defeats it."""
    if real_sets and not real:
        raise TinydigitsError("--real-sets goes with --real, whose sets it describes")
    import cleanlab  # noqa: F401  first, so that its absence is the first thing said

    from tinydigits.trust.report.parts import QUICK, Options, judge
    from tinydigits.trust.subject import load_subject

    subject = load_subject(model, temperature)
    images = load(data, data_dir)
    folder = out or Path("out") / f"trust-{subject.name}"
    options = Options(
        seeds=_seeds(seeds, subject, images) if seeds else None,
        test_writers=mnist_writers(qmnist, images.name) if qmnist else None,
        real=real,
        real_sets=real_sets,
        mnist_c=mnist_c,
        handwriting=handwriting,
        fonts=fonts,
        others=tuple(others or ()),
        folds=folds or (None if quick else folder / "folds"),
        **(QUICK if quick else {}),
    )
    with progress() as shown:
        tasks = {}

        def on_step(part: str, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = shown.add_task(part, total=total)
            shown.update(tasks[part], completed=done, total=total)

        report = judge(subject, images, options, on_step)
    _write(report, images, folder, card)


def _write(report: "Report", data: "Data", folder: Path, card: Path | None) -> None:
    from tinydigits.files import as_json, atomic_write
    from tinydigits.trust.card import model_card
    from tinydigits.trust.report.page import build_page
    from tinydigits.trust.report.parts import as_plain

    plain = as_plain(report)
    atomic_write(folder / "report.json", as_json(plain, indent=1) + "\n")
    atomic_write(folder / "report.html", build_page(report, data))
    if card:
        atomic_write(card, model_card(plain))
    print(f"wrote {folder / 'report.html'} and report.json")


def _seeds(path: Path, subject: "Subject", data: "Data") -> "Seeds":
    """The runs of the subject's recipe in a file of `bench accuracy`."""
    from tinydigits.mnist.bench import read_lines
    from tinydigits.trust.accuracy import over_seeds

    if subject.recipe is None:
        raise TinydigitsError(
            "--seeds needs a run folder, because its recipe says which runs to take"
        )
    lines = read_lines(path, subject.recipe, data.name)
    if not lines:
        raise TinydigitsError(
            f"{path}: holds no run of {subject.recipe.name} on {data.name}; make some with "
            f"tinydigits bench accuracy --recipe {subject.recipe.name}"
        )
    return over_seeds(subject.recipe.name, lines, data.name, len(data.test_labels))

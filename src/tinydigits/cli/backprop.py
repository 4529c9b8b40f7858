"""`backprop`."""

import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    from tinydigits.backprop.example import Example
    from tinydigits.backprop.sweep import Curve

app = typer.Typer()


class _SpacedNumbers(typer.core.TyperCommand):
    """Reads --inputs 0.05 0.10 as --inputs "0.05 0.10"; the command takes no other arguments."""

    lists = ("--inputs", "--targets", "--weights", "--biases", "--learning-rate")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        joined: list[str] = []
        option = ""
        for argument in args:
            if argument.startswith("--"):
                option = argument.partition("=")[0]
            elif option in self.lists and joined[-1] != option:
                joined[-1] += f" {argument}"
                continue
            joined.append(argument)
        return super().parse_args(ctx, joined)


@app.command(cls=_SpacedNumbers)
def backprop(
    inputs: Annotated[str, typer.Option(help="i1 and i2.")] = "0.05,0.10",
    targets: Annotated[str, typer.Option(help="t1 and t2; texts also use 0.01,0.99.")] = "0.5,0.5",
    weights: Annotated[
        str, typer.Option(help="w1 to w8 at the start.")
    ] = "0.15,0.20,0.25,0.30,0.40,0.45,0.50,0.55",
    biases: Annotated[
        str | None,
        typer.Option(help="b1 and b2, such as 0.35,0.60; by default the example has no biases."),
    ] = None,
    train_biases: Annotated[
        bool,
        typer.Option("--train-biases/--fixed-biases", help="Whether an update moves the biases."),
    ] = True,
    learning_rate: Annotated[
        list[str] | None,
        typer.Option(
            help="One or several; the worked update uses the first. By default 0.5, compared with "
            "0.1,0.2,0.5,0.8,1.0,2.0."
        ),
    ] = None,
    updates: Annotated[int, typer.Option(help="How many updates the error curves cover.")] = 100,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every number at full precision.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write the workbook and the charts into this folder.")
    ] = None,
) -> None:
    """Work through back propagation: forward pass, error, every gradient, update, learning rates.

    Separate numbers by commas or blanks: --inputs 0.05,0.10 or --inputs 0.05 0.10. The decimal sign
    is a point. Separate whole numbers by blanks, because 0,5 could be one number or two.
    """
    from tinydigits.backprop import report, sweep
    from tinydigits.backprop.example import Example, Parameters

    i1, i2 = _numbers("--inputs", inputs, 2)
    t1, t2 = _numbers("--targets", targets, 2)
    start = _numbers("--weights", weights, 8) + _numbers(
        "--biases", "0 0" if biases is None else biases, 2
    )
    example = Example((i1, i2), (t1, t2), Parameters(*start), biases is not None and train_biases)
    given = _numbers("--learning-rate", " ".join(learning_rate)) if learning_rate else ()
    curves = sweep.sweep(example, given or sweep.RATES, updates)
    rate = given[0] if given else sweep.USUAL_RATE
    if out:
        _write_backprop(out, example, rate, curves)
    found = report.as_numbers(example, curves)
    print(json.dumps(found, allow_nan=False) if as_json else report.explain(example, rate, curves))


def _numbers(option: str, text: str, count: int | None = None) -> tuple[float, ...]:
    """Numbers separated by commas or blanks."""
    for word in text.split():
        _check_commas(option, word)
    wanted = f"{option} needs {count or 'one or more'} numbers separated by commas"
    try:
        numbers = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        raise TinydigitsError(f"{wanted}, not '{text}'") from None
    if not numbers or (count and len(numbers) != count):
        raise TinydigitsError(f"{wanted}, but '{text}' has {len(numbers)}")
    return numbers


def _check_commas(option: str, word: str) -> None:
    """Refuse 0,5 which is one number in half of the world, and two in the other half."""
    pieces = word.split(",")
    for whole, rest in itertools.pairwise(pieces):
        if re.fullmatch(r"[+-]?\d+", whole) and re.fullmatch(r"\d+(e[+-]?\d+)?", rest, re.I):
            raise TinydigitsError(
                f"{option} {word}: {whole},{rest} could be one number or two; "
                f"write {whole}.{rest} for one, or {float(whole):g} {float(rest):g} for two"
            )


def _write_backprop(out: Path, example: "Example", rate: float, curves: "list[Curve]") -> None:
    from tinydigits import plots
    from tinydigits.backprop.report import named_values
    from tinydigits.backprop.workbook.book import write_workbook

    errors = {curve.rate: curve.errors for curve in curves}
    figures = {
        "network": plots.small_network(named_values(example), example.has_biases),
        "error_all": plots.error_curves(errors, "The error at different learning rates"),
    }
    for each, values in errors.items():
        figures[f"error_{each}"] = plots.error_curves({each: values}, f"Learning rate {each}")
    updates = min(max(len(curves[0].errors) - 1, 100), 1000)  # of live formulas
    for name, figure in figures.items():
        plots.save_figure(figure, out / f"{name}.png")
    write_workbook(out / "back_propagation.xlsx", example, rate, tuple(errors), updates)

"""The table and the picture of the network and its siblings, from results/family*.json."""

import functools
import json
from pathlib import Path
from typing import Any, get_args

from matplotlib.figure import Figure

from family import RESULTS, WRITERS, lines_of, recipe_of
from tinydigits.mnist.bench import Line, summarise
from tinydigits.mnist.recipe import NetName
from tinydigits.plots import save_figure

OURS, MEAN, BEST = "#1f3b57", "#8d99a6", "#d1495b"


def runs() -> dict[NetName, list[Line]]:
    """The lines of each net, the smallest net first."""
    nets = sorted(get_args(NetName), key=lambda net: costs(net)[0])
    return {net: lines_of(net) for net in nets}


@functools.cache
def costs(net: NetName) -> tuple[int, int]:
    """A net's parameters, and the multiply-adds of an image."""
    import torch

    from tinydigits.mnist.model import Net

    model, products = Net(net=net).eval(), 0

    def count(layer: Any, _: Any, y: torch.Tensor) -> None:
        nonlocal products
        products += y[0, 0].numel() * layer.weight.numel()

    for layer in model.modules():  # a shared one once
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(count)
    model(torch.zeros(1, 1, 28, 28))
    return sum(parameter.numel() for parameter in model.parameters()), products


def published() -> list[dict[str, Any]]:
    """What others report, and how that run was chosen."""
    path = RESULTS / "family_published.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def family_table() -> str:
    """A row per net: MNIST test accuracy over seeds, at the last epoch; then what others say."""
    by_writer = json.loads(WRITERS.read_text(encoding="utf-8")) if WRITERS.exists() else {}
    rows = [
        "| `--net` | parameters | multiply-adds | epochs | seeds | mean accuracy "
        "| standard deviation | range | 95 % interval for other writers |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for net, lines in runs().items():
        parameters, products = costs(net)
        row = f"| `{net}` | {parameters:,} | {products:,} "
        row += f"| {recipe_of(net).epochs} | {len(lines)} |"
        if lines:
            found, other = summarise([line["accuracy"] for line in lines]), by_writer.get(net)
            row += f" **{found.mean:.2%}** | {100 * found.std:.3f} % "
            row += f"| {found.low:.2%} to {found.high:.2%} "
            row += f"| {other['low']:.2%} to {other['high']:.2%} |" if other else "| |"
        rows.append(row if lines else f"{row} not run yet | | | |")
    rows += ["\n| published | parameters | accuracy | which run |", "|---|---|---|---|"]
    for row in sorted(published(), key=lambda row: row["parameters"]):
        rows.append(
            f"| {row['who']} | {row['parameters']:,} | {row['accuracy']:.2%} | {row['chosen']} |"
        )
    return "\n".join(rows).replace("%", " %").replace("  %", " %")


def draw_family(path: Path) -> None:
    """Errors of 10,000 over parameters, each run a dot; and what others report."""
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    means = list[tuple[int, float]]()
    for net, lines in runs().items():
        if not lines:
            continue
        parameters, errors = costs(net)[0], [line["errors"] for line in lines]
        axes.plot([parameters] * len(errors), errors, ".", color=OURS, alpha=0.35, markersize=5)
        mean = sum(errors) / len(errors)
        if net == "chip":  # few multiply-adds matter there, not few parameters
            axes.plot(parameters, mean, "D", color=OURS, markersize=5, label="ours for chips")
        else:
            means.append((parameters, mean))
    axes.plot(*zip(*means, strict=True), "o-", color=OURS, label="ours: every run, and their mean")
    for is_mean, colour, mark, text in (
        (True, MEAN, "s", "published, mean of runs"),
        (False, BEST, "x", "published, best run or epoch"),
    ):
        points = [row for row in published() if row["chosen"].startswith("mean") == is_mean]
        places = [(row["parameters"], 10_000 * (1 - row["accuracy"])) for row in points]
        axes.plot(*zip(*places, strict=True), mark, color=colour, label=text)
    axes.set(xscale="log", yscale="log", xlabel="parameters", ylabel="errors of 10,000 test images")
    axes.set_yticks([30, 50, 100, 200], ["30", "50", "100", "200"])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)

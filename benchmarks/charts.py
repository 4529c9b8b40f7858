"""docs/accuracy.png and docs/speed.png, from the lines and numbers that the tables show."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from speed_tables import measured, original_seconds, timed_runs
from tinydigits.mnist.bench import Line
from tinydigits.plots import save_figure

_INK, _ACCENT, _MUTED = "#1f3b57", "#d1495b", "#8d99a6"
CLAIM, LAST_FIVE = 0.9948, 0.9938  # the original's best epoch, and the mean of its last five


def draw_accuracy(lines: dict[str, list[Line]], path: Path) -> None:
    """Every run of every recipe, beside what the original project reports."""
    accuracies = {name: [line["accuracy"] for line in runs] for name, runs in lines.items()}
    claims = {"the original's claim": CLAIM, "its last five epochs": LAST_FIVE}
    save_figure(seeds(accuracies, claims, "Every run, no seed left out"), path)


def seeds(
    accuracies: Mapping[str, Sequence[float]], claims: Mapping[str, float], title: str
) -> Figure:
    """Accuracies (fractions) of each recipe's runs, with their means, and claims beside them."""
    figure = Figure(figsize=(9.5, 0.7 * len(accuracies) + 1.9), layout="constrained")
    axes = figure.subplots()
    for row, values in enumerate(accuracies.values()):
        percent = 100 * np.asarray(values)
        # Equal runs stand one above the other, around the row's line.
        same = [np.sum(np.isclose(percent[:i], percent[i])) for i in range(len(percent))]
        beside = [0.13 * ((n + 1) // 2) * (-1) ** n for n in same]
        axes.plot(percent, row + np.asarray(beside), "o", color=_ACCENT, alpha=0.6, markersize=7)
        mean = percent.mean()
        axes.plot([mean, mean], [row - 0.38, row + 0.38], color=_INK, linewidth=2.5)
        axes.annotate(f"{mean:.2f} %", (mean, row - 0.4), color=_INK, ha="center", va="bottom")
    for what, accuracy in claims.items():
        axes.axvline(100 * accuracy, color=_MUTED, linestyle=":")
        text = f"{what}, {100 * accuracy:.2f} %"
        axes.text(100 * accuracy, -0.85, text, fontsize=8, color=_MUTED, ha="center")
    axes.set_yticks(range(len(accuracies)), [f"{k}, {len(v)} seeds" for k, v in accuracies.items()])
    axes.set_ylim(len(accuracies) - 0.4, -0.75)
    axes.set_xlabel("MNIST test accuracy at the last epoch, %; the bar is the mean")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, fontsize=12, color=_INK, pad=22)
    return figure


def draw_speed(path: Path) -> None:
    """Left: seconds per epoch, ours and others'. Right: accuracy over seconds.

    Both on the processor on which `fast` has run for the most numbers of epochs.
    """
    training = measured("training")
    processor = max(training, key=lambda name: len(timed_runs(name)))
    found = training[processor]
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_bars(left, found)
    draw_runs(right, processor, original_seconds(found))
    figure.suptitle(f"{processor}, {found['machine']['cores']} cores", fontsize=9)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)


def draw_bars(axes: Axes, found: dict[str, Any]) -> None:
    arms = found["arms"]
    shown = ("original", "layers", "ours", "fast")
    seconds = [arms[name]["seconds_per_epoch"] for name in shown]
    labels = [arms[name]["what"].replace("`", "").replace(": ", ":\n", 1) for name in shown]
    colours = ["#999999", "#9ecae1", "#3182bd", "#08519c"]
    drawn = axes.barh(labels[::-1], seconds[::-1], color=colours[::-1])
    axes.bar_label(drawn, fmt="%.1f s", padding=3)
    axes.set(xlabel="seconds per epoch", xlim=(0, 1.15 * max(seconds)))
    axes.tick_params("y", labelsize=8)


def draw_runs(axes: Axes, processor: str, whole: float) -> None:
    runs = timed_runs(processor)
    points = [(seconds, 100 * mean) for _, _, seconds, mean in runs]
    axes.plot(*zip(*points, strict=True), "o-", color="#08519c", label="fast, by number of epochs")
    for (epochs, *_), point in zip(runs, points, strict=True):
        axes.annotate(str(epochs), point, xytext=(5, -11), textcoords="offset points", fontsize=8)
    red = "#cb181d"
    axes.plot(whole, 100 * CLAIM, "x", color=red, label="the original's claim: one lucky epoch")
    axes.plot(whole, 100 * LAST_FIVE, "o", color=red, label="the mean of its last five epochs")
    axes.axhline(100 * CLAIM, color=red, linestyle=":", linewidth=1)
    axes.set(xscale="log", xlabel="seconds, scoring included", ylabel="mean MNIST test accuracy, %")
    axes.set_xticks(ticks := [10, 30, 60, 120, 300, 600, 1200], [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.legend(fontsize=8, loc="upper right")

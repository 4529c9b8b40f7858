"""Pictures of results: plain values in, matplotlib Figures out; the caller shows or saves them.

Without pyplot's global state, so that it works in a notebook, on a server and in a test alike. The
report of `trust` has figures of its own.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import ArrayLike

from tinydigits.files import atomic_path

_INK, _ACCENT, _MUTED = "#1f3b57", "#d1495b", "#8d99a6"


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file atomically; the format is the suffix's.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_path(path) as part:
        figure.savefig(part, dpi=120)


def samples(images: ArrayLike, labels: Sequence[int], title: str) -> Figure:
    """A grid of images (N, 1, H, W), each under its label."""
    return image_grid(images, [str(label) for label in labels], title)


def misclassified(
    images: ArrayLike,
    labels: Sequence[int],
    predictions: Sequence[int],
    confidences: Sequence[float],
    title: str,
) -> Figure:
    """Images (N, 1, H, W) read wrong: true label, predicted label, and the confidence in it."""
    captions = [
        f"{true} read as {read}\n{confidence:.0%} sure"
        for true, read, confidence in zip(labels, predictions, confidences, strict=True)
    ]
    return image_grid(images, captions, title)


def image_grid(images: ArrayLike, captions: Sequence[str], title: str, columns: int = 10) -> Figure:
    """Images (N, 1, H, W), ink bright, drawn dark in rows of `columns`, each under its caption."""
    pictures = np.asarray(images)[:, 0]
    height, width = pictures.shape[1:]
    columns = min(columns, max(1, len(pictures)))
    rows = max(1, -(-len(pictures) // columns))
    above = 5 + 5 * max((caption.count("\n") + 1 for caption in captions), default=1)
    cell = np.zeros((rows, columns, above + height, width + 8), pictures.dtype)
    for number, picture in enumerate(pictures):
        cell[number // columns, number % columns, above:, 4:-4] = picture
    sheet = cell.swapaxes(1, 2).reshape(rows * (above + height), columns * (width + 8))

    figure = Figure(figsize=(max(4.5, sheet.shape[1] / 33), sheet.shape[0] / 33 + 0.5))
    figure.suptitle(title, fontsize=12, color=_INK, y=1 - 0.15 / figure.get_figheight(), va="top")
    axes = figure.add_axes((0, 0, 1, 1 - 0.5 / figure.get_figheight()))
    axes.axis("off")
    axes.imshow(sheet, cmap="gray_r", interpolation="nearest")
    for number, caption in enumerate(captions):
        row, column = divmod(number, columns)
        x, y = (column + 0.5) * (width + 8), row * (above + height) + above - 1
        axes.text(x, y, caption, fontsize=8, color=_INK, ha="center", va="bottom")
    return figure


def curves(
    train_loss: Sequence[float],
    test_loss: Sequence[float],
    train_accuracy: Sequence[float],
    test_accuracy: Sequence[float],
    title: str,
) -> Figure:
    """Loss and accuracy (fractions) after each epoch, in training and on the test set."""
    figure = Figure(figsize=(9.5, 3.6), layout="constrained")
    figure.suptitle(title, fontsize=12, color=_INK)
    left, right = figure.subplots(1, 2)
    _two_lines(left, train_loss, test_loss, "loss")
    left.set_yscale("log")
    _two_lines(right, np.asarray(train_accuracy) * 100, np.asarray(test_accuracy) * 100, "% right")
    return figure


def _two_lines(axes: Axes, train: ArrayLike, test: ArrayLike, name: str) -> None:
    epochs = np.arange(np.size(train)) + 1
    axes.plot(epochs, train, "o--", color=_MUTED, markersize=4, label="training")
    axes.plot(epochs, test, "o-", color=_ACCENT, markersize=4, label="test")
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)


def search(
    settings: Mapping[str, Sequence[Any]],
    accuracies: Sequence[float],
    stopped: Sequence[bool],
    scales: Mapping[str, str],
    title: str,
) -> Figure:
    """Each trial's share of errors over each setting, whose scale is "log", "linear", "choice"."""
    columns = 2 if len(settings) == 4 else min(3, len(settings))
    rows = -(-len(settings) // columns)
    figure = Figure(figsize=(1.2 + 3.2 * columns, 1.2 + 2.3 * rows), layout="constrained")
    figure.suptitle(title, fontsize=12, color=_INK)
    wrong, early = 100 - 100 * np.minimum(accuracies, 0.9999), np.asarray(stopped, bool)
    for number, (name, values) in enumerate(settings.items(), 1):
        axes = figure.add_subplot(rows, columns, number, yscale="log")
        names = sorted(set(values)) if scales[name] == "choice" else []
        places = np.asarray([names.index(each) for each in values] if names else values)
        for group, color in ((early, _MUTED), (~early, _ACCENT)):
            axes.plot(places[group], wrong[group], "o", color=color, alpha=0.7, markersize=6)
        axes.set(xlabel=name.replace("_", " "), xscale="log" if scales[name] == "log" else "linear")
        if names:
            axes.set_xticks(range(len(names)), [str(each) for each in names])
            axes.set_xlim(-0.5, len(names) - 0.5)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
        axes.invert_yaxis()
        axes.grid(alpha=0.25)
    figure.supylabel("% wrong of held-out training images", fontsize=10)
    return figure


def confusion(counts: ArrayLike, title: str) -> Figure:
    """Counts[true][predicted] as a table whose colours show the errors, not the bulk of right."""
    table = np.asarray(counts)
    errors = table - np.diag(np.diag(table))
    figure = Figure(figsize=(6.2, 6.0), layout="constrained")
    axes = figure.subplots()
    axes.imshow(errors, cmap="Reds", vmax=max(1, 1.3 * errors.max()))
    for (true, read), count in np.ndenumerate(table):
        if count:
            right = true == read
            weight = "normal" if right else "bold"
            color = _MUTED if right else "black"
            axes.text(read, true, f"{count}", ha="center", va="center", color=color, weight=weight)
    axes.set_xticks(range(len(table)))
    axes.set_yticks(range(len(table)))
    axes.set_xlabel("read as")
    axes.set_ylabel("true digit")
    axes.set_title(title, fontsize=12, color=_INK)
    return figure


def log_picture(lines: Sequence[str], title: str) -> Figure:
    """Lines of text as a picture of a terminal, for a README."""
    longest = max(len(line) for line in [*lines, title])
    height = 0.21 * (len(lines) + 3)
    figure = Figure(figsize=(0.092 * longest + 0.6, height), facecolor="#10202f")
    text = "\n".join([title, "", *lines])
    figure.text(
        0.3 / figure.get_figwidth(), 0.5, text, va="center", family="monospace", fontsize=11,
        color="#e8edf2", linespacing=1.35,
    )  # fmt: skip
    return figure


# --- The worked example of back propagation --------------------------------------------------


def error_curves(curves: Mapping[float, Sequence[float]], title: str) -> Figure:
    """The error after 0, 1, 2 ... updates at each learning rate, all in one picture."""
    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.subplots()
    colors = colormaps["viridis"](np.linspace(0, 0.9, len(curves)))
    for (rate, errors), color in zip(curves.items(), colors, strict=True):
        label = f"learning rate {rate}"
        axes.plot(errors, color=_ACCENT if len(curves) == 1 else color, linewidth=2, label=label)
    axes.set_xlabel("updates")
    axes.set_ylabel("error E")
    axes.set_xlim(0, max(max(len(errors) for errors in curves.values()) - 1, 1))
    axes.set_ylim(0)
    axes.grid(alpha=0.25)
    axes.set_title(title, fontsize=12, color=_INK)
    if len(curves) > 1:
        axes.legend(frameon=False)
    return figure


# Where each unit of the 2-2-2 network is drawn, and which two units each weight joins.
_UNITS = {
    "i1": (0.0, 2.0),
    "i2": (0.0, 0.0),
    "h1": (2.0, 2.0),
    "h2": (2.0, 0.0),
    "o1": (4.0, 2.0),
    "o2": (4.0, 0.0),
}
_WEIGHTS = {
    "w1": ("i1", "h1"),
    "w2": ("i2", "h1"),
    "w3": ("i1", "h2"),
    "w4": ("i2", "h2"),
    "w5": ("h1", "o1"),
    "w6": ("h2", "o1"),
    "w7": ("h1", "o2"),
    "w8": ("h2", "o2"),
}
_BIASES = {"b1": (1, -0.9, "h1", "h2"), "b2": (3, -0.9, "o1", "o2")}


def small_network(values: Mapping[str, float], biases: bool = False) -> Figure:
    """A drawing of the 2-2-2 network with its weights and what each unit gives.

    Args:
        values: i1, i2, w1 to w8, b1, b2, a_h1, a_h2, a_o1, a_o2, t1, t2, E1, E2 and E.
        biases: whether to draw b1 and b2.
    """
    bottom = -1.3 if biases else -0.6
    figure = Figure(figsize=(10, 10 * (2.9 - bottom) / 6.5))
    axes = figure.add_axes((0, 0, 1, 1), aspect="equal")
    axes.set_xlim(-0.6, 5.9)
    axes.set_ylim(bottom, 2.9)
    axes.axis("off")
    for name, (source, target) in _WEIGHTS.items():
        _weight(axes, f"{name} = {values[name]:.4g}", _UNITS[source], _UNITS[target])
    for name, (x, y, *targets) in _BIASES.items() if biases else ():
        for target in targets:
            _link(axes, (x, y), _UNITS[target], ":")
        _unit(axes, (x, y), f"{name}\n{values[name]:.4g}", "#f4f1e8")
    for name, place in _UNITS.items():
        given = name if name.startswith("i") else f"a_{name}"
        fill = {"i": "#e3ebf2", "h": "#fff2b3", "o": "#f8d7da"}[name[0]]
        _unit(axes, place, f"{given}\n{values[given]:.4g}", fill)
    notes = {
        (0.0, 2.65): "inputs",
        (2, 2.65): "hidden, σ",
        (4, 2.65): "outputs, σ",
        (5.1, 2): f"target {values['t1']:.4g}\nE1 = {values['E1']:.6g}",
        (5.1, 1): f"E = E1 + E2\n= {values['E']:.6g}",
        (5.1, 0): f"target {values['t2']:.4g}\nE2 = {values['E2']:.6g}",
    }
    for place, text in notes.items():
        axes.text(*place, text, ha="center", va="center", fontsize=12, color=_INK)
    return figure


def _unit(axes: Axes, place: tuple[float, float], text: str, fill: str) -> None:
    axes.add_patch(Circle(place, 0.36, facecolor=fill, edgecolor=_INK, linewidth=1.6, zorder=2))
    axes.text(*place, text, ha="center", va="center", fontsize=11.5, color=_INK, zorder=3)


def _link(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], style: str = "-"
) -> None:
    axes.plot(*zip(start, end, strict=True), style, color=_MUTED, linewidth=1.4, zorder=0)


def _weight(axes: Axes, text: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A line with the weight written on it, a third of the way, where no other line crosses."""
    _link(axes, start, end)
    x, y = (a + 0.35 * (b - a) for a, b in zip(start, end, strict=True))
    slope = float(np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0])))
    axes.text(
        x, y, text, ha="center", va="center", fontsize=11, color=_INK,
        rotation=slope, rotation_mode="anchor", zorder=1,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip

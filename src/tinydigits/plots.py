"""Pictures of results: plain values in, matplotlib Figures out; the caller shows or saves them.

The only module that imports matplotlib, and without pyplot's global state, so that it works in a
notebook, on a server and in a test alike.
"""

import os
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
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


def samples(images: ArrayLike, labels: Sequence[int], title: str, columns: int = 10) -> Figure:
    """A grid of images (N, 1, H, W), each under its label."""
    return image_grid(images, [str(label) for label in labels], title, columns)


def misclassified(
    images: ArrayLike,
    labels: Sequence[int],
    predictions: Sequence[int],
    confidences: Sequence[float],
    title: str,
    columns: int = 10,
) -> Figure:
    """Images (N, 1, H, W) read wrong: true label, predicted label, and the confidence in it."""
    captions = [
        f"{true} read as {read}\n{confidence:.0%} sure"
        for true, read, confidence in zip(labels, predictions, confidences, strict=True)
    ]
    return image_grid(images, captions, title, columns)


def image_grid(images: ArrayLike, captions: Sequence[str], title: str, columns: int) -> Figure:
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

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from tinydigits import plots

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (13, 1, 28, 28), dtype=np.uint8)
LABELS = [int(digit) for digit in RNG.integers(0, 10, 13)]
TRIALS = {
    "rate": [0.01, 0.1, 1.0],
    "batch": [64, 128, 64],
    "schedule": ["linear", "cosine", "linear"],
    "nesterov": [True, False, True],
}
SCALES = {"rate": "log", "batch": "linear", "schedule": "choice", "nesterov": "choice"}

FIGURES: list[Callable[[], Figure]] = [
    lambda: plots.misclassified(IMAGES[:0], [], [], [], "none wrong"),
    lambda: plots.search(TRIALS, [0.9, 0.95, 0.8], [False, False, True], SCALES, "search"),
]


@pytest.mark.parametrize("make", FIGURES)
def test_what_training_draws_not_draws_too(make: Callable[[], Figure]) -> None:
    picture = io.BytesIO()
    make().savefig(picture)
    assert picture.getvalue().startswith(b"\x89PNG")


def test_misclassified_images_say_true_read_and_how_sure() -> None:
    figure = plots.misclassified(IMAGES[:2], [3, 4], [5, 9], [0.514, 0.98], "wrong")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == [
        "3 read as 5\n51% sure",
        "4 read as 9\n98% sure",
    ]
    sheet = axes.images[0].get_array()
    assert sheet is not None
    assert np.array_equal(sheet[-28:, -32:-4], IMAGES[1, 0])
    x, y = axes.texts[1].get_position()
    assert sheet.shape[1] / 2 < x < sheet.shape[1]
    assert 0 < y < len(sheet) - 28


def test_curves_hold_the_values_in_percent() -> None:
    figure = plots.curves([1.0, 0.5], [0.9, 0.4], [0.5, 0.9], [0.6, 0.95], "curves")
    lines = [list(line.get_ydata()) for axes in figure.axes for line in axes.lines]
    assert lines == [[1.0, 0.5], [0.9, 0.4], [50, 90], [60, 95]]


def test_trials_that_were_stopped_stand_apart_and_every_setting_has_its_panel() -> None:
    figure = plots.search(TRIALS, [0.9, 0.95, 0.8], [False, False, True], SCALES, "search")
    rate, batch, schedule, nesterov = figure.axes
    assert (rate.get_xlabel(), rate.get_xscale()) == ("rate", "log")
    early, finished = rate.lines
    assert (list(early.get_xdata()), list(early.get_ydata())) == ([1.0], pytest.approx([20]))
    assert list(finished.get_xdata()) == [0.01, 0.1]
    assert list(finished.get_ydata()) == pytest.approx([10, 5])
    assert [text.get_text() for text in schedule.get_xticklabels()] == ["cosine", "linear"]
    assert list(schedule.lines[1].get_xdata()) == [1, 0]
    names = [axes.get_xlabel() for axes in (batch, schedule, nesterov)]
    assert names == ["batch", "schedule", "nesterov"]


def test_confusion_counts_are_written_where_they_belong() -> None:
    counts = np.zeros((10, 10), int)
    counts[4, 9] = 7
    (text,) = plots.confusion(counts, "confusion").axes[0].texts
    assert (text.get_text(), text.get_position()) == ("7", (9, 4))

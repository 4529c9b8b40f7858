"""Figures of the report on a model, narrow enough for a phone; beside `plots`, which is full.

They become SVG whose colours are the page's own variables, so that they are right in light and
dark and on paper. Text stays text.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from tinydigits.trust.measures import Bin, Share, share

# Stand-ins while drawing, each for a variable of the page's style sheet.
_INK, _SOFT, _LINE, _ACCENT, _OTHER = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {
    _INK: "var(--ink)",
    _SOFT: "var(--soft)",
    _LINE: "var(--line)",
    _ACCENT: "var(--accent)",
    _OTHER: "var(--other)",
}
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tinydigits",  # the same figure is the same text
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _SOFT,
    "text.color": _INK,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


def svg(figure: Figure) -> str:
    """The figure as an SVG element to stand in a page."""
    buffer = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for stand_in, variable in _VARIABLES.items():
        text = text.replace(stand_in, variable)
    return text


def reliability(series: Mapping[str, Sequence[Bin]]) -> Figure:
    """How often answers of each confidence are right, with Wilson's intervals."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(3.3)
        axes.plot([0, 1], [0, 1], color=_SOFT, linewidth=0.8, label="perfect calibration")
        styles = zip(series.items(), (_OTHER, _ACCENT), ("s", "o"), (-0.006, 0.006), strict=False)
        for (name, bins), colour, mark, beside in styles:
            x = np.array([each.confidence for each in bins]) + beside
            y, low, high = _ends([share(round(each.accuracy * each.n), each.n) for each in bins])
            axes.errorbar(
                x, y, (y - low, high - y), fmt=mark, color=colour, markersize=4,
                elinewidth=1, alpha=0.9, label=name,
            )  # fmt: skip
        axes.set(xlim=(0, 1.02), ylim=(0, 1.03))
        axes.set_xlabel("confidence")
        axes.set_ylabel("share correct")
        axes.legend(frameon=False, loc="lower right", labelcolor=_INK)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


def risk(curve: Sequence[tuple[float, float]], allowed: float, answered: float) -> Figure:
    """The share of wrong answers when more and more are given, surest first."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(2.5)
        shares, risks = np.array(curve).T
        axes.plot(shares, risks, color=_ACCENT, linewidth=1.8)
        axes.axhline(allowed, color=_LINE, linewidth=1)
        if answered:
            axes.plot([answered], [allowed], "o", color=_ACCENT, markersize=6)
            axes.annotate(
                f"{answered:.1%} answered".replace("%", " %"), (answered, allowed), xytext=(-8, 8),
                textcoords="offset points", ha="right", color=_INK,
            )  # fmt: skip
        axes.set_xlim(max(0.0, 1 - 2.2 * (1 - min(answered or 0.5, 0.97))), 1.005)
        axes.set_ylim(0, max(risks[-1], allowed) * 1.15)
        axes.set_xlabel("share answered, most confident first")
        axes.set_ylabel("share wrong")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=2))
    return figure


def sweep(
    series: Mapping[str, Sequence[tuple[float, Share]]],
    xlabel: str,
    usual: float,
    logarithmic: bool = False,
) -> Figure:
    """Shares read rightly as one thing is changed: (value, share) of each source."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(2.4)
        axes.axvline(usual, color=_LINE, linewidth=1.5)
        styles = zip(series.items(), (_ACCENT, _OTHER), ("o", "s"), strict=False)
        for (name, points), colour, mark in styles:
            x = np.array([value for value, _ in points])
            y, low, high = _ends([each for _, each in points])
            axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(x, y, mark + "-", color=colour, markersize=4, label=name)
        lowest = min(each.low for points in series.values() for _, each in points)
        axes.set_ylim(max(0.0, lowest - 0.03), 1.01)
        if logarithmic:
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel(xlabel)
        axes.set_ylabel("share correct")
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(frameon=False, loc="lower center", labelcolor=_INK)
    return figure


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(4.7, height), layout="constrained")
    axes = figure.subplots()
    axes.grid(color=_LINE, linewidth=0.6, alpha=0.6)
    return figure, axes


def _ends(shares: Sequence[Share]) -> NDArray[np.float64]:
    """Shares, and the low and the high ends of their intervals, (3, N)."""
    return np.array([(each.share, each.low, each.high) for each in shares]).T

"""What the sheets of the workbook share: formulas as cells, cell formats and charts of E.

The formulas are the text that the command prints (`FORWARD` and `chains`); names become cells.
"""

import re
from dataclasses import replace
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from tinydigits.backprop.example import FORWARD, Example, Parameters, Trace, chains, forward

NAMES = Parameters._fields
# Every training is a table with these columns; a row is the state after so many updates.
COLUMNS = ("update", *NAMES, *Trace._fields, *(f"∂E/∂{name}" for name in NAMES))
TOP = 8  # the table's first row of numbers, counting from 0


class Book:
    """The open file, what it is about, and its cell formats."""

    def __init__(self, file: Any, example: Example, updates: int) -> None:
        self.file = file
        self.example = example
        self.updates = updates
        start = example.start
        self.chains = chains(replace(example, train_biases=True), start, forward(example, start))
        self.last_row = TOP + updates + 1  # as a spreadsheet counts, from 1
        self.title = file.add_format({"bold": True, "font_size": 16, "font_color": "#1f3b57"})
        self.heading = file.add_format({"bold": True, "font_size": 12, "font_color": "#1f3b57"})
        self.label = file.add_format({"bold": True, "bottom": 1, "align": "center"})
        self.name = file.add_format({"bold": True, "align": "center"})
        self.plain = file.add_format({"align": "center"})
        self.text = file.add_format({"text_wrap": True, "valign": "top", "italic": True})
        self.input = file.add_format({"bg_color": "#fff2b3", "border": 1, "align": "center"})
        self.number = file.add_format({"num_format": "0.000000000", "align": "center"})
        self.small = file.add_format({"num_format": "0.0E+00", "align": "center"})
        self.verdict = file.add_format({"bold": True, "align": "center", "border": 1})
        self.red = file.add_format({"bg_color": "#d1495b", "font_color": "#ffffff"})
        self.green = file.add_format({"bg_color": "#cfe8d5", "font_color": "#1d5c32"})

    def sheet(self, name: str) -> Any:
        """A sheet by its name."""
        return self.file.get_worksheet_by_name(name)


def add_chart(book: Book, sheet: str, columns: list[int]) -> Any:
    """Lines of E over the updates, from columns of a sheet."""
    chart = book.file.add_chart({"type": "scatter", "subtype": "straight"})
    for column in columns:
        series = {
            "name": [sheet, TOP - 1, column],
            "categories": [sheet, TOP, 0, book.last_row - 1, 0],
            "values": [sheet, TOP, column, book.last_row - 1, column],
            "line": {"width": 2},
        }
        chart.add_series(series if len(columns) > 1 else series | {"line": {"color": "#d1495b"}})
    chart.set_x_axis({"name": "updates", "min": 0, "max": book.updates})
    chart.set_y_axis({"name": "E", "min": 0, "num_format": "General"})
    if len(columns) == 1:
        chart.set_legend({"none": True})
        chart.set_title({"name": [sheet, TOP - 1, columns[0]], "name_font": {"size": 11}})
    chart.set_size({"width": 380, "height": 270})
    return chart


def excel(symbols: str, cells: dict[str, str]) -> str:
    """A formula as printed, ½·(t1 − a_o1)², as a spreadsheet's: 0.5*(target_1-R9)^2."""
    # Where x < 0 this is e^x/(1 + e^x), else 1/(1 + e^−x): the same, and EXP of nothing above 0,
    # which Excel cannot compute from 710 on.
    text = re.sub(r"σ\((\w+)\)", r"EXP(MIN(\1,0))/(1+EXP(-ABS(\1)))", symbols)
    for sign, plain in (("½", "0.5"), ("²", "^2"), ("·", "*"), ("−", "-"), (" ", "")):
        text = text.replace(sign, plain)
    return re.sub(r"(a_)?[a-zE]\d", lambda match: cells[match[0]], text)


def cells_of(row: int, column: int = 0, sheet: str = "") -> dict[str, str]:
    """Where each name stands in a row of the training whose table starts at `column`."""
    inputs = {"i1": "input_1", "i2": "input_2", "t1": "target_1", "t2": "target_2"}
    return inputs | {
        name: f"{sheet}{xl_col_to_name(column + offset)}{row + 1}"
        for offset, name in enumerate(COLUMNS)
    }


def _error(cells: dict[str, str]) -> str:
    """E as one long formula of inputs, targets and parameters alone."""
    known = dict(cells)
    for name, symbols in FORWARD.items():
        known[name] = f"({excel(symbols, known)})"
    return known["E"]


def stepped_errors(cells: dict[str, str], name: str) -> tuple[str, str]:
    """E with the parameter `name` a step higher, and a step lower."""
    here = cells[name]
    above = _error(cells | {name: f"({here}+check_step)"})
    return above, _error(cells | {name: f"({here}-check_step)"})

"""The worked example as a spreadsheet with live formulas, for Excel or LibreOffice.

Every number follows from the yellow cells by a formula made from the text that the command prints
(`FORWARD` and `chains`). Beside it lies the value that Python found, for viewers that don't
calculate. The sheet `Check` compares every gradient in `Training`, at every update, with a central
finite difference, so that one wrong formula turns it red.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from tinydigits.backprop.example import (
    FORWARD,
    Example,
    Parameters,
    Trace,
    chains,
    finite_differences,
    forward,
)
from tinydigits.backprop.sweep import GOAL, RATES, State, descend
from tinydigits.files import atomic_path

NAMES = Parameters._fields
# Every training is a table with these columns; a row is the state after so many updates.
COLUMNS = ("update", *NAMES, *Trace._fields, *(f"∂E/∂{name}" for name in NAMES))
TOP = 8  # the table's first row of numbers, counting from 0
STEP = 1e-5
AGREE = "all gradients agree"

# Heading, words, and the lines shown: a value, a gradient, or a parameter after the update.
STEPS = (
    (
        "1  Forward pass",
        "Each hidden unit adds up the inputs, each times its weight, and squashes the sum with "
        "σ(x) = 1/(1 + e^−x). The output units do the same with what the hidden units give.",
        tuple(FORWARD)[:8],
    ),
    (
        "2  Error",
        "Half the squared distance of each output from its target. The ½ cancels the 2 that the "
        "slope of a square brings.",
        ("E1", "E2", "E"),
    ),
    (
        "3  The chain rule for an output weight",
        "w5 changes E only by way of o1 and then a_o1, so the slope is a product of three: of the "
        "error along a_o1, of the sigmoid, which is a·(1 − a), and of the sum o1 along w5, which "
        "is what w5 multiplies.",
        ("∂E/∂w5",),
    ),
    (
        "4  The other output weights",
        "The same with the other output or the other hidden unit in place.",
        ("∂E/∂w6", "∂E/∂w7", "∂E/∂w8", "∂E/∂b2"),
    ),
    (
        "5  The error that reaches a hidden unit",
        "A hidden unit feeds both outputs. What comes back along the two ways adds up, each "
        "weighted as it was on the way forward; the weights are those of the forward pass.",
        ("∂E/∂a_h1", "∂E/∂a_h2"),
    ),
    (
        "6  Hidden weights",
        "Two more factors: the hidden unit's own sigmoid and the input that the weight multiplies. "
        "w3 and w4 belong to h2, so theirs is a_h2·(1 − a_h2); most published sheets err here.",
        ("∂E/∂w1", "∂E/∂w2", "∂E/∂w3", "∂E/∂w4", "∂E/∂b1"),
    ),
    (
        "7  Update",
        "Once all slopes are known, every weight takes a step downhill: the learning rate times "
        "its slope. Then all begins again with the new weights, in the next row of Training.",
        tuple(f"new {name}" for name in NAMES),
    ),
)


def write_workbook(
    path: str | os.PathLike[str],
    example: Example,
    rate: float = 0.5,
    rates: Sequence[float] = RATES,
    updates: int = 100,
    drawing: bytes | None = None,
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        example: what the yellow cells hold at first.
        rate: the learning rate of the sheet `Training`.
        rates: the learning rates compared.
        updates: how many updates every training covers, 1 or more.
        drawing: a picture of the network, as PNG.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_path(path) as part:
        book = _Book(xlsxwriter.Workbook(part), example, updates)
        for name in ("Network", "Steps", "Training", "Learning rates", "Check", "All trainings"):
            book.file.add_worksheet(name)
        _settings(book, rate)
        states = _training(book, "Training", 0, "learning_rate", rate)
        _network(book, states[0], drawing)
        _steps(book, states)
        _learning_rates(book, rates)
        _check_shown(book, states[0])
        _check_all(book, states)
        book.file.close()


class _Book:
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
        self.plain = file.add_format({"align": "center"})
        self.text = file.add_format({"text_wrap": True, "valign": "top", "italic": True})
        self.input = file.add_format({"bg_color": "#fff2b3", "border": 1, "align": "center"})
        self.number = file.add_format({"num_format": "0.000000000", "align": "center"})
        self.small = file.add_format({"num_format": "0.0E+00", "align": "center"})
        self.verdict = file.add_format({"bold": True, "align": "center", "border": 1})
        self.red = file.add_format({"bg_color": "#d1495b", "font_color": "#ffffff"})
        self.green = file.add_format({"bg_color": "#cfe8d5", "font_color": "#1d5c32"})

    def sheet(self, name: str) -> Any:
        return self.file.get_worksheet_by_name(name)


# --- Formulas as text ------------------------------------------------------------------------


def _excel(symbols: str, cells: dict[str, str]) -> str:
    """A formula as printed, ½·(t1 − a_o1)², as a spreadsheet's: 0.5*(target_1-R9)^2."""
    text = re.sub(r"σ\((\w+)\)", r"1/(1+EXP(-\1))", symbols)
    for sign, plain in (("½", "0.5"), ("²", "^2"), ("·", "*"), ("−", "-"), (" ", "")):
        text = text.replace(sign, plain)
    return re.sub(r"(a_)?[a-zE]\d", lambda match: cells[match[0]], text)


def _cells(row: int, column: int = 0, sheet: str = "") -> dict[str, str]:
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
        known[name] = f"({_excel(symbols, known)})"
    return known["E"]


def _difference(cells: dict[str, str], name: str) -> tuple[str, str]:
    """E with the parameter `name` a step higher, and a step lower."""
    here = cells[name]
    above = _error(cells | {name: f"({here}+check_step)"})
    return above, _error(cells | {name: f"({here}-check_step)"})


# --- Training: tables of live formulas -------------------------------------------------------


def _settings(book: _Book, rate: float) -> None:
    """The yellow cells, which every formula calls by name."""
    example, sheet = book.example, book.sheet("Training")
    settings = {
        "learning_rate": ("learning rate", rate),
        **{f"start_{name}": (name, value) for name, value in example.start._asdict().items()},
        "input_1": ("i1", example.inputs[0]),
        "input_2": ("i2", example.inputs[1]),
        "target_1": ("t1", example.targets[0]),
        "target_2": ("t2", example.targets[1]),
        "train_biases": ("train b? 1, 0", int(example.train_biases)),
    }
    sheet.write(0, 0, "Training: change a yellow cell and everything follows", book.title)
    for column, (name, (label, value)) in enumerate(settings.items()):
        sheet.write(3, column, label, book.label)
        sheet.write(4, column, value, book.input)
        book.file.define_name(name, f"=Training!${xl_col_to_name(column)}$5")


def _training(book: _Book, name: str, column: int, rate_cell: str, rate: float) -> list[State]:
    """One table from `column` on: a row of formulas for 0, 1, 2 ... updates."""
    sheet = book.sheet(name)
    sheet.set_column(column, column + len(COLUMNS) - 1, 13)
    sheet.freeze_panes(TOP, 1)
    for offset, label in enumerate(COLUMNS):
        sheet.write(TOP - 1, column + offset, label, book.label)
    states = list(islice(descend(book.example, rate), book.updates + 1))
    for count, (parameters, trace, slopes) in enumerate(states):
        sheet.write(TOP + count, column, count, book.plain)
        formulas = _row(book, TOP + count, column, rate_cell)
        values = (*parameters, *trace, *slopes)
        for offset, (formula, value) in enumerate(zip(formulas, values, strict=True), start=1):
            sheet.write_formula(TOP + count, column + offset, formula, book.number, value)
    return states


def _row(book: _Book, row: int, column: int, rate_cell: str) -> list[str]:
    """The formulas of one row: parameters from the row above, forward pass, gradients."""
    here, above = _cells(row, column), _cells(row - 1, column)
    if row == TOP:
        moved = [f"=start_{name}" for name in NAMES]
    else:
        switch = {"b1": "train_biases*", "b2": "train_biases*"}
        moved = [
            f"={above[name]}-{switch.get(name, '')}{rate_cell}*{above[f'∂E/∂{name}']}"
            for name in NAMES
        ]
    ahead = [f"={_excel(symbols, here)}" for symbols in FORWARD.values()]
    return moved + ahead + [f"={_excel(book.chains[name].symbols, here)}" for name in NAMES]


def _learning_rates(book: _Book, rates: Sequence[float]) -> None:
    """The error at each rate side by side, with charts; the trainings have a sheet of their own."""
    sheet, chart_column = book.sheet("Learning rates"), len(rates) + 2
    sheet.set_column(0, len(rates), 14)
    sheet.freeze_panes(TOP, 0)
    sheet.write(0, 0, "The error at different learning rates", book.title)
    sheet.write(1, 0, "Change a yellow rate; each training is worked out in All trainings.")
    sheet.write(4, 0, "learning rate", book.label)
    sheet.write(5, 0, f"updates to E < {GOAL:g}", book.plain)
    sheet.set_column(0, 0, 22)
    sheet.write(TOP - 1, 0, "update", book.label)
    for count in range(book.updates + 1):
        sheet.write(TOP + count, 0, count, book.plain)
    for number, rate in enumerate(rates, start=1):
        letter = xl_col_to_name(number)
        sheet.write(4, number, rate, book.input)
        sheet.write(TOP - 1, number, f"E, rate {number}", book.label)
        start = (number - 1) * (len(COLUMNS) + 1)
        states = _training(book, "All trainings", start, f"'Learning rates'!${letter}$5", rate)
        book.sheet("All trainings").write_formula(
            4, start, f"='Learning rates'!{letter}5", book.label, rate
        )
        for count, (_, trace, _) in enumerate(states):
            place = _cells(TOP + count, start, "'All trainings'!")["E"]
            sheet.write_formula(TOP + count, number, f"={place}", book.number, trace.E)
        above = sum(trace.E >= GOAL for _, trace, _ in states)
        counted = f'COUNTIF({letter}{TOP + 1}:{letter}{book.last_row},">={GOAL:g}")'
        late = f"more than {book.updates}"
        needed = f'=IF({counted}>{book.updates},"{late}",{counted})'
        value = late if above > book.updates else above
        sheet.write_formula(5, number, needed, book.plain, value)
        chart = _chart(book, "Learning rates", [number])
        sheet.insert_chart(4 + 14 * ((number + 1) // 2), chart_column + 6 * (1 - number % 2), chart)
    together = _chart(book, "Learning rates", list(range(1, len(rates) + 1)))
    together.set_size({"width": 780, "height": 330})
    sheet.insert_chart(1, chart_column, together)


def _chart(book: _Book, sheet: str, columns: list[int]) -> Any:
    """Lines of E over the updates, from columns of a sheet."""
    chart = book.file.add_chart({"type": "scatter", "subtype": "straight"})
    for column in columns:
        series = {
            "name": [sheet, 4, column] if sheet == "Learning rates" else "E",
            "categories": [sheet, TOP, 0, book.last_row - 1, 0],
            "values": [sheet, TOP, column, book.last_row - 1, column],
            "line": {"width": 2},
        }
        chart.add_series(series if len(columns) > 1 else series | {"line": {"color": "#d1495b"}})
    chart.set_x_axis({"name": "updates", "min": 0, "max": book.updates})
    chart.set_y_axis({"name": "E", "min": 0, "num_format": "General"})
    if len(columns) == 1:
        chart.set_legend({"none": True})
    chart.set_size({"width": 380, "height": 270})
    return chart


# --- Explanation -----------------------------------------------------------------------------


def _network(book: _Book, state: State, drawing: bytes | None) -> None:
    """The first sheet: the drawing, the forward pass in live numbers, and the falling error."""
    sheet = book.sheet("Network")
    sheet.hide_gridlines(2)
    sheet.set_column("A:H", 13)
    sheet.write("A1", "Back propagation in a network of two inputs and two outputs", book.title)
    sheet.write("A2", "Every number is a formula: change the yellow cells of the sheet Training.")
    if drawing is not None:
        options = {"image_data": BytesIO(drawing), "description": "the network", "x_scale": 0.6}
        sheet.insert_image("A4", "network.png", options | {"y_scale": 0.6})
    sheet.write("A26", "Before the first update", book.heading)
    cells = _cells(TOP, sheet="Training!")
    for number, (name, value) in enumerate(state[1]._asdict().items()):
        row, column = 26 + 2 * (number // 8), number % 8
        sheet.write(row, column, name, book.label)
        sheet.write_formula(row + 1, column, f"={cells[name]}", book.number, value)
    sheet.write("E29", "check of the gradients", book.heading)
    sheet.write_formula("E30", "=Check!B3", None, AGREE)
    chart = _chart(book, "Training", [COLUMNS.index("E")])
    chart.set_title({"name": "E after each update", "name_font": {"size": 12}})
    chart.set_size({"width": 740, "height": 270})
    sheet.insert_chart("A33", chart)


def _steps(book: _Book, states: list[State]) -> None:
    """The derivation: words, the chain rule, the formula and the live number."""
    sheet = book.sheet("Steps")
    sheet.hide_gridlines(2)
    for column, width in enumerate((11, 58, 88, 15)):
        sheet.set_column(column, column, width)
    sheet.write("A1", "One update, step by step", book.title)
    row = 2
    for heading, words, lines in STEPS:
        sheet.write(row, 0, heading, book.heading)
        sheet.merge_range(row + 1, 0, row + 1, 3, words, book.text)
        sheet.set_row(row + 1, 16 * (1 + len(words) // 180))
        for row, line in enumerate(lines, start=row + 2):  # noqa: B020
            _line(book, sheet, row, line, states)
        row += 2
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _line(book: _Book, sheet: Any, row: int, line: str, states: list[State]) -> None:
    now, then = _cells(TOP, sheet="Training!"), _cells(TOP + 1, sheet="Training!")
    kind, _, name = line.rpartition(" " if line.startswith("new") else "/∂")
    if kind == "new":
        rule, symbols = "", f"{name} − learning rate · ∂E/∂{name}"
        formula, value = then[name], getattr(states[1][0], name)
    elif kind == "∂E":
        rule, symbols = book.chains[name].names, book.chains[name].symbols
        formula, value = _excel(symbols, now), book.chains[name].value
    else:
        rule, symbols = "", FORWARD[name]
        formula, value = _excel(symbols, now), getattr(states[0][1], name)
    sheet.write(row, 0, line, book.label)
    sheet.write(row, 1, rule)
    sheet.write(row, 2, symbols)
    sheet.write_formula(row, 3, f"={formula}", book.number, value)


# --- Check: every gradient against a finite difference ---------------------------------------


def _check_shown(book: _Book, state: State) -> None:
    """The comparison in full for one update, which the reader chooses."""
    sheet = book.sheet("Check")
    sheet.set_column("A:K", 15)
    sheet.write("A1", "Check: every gradient against a central finite difference", book.title)
    sheet.write("A3", "verdict", book.label)
    sheet.write("A4", "step", book.label)
    sheet.write("B4", STEP, book.input)
    sheet.write("A5", "update shown", book.label)
    sheet.write("B5", 0, book.input)
    book.file.define_name("check_step", "=Check!$B$4")
    book.file.define_name("check_update", "=Check!$B$5")
    sheet.write("D4", "To see it work, type the published mistake over Training!Y9:")
    mistake = book.chains["w3"].symbols.replace("a_h2·(1 − a_h2)", "a_h1·(1 − a_h1)")
    sheet.write_string("D5", f"={_excel(mistake, _cells(TOP))}")
    labels = ("parameter", "its value", "chain rule", "E a step higher", "E a step lower")
    for column, label in enumerate((*labels, "finite difference", "differ by", "")):
        sheet.write(6, column, label, book.label)
    parameters, _, slopes = state
    cells = _cells(TOP) | {name: f"$B${8 + number}" for number, name in enumerate(NAMES)}
    for row, name in enumerate(NAMES, start=7):
        value, slope = getattr(parameters, name), getattr(slopes, name)
        above, below = (
            forward(book.example, parameters._replace(**{name: value + step})).E
            for step in (STEP, -STEP)
        )
        there, back = _difference(cells, name)
        quotient = (above - below) / (2 * STEP)
        n = row + 1
        sheet.write(row, 0, name, book.label)
        sheet.write_formula(row, 1, _at_update(book, name), book.number, value)
        sheet.write_formula(row, 2, _at_update(book, f"∂E/∂{name}"), book.number, slope)
        sheet.write_formula(row, 3, f"={there}", book.number, above)
        sheet.write_formula(row, 4, f"={back}", book.number, below)
        sheet.write_formula(row, 5, f"=(D{n}-E{n})/(2*check_step)", book.number, quotient)
        sheet.write_formula(row, 6, f"=ABS(C{n}-F{n})", book.small, abs(slope - quotient))
        allowed = f"G{n}<=1E-6*ABS(F{n})+1E-10*(1+D{n})"
        verdict = f'=IF(IFERROR({allowed},FALSE),"agrees","WRONG")'
        sheet.write_formula(row, 7, verdict, book.verdict, "agrees")
    _colour(book, "H8:H17")


def _at_update(book: _Book, name: str) -> str:
    letter = xl_col_to_name(COLUMNS.index(name))
    return f"=INDEX(Training!{letter}${TOP + 1}:{letter}${book.last_row},check_update+1)"


def _check_all(book: _Book, states: list[State]) -> None:
    """The same for all updates, and the verdict."""
    sheet, first = book.sheet("Check"), 22
    last = first + book.updates + 1
    sheet.write("A20", "Disagreement at every update; 1 is the most that rounding explains")
    sheet.write("A22", "all updates", book.label)
    for column, name in enumerate(NAMES, start=1):
        letter = xl_col_to_name(column)
        sheet.write(20, column, name, book.label)
        verdict = f'=IF(COUNTIF({letter}{first + 1}:{letter}{last},">1")=0,"agrees","WRONG")'
        sheet.write_formula(21, column, verdict, book.verdict, "agrees")
    for count, (parameters, trace, slopes) in enumerate(states):
        sheet.write(first + count, 0, count, book.plain)
        cells = _cells(TOP + count, sheet="Training!")
        quotients = finite_differences(book.example, parameters, STEP)
        for column, name in enumerate(NAMES, start=1):
            there, back = _difference(cells, name)
            slope, quotient = getattr(slopes, name), getattr(quotients, name)
            allowed = f"(1E-6*ABS({cells[f'∂E/∂{name}']})+1E-10*(1+{cells['E']}))"
            formula = f"ABS({cells[f'∂E/∂{name}']}-({there}-{back})/(2*check_step))/{allowed}"
            value = abs(slope - quotient) / (1e-6 * abs(slope) + 1e-10 * (1 + trace.E))
            # A cell that cannot be computed counts as wrong.
            formula = f"=IFERROR({formula},999)"
            sheet.write_formula(first + count, column, formula, book.small, value)
    wrong = "".join(
        f'&IF({xl_col_to_name(column)}22="WRONG"," {name}","")'
        for column, name in enumerate(NAMES, start=1)
    )
    verdict = f'=IF(COUNTIF(B22:K22,"WRONG")=0,"{AGREE}","WRONG:"{wrong})'
    sheet.merge_range("B3:D3", "", book.verdict)
    sheet.write_formula("B3", verdict, book.verdict, AGREE)
    _colour(book, "B3:D3")
    _colour(book, "B22:K22")
    above = {"type": "cell", "criteria": ">", "value": 1, "format": book.red}
    sheet.conditional_format(first, 1, last - 1, len(NAMES), above)


def _colour(book: _Book, cells: str) -> None:
    """Red where the text holds WRONG, else green."""
    for criteria, look in (("containing", book.red), ("not containing", book.green)):
        rule = {"type": "text", "criteria": criteria, "value": "WRONG", "format": look}
        book.sheet("Check").conditional_format(cells, rule)

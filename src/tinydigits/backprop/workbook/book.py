"""The worked example as a spreadsheet with live formulas, for Excel or LibreOffice.

Every number follows from the yellow cells by a formula made from the text that the command prints
(`FORWARD` and `chains`). Beside it lies the value that Python found, for viewers that don't
calculate. The sheet `Check` compares every gradient in `Training`, at every update, with a central
finite difference, so that one wrong formula turns it red.
"""

import io
import os
from collections.abc import Sequence
from itertools import islice

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from tinydigits.backprop.example import FORWARD, Example
from tinydigits.backprop.sweep import GOAL, RATES, State, descend
from tinydigits.backprop.workbook.cells import COLUMNS, NAMES, TOP, Book, add_chart, cells_of, excel
from tinydigits.backprop.workbook.check import check_all, check_shown
from tinydigits.backprop.workbook.pages import network, steps
from tinydigits.files import atomic_write


def write_workbook(
    path: str | os.PathLike[str],
    example: Example,
    rate: float = 0.5,
    rates: Sequence[float] = RATES,
    updates: int = 100,
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        example: what the yellow cells hold at first.
        rate: the learning rate of the sheet `Training`.
        rates: the learning rates compared.
        updates: how many updates every training covers, 1 or more.

    Raises:
        OSError: the file cannot be written.
    """
    content = io.BytesIO()
    book = Book(xlsxwriter.Workbook(content, {"in_memory": True}), example, updates)
    for name in ("Network", "Steps", "Training", "Learning rates", "Check", "All trainings"):
        sheet = book.file.add_worksheet(name)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    _settings(book, rate)
    states = _training(book, "Training", 0, "learning_rate", rate)
    check_shown(book, states[0])
    verdict = check_all(book, states)
    network(book, states[0], verdict)
    steps(book, states)
    _learning_rates(book, rates)
    book.file.close()
    atomic_write(path, content.getvalue())


def _settings(book: Book, rate: float) -> None:
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


def _training(book: Book, name: str, column: int, rate_cell: str, rate: float) -> list[State]:
    """One table from `column` on: a row of formulas for 0, 1, 2 ... updates."""
    sheet = book.sheet(name)
    sheet.set_column(column, column + len(COLUMNS) - 1, 13)
    sheet.freeze_panes(TOP, 1)
    for offset, label in enumerate(COLUMNS):
        sheet.write(TOP - 1, column + offset, label, book.label)
    states = list(islice(descend(book.example, rate), book.updates + 1))
    for count, (parameters, trace, gradients) in enumerate(states):
        sheet.write(TOP + count, column, count, book.plain)
        formulas = _row(book, TOP + count, column, rate_cell)
        values = (*parameters, *trace, *gradients)
        for offset, (formula, value) in enumerate(zip(formulas, values, strict=True), start=1):
            sheet.write_formula(TOP + count, column + offset, formula, book.number, value)
    return states


def _row(book: Book, row: int, column: int, rate_cell: str) -> list[str]:
    """The formulas of one row: parameters from the row above, forward pass, gradients."""
    here, above = cells_of(row, column), cells_of(row - 1, column)
    if row == TOP:
        moved = [f"=start_{name}" for name in NAMES]
    else:
        switch = {"b1": "train_biases*", "b2": "train_biases*"}
        moved = [
            f"={above[name]}-{switch.get(name, '')}{rate_cell}*{above[f'∂E/∂{name}']}"
            for name in NAMES
        ]
    ahead = [f"={excel(symbols, here)}" for symbols in FORWARD.values()]
    return moved + ahead + [f"={excel(book.chains[name].symbols, here)}" for name in NAMES]


def _learning_rates(book: Book, rates: Sequence[float]) -> None:
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
        heading = f'="E at rate "&{letter}5'
        sheet.write_formula(TOP - 1, number, heading, book.label, f"E at rate {rate:g}")
        start = (number - 1) * (len(COLUMNS) + 1)
        states = _training(book, "All trainings", start, f"'Learning rates'!${letter}$5", rate)
        book.sheet("All trainings").write_formula(
            4, start, f"='Learning rates'!{letter}5", book.label, rate
        )
        for count, (_, trace, _) in enumerate(states):
            place = cells_of(TOP + count, start, "'All trainings'!")["E"]
            sheet.write_formula(TOP + count, number, f"={place}", book.number, trace.E)
        above = sum(trace.E >= GOAL for _, trace, _ in states)
        counted = f'COUNTIF({letter}{TOP + 1}:{letter}{book.last_row},">={GOAL:g}")'
        late = f"more than {book.updates}"
        needed = f'=IF({counted}>{book.updates},"{late}",{counted})'
        value = late if above > book.updates else above
        sheet.write_formula(5, number, needed, book.plain, value)
        chart = add_chart(book, "Learning rates", [number])
        sheet.insert_chart(4 + 14 * ((number + 1) // 2), chart_column + 6 * (1 - number % 2), chart)
    together = add_chart(book, "Learning rates", list(range(1, len(rates) + 1)))
    together.set_size({"width": 780, "height": 330})
    sheet.insert_chart(1, chart_column, together)

"""The sheet of the workbook that compares every gradient with a central finite difference."""

from typing import Any

from xlsxwriter.utility import xl_col_to_name

from tinydigits.backprop.example import finite_differences, forward
from tinydigits.backprop.sweep import State
from tinydigits.backprop.workbook.cells import (
    COLUMNS,
    NAMES,
    TOP,
    Book,
    cells_of,
    excel,
    stepped_errors,
)

STEP = 1e-5
AGREE = "all gradients agree"


def check_shown(book: Book, state: State) -> None:
    """The comparison in full for one update, which the reader chooses."""
    sheet = book.sheet("Check")
    sheet.set_column("A:K", 15)
    sheet.write("A1", "Check: every gradient against a central finite difference", book.title)
    for row, label, name, value in (
        (4, "step", "check_step", STEP),
        (5, "update shown", "check_update", 0),
    ):
        sheet.write(f"A{row}", label, book.name)
        sheet.write(f"B{row}", value, book.input)
        book.file.define_name(name, f"=Check!$B${row}")
    place = cells_of(TOP, sheet="Training!")["∂E/∂w3"]
    sheet.write("D4", f"To see it work, type the published mistake into {place}:")
    mistake = book.chains["w3"].symbols.replace("a_h2·(1 − a_h2)", "a_h1·(1 − a_h1)")
    sheet.write_string("D5", f"={excel(mistake, cells_of(TOP))}")
    labels = ("parameter", "its value", "chain rule", "E a step higher", "E a step lower")
    for column, label in enumerate((*labels, "finite difference", "differ by", "")):
        sheet.write(6, column, label, book.label)
    for row, name in enumerate(NAMES, start=7):
        _comparison(book, sheet, row, name, state)
    _colour(book, "H8:H17")


def _comparison(book: Book, sheet: Any, row: int, name: str, state: State) -> None:
    parameters, _, gradients = state
    value, gradient = getattr(parameters, name), getattr(gradients, name)
    above, below = (
        forward(book.example, parameters._replace(**{name: value + step})).E
        for step in (STEP, -STEP)
    )
    quotient = (above - below) / (2 * STEP)
    # The parameters of the update shown stand below one another in column B.
    cells = cells_of(TOP) | {each: f"$B${8 + number}" for number, each in enumerate(NAMES)}
    there, back = stepped_errors(cells, name)
    n = row + 1
    verdict = f'=IF(IFERROR(G{n}<={_allowed_text(f"C{n}", f"D{n}")},FALSE),"agrees","WRONG")'
    said = _verdict(abs(gradient - quotient) / _allowed(gradient, above))
    sheet.write(row, 0, name, book.name)
    sheet.write_formula(row, 1, _at_update(book, name), book.number, value)
    sheet.write_formula(row, 2, _at_update(book, f"∂E/∂{name}"), book.number, gradient)
    sheet.write_formula(row, 3, f"={there}", book.number, above)
    sheet.write_formula(row, 4, f"={back}", book.number, below)
    sheet.write_formula(row, 5, f"=(D{n}-E{n})/(2*check_step)", book.number, quotient)
    sheet.write_formula(row, 6, f"=ABS(C{n}-F{n})", book.small, abs(gradient - quotient))
    sheet.write_formula(row, 7, verdict, book.verdict, said)


def _at_update(book: Book, name: str) -> str:
    letter = xl_col_to_name(COLUMNS.index(name))
    return f"=INDEX(Training!{letter}${TOP + 1}:{letter}${book.last_row},check_update+1)"


def check_all(book: Book, states: list[State]) -> str:
    """The same for every parameter at every update, and the verdict, which is returned."""
    sheet, first, last = book.sheet("Check"), 22, 22 + book.updates
    sheet.write("A20", "Disagreement at every update; 1 is the most that rounding explains")
    sheet.write("A22", "all updates", book.name)
    worst = dict.fromkeys(NAMES, 0.0)
    for count, (parameters, trace, gradients) in enumerate(states):
        sheet.write(first + count, 0, count, book.plain)
        quotients = finite_differences(book.example, parameters, STEP)
        cells = cells_of(TOP + count, sheet="Training!")
        for column, name in enumerate(NAMES, start=1):
            gradient = getattr(gradients, name)
            ratio = abs(gradient - getattr(quotients, name)) / _allowed(gradient, trace.E)
            worst[name] = max(worst[name], ratio)
            sheet.write_formula(first + count, column, _ratio(cells, name), book.small, ratio)
    for column, name in enumerate(NAMES, start=1):
        letter = xl_col_to_name(column)
        formula = f'=IF(COUNTIF({letter}{first + 1}:{letter}{last + 1},">1")=0,"agrees","WRONG")'
        sheet.write(20, column, name, book.label)
        sheet.write_formula(21, column, formula, book.verdict, _verdict(worst[name]))
    _colour(book, "B22:K22")
    above = {"type": "cell", "criteria": ">", "value": 1, "format": book.red}
    sheet.conditional_format(first, 1, last, len(NAMES), above)
    return _overall(book, worst)


def _ratio(cells: dict[str, str], name: str) -> str:
    """How far chain rule and finite difference are apart, in units of what is allowed."""
    there, back = stepped_errors(cells, name)
    gradient = cells[f"∂E/∂{name}"]
    ratio = f"ABS({gradient}-({there}-{back})/(2*check_step))/{_allowed_text(gradient, cells['E'])}"
    return f"=IFERROR({ratio},999)"  # what cannot be computed is wrong


def _overall(book: Book, worst: dict[str, float]) -> str:
    """The one sentence on top: all gradients agree, or the names of those that are wrong."""
    sheet = book.sheet("Check")
    names = "".join(
        f'&IF({xl_col_to_name(column)}22="WRONG"," {name}","")'
        for column, name in enumerate(NAMES, start=1)
    )
    formula = f'=IF(COUNTIF(B22:K22,"WRONG")=0,"{AGREE}","WRONG:"{names})'
    wrong = [name for name, ratio in worst.items() if _verdict(ratio) == "WRONG"]
    said = f"WRONG: {' '.join(wrong)}" if wrong else AGREE
    sheet.write("A3", "verdict", book.name)
    sheet.merge_range("B3:D3", "", book.verdict)
    sheet.write_formula("B3", formula, book.verdict, said)
    _colour(book, "B3:D3")
    return said


def _allowed(gradient: float, error: float) -> float:
    """What rounding and the step explain of a difference: a part of the gradient, and one of E."""
    return 1e-6 * abs(gradient) + 1e-10 * (1 + error)


def _allowed_text(gradient: str, error: str) -> str:
    return f"(1E-6*ABS({gradient})+1E-10*(1+{error}))"


def _verdict(ratio: float) -> str:
    return "agrees" if ratio <= 1 else "WRONG"


def _colour(book: Book, cells: str) -> None:
    """Red where the text holds WRONG, else green."""
    for criteria, look in (("containing", book.red), ("not containing", book.green)):
        rule = {"type": "text", "criteria": criteria, "value": "WRONG", "format": look}
        book.sheet("Check").conditional_format(cells, rule)

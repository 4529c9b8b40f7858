"""The sheets of the workbook that explain and check: Network, Steps and Check."""

from io import BytesIO
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from tinydigits.backprop.example import FORWARD, finite_differences, forward
from tinydigits.backprop.sweep import State
from tinydigits.backprop.workbook_cells import (
    COLUMNS,
    NAMES,
    TOP,
    Book,
    add_chart,
    cells_of,
    excel,
    stepped_errors,
)

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


def network(book: Book, state: State, drawing: bytes | None) -> None:
    """The first sheet: the drawing, the forward pass in live numbers, and the falling error."""
    sheet = book.sheet("Network")
    sheet.hide_gridlines(2)
    sheet.set_column("A:H", 13)
    sheet.set_default_row(16)  # said outright, or a viewer with other fonts squeezes the picture
    sheet.write("A1", "Back propagation in a network of two inputs and two outputs", book.title)
    sheet.write("A2", "Every number is a formula: change the yellow cells of the sheet Training.")
    if drawing is not None:
        options = {"image_data": BytesIO(drawing), "description": "the network", "x_scale": 0.6}
        sheet.insert_image("A4", "network.png", options | {"y_scale": 0.6})
    sheet.write("A26", "Before the first update", book.heading)
    cells = cells_of(TOP, sheet="Training!")
    for number, (name, value) in enumerate(state[1]._asdict().items()):
        row, column = 26 + 2 * (number // 8), number % 8
        sheet.write(row, column, name, book.label)
        sheet.write_formula(row + 1, column, f"={cells[name]}", book.number, value)
    sheet.write("E29", "check of the gradients", book.heading)
    sheet.write_formula("E30", "=Check!B3", None, AGREE)
    chart = add_chart(book, "Training", [COLUMNS.index("E")])
    chart.set_size({"width": 740, "height": 270})
    sheet.insert_chart("A33", chart)


def steps(book: Book, states: list[State]) -> None:
    """The derivation: words, the chain rule, the formula and the live number."""
    sheet = book.sheet("Steps")
    sheet.hide_gridlines(2)
    for column, width in enumerate((11, 58, 132, 15)):
        sheet.set_column(column, column, width)
    sheet.write("A1", "One update, step by step", book.title)
    row = 2
    for heading, words, lines in STEPS:
        sheet.write(row, 0, heading, book.heading)
        sheet.merge_range(row + 1, 0, row + 1, 3, words, book.text)
        sheet.set_row(row + 1, 16)
        for row, line in enumerate(lines, start=row + 2):  # noqa: B020
            _line(book, sheet, row, line, states)
        row += 2


def _line(book: Book, sheet: Any, row: int, line: str, states: list[State]) -> None:
    now, then = cells_of(TOP, sheet="Training!"), cells_of(TOP + 1, sheet="Training!")
    kind, _, name = line.rpartition(" " if line.startswith("new") else "/∂")
    if kind == "new":
        rule, symbols = "", f"{name} − learning rate · ∂E/∂{name}"
        formula, value = then[name], getattr(states[1][0], name)
    elif kind == "∂E":
        rule, symbols = book.chains[name].names, book.chains[name].symbols
        formula, value = excel(symbols, now), book.chains[name].value
    else:
        rule, symbols = "", FORWARD[name]
        formula, value = excel(symbols, now), getattr(states[0][1], name)
    sheet.write(row, 0, line, book.name)
    sheet.write_row(row, 1, [rule, symbols] if rule else [symbols])
    sheet.write_formula(row, 3, f"={formula}", book.number, value)


def check_shown(book: Book, state: State) -> None:
    """The comparison in full for one update, which the reader chooses."""
    sheet = book.sheet("Check")
    sheet.set_column("A:K", 15)
    sheet.write("A1", "Check: every gradient against a central finite difference", book.title)
    sheet.write("A3", "verdict", book.name)
    sheet.write("A4", "step", book.name)
    sheet.write("B4", STEP, book.input)
    sheet.write("A5", "update shown", book.name)
    sheet.write("B5", 0, book.input)
    book.file.define_name("check_step", "=Check!$B$4")
    book.file.define_name("check_update", "=Check!$B$5")
    place = cells_of(TOP, sheet="Training!")["∂E/∂w3"]
    sheet.write("D4", f"To see it work, type the published mistake into {place}:")
    mistake = book.chains["w3"].symbols.replace("a_h2·(1 − a_h2)", "a_h1·(1 − a_h1)")
    sheet.write_string("D5", f"={excel(mistake, cells_of(TOP))}")
    labels = ("parameter", "its value", "chain rule", "E a step higher", "E a step lower")
    for column, label in enumerate((*labels, "finite difference", "differ by", "")):
        sheet.write(6, column, label, book.label)
    parameters, _, slopes = state
    cells = cells_of(TOP) | {name: f"$B${8 + number}" for number, name in enumerate(NAMES)}
    for row, name in enumerate(NAMES, start=7):
        value, slope = getattr(parameters, name), getattr(slopes, name)
        above, below = (
            forward(book.example, parameters._replace(**{name: value + step})).E
            for step in (STEP, -STEP)
        )
        there, back = stepped_errors(cells, name)
        quotient = (above - below) / (2 * STEP)
        n = row + 1
        sheet.write(row, 0, name, book.name)
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


def _at_update(book: Book, name: str) -> str:
    letter = xl_col_to_name(COLUMNS.index(name))
    return f"=INDEX(Training!{letter}${TOP + 1}:{letter}${book.last_row},check_update+1)"


def check_all(book: Book, states: list[State]) -> None:
    """The same for all updates, and the verdict."""
    sheet, first = book.sheet("Check"), 22
    last = first + book.updates + 1
    sheet.write("A20", "Disagreement at every update; 1 is the most that rounding explains")
    sheet.write("A22", "all updates", book.name)
    for column, name in enumerate(NAMES, start=1):
        letter = xl_col_to_name(column)
        sheet.write(20, column, name, book.label)
        verdict = f'=IF(COUNTIF({letter}{first + 1}:{letter}{last},">1")=0,"agrees","WRONG")'
        sheet.write_formula(21, column, verdict, book.verdict, "agrees")
    for count, (parameters, trace, slopes) in enumerate(states):
        sheet.write(first + count, 0, count, book.plain)
        cells = cells_of(TOP + count, sheet="Training!")
        quotients = finite_differences(book.example, parameters, STEP)
        for column, name in enumerate(NAMES, start=1):
            there, back = stepped_errors(cells, name)
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


def _colour(book: Book, cells: str) -> None:
    """Red where the text holds WRONG, else green."""
    for criteria, look in (("containing", book.red), ("not containing", book.green)):
        rule = {"type": "text", "criteria": criteria, "value": "WRONG", "format": look}
        book.sheet("Check").conditional_format(cells, rule)

"""The sheets of the workbook that explain: Network and Steps."""

from io import BytesIO
from typing import Any

from tinydigits.backprop.example import FORWARD
from tinydigits.backprop.sweep import State
from tinydigits.backprop.workbook_cells import (
    COLUMNS,
    NAMES,
    TOP,
    Book,
    add_chart,
    cells_of,
    excel,
)

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
        "derivative of a square brings.",
        ("E1", "E2", "E"),
    ),
    (
        "3  The chain rule for an output weight",
        "w5 changes E only by way of o1 and then a_o1, so the gradient is a product of three "
        "derivatives: of the error along a_o1, of the sigmoid, which is a·(1 − a), and of the sum "
        "o1 along w5, which is what w5 multiplies.",
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
        "Once all gradients are known, every weight takes a step downhill: the learning rate times "
        "its gradient. Then all begins again with the new weights, in the next row of Training.",
        tuple(f"new {name}" for name in NAMES),
    ),
)


def network(book: Book, state: State, verdict: str, drawing: bytes | None) -> None:
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
    sheet.write_formula("E30", "=Check!B3", None, verdict)
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
        for number, line in enumerate(lines, start=row + 2):
            _line(book, sheet, number, line, states)
        row += len(lines) + 3


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

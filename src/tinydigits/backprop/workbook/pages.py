"""The sheets of the workbook that explain: Network and Steps."""

from typing import Any

from tinydigits.backprop.example import FORWARD
from tinydigits.backprop.sweep import State
from tinydigits.backprop.workbook.cells import (
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


# The network drawn in cells: where each unit's block is, and each zone of lines between two layers
# with its weights: straight above, down, up, straight below.
_INPUTS, _HIDDEN, _OUTPUTS, _ERRORS = 0, 5, 10, 12
_ABOVE, _BELOW = 4, 10  # the upper row of the blocks
_ZONES = {_INPUTS + 1: ("w1", "w3", "w2", "w4"), _HIDDEN + 1: ("w5", "w7", "w6", "w8")}
_ZONE = 4  # cells across, and down between the blocks: so the diagonals meet the blocks' corners
_FILLS = {"i": "#e3ebf2", "h": "#fff2b3", "o": "#f8d7da"}


def network(book: Book, state: State, verdict: str) -> None:
    """The first sheet: the network drawn in cells that are formulas, and the falling error."""
    sheet = book.sheet("Network")
    sheet.hide_gridlines(2)
    sheet.set_default_row(18)
    widths = {_INPUTS: 14, _HIDDEN: 18, _OUTPUTS: 18, _OUTPUTS + 1: 2, _ERRORS: 20}
    for column in range(_ERRORS + 1):
        sheet.set_column(column, column, widths.get(column, 7))
    sheet.write("A1", "Back propagation in a network of two inputs and two outputs", book.title)
    sheet.write("A2", "Every number is a formula: change the yellow cells of the sheet Training.")
    headings = {_INPUTS: "inputs", _HIDDEN: "hidden, σ", _OUTPUTS: "outputs, σ", _ERRORS: "error"}
    for column, heading in headings.items():
        sheet.write(_ABOVE - 1, column, heading, book.name)

    show = _Drawing(book, state)
    for row, number in ((_ABOVE, 1), (_BELOW, 2)):
        show.block(row, _INPUTS, f"i{number}")
        show.block(row, _HIDDEN, f"h{number}", f"a_h{number}")
        show.block(row, _OUTPUTS, f"o{number}", f"a_o{number}")
        show.number(row, _ERRORS, f"t{number}")
        show.number(row + 1, _ERRORS, f"E{number}", "0.000000000")
    for column, weights in _ZONES.items():
        show.zone(column, *weights)
    show.number(_ABOVE + 4, _ERRORS, "E", "0.000000000", bold=True)
    sheet.write(_BELOW + 3, _INPUTS, "biases", book.name)
    show.number(_BELOW + 3, _HIDDEN, "b1")
    show.number(_BELOW + 3, _OUTPUTS, "b2")
    sheet.write(_BELOW + 5, _INPUTS, "gradients", book.name)
    sheet.write_formula(_BELOW + 5, _INPUTS + 1, "=Check!B3", None, verdict)
    chart = add_chart(book, "Training", [COLUMNS.index("E")])
    chart.set_size({"width": 940, "height": 290})
    sheet.insert_chart(_BELOW + 7, 0, chart)


class _Drawing:
    """Cells that show numbers of the first forward pass, and the lines between them."""

    def __init__(self, book: Book, state: State) -> None:
        self._file, self._sheet = book.file, book.sheet("Network")
        self._cells = cells_of(TOP, sheet="Training!")
        given = (*book.example.inputs, *book.example.targets)
        inputs = dict(zip(("i1", "i2", "t1", "t2"), given, strict=True))
        self._values = inputs | state[0]._asdict() | state[1]._asdict()

    def number(
        self,
        row: int,
        column: int,
        name: str,
        digits: str = "0.0000",
        size: tuple[int, int] = (1, 1),
        **look: Any,
    ) -> None:
        """`name = number` in a cell that is the number; `size` is (down, across) of merged ones."""
        # The minus has a place of its own, or it would stand before the name.
        shown = {"num_format": f'"{name} = "{digits};"{name} = -"{digits}', "shrink": True}
        look = self._file.add_format(shown | {"align": "center", "valign": "vcenter"} | look)
        if size != (1, 1):
            last = row + size[0] - 1, column + size[1] - 1
            self._sheet.merge_range(row, column, *last, "", look)
        formula = f"={self._cells[name]}"
        self._sheet.write_formula(row, column, formula, look, self._values[name])

    def block(self, row: int, column: int, *names: str) -> None:
        """A unit: what it receives above what it gives."""
        frame: dict[str, Any] = {"left": 2, "right": 2, "bg_color": _FILLS[names[0][0]]}
        if len(names) == 1:
            self.number(row, column, names[0], size=(2, 1), top=2, bottom=2, bold=True, **frame)
        else:
            self.number(row, column, names[0], top=2, **frame)
            self.number(row + 1, column, names[1], bottom=2, bold=True, **frame)

    def zone(self, column: int, above: str, down: str, up: str, below: str) -> None:
        """The four lines from one layer to the next, each with its weight."""
        self.number(_ABOVE, column, above, size=(1, _ZONE), bottom=1)
        self.number(_BELOW, column, below, size=(1, _ZONE), bottom=1)
        first = _ABOVE + 2
        for place in range(_ZONE):
            for row, kind in ((first + place, 2), (first + _ZONE - 1 - place, 1)):
                line = self._file.add_format({"diag_type": kind, "diag_border": 1})
                self._sheet.write_blank(row, column + place, None, line)
        self.number(first, column + 1, down, size=(1, _ZONE - 2), align="left")
        self.number(first + _ZONE - 1, column + 1, up, size=(1, _ZONE - 2), align="left")


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

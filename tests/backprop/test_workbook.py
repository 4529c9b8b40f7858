"""The workbook, recalculated by an independent spreadsheet engine, and the mistakes it catches."""

import re
import warnings
import zipfile
from itertools import islice

import numpy as np
import openpyxl
import pytest

from tinydigits.backprop.example import Example, Parameters, forward
from tinydigits.backprop.sweep import RATES, descend
from tinydigits.backprop.workbook.book import write_workbook
from tinydigits.backprop.workbook.cells import COLUMNS, TOP

FIRST = TOP + 1  # the row of the state before the first update, as a spreadsheet counts
LETTER = {
    name: openpyxl.utils.get_column_letter(number) for number, name in enumerate(COLUMNS, start=1)
}
OTHER = Example((0.3, -0.2), (0.01, 0.99), Parameters(w3=-0.4, b1=0.35, b2=0.60), True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The default workbook, with one update and two rates."""
    path = tmp_path_factory.mktemp("workbook") / "plain.xlsx"
    write_workbook(path, Example(), 0.5, (0.1, 2.0), updates=1)
    return path


@pytest.fixture(scope="module")
def recalculate(plain):
    """Find every cell of the workbook, by sheet and place, from the formulas alone.

    Other cells of Training can be given by their places. Reading a workbook takes the engine
    seconds, so all tests share what it has read: a formula that is given is worked out for itself,
    from the cells as they are in the workbook.
    """
    with warnings.catch_warnings():
        # The spreadsheet engine's own: unclosed files and deprecated calls inside it.
        warnings.simplefilter("ignore")
        import formulas

        model = formulas.ExcelModel().loads(str(plain)).finish()
        unchanged = model.calculate()
    names = openpyxl.load_workbook(plain).defined_names

    def place_in_model(place):
        return f"'[{plain.name}]TRAINING'!{place}"

    def worked_out(text):
        for name, place in names.items():
            text = text.replace(name, place.attr_text.removeprefix("Training!").replace("$", ""))
        compiled = formulas.Parser().ast(text)[1].compile()
        values = [unchanged[place_in_model(place)].value for place in compiled.inputs]
        return float(np.ravel(compiled(*values))[0])

    def run(cells):
        given = {
            place_in_model(place): worked_out(cell) if str(cell).startswith("=") else cell
            for place, cell in cells.items()
        }
        found = {}
        for key, ranges in (model.calculate(given) if cells else unchanged).items():
            match = re.fullmatch(r"'\[.*\](.*)'!([A-Z]+\d+)", str(key))
            if match:
                found[match[1], match[2]] = ranges.value[0, 0]
        return found

    return run


@pytest.fixture(scope="module")
def recalculated(recalculate):
    return recalculate({})


def yellow(example, rate):
    """The yellow cells of Training that hold this example."""
    numbers = (rate, *example.start, *example.inputs, *example.targets, int(example.train_biases))
    return {f"{openpyxl.utils.get_column_letter(n)}5": v for n, v in enumerate(numbers, start=1)}


def assert_is_training(cells, sheet, first_column, example, rate, rows):
    """A table of the workbook holds exactly the states that Python finds."""
    for row, state in enumerate(islice(descend(example, rate), rows), start=FIRST):
        values = [value for part in state for value in part]
        for offset, value in enumerate(values, start=1):
            letter = openpyxl.utils.get_column_letter(first_column + offset)
            place = f"{letter}{row}"
            found = float(cells[sheet, place])
            assert found == pytest.approx(value, rel=1e-12, abs=1e-16), (sheet, place)


def test_the_formulas_give_what_python_gives(recalculated):
    assert_is_training(recalculated, "TRAINING", 1, Example(), 0.5, 2)
    assert_is_training(recalculated, "ALL TRAININGS", 1, Example(), 0.1, 2)
    second = 1 + len(COLUMNS) + 1
    assert_is_training(recalculated, "ALL TRAININGS", second, Example(), 2.0, 2)


def test_every_cached_value_is_what_its_formula_gives(plain, recalculated):
    formulas = openpyxl.load_workbook(plain)
    values = openpyxl.load_workbook(plain, data_only=True)
    compared = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.data_type == "f":
                cached = values[sheet.title][cell.coordinate].value
                found = recalculated[sheet.title.upper(), cell.coordinate]
                if isinstance(cached, str):
                    assert found == cached
                elif sheet.title == "Check":  # rounding of E divided by the step
                    assert float(found) == pytest.approx(cached, rel=1e-8, abs=1e-2)
                else:
                    assert float(found) == pytest.approx(cached, rel=1e-12, abs=1e-16)
                compared += 1
    assert compared > 300


def test_all_gradients_agree_when_nothing_is_wrong(recalculated):
    assert recalculated["CHECK", "B3"] == "all gradients agree"
    assert recalculated["NETWORK", "B16"] == "all gradients agree"
    for row in range(8, 18):
        assert recalculated["CHECK", f"H{row}"] == "agrees"
        chain, difference = (float(recalculated["CHECK", f"{c}{row}"]) for c in "CF")
        assert chain == pytest.approx(difference, rel=1e-8)


def test_the_yellow_cells_drive_everything_and_the_drawing_follows(plain, recalculate):
    changed = recalculate(yellow(OTHER, 0.8))
    assert_is_training(changed, "TRAINING", 1, OTHER, 0.8, 2)
    assert changed["CHECK", "B3"] == "all gradients agree"
    trace = forward(OTHER, OTHER.start)
    known = dict(zip(("i1", "i2", "t1", "t2"), (*OTHER.inputs, *OTHER.targets), strict=True))
    known |= OTHER.start._asdict() | trace._asdict()
    shown = {}
    for cell in (cell for row in openpyxl.load_workbook(plain)["Network"] for cell in row):
        if name := re.fullmatch(r'"(\w+) = "(0[.0]+);"\1 = -"\2', cell.number_format):
            shown[name[1]] = float(changed["NETWORK", cell.coordinate])
        elif cell.value is not None:  # else it has words and no number of its own
            assert not re.search(r"\d", str(cell.value).replace("B3", ""))
    assert shown == pytest.approx(known, rel=1e-12)


BIG = [
    Parameters(*(size * sign for sign in signs), 0, 0)
    for size, signs in ((800, (1,) * 8), (1e6, (-1, 1, 1, 1, 1, -1, -1, -1)))
]


@pytest.mark.parametrize("start", BIG)
def test_sums_of_any_size_overflow_nowhere(start, recalculate, tmp_path):
    """EXP gives #NUM! from 710 on, in Excel as in the engine here."""
    example = Example((1, 1.5), (0.01, 0.99), start)
    write_workbook(tmp_path / "big.xlsx", example, 0.5, (0.1,), updates=1)  # takes numbers only
    found = recalculate(yellow(example, 0.5))
    assert_is_training(found, "TRAINING", 1, example, 0.5, 2)
    _, trace, _ = next(descend(example, 0.5))
    assert max(map(abs, trace)) > 700
    for value in found.values():
        assert "#" not in str(value)


def test_every_power_of_e_is_of_nothing_above_0(plain):
    for sheet in openpyxl.load_workbook(plain):
        for cell in (cell for row in sheet for cell in row):
            text = str(cell.value)
            safe = text.count("EXP(MIN(") + text.count("EXP(-ABS(")
            assert text.count("EXP(") == safe and len(text) <= 8192  # Excel's longest formula


def formula(path, place):
    return openpyxl.load_workbook(path)["Training"][place].value


def with_the_first_units_sigmoid(path, row):
    """Seven of nine published sheets: a_h1·(1 − a_h1) in w3 and w4, where a_h2 belongs."""
    right, wrong = (f"{LETTER[a]}{row}*(1-{LETTER[a]}{row})" for a in ("a_h2", "a_h1"))
    places = [f"{LETTER[name]}{row}" for name in ("∂E/∂w3", "∂E/∂w4")]
    assert all(right in formula(path, place) for place in places)
    return {place: formula(path, place).replace(right, wrong) for place in places}


def with_the_first_input(path, row):
    """One of nine: w2 with i1 in place of i2."""
    place = f"{LETTER['∂E/∂w2']}{row}"
    return {place: formula(path, place).replace("input_2", "input_1")}


def with_updated_weights(path, row):
    """Back propagation through weights that were already changed: those of the next row."""
    changed = {}
    for name in ("∂E/∂w1", "∂E/∂w2", "∂E/∂w3", "∂E/∂w4"):
        text = formula(path, f"{LETTER[name]}{row}")
        for weight in ("w5", "w6", "w7", "w8"):
            text = text.replace(f"{LETTER[weight]}{row}", f"{LETTER[weight]}{row + 1}")
        changed[f"{LETTER[name]}{row}"] = text
    return changed


def with_the_right_formulas(path, row):
    places = [f"{LETTER[name]}{row}" for name in LETTER if name.startswith("∂E/∂w")]
    return {place: formula(path, place) for place in places}


def with_text(path, row):
    return {f"{LETTER['∂E/∂w7']}{row}": "oops"}


@pytest.mark.parametrize(
    ("mistake", "update", "verdict"),
    [
        (with_the_first_units_sigmoid, 0, "WRONG: w3 w4"),
        (with_the_first_input, 1, "WRONG: w2"),
        (with_updated_weights, 0, "WRONG: w1 w2 w3 w4"),
        (with_text, 1, "WRONG: w7"),
        (with_the_right_formulas, 0, "all gradients agree"),
    ],
)
def test_a_planted_mistake_turns_the_check_red(plain, recalculate, mistake, update, verdict):
    changed = recalculate(mistake(plain, FIRST + update))
    assert changed["CHECK", "B3"] == verdict
    shown = {changed["CHECK", f"A{row}"]: changed["CHECK", f"H{row}"] for row in range(8, 18)}
    wrong = [name for name, said in shown.items() if said == "WRONG"]
    assert wrong == (re.findall(r"w\d", verdict) if update == 0 else [])


def test_the_mistake_that_the_check_sheet_suggests_is_the_published_one(plain):
    sheet = openpyxl.load_workbook(plain)["Check"]
    place, text = next(iter(with_the_first_units_sigmoid(plain, FIRST).items()))
    assert sheet["D4"].value.endswith(f"Training!{place}:")
    assert sheet["D5"].value == text


def test_wrong_is_red(plain):
    sheet = openpyxl.load_workbook(plain)["Check"]
    red = {
        str(ranges.sqref): rule
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
        if rule.dxf.fill.bgColor.rgb == "FFD1495B"
    }
    assert set(red) == {"B3:D3", "H8:H17", "B22:K22", "B23:K24"}
    assert all(red[cells].text == "WRONG" for cells in ("B3:D3", "H8:H17", "B22:K22"))
    assert (red["B23:K24"].operator, red["B23:K24"].formula) == ("greaterThan", ["1"])


def test_the_full_workbook_has_its_sheets_names_and_charts(tmp_path):
    path = tmp_path / "full.xlsx"
    write_workbook(path, Example(), 0.5, RATES, 100)
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    assert book.sheetnames == [
        "Network", "Steps", "Training", "Learning rates", "Check", "All trainings",
    ]  # fmt: skip
    starts = {f"start_{name}" for name in Parameters._fields}
    others = {"learning_rate", "input_1", "input_2", "target_1", "target_2", "train_biases"}
    assert starts | others | {"check_step", "check_update"} == set(book.defined_names)
    training, rates = ([None, *book[name].values] for name in ("Training", "Learning rates"))
    book.close()
    assert rates[5][1:7] == RATES
    assert rates[6][1:7] == ("more than 100",) * 3 + (97, 78, 39)
    assert rates[FIRST + 67][1] == pytest.approx(0.0095721394655, rel=1e-9)
    assert training[FIRST + 100][0] == 100
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        assert sum(name.startswith("xl/charts/chart") for name in names) == 8
        assert not any(name.startswith("xl/media") for name in names)  # no fixed picture

"""The command `tinydigits backprop` as a stranger uses it."""

import json

import openpyxl
import pytest
from PIL import Image

from tinydigits.backprop.example import Example, Parameters, backward, forward
from tinydigits.backprop.workbook.book import write_workbook

PUBLISHED = ("--targets", "0.01,0.99", "--biases", "0.35,0.60")


@pytest.fixture
def numbers(command):
    """What `tinydigits backprop --json ARGUMENTS` writes."""

    def run(*arguments):
        status, output, _ = command("backprop", "--json", *arguments)
        assert status == 0
        return json.loads(output)

    return run


def test_the_text_shows_every_step(command):
    status, text, _ = command("backprop")
    assert status == 0
    for line in (
        "E    = E1 + E2",
        "= 0.0141813779379",
        "∂E/∂w5 = ∂E/∂a_o1 · ∂a_o1/∂o1 · ∂o1/∂w5",
        "= (a_o1 − t1)·a_o1·(1 − a_o1)·a_h1",
        "= (0.606478 − 0.5)·0.606478·(1 − 0.606478)·0.506875",
        "= 0.0128808186316",
        "w5 = 0.4 − 0.5·0.0128808186316 = 0.393559590684",
        "0.1     0.0078473967372         785",
        "2.0     2.54679992846e-08       39",
        "above a rate of 67.1",
    ):
        assert line in text
    assert "b1" not in text
    sections = ("The example", "Forward", "Backward", "Check", "Update", "Learning rates")
    places = [text.index(f"{name}") for name in sections]
    assert places == sorted(places)


def test_trained_biases_are_shown_with_their_gradients(command):
    text = command("backprop", *PUBLISHED).output
    for part in (
        "= w1·i1 + w2·i2 + b1 ",
        "∂E/∂b2 = ∂E/∂a_o1 · ∂a_o1/∂o1 + ∂E/∂a_o2 · ∂a_o2/∂o2",
        "b1 = 0.35 − 0.5·0.0187256093947",
        "w7 = 0.5 − 0.5·(-0.0226025404775)",
    ):
        assert part in text


def test_json_holds_everything_at_full_precision(numbers):
    found = numbers()
    example = Example()
    trace = forward(example, example.start)
    gradients = backward(example, example.start, trace)
    assert found["initial"]["trace"] == trace._asdict()
    assert found["initial"]["error"] == trace.E
    assert found["initial"]["gradients"] == dict(list(gradients._asdict().items())[:8])
    rates = found["learning_rates"]
    assert list(rates) == ["0.1", "0.2", "0.5", "0.8", "1.0", "2.0"]
    assert [rate["updates_to_1e-4"] for rate in rates.values()] == [785, 392, 156, 97, 78, 39]
    assert all(len(rate["errors"]) == 101 for rate in rates.values())
    assert rates["0.5"]["errors"][67] == pytest.approx(0.0017820220655, rel=1e-9)
    assert found["first_rise"] == pytest.approx(67.1, abs=0.05)


def test_json_in_the_published_setting_with_trained_and_with_fixed_biases(numbers):
    trained, fixed = numbers(*PUBLISHED), numbers(*PUBLISHED, "--fixed-biases")
    assert trained["initial"]["error"] == pytest.approx(0.298371109, rel=1e-9)
    assert fixed["initial"]["error"] == trained["initial"]["error"]
    assert set(trained["initial"]["gradients"]) - set(fixed["initial"]["gradients"]) == {"b1", "b2"}
    assert (
        trained["learning_rates"]["0.5"]["errors"][9] < fixed["learning_rates"]["0.5"]["errors"][9]
    )


def test_every_number_can_be_changed(numbers):
    weights = (1, -2, 3, -4, 0.5, 0.6, 0.7, 0.8)
    found = numbers(
        "--inputs", "1,-1", "--targets", "0.2 0.7", "--weights", " ".join(map(str, weights)),
        "--updates", "3", "--learning-rate", "0.3", "--learning-rate", "4.,5e-1",
    )  # fmt: skip
    example = Example((1, -1), (0.2, 0.7), Parameters(*weights))
    assert found["initial"]["error"] == forward(example, example.start).E
    assert list(found["learning_rates"]) == ["0.3", "4.0", "0.5"]
    assert all(len(rate["errors"]) == 4 for rate in found["learning_rates"].values())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--inputs", "0.3,-0.2", "--targets", "0.,1", "--learning-rate", "0.5,2"),
        ("--inputs", "0.3,-0.2", "--targets", "0, 1", "--learning-rate", "0.5,2"),
        ("--inputs", "0.3", "-0.2", "--targets", "0", "1", "--learning-rate", "0.5", "2"),
        ("--inputs=0.3", "-0.2", "--targets=0,", "1", "--learning-rate=0.5", "--learning-rate=2"),
    ],
)
def test_numbers_may_be_separated_by_commas_or_blanks(arguments, numbers):
    found = numbers(*arguments)
    assert (found["example"]["inputs"], found["example"]["targets"]) == ([0.3, -0.2], [0, 1])
    assert list(found["learning_rates"]) == ["0.5", "2.0"]


def test_a_goal_out_of_reach_is_null_and_said_so(command, numbers):
    arguments = ("--targets", "2", "2", "--learning-rate", "0.5", "--updates", "5")
    assert numbers(*arguments)["learning_rates"]["0.5"]["updates_to_1e-4"] is None
    assert "not within 50,000" in command("backprop", *arguments).output


def test_the_given_rate_is_the_one_of_the_worked_update(command):
    text = command("backprop", "--learning-rate", "0.25,1").output
    assert "Update at a learning rate of 0.25" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--weights", "1.,2.,3"),
            "--weights needs 8 numbers separated by commas, but '1.,2.,3' has 3",
        ),
        (
            ("--inputs", "0,05"),
            "--inputs 0,05: 0,05 could be one number or two; write 0.05 for one, or 0 5 for two",
        ),
        (("--targets=-0,5",), "write -0.5 for one, or -0 5 for two"),
        (("--biases", "0.35,0,60"), "write 0.60 for one, or 0 60 for two"),
        (("--weights", "1,5e-1"), "write 1.5e-1 for one, or 1 0.5 for two"),
        (("--learning-rate", "0.1", "--learning-rate", "0,5"), "write 0.5 for one, or 0 5 for two"),
        (("--targets", "half,1"), "--targets needs 2 numbers separated by commas, not 'half,1'"),
        (("--biases", ""), "--biases needs 2 numbers separated by commas, but '' has 0"),
        (("--inputs", "nan,1"), "must be numbers between -1000000 and 1000000, not nan"),
        (("--learning-rate", "0"), "a learning rate must be above 0 and at most 1000000, not 0"),
        (("--learning-rate", "nan"), "a learning rate must be above 0"),
        (("--learning-rate", "1e7"), "a learning rate must be above 0"),
        (("--learning-rate", "fast"), "--learning-rate needs one or more numbers"),
        (("--inputs", "1", "2", "3"), "--inputs needs 2 numbers separated by commas, but '1 2 3'"),
        (("--updates", "-1"), "the number of updates must be between 0 and 100,000, not -1"),
    ],
)
def test_bad_input_is_one_clear_sentence(arguments, sentence, command):
    status, output, error = command("backprop", *arguments)
    assert (status, output) == (1, "")
    assert error.startswith("tinydigits: ")
    assert sentence in error
    assert error.count("\n") == 1


def test_out_holds_the_workbook_and_every_picture(tmp_path, command):
    folder = tmp_path / "new" / "folder"
    arguments = ["--out", folder, "--learning-rate", "0.5,2", "--updates", "20", *PUBLISHED]
    assert command("backprop", *arguments).status == 0
    pictures = {"network.png", "error_0.5.png", "error_2.0.png", "error_all.png"}
    assert {path.name for path in folder.iterdir()} == pictures | {"back_propagation.xlsx"}
    for name in pictures:
        with Image.open(folder / name) as picture:
            assert picture.width > 600
            assert picture.convert("L").getextrema() == (pytest.approx(0, abs=80), 255)
    book = openpyxl.load_workbook(folder / "back_propagation.xlsx", data_only=True)
    assert [book["Training"].cell(5, column).value for column in (1, 10, 11)] == [0.5, 0.35, 0.6]
    assert book["Training"].cell(9 + 100, 1).value == 100


def test_a_folder_that_cannot_be_written(tmp_path, command):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        status, output, error = command("backprop", "--out", folder)
        assert (status, output) == (1, "")
        assert error.startswith(f"tinydigits: {folder}")
        assert error.count("\n") == 1


def test_a_full_disk_names_the_file(small_disk, command):
    folder = small_disk(4)
    status, output, error = command("backprop", "--out", folder / "out")
    assert (status, output) == (1, "")
    assert error == f"tinydigits: {folder}/out/network.png: No space left on device\n"
    assert not list((folder / "out").iterdir())
    path = folder / "book.xlsx"
    with pytest.raises(OSError, match=r"No space left on device: .*/disk/book\.xlsx'"):
        write_workbook(path, Example(), 0.5, (0.5, 1.0), 1)
    assert not path.exists()

"""The arithmetic of the tab Learn, run in a browser, against the Python that it teaches."""

import json
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from tinydigits.backprop.example import (
    FORWARD,
    Example,
    Parameters,
    backward,
    chains,
    finite_differences,
    forward,
    sigmoid,
)
from tinydigits.backprop.sweep import RATES, descend, first_rise, learn
from tinydigits.cli import app
from tinydigits.web.page import STATIC, join_modules

OTHER = Example((0.05, 0.10), (0.01, 0.99), Parameters(b1=0.35, b2=0.60), train_biases=True)
FIXED = Example((0.05, 0.10), (0.01, 0.99), Parameters(b1=0.35, b2=0.60))
BIASES = ("--targets", "0.01,0.99", "--biases", "0.35,0.60")
SETTINGS = {
    "usual": (Example(), ()),
    "other targets": (
        Example(targets=(0.01, 0.99)),
        ("--targets", "0.01,0.99"),
    ),
    "trained biases": (OTHER, BIASES),
    "fixed biases": (FIXED, (*BIASES, "--fixed-biases")),
}
MISTAKES = ("sigmoid", "input", "changed")
CLOSE: dict[str, Any] = {"rel": 1e-12, "abs": 1e-12}


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    modules = ("backprop", "chains", "training", "steps", "formula", "lesson")
    names = ", ".join(f"${name}" for name in modules)
    publish = f"Object.assign(window, {names}); window.link = $link;"
    page.evaluate(f"() => {{ {join_modules(STATIC, 'learn/learn')}\n{publish} }}")
    yield page
    page.close()


def given(example: Example, rate: float = 0.5, mistake: str = "none") -> dict[str, Any]:
    """An example as the page holds it."""
    names = ("i1", "i2", "t1", "t2")
    numbers = dict(zip(names, (*example.inputs, *example.targets), strict=True))
    rest = {"rate": rate, "trainBiases": example.train_biases, "mistake": mistake}
    return numbers | example.start._asdict() | rest


@pytest.mark.parametrize("name", SETTINGS)
def test_every_number_is_that_of_the_command(blank: Page, name: str) -> None:
    example, arguments = SETTINGS[name]
    result = CliRunner().invoke(app, ["backprop", "--json", *arguments])
    wanted = json.loads(result.stdout)
    found = blank.evaluate(
        """(given) => {
          const p = start(given), trace = forward(given, p), right = { ...given };
          return {
            trace, gradients: backward(given, p, trace), differences: finiteDifferences(given, p),
            curves: RATES.map((rate) => errorCurve({ ...given, rate }, 100)),
            goals: RATES.map((rate) => updatesToGoal({ ...given, rate })), rise: firstRise(given),
          };
        }""",
        given(example),
    )
    initial, rates = wanted["initial"], list(wanted["learning_rates"].values())
    assert found["trace"] == pytest.approx(initial["trace"], **CLOSE)
    for each, value in initial["gradients"].items():
        assert found["gradients"][each] == pytest.approx(value, **CLOSE)
    for each, value in initial["finite_differences"].items():
        # One unit in the last place of E, over 2 steps of 1e-5, is 6e-12.
        assert found["differences"][each] == pytest.approx(value, abs=2e-11)
    assert len(rates) == len(RATES)
    for curve, rate in zip(found["curves"], rates, strict=True):
        assert curve == pytest.approx(rate["errors"], **CLOSE)
    assert found["goals"] == [rate["updates_to_1e-4"] for rate in rates]
    if wanted["first_rise"] is None:
        assert found["rise"] is None
    else:
        assert found["rise"] == pytest.approx(wanted["first_rise"], rel=1e-9)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", SETTINGS)
def test_parameters_and_gradients_after_100_updates(blank: Page, name: str, rate: float) -> None:
    example, _ = SETTINGS[name]
    parameters, trace, gradients = next(islice(descend(example, rate), 100, None))
    found = blank.evaluate(
        """(given) => {
          const p = new Training(given).at(100), trace = forward(given, p);
          return [p, trace, backward(given, p, trace)];
        }""",
        given(example, rate),
    )
    for ours, theirs in zip(found, (parameters, trace, gradients), strict=True):
        assert ours == pytest.approx(theirs._asdict(), **CLOSE)


def test_a_goal_that_is_never_reached_is_null(blank: Page) -> None:
    example = Example(targets=(2.0, 2.0))
    assert learn(example, 0.5, 0).updates_to_goal is None
    assert blank.evaluate("updatesToGoal", given(example)) is None
    still = Example(start=Parameters(*[0.0] * 10), targets=(0.5, 0.5))
    assert first_rise(still) is None
    assert blank.evaluate("firstRise", given(still)) is None


@pytest.mark.parametrize("name", SETTINGS)
def test_every_factor_has_the_name_formula_and_value_of_the_chain(blank: Page, name: str) -> None:
    example, _ = SETTINGS[name]
    trace = forward(example, example.start)
    wanted = chains(example, example.start, trace)
    found = blank.evaluate(
        "(given) => chains(given, start(given), forward(given, start(given)))", given(example)
    )
    assert list(found) == list(wanted)
    for each, chain in wanted.items():
        assert found[each]["value"] == pytest.approx(chain.value, **CLOSE)
        ways = found[each]["ways"]
        names = " + ".join(" · ".join(factor["name"] for factor in way) for way in ways)
        assert names == chain.names
        ours = [factor for way in ways for factor in way]
        theirs = [factor for way in chain.ways for factor in way]
        for one, other in zip(ours, theirs, strict=True):
            assert one["value"] == pytest.approx(other.value, **CLOSE)
            written = one["name"] if one["symbols"] == one["name"] else one["symbols"]
            assert written in (other.symbols, other.symbols.strip("()"), other.name)


def test_the_forward_formulas_are_those_of_python(blank: Page) -> None:
    assert blank.evaluate("FORWARD") == FORWARD


def test_the_planted_mistakes_are_the_published_ones(blank: Page) -> None:
    example = Example()
    trace = forward(example, example.start)
    right = backward(example, example.start, trace)
    found = {
        mistake: blank.evaluate(
            "(given) => gradientsOf(given, start(given), forward(given, start(given)))",
            given(example, mistake=mistake),
        )
        for mistake in ("none", *MISTAKES)
    }
    assert found["none"] == pytest.approx(right._asdict(), **CLOSE)
    bend = trace.a_h1 * (1 - trace.a_h1) / (trace.a_h2 * (1 - trace.a_h2))
    sigmoid_wrong = right._replace(w3=right.w3 * bend, w4=right.w4 * bend)
    assert found["sigmoid"] == pytest.approx(sigmoid_wrong._asdict(), **CLOSE)
    assert found["input"] == pytest.approx(right._replace(w2=right.w1)._asdict(), **CLOSE)
    moved = {
        n: getattr(example.start, n) - 0.5 * getattr(right, n) for n in ("w5", "w6", "w7", "w8")
    }
    changed = backward(example, example.start._replace(**moved), trace)
    assert found["changed"] == pytest.approx(changed._asdict(), **CLOSE)


@pytest.mark.parametrize("updates", [0, 100])
@pytest.mark.parametrize(
    ("mistake", "wrong"),
    [("none", ""), ("sigmoid", "w3 w4"), ("input", "w2"), ("changed", "w1 w2 w3 w4")],
)
@pytest.mark.parametrize("name", SETTINGS)
def test_the_check_names_what_is_wrong(
    blank: Page, name: str, mistake: str, wrong: str, updates: int
) -> None:
    example, _ = SETTINGS[name]
    rows = blank.evaluate(
        "([given, updates]) => check(given, new Training(given).at(updates))",
        [given(example, mistake=mistake), updates],
    )
    assert len(rows) == (10 if example.train_biases else 8)
    if mistake == "changed" and example.train_biases:
        wrong += " b1"  # which hangs on the same hidden units
    assert " ".join(row["name"] for row in rows if not row["agrees"]) == wrong


def test_a_right_network_passes_the_check_whatever_its_numbers(blank: Page) -> None:
    random = Random(0)
    settings = []
    for _ in range(2000):
        size, reach = 10 ** random.uniform(-3, 4), 10 ** random.uniform(-3, 1)
        start = Parameters(*(random.uniform(-reach, reach) for _ in range(10)))
        inputs = (random.uniform(-size, size), random.uniform(-size, size))
        targets = (random.uniform(-1, 2), random.uniform(-1, 2))
        settings.append(given(Example(inputs, targets, start, train_biases=True)))
    failed = blank.evaluate(
        "(all) => all.filter((given) => check(given, start(given)).some((row) => !row.agrees))",
        settings,
    )
    assert failed == []


def test_random_networks_have_the_gradients_of_python(blank: Page) -> None:
    random = Random(1)
    for _ in range(50):
        numbers = [random.uniform(-5, 5) for _ in range(14)]
        example = Example(
            (numbers[0], numbers[1]), (numbers[2], numbers[3]), Parameters(*numbers[4:])
        )
        trace = forward(example, example.start)
        found = blank.evaluate(
            "(given) => backward(given, start(given), forward(given, start(given)))",
            given(example),
        )
        assert found == pytest.approx(backward(example, example.start, trace)._asdict(), **CLOSE)
        differences = finite_differences(example, example.start)
        assert found == pytest.approx(differences._asdict(), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("mistake", ["none", *MISTAKES])
def test_steps_and_their_numbers_follow_from_their_formulas(blank: Page, mistake: str) -> None:
    """Whatever numbers a step shows with all digits: worked out, they give its result."""
    found = blank.evaluate(
        """(given) => {
          const p = start(given), values = valuesOf(given, p);
          return stepsOf(given, p).map((step) =>
            [step.name, numbersOf(step, values, ALL), step.value, step.why]);
        }""",
        given(OTHER, mistake=mistake),
    )
    assert len(found) == len({name for name, *_ in found}) + (1 if mistake == "sigmoid" else 0)
    for name, numbers, value, why in found:
        assert why[-1] in ".?", name
        if numbers:
            text = numbers.replace("·", "*").replace("−", "-").replace("½", "0.5")
            text = text.replace("²", "**2").replace("σ(", "sigmoid(")
            assert eval(text, {"sigmoid": sigmoid}) == pytest.approx(value, rel=1e-12), name


def test_stepping_forth_and_back_ends_exactly_where_it_began(blank: Page) -> None:
    result = blank.evaluate(
        """(given) => {
          const lesson = new Lesson();
          const picture = () => JSON.stringify([lesson.state, lesson.values, lesson.now]);
          lesson.load({ given, updates: 2, step: 7 });
          const seen = [picture()];
          for (let n = 0; n < 200; n++) { lesson.forth(); seen.push(picture()); }
          const far = lesson.state, same = [];
          for (let n = 199; n >= 0; n--) { lesson.back(); same.push(picture() === seen[n]); }
          return [far, same.every(Boolean), new Set(seen).size];
        }""",
        given(OTHER, 2.0),
    )
    far, same, different = result
    assert (far["updates"], far["step"]) == (5, 51)
    assert same
    assert different == 201


def test_a_state_survives_its_link_exactly(blank: Page) -> None:
    random = Random(2)
    for mistake in ("none", *MISTAKES):
        numbers = [random.uniform(-1, 1) * 10 ** random.randint(-12, 5) for _ in range(14)]
        start = Parameters(*numbers[4:])
        example = Example((numbers[0], numbers[1]), (numbers[2], numbers[3]), start, True)
        state = {"given": given(example, 1 / 3, mistake), "updates": 100_000, "step": 51}
        state["hide"] = ["numbers", "run"] if mistake == "none" else []
        fragment, again = blank.evaluate(
            "(state) => [link.write(state), link.read(link.write(state))]", state
        )
        assert again == state
        assert len(fragment) < 700
    usual = {"given": given(Example()), "updates": 0, "step": 0, "hide": []}
    assert blank.evaluate("(state) => link.write(state)", usual) == "#learn"
    assert blank.evaluate("link.read('#learn')") == usual


@pytest.mark.parametrize(
    "junk",
    [
        "w1=<img src=x onerror=alert(1)>", "w1=", "w1", "=1", "w9=1", "w1=1&w1=2", "w1=1e400",
        "w1=1e9", "w1=NaN", "w1=Infinity", "w1=0x10", "w1= 1", "w1=1,5", "w1=+1", "rate=0",
        "rate=-1", "updates=-1", "updates=100001", "updates=1.5", "step=1e1", "step=100",
        "hide=", "hide=all", "hide=run,run", "hide=run,", "hide=__proto__",
        "trainBiases=1", "mistake=toString", "mistake=__proto__", "__proto__=1",
        "constructor=1", "i1=1%", "i1=1&", "t1=" + "9" * 2000,
    ],
)  # fmt: skip
def test_junk_in_a_link_is_refused_and_not_repeated(blank: Page, junk: str) -> None:
    said = blank.evaluate(
        """(fragment) => {
          try { return ["read", link.read(fragment)]; }
          catch (error) { return [error.constructor.name, error.message]; }
        }""",
        f"#learn?w2=0.7&{junk}",
    )
    assert said[0] == "RangeError"
    assert "<" not in said[1] and "99" not in said[1]

"""The worked example: the published numbers, the chain of factors, and bad input."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.backprop.example import (
    FORWARD,
    Example,
    Parameters,
    backward,
    chains,
    finite_differences,
    forward,
    sigmoid,
    update,
)
from tinydigits.errors import TinydigitsError

WITH_BIASES = Example(targets=(0.01, 0.99), start=Parameters(b1=0.35, b2=0.60), train_biases=True)
numbers = st.floats(-3, 3)
pairs = st.tuples(numbers, numbers)
examples = st.builds(
    Example,
    inputs=pairs,
    targets=pairs,
    start=st.tuples(*[numbers] * 10).map(lambda values: Parameters(*values)),
    train_biases=st.booleans(),
)


def gradients_at_start(example):
    return backward(example, example.start, forward(example, example.start))


def test_the_gradients_with_targets_of_one_half():
    published = (
        3.16993395910e-4,
        6.33986791821e-4,
        3.51776321591e-4,
        7.03552643181e-4,
        1.28808186316e-2,
        1.29760849107e-2,
        1.54083482818e-2,
        1.55223081200e-2,
    )
    assert gradients_at_start(Example())[:8] == pytest.approx(published, rel=1e-9)


@pytest.mark.parametrize(
    ("example", "error"),
    [
        (Example(), 0.0141813779379),
        (Example(targets=(0.01, 0.99)), 0.242519857348),
        (WITH_BIASES, 0.298371109),
    ],
)
def test_the_first_error(example, error):
    trace = forward(example, example.start)
    assert trace[-1] == pytest.approx(error, rel=1e-9)


@given(examples)
def test_chains_multiply_out_to_the_gradients(example):
    trace = forward(example, example.start)
    gradients = gradients_at_start(example)
    found = chains(example, example.start, trace)
    assert set(found) == {*example.trained, "a_h1", "a_h2"}
    for name in example.trained:
        assert found[name].value == pytest.approx(getattr(gradients, name), rel=1e-12, abs=1e-15)


@given(examples)
def test_gradients_are_how_the_error_changes(example):
    differences = finite_differences(example, example.start)
    for ours, theirs in zip(gradients_at_start(example), differences, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-7, abs=3e-9)


def test_each_way_of_a_chain_starts_at_the_error_and_links_up():
    for name, chain in chains(
        WITH_BIASES, WITH_BIASES.start, forward(WITH_BIASES, WITH_BIASES.start)
    ).items():
        for way in chain.ways:
            tops, bottoms = zip(
                *(factor.name.replace("∂", "").split("/") for factor in way), strict=True
            )
            assert tops[0] == "E"
            assert tops[1:] == bottoms[:-1]
            assert bottoms[-1] == name or name.startswith("b")


def test_the_symbols_say_what_the_code_computes():
    # The text of every formula, run as Python, gives the traced value: text and code agree.
    trace = forward(WITH_BIASES, WITH_BIASES.start)
    names = {"i1": 0.05, "i2": 0.10, "t1": 0.01, "t2": 0.99, "σ": sigmoid}
    names |= WITH_BIASES.start._asdict() | trace._asdict()

    def run(symbols):
        for sign, python in (("½", "0.5"), ("²", "**2"), ("·", "*"), ("−", "-")):
            symbols = symbols.replace(sign, python)
        return eval(symbols, {}, names)

    assert list(FORWARD) == list(trace._fields)
    for name, symbols in FORWARD.items():
        assert run(symbols) == pytest.approx(getattr(trace, name), rel=1e-14)
    for chain in chains(WITH_BIASES, WITH_BIASES.start, trace).values():
        assert run(chain.symbols) == pytest.approx(chain.value, rel=1e-13)
        for way in chain.ways:
            for factor in way:
                assert run(factor.symbols) == pytest.approx(factor.value, rel=1e-13)


def test_an_update_moves_what_is_trained_and_nothing_else():
    gradients = gradients_at_start(WITH_BIASES)
    moved = update(WITH_BIASES, WITH_BIASES.start, gradients, 0.5)
    for before, gradient, after in zip(WITH_BIASES.start, gradients, moved, strict=True):
        assert gradient != 0
        assert after == before - 0.5 * gradient
    fixed = Example(targets=(0.01, 0.99), start=WITH_BIASES.start)
    assert update(fixed, fixed.start, gradients, 0.5) == moved[:8] + fixed.start[8:]


def test_the_weights_after_one_update_of_the_usual_published_setting():
    # Biases that stay, targets 0.01 and 0.99, learning rate 0.5.
    fixed = Example(targets=(0.01, 0.99), start=WITH_BIASES.start)
    moved = update(fixed, fixed.start, gradients_at_start(fixed), 0.5)
    published = (0.149780716, 0.19956143, 0.24975114, 0.29950229)
    published += (0.35891648, 0.408666186, 0.511301270, 0.561370121)
    assert moved[:8] == pytest.approx(published, abs=1e-8)


@pytest.mark.parametrize("x", [-1e6, -710, -1.0, 0.0, 1.0, 710, 1e6])
def test_sigmoid_never_overflows(x):
    assert sigmoid(x) == pytest.approx(1 - sigmoid(-x), abs=1e-15)
    assert sigmoid(0) == 0.5
    assert sigmoid(1) == pytest.approx(math.e / (1 + math.e), rel=1e-15)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e7])
@pytest.mark.parametrize("field", ["inputs", "targets", "start"])
def test_a_number_that_is_none_or_too_large_is_refused(field, number):
    value = Parameters(w3=number) if field == "start" else (0.5, number)
    with pytest.raises(TinydigitsError, match="must be numbers between"):
        Example(**{field: value})

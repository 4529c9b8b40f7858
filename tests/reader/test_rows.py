"""Lines of digits on pages that are turned, curved or seen from the side."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.reader.made import found
from tinydigits.reader.glyph import Found
from tinydigits.reader.rows import find_lines, in_lines, nearest_of

Warp = Callable[[float, float], tuple[float, float]]
WARPS: dict[str, Warp] = {
    "flat": lambda x, y: (x, y),
    "turned": lambda x, y: (0.95 * x - 0.31 * y, 0.95 * y + 0.31 * x),
    "curved": lambda x, y: (x, y + 12 * np.sin(x / 120)),
    "from the side": lambda x, y: (
        (x - 200) * (0.6 + y / 900) + 200,
        y * (0.6 + y / 1500) + (x - 200) * (y - 200) * 0.0006,
    ),
}


def box(x: float, y: float, height: float) -> tuple[float, float, float, float]:
    return x - height / 4, y - height / 2, x + height / 4, y + height / 2


def page(warp: Warp, rng: np.random.Generator) -> NDArray[np.int64]:
    """Nine rows of nine digits about 20 pixels high, 40 pixels apart, row by row."""
    places = [(40.0 * column + 50, 40.0 * row + 50) for row in range(9) for column in range(9)]
    boxes = [
        box(*(at + rng.normal(0, 1.5) for at in warp(x, y)), 20 * rng.uniform(0.85, 1.15))
        for x, y in places
    ]
    return np.rint(boxes).astype(np.int64)


@pytest.mark.parametrize("name", WARPS)
def test_a_grid_is_read_row_by_row(name: str) -> None:
    rng = np.random.default_rng(0)
    boxes = page(WARPS[name], rng)
    mixed = rng.permutation(len(boxes))
    lines = find_lines(boxes[mixed])
    assert [mixed[line].tolist() for line in lines] == np.arange(81).reshape(9, 9).tolist()


def test_a_small_digit_joins_the_line_it_stands_in() -> None:
    boxes = np.rint([box(50, 100, 40), box(80, 100, 40), box(102, 88, 16), box(60, 180, 40)])
    assert find_lines(boxes.astype(np.int64)) == [[0, 1, 2], [3]]


def test_a_small_digit_stands_in_the_line_whose_digit_reaches_over_it() -> None:
    assert find_lines(np.array([[4, 0, 78, 82], [0, 31, 10, 62]])) == [[1, 0]]
    assert find_lines(np.array([[4, 40, 78, 122], [10, 12, 20, 43]])) == [[1], [0]]


def test_a_mark_belongs_to_the_nearest_digit_at_its_height() -> None:
    digits = np.rint([box(50, 100, 40), box(120, 100, 40), box(120, 200, 40)]).astype(np.int64)
    assert nearest_of(np.array([64, 116, 68, 120]), digits, 0.0) == 0
    assert nearest_of(np.array([64, 150, 68, 154]), digits, 0.0) is None


def text(lines: list[list[Found]]) -> list[str]:
    """Each line's digits and marks, with the spaces before them."""
    return [
        "".join(
            (" " if each.glyph.space_before else "")
            + (each.glyph.mark or str(each.probabilities.argmax()))
            for each in line
        )
        for line in lines
    ]


def digit(label: int, left: int, top: int = 100) -> Found:
    """One of 40 pixels' height and 20 pixels' width."""
    return found((left, top, left + 20, top + 40), label=label)


def test_marks_stand_in_the_line_of_the_digit_beside_them() -> None:
    digits = [digit(1, 60), digit(2, 100), digit(3, 60, 200), digit(4, 100, 200)]
    minus, point = found((84, 118, 96, 122), mark="-"), found((86, 232, 92, 238), mark=".")
    assert text(in_lines(digits, [point, minus])) == ["1-2", "3.4"]
    far = found((500, 118, 512, 122), mark="-")
    assert text(in_lines(digits, [far])) == ["12", "34"], "it belongs to no digit"
    assert in_lines([], [minus]) == [], "marks alone are no line"


def test_a_sign_stands_before_its_number() -> None:
    assert text(in_lines([digit(1, 60), digit(2, 84)], [found((36, 118, 52, 122), mark="-")])) == [
        "-12"
    ]


@pytest.mark.parametrize(("gap", "read"), [(4, "712"), (40, "712"), (48, "7 12"), (150, "7 12")])
def test_a_gap_wider_than_digits_are_high_is_a_space(gap: int, read: str) -> None:
    digits = [digit(7, 60), digit(1, 80 + gap), digit(2, 104 + gap)]
    assert text(in_lines(digits, [])) == [read]

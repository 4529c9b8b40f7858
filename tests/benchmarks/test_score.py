from score import score


def sure(text: str) -> list[bool]:
    return [True for character in text if character.isdigit()]


def test_a_text_read_rightly() -> None:
    found = score(["12", "345"], "12\n3 45", sure("12345"))
    assert (found.digits, found.right, found.whole, found.exact) == (5, 5, 1, 1)
    assert (found.invented, found.inventing, found.sure, found.sure_wrong) == (0, 0, 5, 0)


def test_a_digit_read_as_another_is_not_an_invented_one() -> None:
    found = score(["12345"], "12945", sure("12945"))
    assert (found.right, found.whole, found.invented, found.sure_wrong) == (4, 0, 0, 1)


def test_a_digit_too_many_is_invented() -> None:
    found = score(["12/03"], "12103", [True, True, False, True, True])
    assert (found.right, found.invented, found.inventing, found.whole) == (4, 1, 1, 0)
    assert (found.sure, found.sure_wrong) == (4, 0)


def test_marks_may_be_missing_but_not_wrong() -> None:
    assert score(["12/03"], "12 03", sure("1203")).whole
    assert not score(["12/03"], "12 03", sure("1203")).exact
    assert score(["12/03"], "12/03", sure("1203")).exact
    assert not score(["12/03"], "12-03", sure("1203")).whole
    assert not score(["1203"], "12.03", sure("1203")).whole


def test_lines_taken_together_still_count() -> None:
    found = score(["12", "345"], "12345", sure("12345"))
    assert (found.right, found.whole, found.invented) == (5, 0, 0)
    lost = score(["12", "345"], "345", sure("345"))
    assert (lost.right, lost.invented) == (3, 0)


def test_a_picture_without_digits() -> None:
    empty, read = score([], "", []), score([], "7\n1", [False, True])
    assert (empty.whole, empty.invented, empty.sure_pictures) == (1, 0, 0)
    assert (read.whole, read.invented, read.inventing, read.sure_pictures) == (0, 2, 1, 1)
    assert read.sure_wrong == 1

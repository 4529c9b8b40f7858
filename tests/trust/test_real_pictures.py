"""Sets of real pictures: how they are labelled, counted, read and told of."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.data import Data
from tinydigits.trust.real_pictures import (
    About,
    RealPictures,
    counted,
    find_sets,
    matched,
    read_labels,
    read_sets,
    real_pictures,
)
from tinydigits.trust.report.page import build_page
from tinydigits.trust.report.parts import Report, as_plain
from tinydigits.trust.report.real import real_section
from tinydigits.trust.subject import Subject


@pytest.fixture(scope="module")
def folder(digits: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sets: drawn digits, the same with labels of the next digit, and blank paper."""
    place = tmp_path_factory.mktemp("real")
    rows: dict[str, list[str]] = {"drawn": [], "mislabelled": [], "blank": []}
    for name in rows:
        (place / name).mkdir()
    for number in range(6):
        pixels, label = digits.test_images[number, 0].numpy(), int(digits.test_labels[number])
        picture = Image.fromarray(255 - pixels).resize((112, 112))
        for name, shift in (("drawn", 0), ("mislabelled", 1)):
            picture.save(place / name / f"{number}.png")
            rows[name].append(f"{number}.png\t{(label + shift) % 10}\n")
    Image.new("L", (80, 80), 240).save(place / "blank" / "paper.png")
    rows["blank"].append("paper.png\t\n")
    for name, lines in rows.items():
        (place / name / "labels.tsv").write_text("".join(lines), encoding="utf-8")
    about = {"drawn": {"shows": "digits & paper", "from": "scikit-learn", "licence": "BSD"}}
    (place / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def found(folder: Path, subject: Subject) -> RealPictures:
    return real_pictures(subject.reader, read_sets(folder, folder / "about.json"))


@pytest.mark.parametrize(
    ("truth", "read", "right"),
    [("1234", "1234", 4), ("1234", "134", 3), ("1234", "12934", 4), ("12", "21", 1), ("", "7", 0)],
)
def test_digits_count_in_their_order(truth: str, read: str, right: int) -> None:
    hits = matched(truth, read)
    assert len(hits) == right
    left = iter(truth)
    assert all(read[j] in left for j in sorted(hits))  # a subsequence of the truth


def test_sure_digits_are_right_or_wrong() -> None:
    row = counted("12/34", "12934", [True, False, True, True, False])
    assert (row["digits"], row["right"], row["whole"], row["invented"]) == (4, 4, 0, 1)
    assert (row["sure"], row["sure_wrong"]) == (2, 1)
    assert counted("12/34", "12\n34")["whole"] == 1
    assert counted("12", "")["nothing"] == 1


def test_the_worst_read_set_comes_first(found: RealPictures) -> None:
    assert [each.name for each in found.sets] == ["blank", "mislabelled", "drawn"]
    blank, mislabelled, drawn = (each.scores for each in found.sets)
    assert (blank.right.n, blank.whole.count, blank.invented) == (0, 1, 0)
    assert (mislabelled.right.count, mislabelled.right.n) == (0, 6)
    assert mislabelled.sure_wrong.count == drawn.sure.count > 0
    assert drawn.right.count >= 5
    assert found.total.right.n == 12
    assert found.total.whole.n == 13
    assert found.total.invented == mislabelled.invented + drawn.invented >= 6


def test_pages_of_a_file_count_together(folder: Path, tmp_path: Path, subject: Subject) -> None:
    pages = [Image.open(folder / "drawn" / f"{number}.png") for number in range(2)]
    pages[0].save(tmp_path / "two.tif", save_all=True, append_images=pages[1:])
    truth = "/".join(text for _, text in read_labels(folder / "drawn")[:2])
    (tmp_path / "labels.tsv").write_text(f"two.tif\t{truth}\n", encoding="utf-8")
    total = real_pictures(subject.reader, read_sets(tmp_path)).total
    assert (total.right.count, total.right.n, total.whole.count) == (2, 2, 1)


def test_the_report_tells_of_each_set(found: RealPictures, report: Report, digits: Data) -> None:
    page = build_page(replace(report, real=found), digits)
    for each in found.sets:
        assert each.name in page
    right, digits_right = found.total.right, found.sets[-1].scores.right
    assert f"{100 * right.share:.1f}" in real_section(found).finding
    assert f"{100 * digits_right.low:.1f} to {100 * digits_right.high:.1f}" in page
    assert "digits &amp; paper" in page
    assert "scikit-learn (BSD)" in page
    plain = as_plain(found)["sets"][-1]
    assert plain["about"] == {"shows": "digits & paper", "origin": "scikit-learn", "licence": "BSD"}
    assert plain["scores"]["right"]["count"] == digits_right.count


def test_long_names_fit_a_phone(
    found: RealPictures, report: Report, digits: Data, browser: Browser, tmp_path: Path
) -> None:
    named = [replace(each, name="name" * 30, about=About("", "a" * 80)) for each in found.sets]
    path = tmp_path / "report.html"
    page = build_page(replace(report, real=replace(found, sets=named)), digits)
    path.write_text(page, encoding="utf-8")
    context = browser.new_context(viewport={"width": 360, "height": 800})
    opened = context.new_page()
    opened.goto(path.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_without_pictures_the_report_says_that_nothing_was_measured(
    report: Report, digits: Data
) -> None:
    assert report.real is None
    page = build_page(report, digits)
    assert "Not measured: no real pictures were given." in page
    assert "of digits in real pictures correct" not in page


def test_pictures_without_digits_alone_are_told(folder: Path, subject: Subject) -> None:
    found = real_pictures(subject.reader, read_sets(folder / "blank"))
    assert real_section(found).finding.startswith("In 1\N{NO-BREAK SPACE}real picture, none of")


def test_a_folder_may_be_one_set(folder: Path) -> None:
    assert [each.name for each in find_sets(folder)] == ["blank", "drawn", "mislabelled"]
    assert find_sets(folder / "drawn") == [folder / "drawn"]


def test_labels_may_begin_with_excels_mark(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "1.png").touch()
    (tmp_path / "labels.tsv").write_text("1.png\t1/2\r\n", encoding="utf-8-sig")
    assert read_labels(tmp_path) == [("1.png", "1/2")]
    assert read_sets(tmp_path)[0].about == About()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (b"1.png 7\n", "line 1: is '1.png 7'; expected a file, a tab, and the digits in it"),
        (b"1.png\t7\n1.png\tseven\n", "line 2: is"),
        (b"1.png\t7\n\n", "line 2: is ''"),
        (b"none.png\t7\n", "line 1: there is no file none.png"),
        (b"", "is empty"),
        (b"1.png\t\xff\n", "is not text in UTF-8"),
    ],
)
def test_labels_that_are_none_are_refused(labels: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "1.png").touch()
    (tmp_path / "labels.tsv").write_bytes(labels)
    with pytest.raises(TinydigitsError) as raised:
        read_sets(tmp_path)
    assert f"{tmp_path / 'labels.tsv'}" in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize("about", ["no JSON", "[]", '{"a": 1}', '{"a": {"shows": "b"}}'])
def test_a_description_that_is_none_is_refused(about: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "about.json"
    path.write_text(about, encoding="utf-8")
    with pytest.raises(TinydigitsError, match="expected JSON that says of each set what it shows"):
        read_sets(folder, path)

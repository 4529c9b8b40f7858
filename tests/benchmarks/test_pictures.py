import gzip
import re
from pathlib import Path

import numpy as np
import pytest

import common
import reading
from pictures.judging import KINDS, Sources
from pictures.judging.page import kind
from pictures.judging.writing import sheet, write
from pictures.material import pen_digits, scanned_digits
from pictures.scene import Generator, Plane
from tinydigits import Reader
from tinydigits.handwriting import read_pen_digits


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_decided_by_its_seed(name: str, sources: Sources) -> None:
    kind = KINDS[name]
    one, again, other = (kind.page(sources, seed) for seed in (0, 0, 1))
    assert np.array_equal(np.asarray(one.picture), np.asarray(again.picture))
    assert one.lines == again.lines
    assert one.picture.tobytes() != other.picture.tobytes()


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_the_text_and_the_size_it_should(name: str, sources: Sources) -> None:
    kind = KINDS[name]
    for seed in range(2 if name == "many_digits" else 6):
        page = kind.page(sources, seed)
        silent = kind.family == "nothing" or name.startswith(("letters", "words", "punctuation"))
        assert bool(page.lines) != silent, (
            "a kind without digits stands in nothing.py, or is named here"
        )
        assert all(re.fullmatch(r"[\d/\-+.,:()]+", line) for line in page.lines)
        assert page.picture.mode in ("L", "RGB")
        assert min(page.picture.size) >= 5
        assert max(page.picture.size) <= 4000


def test_a_name_stands_for_one_kind() -> None:
    with pytest.raises(ValueError, match="two kinds are called pages"):
        kind("other pages", name="pages")(KINDS["pages"].draw)


def test_results_of_all_kinds_are_not_lost_for_one(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "RESULTS", tmp_path)
    common.save("reading", {"reader_sha256": "old", "kinds": {"pages": {}, "blank": {}}})
    with pytest.raises(SystemExit, match="would lose all other kinds"):
        reading.read_all(Reader(), [KINDS["blank"]], sources, {"reader_sha256": "new"}, False)
    assert list(common.load("reading")["kinds"]) == ["pages", "blank"]


class Bars:
    """A hand that writes each digit as a bar as many pixels wide as it says, and one more."""

    pen = 0.1

    def digit(self, height: float, rng: Generator) -> tuple[str, Plane]:
        label = int(rng.integers(10))
        return str(label), np.ones((round(height), label + 1), np.float32)


def test_the_text_is_what_the_ink_shows() -> None:
    rng = np.random.default_rng(0)
    line = write("dd/ddd-dd.d", Bars(), 40, rng)
    assert re.fullmatch(r"\d\d/\d\d\d-\d\d\.\d", line.text)
    for character, (left, right) in zip(line.text, line.spans, strict=True):
        if character.isdigit():
            assert right - left == int(character) + 1
            assert line.ink[30:50, left:right].min() == 1
            assert line.ink[:, right].max() == 0


def test_no_line_is_cut_off_by_the_page() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        heights = rng.uniform(20, 120, int(rng.integers(1, 4)))
        lines = [write("dd,d", Bars(), height, rng) for height in heights]
        made = sheet(lines, rng)
        assert made.ink.sum() == pytest.approx(sum(line.ink.sum() for line in lines), rel=1e-5)


def test_touching_digits_touch_and_others_do_not() -> None:
    rng = np.random.default_rng(2)
    for touching in (True, False):
        line = write("d" * 8, Bars(), 40, rng, touching=touching)
        gaps = [b[0] - a[1] for a, b in zip(line.spans, line.spans[1:], strict=False)]
        assert all((gap <= 0) == touching for gap in gaps)


def test_the_split_of_handwriting(tmp_path: Path) -> None:
    digit = '.SEGMENT DIGIT 0 ? "{0}"\n.COMMENT {0} {1} 5\n.PEN_DOWN\n 1 2\n 3 4\n.PEN_UP\n'
    text = "".join(digit.format(n % 10, n % 30 + 1) for n in range(60))
    with gzip.open(tmp_path / "pens.gz", "wt") as file:
        file.write(text)
    with gzip.open(tmp_path / "scans.gz", "wt") as file:
        file.write("".join(f"{n % 10} " + "-1 " * 255 + "1\n" for n in range(30)))
    kept = pen_digits(tmp_path / "pens.gz", "development")
    assert {each.writer for each in kept} == set(range(3, 31, 3))
    train = pen_digits(tmp_path / "pens.gz", "train")
    assert len(kept) + len(train) == len(list(read_pen_digits(tmp_path / "pens.gz"))) == 60
    assert not {each.writer for each in kept} & {each.writer for each in train}
    images, labels = scanned_digits(tmp_path / "scans.gz", "development")
    assert labels.tolist() == [n % 10 for n in range(2, 30, 3)]
    assert images.shape == (10, 16, 16)
    assert (images[:, -1, -1] == 255).all()
    assert len(scanned_digits(tmp_path / "scans.gz", "train")[1]) == 20

"""What the reader's weights are trained on beside MNIST."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import handwriting
from cuts import NO_DIGIT
from drawings import Drawings, Place, _digest, _portion, draw
from outliers import KINDS, LETTERS, LOOK_ALIKE, outlier
from pictures.fonts import hershey_fonts, typefaces
from pictures.material import Images, Material
from tinydigits.handwriting import PEN_FILE, SCANNED_FILE
from tinydigits.mnist.data import load_data
from tinydigits.mnist.download import MnistUnavailable
from tinydigits.reader.finder import SHIPPED

SEVEN = [np.array([[10.0, 90.0], [60.0, 90.0], [30.0, 10.0]])]


def material() -> Material:
    rng = np.random.default_rng(0)
    images = np.zeros((40, 28, 28), np.uint8)
    for image in images:
        image[4:24, 6:22] = Image.fromarray(rng.integers(0, 256, (5, 4), np.uint8)).resize((16, 20))
    digits = {"mnist": Images(images, np.arange(40) % 10, 20)}
    return Material(digits, [], typefaces("train"), hershey_fonts("train"))


def test_what_is_drawn_is_seen_as_reading_sees_it() -> None:
    rng = np.random.default_rng(0)
    seen = [handwriting.as_seen(handwriting.pen_digit(SEVEN, rng), rng) for _ in range(20)]
    for image in seen:
        assert image is not None
        assert image.shape == (28, 28)
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        assert max(np.ptp(rows), np.ptp(columns)) == 19  # the longer side fills MNIST's box
    assert handwriting.as_seen(Image.new("L", (60, 60), 255), rng) is None


def test_a_broader_pen_leaves_more_ink() -> None:
    rng = np.random.default_rng(0)
    thin, bold = (
        (255 - np.asarray(handwriting.drawn_strokes(SEVEN, pen, 60, 0.5))).sum()
        for pen in (handwriting.THINNEST, handwriting.BROADEST)
    )
    assert bold > 5 * thin
    pens = [handwriting.some_pen(rng) for _ in range(2000)]
    assert min(pens) >= handwriting.THINNEST
    assert max(pens) <= handwriting.BROADEST
    assert 0.45 < np.mean(np.array(pens) < handwriting.MIDDLE) < 0.55


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_outlier_can_be_seen(kind: object) -> None:
    things = material()
    seen = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        seen.append(handwriting.as_seen(kind(things, rng), rng))  # type: ignore[operator]
    assert sum(image is not None for image in seen) >= 8
    assert len({image.tobytes() for image in seen if image is not None}) >= 8


def test_outliers_are_of_many_kinds_and_no_letter_looks_like_a_digit() -> None:
    things = material()
    sizes = {outlier(things, np.random.default_rng(seed)).size for seed in range(30)}
    assert len(sizes) > 20
    assert not set(LETTERS) & set(LOOK_ALIKE + "0123456789")
    assert len(LETTERS) == 52 - len(LOOK_ALIKE)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with three writers' digits and thirty scans."""
    try:
        load_data("mnist")
    except MnistUnavailable:
        pytest.skip("MNIST is not here: set TINYDIGITS_DATA to a folder with its four files")
    with gzip.open(tmp_path / PEN_FILE, "wt") as file:
        for number in range(9):
            label = number % 10
            file.write(f'.SEGMENT DIGIT 0 ? "{label}"\n.COMMENT {label} {number % 3 + 1} 1\n')
            file.write(f".PEN_DOWN\n 10 10\n 60 {90 + label}\n 30 50\n.PEN_UP\n")
    with gzip.open(tmp_path / SCANNED_FILE, "wt") as file:
        for number in range(30):
            file.write(" ".join([str(number % 10), *(["-1 1 1 -1"] * 64)]) + "\n")
    (tmp_path / "finder.onnx").write_bytes(SHIPPED.read_bytes())
    return Place(tmp_path, None, tmp_path / "finder.onnx", "train", tmp_path / "kept")


def test_what_was_drawn_is_kept_and_the_same_when_drawn_again(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Drawings("pens", 12, seed=1)
    ((images, labels),) = draw(wanted, place, 1)
    assert labels.tolist() == [0, 1, 3, 4, 6, 7] * 2  # every third writer is left out
    (kept,) = place.kept.glob("*/*.npz")
    written = kept.stat().st_mtime_ns
    assert np.array_equal(next(draw(wanted, place, 1))[0], images)
    assert kept.stat().st_mtime_ns == written
    elsewhere = replace(place, kept=tmp_path / "elsewhere")
    assert np.array_equal(next(draw(wanted, elsewhere, 1))[0], images)


def test_another_finder_draws_anew(place: Place) -> None:
    before = _digest(place.finder)
    other = place.finder.with_name("other.onnx")
    other.write_bytes(place.finder.read_bytes() + b"other")
    assert _digest(other) != before == _digest(place.finder)


def test_every_set_can_be_drawn(place: Place, tmp_path: Path) -> None:
    for kind in ("scans", "mnist", "printed", "outliers", "thin pens", "bold pens", "cuts"):
        with np.load(_portion(Drawings(kind, 6, seed=1), place, 0, tmp_path)) as kept:
            images, labels = kept["images"], kept["labels"]
        assert images.shape[1:] == (28, 28) and images.dtype == np.uint8
        assert len(images) == len(labels)
        known = {NO_DIGIT} if kind == "outliers" else set(range(10))
        assert set(labels.tolist()) <= (known | {NO_DIGIT} if kind == "cuts" else known)

"""What is no digit, other writers and pens, and what the network looked at."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tinydigits.errors import TinydigitsError
from tinydigits.handwriting import PEN_FILE, SCANNED_FILE
from tinydigits.mnist.data import Data
from tinydigits.reader.session import SHIPPED
from tinydigits.trust.fonts import find_fonts
from tinydigits.trust.not_digits import LETTERS, LOOK_ALIKE, not_digits, read_set
from tinydigits.trust.other_writers import read_handwriting, sweeps, writers
from tinydigits.trust.reading import as_picture
from tinydigits.trust.report.parts import Report
from tinydigits.trust.saliency import gradient_times_input, occlusion, overlay, why
from tinydigits.trust.subject import Subject, judged_arrays, load_subject


@pytest.fixture(scope="module")
def shipped() -> Subject:
    return load_subject(SHIPPED)


def test_every_letter_has_a_row_and_the_kinds_add_up(report: Report) -> None:
    found = report.not_digits
    assert {each.letter for each in found.letters} == set(LETTERS)
    alike, others = found.kinds[0], found.kinds[1]
    for kind, chosen in ((alike, True), (others, False)):
        own = [each for each in found.letters if (each.letter in LOOK_ALIKE) == chosen]
        assert sum(each.n for each in own) == kind.sure.n
        assert sum(each.sure for each in own) == kind.sure.count
    for kind in found.kinds:
        assert kind.digit.count >= kind.sure.count >= kind.parted
        assert 0 <= kind.auroc <= 1
        assert all(image.ndim == 2 for image, _ in kind.examples)
    assert {"punctuation", "scribbles", "textures", "noise", "blank"} < {
        kind.name for kind in found.kinds
    }


@pytest.mark.slow
def test_the_shipped_weights_tell_letters_from_digits_and_others_do_not(
    report: Report, shipped: Subject, digits: Data
) -> None:
    images, _ = judged_arrays(digits)
    found = not_digits(shipped, images, find_fonts(), 2)
    for own, best in zip(found.kinds, report.not_digits.kinds, strict=True):
        assert own.name == best.name
    # The finder leaves most letters out, so hardly any is sure, whatever the recogniser's weights.
    assert found.kinds[1].digit.share < 0.7 * report.not_digits.kinds[1].digit.share
    assert found.kinds[1].auroc > 0.95 > report.not_digits.kinds[1].auroc
    assert found.kinds[-1].sure.count == 0  # blank
    taken = {each.letter: each for each in found.letters}
    assert taken["O"].as_ in ("", "0")
    assert taken["O"].sure >= taken["W"].sure


def test_a_set_of_ones_own_is_read_and_labels_are_refused(tmp_path: Path) -> None:
    images = np.zeros((400, 28, 28), np.uint8)
    path = tmp_path / "clothes-images-idx3-ubyte.gz"
    header = struct.pack(">BBBB3I", 0, 0, 8, 3, 400, 28, 28)
    path.write_bytes(gzip.compress(header + images.tobytes()))
    name, pictures = read_set(path)
    assert (name, len(pictures), pictures[0].size) == (path.name, 300, (28, 28))
    labels = tmp_path / "labels"
    labels.write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, 3) + bytes(3))
    with pytest.raises(TinydigitsError, match="holds labels"):
        read_set(labels)


def write_handwriting(folder: Path, images: NDArray[np.float32], labels: NDArray[np.int64]) -> None:
    """Pen strokes of bars, which are 1s, by two writers, and scans of the images given."""
    lines = []
    for writer in (3, 4):
        for number in range(4):
            lines += ['.SEGMENT DIGIT 1 ? "1"', f".COMMENT 1 {writer} {number}", ".PEN_DOWN"]
            lines += [f" {200 + 3 * y / 10:.0f}  {100 + 30 * y}" for y in range(10, -1, -1)]
            lines += [".PEN_UP"]
    (folder / PEN_FILE).write_bytes(gzip.compress("\n".join(lines).encode()))
    small = [np.asarray(as_picture(image[4:24, 4:24]).resize((16, 16))) for image in images]
    rows = [[label, *(each.ravel() / 127.5 - 1)] for label, each in zip(labels, small, strict=True)]
    text = "\n".join(" ".join(f"{value:.3f}" for value in row) for row in rows)
    (folder / SCANNED_FILE).write_bytes(gzip.compress(text.encode()))


def test_other_writers_are_told_apart(shipped: Subject, digits: Data, tmp_path: Path) -> None:
    images, labels = judged_arrays(digits)
    write_handwriting(tmp_path, images[:30], labels[:30])
    found = writers(shipped, read_handwriting(tmp_path), 20).sources
    assert [(each.name, each.kept_out, each.right.n) for each in found] == [
        ("pen strokes, 1 writers", True, 4),
        ("scanned envelopes", True, 10),
        ("pen strokes, 1 writers", False, 4),
        ("scanned envelopes", False, 20),
    ]
    assert {hand for each in found for hand in each.writers} == {3, 4}
    assert found[0].writers[3].n == 4
    assert found[0].right.share == 1
    assert sum(each.right.count for each in found if "scanned" in each.name) >= 25


def test_a_sweep_changes_one_thing_and_keeps_the_digits(shipped: Subject, digits: Data) -> None:
    images, labels = judged_arrays(digits)
    found = {each.name: each for each in sweeps(shipped, images, labels, (), 12)}
    assert found.keys() == {"pen", "height", "slant", "margin"}
    for each in found.values():
        (points,) = each.curves.values()
        values = [value for value, _ in points]
        assert values == sorted(values)
        assert {share.n for _, share in points} == {12}
    slant = dict(found["slant"].curves["test images"])
    assert slant[0].share > 0.8
    assert slant[-40].share < slant[0].share
    pen = dict(found["pen"].curves["test images"])
    assert min(pen) == 0.12  # thinner strokes of an image would break
    assert pen[0.4].share < pen[0.12].share


def test_the_gradient_is_the_slope_and_the_occlusion_the_fall(
    subject: Subject, digits: Data
) -> None:
    images, _ = judged_arrays(digits)
    image, network = images[0], subject.network
    assert network
    digit = int(subject.alone(images[:1]).argmax())
    found = gradient_times_input(network, image, digit)
    row, column = np.unravel_index(np.abs(found).argmax(), found.shape)
    step, moved = 1e-2, np.repeat(image[None], 2, 0)
    moved[:, row, column] += (-step, step)
    with torch.inference_mode():
        low, high = network(torch.from_numpy(moved)[:, None])[:, digit].tolist()
    slope = (high - low) / (2 * step)
    assert found[row, column] == pytest.approx(slope * image[row, column], rel=0.1)
    assert not found[image == 0].any()
    falls = occlusion(subject, image, digit)
    corner = image.copy()
    corner[:4, :4] = 0
    assert falls[0, 0] == pytest.approx(0, abs=1e-3)  # paper that stays paper
    assert falls[image > 0.5].mean() > 3 * abs(falls[image == 0]).mean()


def test_colours_say_which_way() -> None:
    image = np.zeros((28, 28), np.float32)
    strength = np.zeros((28, 28), np.float32)
    strength[:14], strength[14:] = 1, -1
    found = overlay(image, strength).astype(int)
    assert (found[:14, :, 2] > found[:14, :, 0]).all()  # blue for
    assert (found[14:, :, 0] > found[14:, :, 2]).all()  # orange against


def test_the_second_guess_is_counted(subject: Subject, digits: Data) -> None:
    images, labels = judged_arrays(digits)
    answers = np.full((200, 10), 0.01)
    answers[np.arange(200), labels] = 0.9
    answers[3] = np.roll(answers[3], 1)  # wrong, the right digit among the others
    answers[4, (labels[4] + 1) % 10], answers[4, labels[4]] = 0.9, 0.08  # wrong, but nearly
    found = why(subject, images, labels, answers)
    assert (found.errors, found.second) == (2, 1)
    assert sorted(look.index for look in found.wrong) == [3, 4]
    assert len(found.unsure) == 8
    assert all(len(look.pictures) == 2 for look in (*found.wrong, *found.unsure))

import gzip
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from tinydigits.errors import TinydigitsError
from tinydigits.mnist import data as data_module
from tinydigits.mnist import idx
from tinydigits.mnist.data import Data, load_data
from tinydigits.mnist.download import MnistUnavailable
from tinydigits.mnist.idx import FILES

Encode = Callable[[np.ndarray], bytes]


@pytest.fixture
def stand_in(idx_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose small files count as MNIST's own."""
    contents = [gzip.decompress((idx_folder / f"{file}.gz").read_bytes()) for file in FILES]
    digests = tuple(hashlib.sha256(content).hexdigest() for content in contents)
    monkeypatch.setattr(idx, "MNIST_SHA256", digests)
    return idx_folder


def assert_sound(data: Data) -> None:
    """The form that everything downstream relies on."""
    for images, labels in (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    ):
        assert images.dtype == torch.uint8
        assert images.shape == (len(labels), 1, 28, 28)
        assert labels.dtype == torch.int64
        assert len(labels) > 0
        assert 0 <= labels.min() <= labels.max() <= 9


# ---------------------------------------------------------------- MNIST


@pytest.mark.mnist
def test_mnist_is_mnist(mnist: Data) -> None:
    assert_sound(mnist)
    assert (mnist.name, mnist.note) == ("mnist", "")
    assert (len(mnist.train_labels), len(mnist.test_labels)) == (60_000, 10_000)
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    pixels = mnist.train_images.double() / 255
    # The buffers in Net, and the statement that ink is bright.
    assert pixels.mean().item() == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std().item() == pytest.approx(0.3081, abs=5e-5)


@pytest.mark.parametrize("spec", ["mnist", "auto"])
def test_the_first_place_that_holds_it_counts(
    spec: str, nowhere: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, cache = nowhere / "named", nowhere.parent / "cache" / "tinydigits"
    monkeypatch.setenv("TINYDIGITS_DATA", str(nowhere / "absent"))
    found = []
    monkeypatch.setattr(data_module, "download_mnist", lambda folder, **_: found.append(folder))
    for place in (cache, nowhere / "data", named):  # each is asked before the one before it
        shutil.copytree(stand_in, place)
        if place == named:
            monkeypatch.setenv("TINYDIGITS_DATA", str(named))
        data = load_data(spec)
        assert (data.name, data.note) == ("mnist", "")
        assert found == [cache]  # only the first time
    (named / f"{FILES[0]}.gz").write_bytes(b"broken")
    with pytest.raises(TinydigitsError, match=str(named)):
        load_data(spec)
    assert load_data(spec, stand_in).name == "mnist"
    assert load_data(spec, str(stand_in)).name == "mnist"


def test_one_changed_pixel_is_not_mnist(stand_in: Path) -> None:
    path = stand_in / f"{FILES[2]}.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(content))
    for spec in ("mnist", "auto"):
        with pytest.raises(TinydigitsError, match=f"^{stand_in}: these files are not MNIST's"):
            load_data(spec, stand_in)
    assert load_data(str(stand_in)).name == "own"


def test_another_set_in_the_variable_is_not_called_mnist(
    nowhere: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYDIGITS_DATA", str(idx_folder))
    with pytest.raises(TinydigitsError, match=r"\(--data\) to train on it under its own name"):
        load_data("auto")


def test_auto_falls_back_and_says_so(nowhere: Path) -> None:
    with pytest.raises(MnistUnavailable, match="MNIST is not on this machine"):
        load_data("mnist")
    with pytest.raises(TinydigitsError, match=f"^{nowhere}: holds no MNIST; put its four"):
        load_data("auto", nowhere)
    data = load_data("auto")
    assert data.name == "digits"
    assert "not on this machine" in data.note
    assert "no number here is an MNIST number" in data.note


# ---------------------------------------------------------------- the embedded digits


def test_digits_are_in_mnist_s_form() -> None:
    data = load_data("digits")
    assert_sound(data)
    assert (data.name, data.note) == ("digits", "")
    images = torch.cat([data.train_images, data.test_images])[:, 0].numpy()
    assert len(images) == 1797
    for image in images:
        rows, columns = np.nonzero(image)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
        assert np.abs(np.array(ndimage.center_of_mass(image)) - 14).max() < 1
    assert images.mean() / 255 == pytest.approx(0.1307, abs=0.01)
    assert images.std() / 255 == pytest.approx(0.3081, abs=0.01)


def test_digits_look_like_what_they_were_made_from() -> None:
    """Shrunk back to 8 rows, upright and unmirrored; the first of a class is a test image."""
    from sklearn.datasets import load_digits

    embedded = load_digits()
    data = load_data("digits")
    correlations = []
    for digit in range(10):
        original = embedded.images[embedded.target == digit][0]
        original = original[:, original.any(0)].astype(np.uint8) * 15
        made = data.test_images[data.test_labels == digit][0, 0].numpy()
        made = made[made.any(1)][:, made.any(0)]
        small = Image.fromarray(made).resize(original.shape[::-1])
        correlations.append(np.corrcoef(np.asarray(small).ravel(), original.ravel())[0, 1])
    assert np.mean(correlations) > 0.85  # any way of mirroring gives less than 0.4


def test_digits_split_is_fixed_stratified_and_disjoint() -> None:
    data, again = load_data("digits"), load_data("digits")
    for field in ("train_images", "train_labels", "test_images", "test_labels"):
        assert torch.equal(getattr(data, field), getattr(again, field))
    for digit in range(10):
        test = (data.test_labels == digit).sum()
        share = test / (test + (data.train_labels == digit).sum())
        assert share.item() == pytest.approx(0.2, abs=0.005)
    train = {image.numpy().tobytes() for image in data.train_images}
    assert not any(image.numpy().tobytes() in train for image in data.test_images)


# ---------------------------------------------------------------- folders


def test_idx_folder_is_called_by_its_name(idx_folder: Path) -> None:
    data = load_data(str(idx_folder))
    assert_sound(data)
    assert data.name == "own"
    assert (len(data.train_labels), len(data.test_labels)) == (30, 20)
    (pixels, *_), _ = idx.read_idx_folder(idx_folder)
    np.testing.assert_array_equal(data.train_images[:, 0].numpy(), pixels)


@pytest.mark.parametrize("name", ["mnist", "MNIST", "digits"])
def test_no_folder_takes_a_name_that_promises_content(idx_folder: Path, name: str) -> None:
    folder = idx_folder.rename(idx_folder.with_name(name))
    assert load_data(str(folder)).name == f"{name}-folder"


def test_a_relative_folder_has_a_name(idx_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(idx_folder)
    assert load_data(".").name == "own"


def write_classes(folder: Path, count: int, paper: int = 0) -> Path:
    """A block on each image: its ink is 100 + 10 x class + place, on dark or light paper."""
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True)
        for place in range(count):
            pixels = np.full((28, 28), paper, np.uint8)
            pixels[8:20, 10:18] = abs(paper - 100 - 10 * digit - place)
            Image.fromarray(pixels).save(folder / str(digit) / f"{place:02}.png")
    return folder


def greys(images: torch.Tensor) -> list[int]:
    assert (images[:, 0, 0, 0] == 0).all()
    return (images[:, 0, 14, 14].int() - 100).tolist()


def test_class_folders_give_every_fifth_to_the_test_set(tmp_path: Path) -> None:
    data = load_data(str(write_classes(tmp_path / "drawn", 7)))
    assert_sound(data)
    assert (data.name, data.note) == ("drawn", "")
    assert greys(data.test_images) == [10 * d + p for d in range(10) for p in (0, 5)]
    assert greys(data.train_images) == [10 * d + p for d in range(10) for p in (1, 2, 3, 4, 6)]
    assert data.test_labels.tolist() == [d for d in range(10) for _ in range(2)]
    assert data.train_labels.tolist() == [d for d in range(10) for _ in range(5)]


def test_class_folders_in_train_and_test(tmp_path: Path) -> None:
    write_classes(tmp_path / "train", 3)
    write_classes(tmp_path / "test", 1)
    data = load_data(str(tmp_path))
    assert_sound(data)
    assert greys(data.train_images) == [10 * d + p for d in range(10) for p in range(3)]
    assert greys(data.test_images) == [10 * d for d in range(10)]


def test_each_image_has_a_polarity_of_its_own(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "both", 2)
    path = folder / "3" / "01.png"
    with Image.open(path) as image:
        Image.fromarray(255 - np.asarray(image)).save(path)
    data = load_data(str(folder))
    assert greys(data.train_images) == [10 * d + 1 for d in range(10)]
    assert data.note == "1 of the 20 images of both are dark on light and were inverted: " + (
        "ink is bright here."
    )


def test_what_is_blank_or_not_read_is_counted_and_named(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "some", 2)
    for name in ("5/01.png", "7/00.png"):
        Image.new("L", (90, 60), 255).save(folder / name)
    (folder / "2" / "notes.txt").write_text("the twos", encoding="utf-8")
    (folder / "2" / "._00.png").write_bytes(b"\0\5\26\7")
    (folder / "2" / "@eaDir").mkdir()
    (folder / "@eaDir").mkdir()
    data = load_data(str(folder))
    assert len(data.train_labels) + len(data.test_labels) == 20
    assert data.note == (
        "2 are blank: 5/01.png, 7/00.png. Not read: hidden or the system's own: 2 "
        "(2/._00.png, 2/@eaDir); no picture: 1 (2/notes.txt)."
    )


def test_a_class_of_one_image_is_named(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "few", 2)
    (folder / "6" / "00.png").unlink()
    with pytest.raises(TinydigitsError, match=f"^{folder}: class 6 has one image"):
        load_data(str(folder))


def test_a_folder_that_is_none_is_named(tmp_path: Path, idx_folder: Path) -> None:
    with pytest.raises(TinydigitsError, match=f"^{tmp_path}: holds no data; expected four files"):
        load_data(str(tmp_path))
    for path in (tmp_path / "absent", idx_folder / f"{FILES[0]}.gz"):
        with pytest.raises(TinydigitsError, match=f"^{path}: there is no such folder"):
            load_data(str(path))


# ---------------------------------------------------------------- Data


def test_held_out_is_the_end_of_the_training_set(tiny_data: Data) -> None:
    part = tiny_data.held_out(40)
    assert part.name == "digits-validation"
    assert torch.equal(part.train_images, tiny_data.train_images[:260])
    assert torch.equal(part.train_labels, tiny_data.train_labels[:260])
    assert torch.equal(part.test_images, tiny_data.train_images[260:])
    assert torch.equal(part.test_labels, tiny_data.train_labels[260:])


@pytest.mark.parametrize("count", [0, -1, 300, 10_000])
def test_holding_out_too_many_is_refused(tiny_data: Data, count: int) -> None:
    with pytest.raises(TinydigitsError, match=r"digits: cannot hold out .* of 300 training"):
        tiny_data.held_out(count)


def test_to_moves_every_tensor(tiny_data: Data) -> None:
    moved = tiny_data.to("meta")
    for field in fields(Data):
        value = getattr(moved, field.name)
        if isinstance(value, torch.Tensor):
            assert value.device.type == "meta"
    assert (moved.name, moved.note) == (tiny_data.name, tiny_data.note)

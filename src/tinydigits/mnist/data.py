"""Where images come from: MNIST, the embedded digits, or a folder of one's own.

Every set ends up as uint8 images (N, 1, 28, 28), ink 255 on 0, and int64 labels (N,), and carries
the name that all outputs print, so that a number is never mistaken for an MNIST number: only
files whose content is MNIST's, byte for byte, are called "mnist".
"""

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.download import MnistUnavailable, download_mnist
from tinydigits.mnist.idx import FILES, holds_idx, read_idx_folder
from tinydigits.mnist.pictures import CLASSES, Found, read_class_folders

TENSORS = ("train_images", "train_labels", "test_images", "test_labels")  # of `Data`


@dataclass(frozen=True)
class Data:
    """A training set and a test set of digit images.

    Attributes:
        name: what every output calls it: "mnist", "digits" or the folder's name.
        train_images: uint8 (N, 1, 28, 28), ink 255 on 0; or floats from 0 to 1.
        train_labels: int64 (N,), 0 to 9; or float32 (N, 10), distributions over the classes.
        test_images: uint8 (M, 1, 28, 28).
        test_labels: int64 (M,).
        note: what one must know to read the numbers rightly; empty if nothing.
    """

    name: str
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    note: str = ""

    def to(self, device: torch.device | str) -> "Data":
        """Give the same data with its tensors on `device`."""
        return replace(self, **{name: getattr(self, name).to(device) for name in TENSORS})

    def held_out(self, count: int = 10_000) -> "Data":
        """Give the data for making choices: the last `count` training images are its test set.

        The real test set is not in it, so nothing can be chosen by looking at it.

        Raises:
            TinydigitsError: there are not more than `count` training images.
        """
        total = len(self.train_labels)
        if not 0 < count < total:
            raise TinydigitsError(
                f"{self.name}: cannot hold out {count:,} of {total:,} training images; "
                f"hold out 1 to {total - 1:,}"
            )
        return replace(
            self,
            name=f"{self.name}-validation",
            train_images=self.train_images[:-count],
            train_labels=self.train_labels[:-count],
            test_images=self.train_images[-count:],
            test_labels=self.train_labels[-count:],
        )


def load_data(
    spec: str = "auto", data_dir: str | Path | None = None, *, progress: bool = False
) -> Data:
    """Load a data set by name or from a folder.

    Args:
        spec: "mnist"; "digits", scikit-learn's 1,797 embedded digits; "auto", which is MNIST, and
            only if that cannot be had the embedded digits, with a note that says so; or a folder,
            see `load_folder`.
        data_dir: where MNIST lies; a folder given here must hold it. Without it MNIST is looked
            for in $TINYDIGITS_DATA, ./data and the user's cache, and downloaded into the cache.
        progress: show download bars on standard error.

    Raises:
        TinydigitsError: a file is damaged or not what it should be, a folder is not one of the
            above, or (`MnistUnavailable`) "mnist" is neither here nor to be downloaded.
    """
    if spec == "mnist":
        return _load_mnist(data_dir, progress)
    if spec == "digits":
        return load_digits()
    if spec != "auto":
        return load_folder(spec)
    try:
        return _load_mnist(data_dir, progress)
    except MnistUnavailable as error:
        note = "These are scikit-learn's embedded digits, so no number here is an MNIST number"
        return replace(load_digits(), note=f"{note}. {error}.")


def load_digits() -> Data:
    """Load scikit-learn's 1,797 embedded 8x8 handwritten digits, brought to 28x28.

    They are the test part of the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin &
    Kaynak, 1998), by 13 writers. As in MNIST, a digit is scaled in proportion to fit a box of
    20x20 and its centre of mass lies at pixel (14, 14). Every fifth of a class is for testing.
    """
    return _data("digits", *_split("digits", *_embedded_digits()))


def load_folder(path: str | Path) -> Data:
    """Load the data set in a folder; its name is the folder's, or "mnist" if that is what it is.

    Either four IDX files, gzip or plain: train-images-idx3-ubyte, train-labels-idx1-ubyte,
    t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (Fashion-MNIST, KMNIST, one's own). Or class
    folders 0 to 9 of image files, of which every fifth of a class, in the order of their names, is
    for testing; or such class folders in train/ and in test/.

    Image files of 28x28 keep their pixels; others are brought into MNIST's form, in proportion. In
    each the border tells ink from paper, and dark ink is inverted; the note says in how many, which
    are blank, and what was not read.

    Raises:
        TinydigitsError: the folder is neither, or something in it cannot be used.
    """
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise TinydigitsError(
            f"{folder}: there is no such folder; the data is auto, mnist, digits or a folder"
        )
    name = folder.resolve().name
    if name.casefold() in ("mnist", "digits"):
        name += "-folder"  # those two names are promises about the content
    if holds_idx(folder):
        arrays, is_mnist = read_idx_folder(folder)
        return _data("mnist" if is_mnist else name, *arrays)
    return _load_pictures(folder, name)


def _load_pictures(folder: Path, name: str) -> Data:
    found = Found()
    if (folder / "train").is_dir() and (folder / "test").is_dir():
        train = read_class_folders(folder / "train", found)
        arrays = (*train, *read_class_folders(folder / "test", found))
    elif any((folder / digit).is_dir() for digit in CLASSES):
        arrays = _split(str(folder), *read_class_folders(folder, found))
    else:
        raise TinydigitsError(
            f"{folder}: holds no data; expected four files named like MNIST's ({FILES[0]}, …), "
            "or folders 0 to 9 of images"
        )
    return replace(_data(name, *arrays), note=found.note(name))


def _load_mnist(data_dir: str | Path | None, progress: bool) -> Data:
    folder = _mnist_folder(data_dir, progress)
    arrays, is_mnist = read_idx_folder(folder)
    if not is_mnist:
        raise TinydigitsError(
            f"{folder}: these files are not MNIST's, byte for byte; give the folder as the data "
            "(--data) to train on it under its own name, or put MNIST's files there"
        )
    return _data("mnist", *arrays)


def _mnist_folder(data_dir: str | Path | None, progress: bool) -> Path:
    """The first place that holds any of the files; what is wrong with them is for others to say."""
    import pooch

    if data_dir:
        folder = Path(data_dir).expanduser()
        if holds_idx(folder):
            return folder
        raise TinydigitsError(
            f"{folder}: holds no MNIST; put its four files there ({FILES[0]}.gz, …), or do not "
            "name a folder, and MNIST is looked for and downloaded"
        )
    for place in (os.environ.get("TINYDIGITS_DATA"), "data"):
        if place and holds_idx(Path(place).expanduser()):
            return Path(place).expanduser()
    cache = Path(pooch.os_cache("tinydigits"))
    download_mnist(cache, progress=progress)
    return cache


@cache
def _embedded_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All images in MNIST's form, (1797, 28, 28), and labels; made once: it takes half a second."""
    from sklearn.datasets import load_digits as load_embedded

    embedded = load_embedded()
    return np.stack([_to_mnist_form(image) for image in embedded.images]), embedded.target


def _to_mnist_form(image: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Bring ink 0 to 16 on a grid of 8x8 to ink 0 to 255 on 28x28, sized and centred as MNIST."""
    from scipy import ndimage

    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    # The edges blur outwards: at 18.5 all 1,797 stay within 20x20, at 19 some do not.
    scale = max(np.ptp(rows) + 1, np.ptp(columns) + 1) / 18.5
    offset = np.array(ndimage.center_of_mass(image)) - 14 * scale
    # Padded, so that the splines see paper beyond the edge.
    smooth: NDArray[np.float64] = ndimage.affine_transform(
        np.pad(image, 8), [scale, scale], offset + 8, output_shape=(28, 28)
    )
    # MNIST's strokes are saturated with a thin grey edge: the middle half of the range becomes all
    # of it. Mean and deviation are then 0.135 and 0.313; MNIST's are 0.131 and 0.308.
    return np.clip((smooth - 4) * (255 / 8), 0, 255).round().astype(np.uint8)


def _split(
    name: str, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
    """Put every fifth image of each class, in the order given, into the test set.

    Raises:
        TinydigitsError: a class has one image, so that it cannot be in both sets.
    """
    is_test = np.zeros(len(labels), bool)
    for digit in range(10):
        members = np.flatnonzero(labels == digit)
        if len(members) < 2:
            raise TinydigitsError(
                f"{name}: class {digit} has one image, expected at least one to train and one to "
                "test; add some"
            )
        is_test[members[::5]] = True
    return images[~is_test], labels[~is_test], images[is_test], labels[is_test]


def _data(
    name: str,
    train_images: NDArray[np.uint8],
    train_labels: NDArray[np.integer],
    test_images: NDArray[np.uint8],
    test_labels: NDArray[np.integer],
) -> Data:
    """Bring images (N, 28, 28) and labels (N,) into the form of `Data`."""
    return Data(
        name,
        torch.tensor(train_images).unsqueeze(1),
        torch.tensor(train_labels, dtype=torch.int64),
        torch.tensor(test_images).unsqueeze(1),
        torch.tensor(test_labels, dtype=torch.int64),
    )

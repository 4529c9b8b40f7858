import gzip
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.mnist import idx
from tinydigits.mnist.idx import FILES, decode_idx, holds_idx, read_idx_folder

Encode = Callable[[np.ndarray], bytes]

IMAGES = np.arange(3 * 784).reshape(3, 28, 28) % 251
LABELS = np.array([3, 0, 9])


@pytest.mark.parametrize("array", [IMAGES, LABELS])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_decodes_gzip_and_plain(idx_bytes: Encode, array: np.ndarray, pack: Callable) -> None:
    decoded = decode_idx(pack(idx_bytes(array)), "a file")
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, array)


def test_two_gzip_members_are_one_file(idx_bytes: Encode) -> None:
    content = idx_bytes(IMAGES)
    joined = gzip.compress(content[:900]) + gzip.compress(content[900:])
    np.testing.assert_array_equal(decode_idx(joined, "a file"), IMAGES)


def header(*magic: int, shape: tuple[int, ...] = ()) -> bytes:
    return bytes(magic) + struct.pack(f">{len(shape)}I", *shape)


BAD = {
    "nothing at all": (b"", "is not an IDX file"),
    "a web page": (b"\n <!DOCTYPE html><html>not found</html>", "is a web page"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "begins with 89 50 4e 47"),
    "float elements": (header(0, 0, 13, 1, shape=(2,)) + bytes(8), "is not an IDX file"),
    "two dimensions": (header(0, 0, 8, 2, shape=(2, 2)) + bytes(4), "is not an IDX file"),
    "half a header": (header(0, 0, 8, 3, shape=(2, 28)), "cut short within its header"),
    "small images": (header(0, 0, 8, 3, shape=(2, 20, 20)) + bytes(800), "20x20 pixels"),
    "no images": (header(0, 0, 8, 3, shape=(0, 28, 28)), "announces 0 items"),
    "no labels": (header(0, 0, 8, 1, shape=(0,)), "announces 0 items"),
    "a boast": (header(0, 0, 8, 3, shape=(2**32 - 1, 28, 28)), "announces 4,294,967,295 items"),
    "one byte less": (header(0, 0, 8, 1, shape=(9,)) + bytes(8), "is cut short"),
    "one byte more": (header(0, 0, 8, 1, shape=(9,)) + bytes(10), "is too long"),
    "label 11": (header(0, 0, 8, 1, shape=(9,)) + bytes(5) + b"\x0b" + bytes(3), "label 11 at p"),
    "label 10": (header(0, 0, 8, 1, shape=(9,)) + b"\x0a" + bytes(8), "label 10 at position 0"),
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(("content", "problem"), BAD.values(), ids=BAD)
def test_bad_content_is_named(content: bytes, problem: str, pack: Callable) -> None:
    with pytest.raises(TinydigitsError, match=f"^the name: .*{problem}"):
        decode_idx(pack(content), "the name")


def test_damaged_gzip_is_named(idx_bytes: Encode) -> None:
    sound = gzip.compress(idx_bytes(IMAGES))
    changed = bytearray(sound)
    changed[-5] ^= 1  # in the checksum
    invalid = sound[:10] + b"\xff" + sound[11:]  # a block type that deflate does not have
    for content in (sound[:-300], sound[:-1], sound[:5], bytes(changed), invalid):
        with pytest.raises(TinydigitsError, match="the name: the gzip file is damaged or cut sh"):
            decode_idx(content, "the name")


def test_a_bomb_is_not_unpacked() -> None:
    content = header(0, 0, 8, 1, shape=(10,)) + bytes(50_000_000)
    assert len(idx.expand(gzip.compress(content), "a bomb")) < 100
    with pytest.raises(TinydigitsError, match="is too long"):
        decode_idx(gzip.compress(content), "a bomb")


def test_a_huge_file_is_not_read(idx_folder: Path) -> None:
    path = idx_folder / f"{FILES[0]}.gz"
    with path.open("wb") as file:
        file.truncate(idx.MAX_BYTES + 17)  # sparse: it takes no room
    with pytest.raises(TinydigitsError, match=f"{path}: is too large"):
        read_idx_folder(idx_folder)


@pytest.mark.parametrize("names", ["{}", "{}.gz"])
def test_names_with_a_dot_and_without_gz(idx_folder: Path, names: str) -> None:
    before, _ = read_idx_folder(idx_folder)
    for file in FILES:
        target = idx_folder / names.format(file.replace("-idx", ".idx"))
        (idx_folder / f"{file}.gz").rename(target)  # what is inside decides, not the name
    after, _ = read_idx_folder(idx_folder)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("below", ["raw", "MNIST/raw"])
def test_torchvisions_folders_are_looked_into(idx_folder: Path, tmp_path: Path, below: str) -> None:
    before, _ = read_idx_folder(idx_folder)
    (tmp_path / "data" / below).parent.mkdir(parents=True)
    idx_folder.rename(tmp_path / "data" / below)
    assert holds_idx(tmp_path / "data")
    for one, other in zip(before, read_idx_folder(tmp_path / "data")[0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_any_one_file_makes_the_folder_count(idx_folder: Path, tmp_path: Path) -> None:
    assert holds_idx(idx_folder)
    for file in FILES[:3]:
        (idx_folder / f"{file}.gz").unlink()
    assert holds_idx(idx_folder)
    assert not holds_idx(tmp_path)
    assert not holds_idx(tmp_path / "absent")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(idx_folder: Path, file: str) -> None:
    (idx_folder / f"{file}.gz").unlink()
    with pytest.raises(TinydigitsError, match=f"{idx_folder / file}: is missing"):
        read_idx_folder(idx_folder)


def test_images_and_labels_of_different_length(idx_folder: Path, idx_bytes: Encode) -> None:
    path = idx_folder / f"{FILES[3]}.gz"
    path.write_bytes(idx_bytes(np.zeros(19)))
    with pytest.raises(TinydigitsError, match=f"{path}: holds 19 labels for 20 images"):
        read_idx_folder(idx_folder)


def test_swapped_files(idx_folder: Path) -> None:
    images, labels = (idx_folder / f"{file}.gz" for file in FILES[:2])
    kept = labels.read_bytes()
    shutil.copy(images, labels)
    with pytest.raises(TinydigitsError, match=f"{labels}: does not hold labels"):
        read_idx_folder(idx_folder)
    images.write_bytes(kept)
    with pytest.raises(TinydigitsError, match=f"{images}: does not hold images"):
        read_idx_folder(idx_folder)

from pathlib import Path

import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.image.formats import Skipped
from tinydigits.reader.sources import find_pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.PNG", "a.jpg", "notes.txt", "._a.jpg", "very/deep/c.gif", "empty/readme"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def names(*arguments: object) -> list[str]:
    found = list(find_pictures(map(str, arguments)))
    assert all(error is None for _, error in found)
    return [Path(name).name for name, _ in found]


def test_a_folder_is_its_pictures_by_name(folder: Path) -> None:
    assert names(folder) == ["a.jpg", "b.PNG"]


def test_litter_that_a_shell_names_with_the_rest_is_passed_over(folder: Path) -> None:
    (folder / "@eaDir").mkdir()
    (folder / "@eaDir" / "a.jpg").touch()
    (folder / "Thumbs.db").touch()
    skipped = Skipped()
    named = [str(path) for path in (folder / "@eaDir", folder / "Thumbs.db", folder / "a.jpg")]
    assert list(find_pictures(named, skipped)) == [(str(folder / "a.jpg"), None)]
    assert "hidden or the system's own: 2" in str(skipped)
    assert names(folder / "**" / "*.jpg") == ["a.jpg"]


def test_files_come_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 9, 100, 2):
        (tmp_path / f"page{number}.png").touch()
    wanted = ["page2.png", "page9.png", "page10.png", "page100.png"]
    assert names(tmp_path) == names(tmp_path / "page*.png") == wanted


def test_a_pattern_is_what_it_matches(folder: Path) -> None:
    assert names(folder / "*.jpg") == ["a.jpg"]
    assert names(folder / "**" / "*.gif") == ["c.gif"]


def test_other_names_stand_for_themselves(folder: Path) -> None:
    assert names("-", folder / "none.png", folder / "notes.txt") == ["-", "none.png", "notes.txt"]


def test_a_name_with_brackets_that_exists_is_no_pattern(folder: Path) -> None:
    (folder / "page[1].png").touch()
    assert names(folder / "page[1].png") == ["page[1].png"]


@pytest.mark.parametrize(
    ("name", "message"), [("empty", "no pictures in this folder"), ("*.webp", "no file matches")]
)
def test_what_stands_for_nothing_says_so(folder: Path, name: str, message: str) -> None:
    ((found, error),) = find_pictures([str(folder / name)])
    assert found == str(folder / name)
    assert isinstance(error, TinydigitsError) and message in str(error)

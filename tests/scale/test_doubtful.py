"""The page of doubtful digits, in a real browser and by keyboard alone."""

import base64
import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tinydigits.mnist.data import load_data
from tinydigits.reader.reader import Reader
from tinydigits.scale.bulk import Job, prepare
from tinydigits.scale.doubtful import Crop, Doubt, crops, least_sure, page
from tinydigits.scale.pack import pack

NAME = '=1+1,"q";é</script><img src=x>.png'
Shown = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three forms of two lines each; in one the paper has a corner of its own grey."""
    path = tmp_path_factory.mktemp("forms")
    images = load_data("digits").train_images[:, 0].numpy()
    for number, name in enumerate(("form2.png", "form10.png", NAME.replace("/", "∕"))):
        form = np.full((170, 260), 255, np.uint8)
        for place in range(8):
            top, left = 30 + 70 * (place // 4), 25 + 60 * (place % 4)
            form[top : top + 28, left : left + 28] -= images[8 * number + place]
        Image.fromarray(form).resize((520, 340), Image.Resampling.BICUBIC).save(path / name)
    return path


@pytest.fixture(scope="module")
def job(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """All read, and every digit doubtful."""
    job = prepare(folder, tmp_path_factory.mktemp("out") / "out", Reader(), min_confidence=1.0)
    list(job.run(1, None))
    return job


@pytest.fixture
def show(browser: Browser, job: Job, tmp_path: Path) -> Iterator[Shown]:
    """Write the page and open it; nothing may be fetched, and nothing fail."""
    trouble: list[str] = []
    context = browser.new_context(accept_downloads=True)

    def open_page(most: int = 1000, doubts: list[tuple[Doubt, Crop]] | None = None) -> Page:
        found, total = least_sure(job.parts, job.pieces, most)
        cut = list(crops(found, job.pieces)) if doubts is None else doubts
        path = tmp_path / "doubtful.html"
        path.write_text(page(cut, total if doubts is None else len(doubts), 1.0), encoding="utf-8")
        shown = context.new_page()
        shown.on("console", lambda said: said.type == "error" and trouble.append(said.text))
        shown.on("pageerror", lambda error: trouble.append(str(error)))
        shown.on("request", lambda request: trouble.extend(_fetched(request.url, path)))
        shown.goto(path.as_uri())
        return shown

    yield open_page
    context.close()
    assert trouble == []


def _fetched(url: str, path: Path) -> list[str]:
    return [] if url.startswith(("data:", "blob:")) or url == path.as_uri() else [f"fetched {url}"]


def saved(shown: Page) -> list[dict[str, str]]:
    with shown.expect_download() as download:
        shown.keyboard.press("s")
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def press(shown: Page, *keys: str) -> None:
    for key in keys:
        shown.keyboard.press(key)


def test_the_least_sure_come_first_and_all_are_counted(job: Job) -> None:
    doubts, total = least_sure(job.parts, job.pieces, 1000)
    sure = [doubt.confidence for doubt in doubts]
    assert sure == sorted(sure)
    assert total == len(doubts) > 15
    few, of = least_sure(job.parts, job.pieces, 4)
    assert (few, of) == (doubts[:4], total)


def test_a_crop_shows_the_digit_and_some_paper_around_it(job: Job, folder: Path) -> None:
    doubts, _ = least_sure(job.parts, job.pieces, 1000)
    found = list(crops(doubts, job.pieces))
    assert {id(doubt) for doubt, _ in found} == {id(doubt) for doubt in doubts}
    for doubt, crop in found:
        image = _decoded(crop)
        _, _, width, height = crop.place
        _, _, across, down = doubt.box
        assert width * image.shape[1] == pytest.approx(across, abs=1.5)
        assert height * image.shape[0] == pytest.approx(down, abs=1.5)
        assert image.shape[0] > 1.5 * down
        assert_shows(crop, doubt, Image.open(folder / doubt.id).convert("L"))


def _decoded(crop: Crop) -> Any:
    data = base64.b64decode(crop.image.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def assert_shows(crop: Crop, doubt: Doubt, page: Image.Image) -> None:
    """Where the crop says that the digit is, the page has what the digit's box has."""
    image, (x, y, width, height) = _decoded(crop), doubt.box
    left, top = round(crop.place[0] * image.shape[1]), round(crop.place[1] * image.shape[0])
    inside = image[top : top + height, left : left + width].astype(int)
    wanted = np.asarray(page)[y : y + height, x : x + width].astype(int)
    assert np.abs(inside - wanted).mean() < 8  # JPEG


def test_shards_have_the_same_crops_as_their_files(job: Job, folder: Path, tmp_path: Path) -> None:
    list(pack(folder, tmp_path / "shards"))
    packed = prepare(tmp_path / "shards", tmp_path / "out", Reader(), min_confidence=1.0)
    list(packed.run(1, None))

    def cut(of: Job) -> list[tuple[str, str]]:
        doubts, _ = least_sure(of.parts, of.pieces, 1000)
        return sorted((doubt.id, crop.image) for doubt, crop in crops(doubts, of.pieces))

    assert cut(packed) == cut(job)


def test_each_page_of_a_document_has_crops_of_its_own(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "scans"
    source.mkdir()
    pages = [Image.open(folder / name).convert("L") for name in ("form2.png", "form10.png")]
    pages[0].save(source / "scan.tif", save_all=True, append_images=pages[1:])
    shutil.copy(folder / "form2.png", source / "form.png#2")  # a file, told by its content
    job = prepare(source, tmp_path / "out", Reader(), min_confidence=1.0)
    list(job.run(1, None))
    doubts, total = least_sure(job.parts, job.pieces, 1000)
    found = list(crops(doubts, job.pieces))
    assert len(found) == total
    assert {doubt.id for doubt, _ in found} == {"scan.tif#1", "scan.tif#2", "form.png#2"}
    for doubt, crop in found:
        assert_shows(crop, doubt, pages[doubt.id == "scan.tif#2"])


def test_a_picture_that_has_gone_is_said_and_its_digits_stay(
    job: Job, folder: Path, tmp_path: Path, show: Shown
) -> None:
    doubts, _ = least_sure(job.parts, job.pieces, 1000)
    hidden = folder / "form2.png"
    hidden.rename(tmp_path / "elsewhere.png")
    try:
        found = list(crops(doubts, job.pieces))
    finally:
        (tmp_path / "elsewhere.png").rename(hidden)
    assert len(found) == len(doubts)
    gone = [(doubt, crop) for doubt, crop in found if not crop.image]
    assert {doubt.id for doubt, _ in gone} == {"form2.png"}
    shown = show(doubts=gone)
    expect(shown.locator("#lost")).to_contain_text("form2.png: No such file or directory")
    press(shown, "5")
    assert saved(shown)[0]["corrected"] == "5"


def test_digits_are_corrected_by_keyboard_alone(show: Shown, job: Job) -> None:
    doubts, total = least_sure(job.parts, job.pieces, 1000)
    shown = show()
    expect(shown.locator("#count")).to_have_text(f"0 of {total} looked at, 0 corrected")
    expect(shown.locator("#read")).to_have_text(str(doubts[0].read))
    expect(shown.locator("#where")).to_contain_text(doubts[0].id)
    expect(shown.locator("#text")).to_have_text(
        f"{doubts[0].before}{doubts[0].read}{doubts[0].after}"
    )
    other = [str((doubt.read + 1) % 10) for doubt in doubts]
    # Corrected; right; no digit; a slip, taken back; passed over; right after all; corrected.
    press(
        shown, other[0], "Enter", "x", other[3], "u", "ArrowRight", "ArrowLeft", "Enter", other[4]
    )
    press(shown, "ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight", "Control+z", other[4])
    expect(shown.locator("#count")).to_have_text(f"5 of {total} looked at, 3 corrected")
    rows = saved(shown)
    assert len(rows) == total
    answers = [other[0], str(doubts[1].read), "no digit", str(doubts[3].read), other[4]]
    assert [row["corrected"] for row in rows] == answers + [""] * (total - 5)
    for row, doubt in zip(rows, doubts, strict=True):
        assert row["file"].removeprefix("'") == doubt.id
        place = tuple(int(row[name]) for name in ("x", "y", "width", "height"))
        assert (place, row["read"], row["page"]) == (doubt.box, str(doubt.read), "1")
        assert row["line"] == str(doubt.line)
    assert {row["file"][:2] for row in rows} == {"fo", "'="}


def test_work_goes_on_after_the_page_was_closed(show: Shown) -> None:
    shown = show()
    press(shown, "1", "2", "x")
    shown.on("dialog", lambda dialog: dialog.accept())
    shown.reload()
    expect(shown.locator("#count")).to_contain_text("3 of ")
    expect(shown.locator("#where")).to_contain_text("4 of ")
    assert [row["corrected"] for row in saved(shown)[:4]] == ["1", "2", "no digit", ""]


def test_leaving_unsaved_work_asks_first(show: Shown) -> None:
    shown, asked = show(), []
    shown.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    press(shown, "1")
    shown.reload()
    assert asked == ["beforeunload"]
    saved(shown)
    shown.reload()
    assert asked == ["beforeunload"]


def test_the_end_is_said_and_the_last_digit_stays(show: Shown, job: Job) -> None:
    shown = show(most=3)
    total = least_sure(job.parts, job.pieces, 3)[1]
    expect(shown.locator("#shown")).to_contain_text(f"The 3 least sure of {total} digits")
    expect(shown.locator("#shown")).to_contain_text(f"the other {total - 3} are not on this page")
    press(shown, "Enter", "Enter", "Enter")
    expect(shown.locator("#now")).to_have_text(
        "Right as read. All are looked at: save them as CSV."
    )
    press(shown, "Home", "ArrowLeft")
    expect(shown.locator("#where")).to_contain_text("1 of 3")
    press(shown, "End", "ArrowRight")
    expect(shown.locator("#where")).to_contain_text("3 of 3")


def test_buttons_do_what_keys_do(show: Shown, job: Job) -> None:
    shown, third = show(), least_sure(job.parts, job.pieces, 3)[0][2].read
    other = str((third + 1) % 10)
    shown.get_by_role("button", name="No digit").click()
    shown.locator("#digits").get_by_text(other, exact=True).click()
    press(shown, "Enter")  # the third digit's, not once more the button's
    answers = ["no digit", other, str(third)]
    assert [row["corrected"] for row in saved(shown)[:3]] == answers
    shown.get_by_role("button", name="Undo").focus()
    press(shown, "Enter")
    assert [row["corrected"] for row in saved(shown)[:3]] == [*answers[:2], ""]
    shown.get_by_role("button", name="Turn the picture").click()
    expect(shown.locator("#crop")).to_have_attribute("style", re.compile(r"rotate\(90deg\)"))


def test_no_doubt_is_a_page_that_says_so(show: Shown) -> None:
    shown = show(doubts=[])
    expect(shown.locator("#shown")).to_have_text(
        "No digit was read with less than 100 % confidence."
    )
    expect(shown.locator("#work")).to_be_hidden()
    press(shown, "1", "Enter", "u")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_no_serious_violation(show: Shown, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = show()
    shown.emulate_media(color_scheme=scheme)
    press(shown, "1", "Enter", "x")
    found = Axe().run(shown).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_the_command_writes_table_and_page_also_of_what_is_read_already(
    folder: Path, tmp_path: Path, command: Any
) -> None:
    out, table, doubtful = tmp_path / "out", tmp_path / "t.csv", tmp_path / "new" / "d.html"
    done = command("bulk", folder, "--out", out, "--csv", table, "--min-confidence", 1)
    assert done.status == 0, done.errors
    assert done.output.splitlines()[1] == f"wrote {table}, 6 lines"
    with table.open(encoding="utf-8-sig", newline="") as file:
        files = [row["file"] for row in csv.DictReader(file)]
    assert files[2:4] == ["form2.png"] * 2 and files[4:] == ["form10.png"] * 2
    done = command(
        "bulk", folder, "--out", out, "--doubtful", doubtful, "--most", 2, "--min-confidence", 1
    )
    assert "3 of 3 pictures have been read already" in done.errors
    assert f"wrote {doubtful}, a page to correct 2 doubtful digits; " in done.output
    assert "surer ones are not on it (--most " in done.output
    assert doubtful.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--csv", "out/t.csv"], "out is for the parts alone"),
        (["--doubtful", "."], ". is a folder; name a file"),
        (["--csv", "a", "--doubtful", "a"], "name two files"),
        (["--most", "0"], "0 is not in the range"),
        (["--workers", "2", "--cluster", "local"], "give --workers or --cluster"),
    ],
)
def test_what_cannot_be_written_is_refused_before_reading(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Any,
    arguments: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = command("bulk", folder, "--out", "out", *arguments)
    assert done.status in (1, 2)
    assert said in done.errors
    assert list(tmp_path.iterdir()) == []

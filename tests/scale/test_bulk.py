"""Bulk reading: a row for each picture, whatever is killed; and what it refuses."""

import json
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.image.formats import Skipped, pictures_below
from tinydigits.mnist.data import load_data
from tinydigits.reader.reader import Reader
from tinydigits.scale import ids, pieces
from tinydigits.scale import pack as packing
from tinydigits.scale.bulk import prepare
from tinydigits.scale.pack import pack

COUNT = 170  # pictures, of which two cannot be read


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module", autouse=True)
def _small_pieces() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for module in (pieces, packing):
            patch.setattr(module, "TOGETHER", 10)
        patch.setattr(packing, "_GROUPS", 4)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, _small_pieces: None) -> Path:
    """Pictures in folders, two of them damaged."""
    path = tmp_path_factory.mktemp("pictures")
    images = load_data("digits").train_images[: COUNT - 2, 0].numpy()
    for number, image in enumerate(images):
        place = path / f"{number % 3}"
        place.mkdir(exist_ok=True)
        Image.fromarray(255 - image).save(place / f"{number:04}.png")
    (path / "1" / "empty.png").write_bytes(b"")
    (path / "broken.png").write_bytes((path / "1" / "0001.png").read_bytes()[:60])
    (path / "notes.txt").write_text("no picture", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shards(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shards") / "packed"
    assert sum(pack(folder, path)) == COUNT
    return path


@pytest.fixture(scope="module")
def expected(folder: Path, reader: Reader) -> dict[str, str | None]:
    """What a Reader says of each picture; None of those that it cannot read."""
    found: dict[str, str | None] = {}
    for path in folder.rglob("*.png"):
        try:
            found[path.relative_to(folder).as_posix()] = reader.read(path).text
        except TinydigitsError:
            found[path.relative_to(folder).as_posix()] = None
    return found


def rows(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out).to_pylist()  # the folder, as anybody reads it


def check(out: Path, expected: dict[str, str | None]) -> None:
    """A row for each picture and no other file."""
    found = rows(out)
    assert len(found) == COUNT
    assert {row["id"]: row["text"] for row in found} == expected
    assert {path.suffix for path in out.iterdir()} == {".parquet", ".json"}
    assert not list(out.glob(".part-*"))


def run(source: Path, out: Path, reader: Reader, workers: int = 1) -> list[tuple[int, int]]:
    return list(prepare(source, out, reader).run(workers, None))


@pytest.mark.parametrize("packed", [False, True])
def test_pages_have_rows_and_what_is_no_picture_is_counted(
    packed: bool, reader: Reader, tmp_path: Path
) -> None:
    source, digits = tmp_path / "in", load_data("digits").train_images[:5, 0].numpy()
    source.mkdir()
    pages = [Image.fromarray(255 - digit) for digit in digits]
    pages[0].save(source / "a.tif", save_all=True, append_images=pages[1:3])
    pages[0].save(source / "b.pdf", save_all=True, append_images=pages[1:3], resolution=72)
    pillow_heif.from_pillow(pages[3].convert("RGB")).save(source / "c.heic", quality=95)
    pages[4].save(source / "d.avif", quality=95)
    pages[4].save(source / "e.jfif", "JPEG", quality=95)
    for name in ("._a.tif", "__MACOSX/a.tif", "notes.txt"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("no picture", encoding="utf-8")
    said = "not read: hidden or the system's own: 2 (__MACOSX, ._a.tif); no picture: 1 (notes.txt)"
    if packed:
        skipped = Skipped()
        assert list(pack(source, tmp_path / "shards", skipped)) == [5]
        assert str(skipped) == said
        (tmp_path / "shards" / "._shard-000000.parquet").write_text("litter", encoding="utf-8")
        source = tmp_path / "shards"
    job = prepare(source, tmp_path / "out", reader)
    assert str(job.skipped) == ("" if packed else said)
    assert list(job.run(1, None)) == [(5, 0)]
    ids = [*("a.tif#1", "a.tif#2", "a.tif#3", "b.pdf#1", "b.pdf#2", "b.pdf#3")]
    ids += ["c.heic", "d.avif", "e.jfif"]
    found = {row["id"]: row["text"] for row in rows(tmp_path / "out")}
    assert list(found) == ids
    expected = [reader.read(pages[place]).text for place in (0, 1, 2, 0, 1, 2, 3, 4, 4)]
    assert list(found.values()) == expected


@pytest.mark.parametrize("kind", ["folder", "shards"])
def test_every_picture_has_the_row_that_a_reader_gives_it(
    kind: str,
    request: pytest.FixtureRequest,
    reader: Reader,
    folder: Path,
    expected: dict[str, str | None],
    tmp_path: Path,
) -> None:
    done = run(request.getfixturevalue(kind), tmp_path / "out", reader, workers=2)
    assert [sum(each) for each in zip(*done, strict=True)] == [COUNT, 2]
    check(tmp_path / "out", expected)
    found = {row["id"]: row for row in rows(tmp_path / "out")}
    assert "empty" in found["1/empty.png"]["error"]
    assert "damaged" in found["broken.png"]["error"]
    (digit, *others) = reader.read(folder / "2" / "0002.png").digits
    (row, *more) = found["2/0002.png"]["digits"]
    assert len(others) == len(more)
    assert (row["label"], row["uncertain"]) == (digit.label, digit.uncertain)
    assert (row["x"], row["y"], row["width"], row["height"]) == digit.box
    assert row["confidence"] == pytest.approx(digit.confidence)
    assert found["2/0002.png"]["error"] is None


def test_only_parts_that_are_missing_are_read(
    shards: Path, reader: Reader, expected: dict[str, str | None], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(shards, out, reader)
    parts = sorted(out.glob("*.parquet"))
    written = {part: part.stat().st_mtime_ns for part in parts}
    for part in parts[3:5]:
        part.unlink()
    (out / ".part-of-a-killed-process.parquet").write_text("half", encoding="utf-8")
    assert sum(pictures for pictures, _ in run(shards, out, reader)) == 20
    check(out, expected)
    anew = {part for part in parts if part.stat().st_mtime_ns != written[part]}
    assert anew == set(parts[3:5])
    assert run(shards, out, reader) == []


def test_files_and_shards_come_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 9, 2):
        for name in (f"pictures/box{number}/page{number}.png", f"pictures/page{number}.png"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        write(tmp_path / "shards" / f"{number}.parquet", id=[f"{number}"], bytes=[b""])
    names = ["page2.png", "page9.png", "page10.png"]
    names += [f"box{number}/page{number}.png" for number in (2, 9, 10)]
    assert list(pictures_below(tmp_path / "pictures", Skipped())) == names
    assert [name.split("/")[-1] for name in names[:3]] == names[:3]
    found = pieces.find_input(tmp_path / "shards")
    assert [name for piece in found.pieces for name, _ in piece.pictures()] == ["2", "9", "10"]


def test_packing_goes_on_where_it_was_killed(folder: Path, shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "packed"
    shutil.copytree(shards, out)
    whole = sorted(out.iterdir())
    contents = [path.read_bytes() for path in whole]
    for path in whole[3:]:
        path.unlink()
    assert sum(pack(folder, out)) == COUNT - 3 * 40
    assert [path.read_bytes() for path in sorted(out.iterdir())] == contents
    assert list(pack(folder, out)) == []
    with pytest.raises(TinydigitsError, match="holds shards of another folder"):
        list(pack(folder / "0", out))


@pytest.mark.parametrize("where", ["--workers", pytest.param("--cluster", marks=pytest.mark.slow)])
def test_a_job_killed_and_started_again_does_the_rest(
    where: str,
    request: pytest.FixtureRequest,
    shards: Path,
    tinydigits: Callable[..., Any],
    wait_for: Callable[..., None],
    expected: dict[str, str | None],
    tmp_path: Path,
) -> None:
    """It is killed whole after its first part; on a cluster it then loses an actor, too."""
    out = tmp_path / "out"
    nodes = request.getfixturevalue("nodes") if where == "--cluster" else None
    command = ["bulk", shards, "--out", out, where, nodes.address if nodes else 1]
    job = tinydigits(*command)
    wait_for(lambda: list(out.glob("part-*")) or job.poll() is not None)
    job.send_signal(signal.SIGKILL)
    job.communicate()
    if nodes:
        wait_for(lambda: not nodes.workers("MapWorker"))  # Ray ends what a killed job leaves
    before = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert 0 < len(before) < COUNT // 10
    job = tinydigits(*command)
    if nodes:
        wait_for(lambda: len(list(out.glob("part-*"))) > len(before) or job.poll() is not None)
        assert nodes.kill_worker("MapWorker"), job.communicate()
    output, errors = job.communicate(timeout=300)
    assert job.returncode == 0, errors
    assert "pictures have been read already" in errors
    assert f"pictures into {out}/; " in output
    check(out, expected)
    assert all(path.stat().st_mtime_ns == written for path, written in before.items())


def write(path: Path, **columns: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def test_what_is_no_input_is_one_sentence_and_leaves_nothing(
    folder: Path, reader: Reader, tmp_path: Path
) -> None:
    good = {"id": ["a", "b"], "bytes": [b"1", b"2"]}
    write(tmp_path / "doubled" / "1.parquet", **good)
    write(tmp_path / "doubled" / "2.parquet", id=["c", "b"], bytes=[b"3", b"4"])
    write(tmp_path / "both" / "1.parquet", **good)
    shutil.copy(folder / "0" / "0000.png", tmp_path / "both")
    write(tmp_path / "columns" / "1.parquet", id=["a"], picture=[b"1"])
    write(tmp_path / "numbers" / "1.parquet", id=[1], bytes=[b"1"])
    write(tmp_path / "nameless" / "1.parquet", id=["a", None], bytes=[b"1", b"2"])
    whole = write(tmp_path / "cut" / "1.parquet", **good)
    whole.write_bytes(whole.read_bytes()[:-9])
    (tmp_path / "empty").mkdir()
    sentences = {
        "doubled": "the id 'b' is in .*1.parquet and once more in .*2.parquet",
        "both": "holds shards and pictures",
        "columns": r"has the columns id \(string\), picture \(binary\); expected",
        "numbers": r"has the columns id \(int64\), bytes \(binary\); expected",
        "nameless": "a row has no id",
        "cut": "1.parquet: a shard that is damaged, or no Parquet file",
        "empty": "no pictures and no Parquet shards in this folder",
        "missing": "there is no such folder",
    }
    for name, sentence in sentences.items():
        with pytest.raises(TinydigitsError, match=sentence):
            prepare(tmp_path / name, tmp_path / "out", reader)
        assert not (tmp_path / "out").exists(), name


def test_ids_are_compared_a_share_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ids, "_AT_ONCE", 10)
    names = [f"picture {number}" for number in range(100)]
    path = write(tmp_path / "1.parquet", id=names)
    ids.check_ids([path], 100)
    for name in names[::9]:
        again = write(tmp_path / "2.parquet", id=[name])
        with pytest.raises(TinydigitsError, match=f"the id '{name}' is in"):
            ids.check_ids([path, again], 101)


def test_a_shard_damaged_within_stops_with_its_name_and_goes_on_when_mended(
    shards: Path, reader: Reader, expected: dict[str, str | None], tmp_path: Path
) -> None:
    copy = tmp_path / "shards"
    shutil.copytree(shards, copy)
    shard = sorted(copy.iterdir())[2]
    good = shard.read_bytes()
    group = pq.ParquetFile(shard).metadata.row_group(1)
    start = group.column(1).data_page_offset
    shard.write_bytes(good[:start] + bytes(40) + good[start + 40 :])
    with pytest.raises(TinydigitsError, match=f"{shard.name}: a shard that is damaged"):
        run(copy, tmp_path / "out", reader, workers=2)
    shard.write_bytes(good)
    run(copy, tmp_path / "out", reader)
    check(tmp_path / "out", expected)


@pytest.mark.slow
def test_what_fails_on_a_cluster_is_the_same_sentence(
    nodes: Any, shards: Path, tinydigits: Callable[..., Any], tmp_path: Path
) -> None:
    shard = tmp_path / "1.parquet"
    good = next(shards.iterdir()).read_bytes()
    start = pq.ParquetFile(next(shards.iterdir())).metadata.row_group(1).column(1).data_page_offset
    shard.write_bytes(good[:start] + bytes(40) + good[start + 40 :])
    job = tinydigits("bulk", shard, "--out", "out", "--cluster", nodes.address)
    errors = job.communicate(timeout=300)[1]
    assert job.returncode == 1
    assert f"tinydigits: {shard}: a shard that is damaged, or no Parquet file" in errors
    # Actors at other pieces are killed with the job: what they leave goes with the next that ends.
    damaged = "0000001"
    assert not list((tmp_path / "out").glob(f"*{damaged}*"))


def test_a_folder_of_parts_is_of_one_input_and_one_way_of_reading(
    shards: Path, reader: Reader, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    job = prepare(shards, out, reader)
    assert not out.exists()
    job.parts.begin(job.plan)
    assert json.loads((out / "_plan.json").read_text(encoding="utf-8"))["pictures"] == COUNT
    with pytest.raises(TinydigitsError, match=r"was begun otherwise \(single changed\)"):
        prepare(shards, out, reader, single=True)
    other = write(tmp_path / "other" / "1.parquet", id=["a"], bytes=[b"1"])
    with pytest.raises(TinydigitsError, match=r"\(pictures, pieces, input changed\)"):
        prepare(other, out, reader)
    with pytest.raises(TinydigitsError, match="holds other things; name a new folder"):
        prepare(shards, tmp_path, reader)


def test_a_disk_that_takes_no_more_leaves_no_half_part(
    shards: Path, reader: Reader, tmp_path: Path
) -> None:
    job = prepare(shards, tmp_path / "out", reader)
    job.parts.begin(job.plan)
    piece = job.missing[0]
    outcomes = [
        (f"{number} {'x' * 900}", reader.read(Image.new("L", (28, 28)))) for number in range(9)
    ]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as stop:
            job.parts.write(piece, outcomes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert stop.value.filename == str(job.parts.path(piece))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["_plan.json"]
    with pytest.raises(OSError, match="/proc/out"):  # where nobody may write, not even root
        run(shards, Path("/proc/out"), reader)


def test_a_piece_that_kills_its_processes_is_named_in_the_end(
    shards: Path, reader: Reader, tmp_path: Path
) -> None:
    job = prepare(shards, tmp_path / "out", reader)
    job.parts.begin(job.plan)
    piece = job.missing[7]

    left_open = []

    def killed() -> None:
        left_open.append(job.parts.trying(piece))
        left_open[-1].__enter__()

    for _ in range(3):
        killed()
    with job.parts.trying(piece):
        pass  # it has come through
    for _ in range(5):
        killed()
    with pytest.raises(TinydigitsError, match=r"row group 3 of .*01.parquet has killed 5"):
        killed()
    job.parts.begin(job.plan)
    killed()
    run(shards, tmp_path / "out", reader)
    assert not list((tmp_path / "out").glob(".*"))


def test_a_picture_that_nobody_foresaw_ends_no_job(
    shards: Path, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinydigits.reader import processes

    def fail(*_: object, **__: object) -> None:
        raise MemoryError("too much of it")

    monkeypatch.setattr(reader, "page_outcomes", fail)
    processes.hold_reader(reader)
    job = prepare(shards, tmp_path / "out", reader)
    assert job.task()(job.missing[0]) == (10, 10)
    assert {row["error"] for row in rows(tmp_path / "out")} == {"MemoryError: too much of it"}

"""`tinydigits read`, run as a stranger would."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pillow_heif
import pytest
from PIL import Image

from tests.reader.made import Draw

Run = Callable[..., Any]  # status, output, errors


@pytest.fixture
def run(command: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, given this as its standard input."""

    def run(*arguments: object, stdin: bytes = b"") -> Any:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        return command(*arguments)

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, draw: Draw) -> Path:
    path = tmp_path_factory.mktemp("pictures")
    draw("472").save(path / "a.png")
    draw("10", "27").save(path / "b.jpg", quality=95)
    return path


def test_one_line_per_file(folder: Path, run: Run) -> None:
    done = run("read", folder)
    assert done.status == 0
    assert done.output.splitlines() == [f"{folder}/a.png: 472", f"{folder}/b.jpg: 10 / 27"]
    assert done.errors == ""


def test_pages_have_numbers_and_what_was_not_read_is_said_at_the_end(
    tmp_path: Path, draw: Draw, run: Run
) -> None:
    pages = [draw("472"), draw("10", "27"), draw("4")]
    for name in ("a.tif", "b.pdf"):
        pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
    pillow_heif.from_pillow(draw("27").convert("RGB")).save(tmp_path / "c.heic")
    draw("70").save(tmp_path / "d.avif", quality=95)
    draw("20").save(tmp_path / "e", "JPEG")
    draw("1").save(tmp_path / "f.gif", save_all=True, append_images=[draw("2")])
    for name in ("._a.tif", "Thumbs.db", "notes.txt"):
        (tmp_path / name).write_text("no picture", encoding="utf-8")
    done = run("read", tmp_path)
    assert done.status == 0, done.errors
    texts = ["a.tif#1: 472", "a.tif#2: 10 / 27", "a.tif#3: 4"]
    texts += [text.replace("tif", "pdf").replace("a.", "b.") for text in texts]
    texts += ["c.heic: 27", "d.avif: 70", "e: 20", "f.gif: 1"]
    assert done.output.splitlines() == [f"{tmp_path}/{text}" for text in texts]
    assert done.errors == (
        "tinydigits: not read: hidden or the system's own: 2 (._a.tif, Thumbs.db); "
        f"later frames of a moving picture: 1 ({tmp_path}/f.gif); no picture: 1 (notes.txt)\n"
    )
    done = run("read", "-", "--json", stdin=(tmp_path / "b.pdf").read_bytes())
    lines = list(map(json.loads, done.output.splitlines()))
    assert [(line["file"], line["text"]) for line in lines] == [
        *(("-#1", "472"), ("-#2", "10\n27"), ("-#3", "4")),
    ]


def test_only_litter_is_nothing_read(tmp_path: Path, run: Run) -> None:
    (tmp_path / "Thumbs.db").touch()
    done = run("read", tmp_path / "Thumbs.db")
    assert (done.status, done.output) == (1, "")
    assert "not read: hidden or the system's own: 1" in done.errors


def test_a_drawing_of_several_pages_is_refused(tmp_path: Path, draw: Draw, run: Run) -> None:
    draw("4").save(tmp_path / "a.pdf", save_all=True, append_images=[draw("7")])
    done = run("read", tmp_path / "a.pdf", "--show", tmp_path / "out.png")
    assert done.status == 1
    assert "a.pdf: has 2 pages, where one picture is expected" in done.errors


@pytest.mark.parametrize("stdin", ["<&-", "0>/dev/null"])
def test_standard_input_that_cannot_be_read_is_a_sentence(stdin: str) -> None:
    done = subprocess.run(
        f"{sys.executable} -m tinydigits read - {stdin}", shell=True, capture_output=True
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"tinydigits: -: ") and done.stderr.count(b"\n") == 1


def test_json_holds_the_contract(folder: Path, run: Run) -> None:
    done = run("read", folder / "*", "--json")
    first, second = map(json.loads, done.output.splitlines())
    assert first["file"] == str(folder / "a.png")
    assert (first["text"], second["text"]) == ("472", "10\n27")
    assert [digit["label"] for digit in first["digits"]] == [4, 7, 2]
    for digit in first["digits"]:
        assert 0 < digit["confidence"] <= 1
        assert len(digit["box"]) == 4 and all(isinstance(edge, int) for edge in digit["box"])


def test_unread_files_are_named_and_the_others_read(folder: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "no.png").write_text("hello", encoding="utf-8")
    done = run(
        "read", tmp_path / "none.png", folder / "a.png", tmp_path / "no.png", tmp_path / "*.x"
    )
    assert done.status == 1
    assert done.output == f"{folder}/a.png: 472\n"
    lines = done.errors.splitlines()
    assert lines[0] == f"tinydigits: {tmp_path}/none.png: No such file or directory"
    assert lines[1].startswith(f"tinydigits: {tmp_path}/no.png: not a picture")
    assert lines[2] == f"tinydigits: {tmp_path}/*.x: no file matches this pattern"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--min-confidence", "2", "x"],
        ["--nonsense", "x"],
        ["--show", "o", "x", "y"],
        ["--show", "o", "-"],
        ["--show", "/tmp", "x"],
    ],
)
def test_wrong_use_exits_2(arguments: list[str], run: Run) -> None:
    assert run("read", *arguments).status == 2


def test_show_draws_a_picture(folder: Path, tmp_path: Path, run: Run) -> None:
    done = run("read", folder / "a.png", "--show", tmp_path / "new" / "out.png")
    assert done.status == 0
    with Image.open(tmp_path / "new" / "out.png") as drawn:
        assert drawn.width >= 480


def test_question_marks_and_single(folder: Path, run: Run) -> None:
    assert "?" in run("read", folder / "a.png", "--min-confidence", "1").output
    assert "?" not in run("read", folder / "a.png").output
    single = run("read", folder / "a.png", "--single", "--json")
    assert len(json.loads(single.output)["digits"]) == 1


@pytest.mark.slow
def test_a_run_is_exported_and_read(folder: Path, tmp_path: Path, run: Run) -> None:
    torch = pytest.importorskip("torch")

    from tinydigits.mnist.model import Net
    from tinydigits.mnist.weights import save_model

    torch.manual_seed(0)
    weights = tmp_path / "untrained.safetensors"
    save_model(Net(), weights)
    sure, guessed = (
        json.loads(done.output)["digits"]
        for done in (
            run("read", folder / "a.png", "--json"),
            run("read", folder / "a.png", "--model", weights, "--json"),
        )
    )
    for digit, guess in zip(sure, guessed, strict=True):
        assert guess["confidence"] < digit["confidence"], "it knows nothing yet, the finder does"

    output = tmp_path / "untrained.onnx"
    done = run("export", weights, "-o", output, "--data", "digits", "--temperature", "1.5")
    assert done.status == 0, done.errors
    assert "largest difference" in done.output
    facts = {p.key: p.value for p in onnx.load(output).metadata_props}
    assert facts["temperature"] == "1.5"
    assert run("read", folder / "a.png", "--model", output).status == 0


def test_an_empty_name_is_not_the_current_folder(folder: Path, run: Run) -> None:
    done = run("read", "")
    assert (done.status, done.output) == (1, "")
    assert done.errors == "tinydigits: '' is no file name; name a picture or a folder\n"


def test_a_pipe_in_a_folder_is_passed_over_and_named_is_refused(
    tmp_path: Path, draw: Draw, run: Run
) -> None:
    draw("47").save(tmp_path / "a.png")
    os.mkfifo(tmp_path / "b.png")
    done = run("read", tmp_path)
    assert (done.status, done.output) == (0, f"{tmp_path}/a.png: 47\n")
    assert done.errors == "tinydigits: not read: no regular file: 1 (b.png)\n"
    done = run("read", tmp_path / "b.png")
    assert done.status == 1
    assert "b.png: is no regular file" in done.errors


def test_no_name_forges_a_line_or_stops_the_output(tmp_path: Path, draw: Draw, run: Run) -> None:
    names = [b"new\nline: 123.png", b"\x1b[31mred.png", b"\xff\xfe.png", "é漢.png".encode()]
    for name in names:
        draw("47").save(tmp_path / "plain.png")
        (tmp_path / "plain.png").rename(tmp_path / os.fsdecode(name))
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    for options in ([], ["--json"]):
        command = [sys.executable, "-m", "tinydigits", "read", tmp_path, *options]
        done = subprocess.run(command, env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(b"\n") == 4 and b"\x1b" not in done.stdout
    (tmp_path / "bad\nname.png").write_text("no picture", encoding="utf-8")
    done = run("read", tmp_path / "bad\nname.png")
    assert done.errors.count("\n") == 1 and "bad\\nname.png: not a picture" in done.errors

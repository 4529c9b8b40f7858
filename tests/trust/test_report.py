"""The report: what is in it, what it refuses, and that a browser can show it anywhere."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.bench import read_lines
from tinydigits.mnist.data import Data
from tinydigits.mnist.export import export
from tinydigits.mnist.recipe import preset
from tinydigits.reader.recognise import recognise
from tinydigits.trust.accuracy import accuracy, over_seeds
from tinydigits.trust.corruptions import CORRUPTIONS
from tinydigits.trust.report.numbers import accuracy_section
from tinydigits.trust.report.page import build_page
from tinydigits.trust.report.parts import Report, as_plain, judge
from tinydigits.trust.robustness import read_published, robustness
from tinydigits.trust.subject import Subject, judged_arrays, load_subject

ROOT = Path(__file__).parents[2]
BEST = ROOT / "weights" / "best.safetensors"


@pytest.fixture(scope="session")
def page(report: Report, digits: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trust") / "report.html"
    path.write_text(build_page(report, digits), encoding="utf-8")
    return path


def test_the_numbers_are_those_of_the_predictions(
    report: Report, subject: Subject, digits: Data
) -> None:
    images, labels = judged_arrays(digits)
    wrong = subject.alone(images).argmax(1) != labels
    found = report.accuracy
    assert found.wrong == np.flatnonzero(wrong).tolist()
    assert (found.alone.n, found.alone.count) == (200, 200 - wrong.sum())
    assert [each.n for each in found.per_class] == np.bincount(labels).tolist()
    assert np.sum(found.confusion) == 200
    assert np.trace(found.confusion) == found.alone.count
    assert found.undisputed is None  # only MNIST has those images
    assert {row.name for row in report.robustness.rows} == set(CORRUPTIONS)
    errors = [row.errors.share for row in report.robustness.rows]
    assert errors == sorted(errors, reverse=True)
    assert report.robustness.mean[0] == pytest.approx(np.mean(errors))
    assert report.robustness.clean[0].count == wrong.sum()
    through = {row.name: row.reader_errors for row in report.robustness.rows}
    assert {each.n for each in through.values()} == {3}
    assert through["brightness"].share < errors[0]  # the reader tells ink from a bright ground


def test_disputed_labels_are_left_out_of_mnist_alone() -> None:
    labels = np.arange(10_000) % 10
    answers = np.eye(10)[labels]
    answers[[947, 0]] = np.eye(10)[[3, 4]]
    found = accuracy(answers, answers, labels, "mnist")
    assert found.undisputed
    assert (found.alone.count, found.undisputed.count) == (9998, 9984)
    assert accuracy(answers, answers, labels, "digits").undisputed is None
    assert [(each.true, each.read, each.count) for each in found.costliest] == [
        (0, 4, 1), (7, 3, 1),
    ]  # fmt: skip


def test_runs_of_other_seeds_are_told(report: Report) -> None:
    lines = read_lines(ROOT / "benchmarks/results/accuracy.jsonl", preset("fast"), "mnist")
    found = over_seeds("fast", lines, "mnist", 10_000)
    assert found.all.mean == pytest.approx(np.mean([line["accuracy"] for line in lines]))
    assert found.undisputed
    assert found.all.mean < found.undisputed.mean < found.all.mean + 0.0015
    told = accuracy_section(replace(report.accuracy, seeds=found)).body
    assert f"{len(lines)}\N{NO-BREAK SPACE}runs" in told
    assert f"{100 * found.all.mean:.2f}" in told


def test_the_interval_by_writer_is_told_where_writers_are_known(digits: Data) -> None:
    images, labels = digits.test_images, digits.test_labels.numpy()
    answers = np.eye(10)[np.where(np.arange(len(images)) < 12, (labels + 1) % 10, labels)]
    writers = np.arange(len(images)) // 12  # all errors are one writer's
    found = accuracy(answers, answers, labels, "digits", writers=writers)
    assert found.by_writer
    assert found.by_writer.high - found.by_writer.low > 1.5 * (found.alone.high - found.alone.low)
    told = accuracy_section(found).body
    assert f"{found.by_writer.writers} people wrote the test images" in told
    assert "people wrote" not in accuracy_section(replace(found, by_writer=None)).body


def test_json_holds_all_numbers_and_no_picture(report: Report) -> None:
    text = json.dumps(as_plain(report), allow_nan=False)
    back = json.loads(text)
    assert back["accuracy"]["alone"]["count"] == report.accuracy.alone.count
    assert back["robustness"]["rows"][0]["name"] == report.robustness.rows[0].name
    assert "examples" not in back["robustness"]["rows"][0]
    assert as_plain({"a": (np.float64(0.1234567), float("inf"), np.int64(3))}) == {
        "a": [0.123457, None, 3]
    }


def test_the_page_refers_to_nothing_outside(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!#|data:)', text)
    assert "url(" not in text.replace("url(#", "")
    assert len(re.findall(r'<p class="finding">', text)) == len(re.findall("<section", text)) >= 3


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_every_screen(page: Path, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    opened, said = context.new_page(), list[str]()
    opened.on("console", lambda message: said.append(message.text))
    opened.goto(page.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    sizes = "[...document.querySelectorAll('p, td, figcaption, text')].map(e => "
    sizes += "parseFloat(getComputedStyle(e).fontSize))"
    assert min(opened.evaluate(sizes)) >= 9
    assert said == []
    context.close()


def test_a_model_is_the_same_in_every_form(subject: Subject, digits: Data, tmp_path: Path) -> None:
    assert subject.network
    path = tmp_path / "model.onnx"
    export(subject.network, path, digits.test_images, digits.test_labels, temperature=0.8)
    other, (images, _) = load_subject(path), judged_arrays(digits)
    assert other.temperature == 0.8
    assert other.network is None
    assert np.allclose(subject.alone(images), other.alone(images), atol=1e-5)
    with torch.inference_mode():
        expected = subject.network(torch.from_numpy(images)[:, None]).exp().numpy()
    assert np.allclose(subject.alone(images), expected, atol=1e-5)


def test_a_temperature_is_given_or_in_the_file(subject: Subject, digits: Data) -> None:
    warm, (images, _) = load_subject(BEST, 2.0), judged_arrays(digits)
    assert (subject.temperature, warm.temperature) == (1.0, 2.0)
    assert np.allclose(subject.alone(images), warm.alone(images))
    less, more = (recognise(each.reader.session, images).max(1) for each in (warm, subject))
    assert less.mean() < more.mean()


def test_published_corruptions_are_taken_and_compared(
    subject: Subject, digits: Data, tmp_path: Path
) -> None:
    images, labels = judged_arrays(digits)
    for name in CORRUPTIONS:
        folder = tmp_path / name.replace(" ", "_")
        folder.mkdir()
        np.save(folder / "test_images.npy", np.zeros((12, 28, 28, 1), np.uint8))
        np.save(folder / "test_labels.npy", np.arange(12) % 10)
    found = robustness(subject, images[:20], labels[:20], 2, tmp_path)
    assert found.source == str(tmp_path)
    for row in found.rows:
        assert row.errors.n == 12  # of the files, which say nothing
        assert row.errors.share > 0.8
        assert row.drawn_errors
        assert row.drawn_errors.n == 20
    np.save(tmp_path / "fog" / "test_images.npy", np.zeros((12, 32, 32, 3), np.uint8))
    with pytest.raises(TinydigitsError, match=r"expected bytes \(N, 28, 28, 1\)"):
        read_published(tmp_path, "fog")


def test_two_images_or_one_class_tell_nothing(subject: Subject, digits: Data) -> None:
    two = replace(digits, test_images=digits.test_images[:2], test_labels=digits.test_labels[:2])
    with pytest.raises(TinydigitsError, match="has 2 test images"):
        judge(subject, two)
    own = digits.test_labels == 7
    sevens = replace(
        digits, test_images=digits.test_images[own], test_labels=digits.test_labels[own]
    )
    with pytest.raises(TinydigitsError, match="all test images are of class 7"):
        judge(subject, sevens)

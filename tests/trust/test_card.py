"""The model card: nothing in it differs from the report that it was made from."""

import hashlib
import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tinydigits.reader.session import Session
from tinydigits.trust.card import model_card
from tinydigits.trust.report.parts import FORMAT

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (ROOT / "docs" / "trust" / "report.json").read_text(encoding="utf-8")
    )
    return found


def test_the_card_is_the_reports(kept: dict[str, Any]) -> None:
    assert kept["format"] == FORMAT
    text = (ROOT / "MODEL_CARD.md").read_text(encoding="utf-8")
    # The numbers in between are those of tests/test_tables.py.
    numbers = r"(<!-- real-card -->\n).*(<!-- /real-card -->)"
    assert re.sub(numbers, r"\1\2", text, flags=re.DOTALL) == model_card(kept)


def test_the_report_is_on_the_weights_that_are_shipped(kept: dict[str, Any]) -> None:
    weights = (ROOT / "weights" / "reader.safetensors").read_bytes()
    assert kept["model"]["digest"] == hashlib.sha256(weights).hexdigest()[:12]
    assert kept["model"]["temperature"] == Session().temperature
    assert kept["accuracy"]["dataset"] == "mnist"


def test_the_report_the_card_and_the_tables_tell_of_the_same_real_pictures(
    kept: dict[str, Any],
) -> None:
    results = ROOT / "benchmarks" / "results"
    counted, known = (
        json.loads((results / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("real", "real_sets")
    )
    told = {}
    assert kept["real"], "make trust-report needs REAL=DIR, too"
    for each in kept["real"]["sets"]:
        scores, about = each["scores"], known[each["name"]]
        told[each["name"]] = {
            "pictures": scores["whole"]["n"],
            "digits": scores["right"]["n"],
            "right": scores["right"]["count"],
            "whole": scores["whole"]["count"],
            "nothing": scores["nothing"],
            "invented": scores["invented"],
            "sure": scores["sure"]["count"],
            "sure_wrong": scores["sure_wrong"]["count"],
        }
        assert each["about"]["shows"] == about["shows"]
        assert each["about"]["origin"] == about["from"]
        assert each["about"]["licence"] == about.get("licence", "")
    assert told == counted  # else: make trust-report HANDWRITING=DIR REAL=DIR


@pytest.mark.parametrize(
    "where",
    [
        "accuracy.alone.share",
        "accuracy.views.low",
        "accuracy.undisputed.high",
        "confidence.after.error",
        "confidence.coverage.0.share",
        "robustness.mean.0",
        "robustness.mean.1",
        "robustness.rows.0.errors.share",
        "writers.sources.0.right.share",
        "not_digits.kinds.1.sure.share",
        "model.temperature",
    ],
)
def test_another_number_is_another_card(kept: dict[str, Any], where: str) -> None:
    changed = deepcopy(kept)
    *way, last = (int(step) if step.isdigit() else step for step in where.split("."))
    part: Any = changed
    for step in way:
        part = part[step]
    part[last] = 0.123456
    assert model_card(changed) != model_card(kept)


def test_the_page_tells_the_same_numbers(kept: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "trust" / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"\s", " ", text)
    for share in (kept["accuracy"]["alone"]["share"], kept["accuracy"]["views"]["share"]):
        assert f"{100 * share:.2f} %" in text
    assert f"{100 * kept['robustness']['mean'][0]:.1f} %" in text
    for each in [kept["real"]["total"], *(each["scores"] for each in kept["real"]["sets"])]:
        assert f"{100 * each['whole']['low']:.0f} to {100 * each['whole']['high']:.0f}" in text
    assert kept["model"]["digest"] in text
    assert len(text) < 2_000_000

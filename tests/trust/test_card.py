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
    assert kept["model"]["digest"] in text
    assert len(text) < 2_000_000

"""Requests made up from the OpenAPI document, and against it: no server error, no other answer."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

schema = schemathesis.pytest.from_fixture("document")


@pytest.fixture
def document(start: Callable[..., Any]) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{start().port}/openapi.json")


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_word(case: schemathesis.Case) -> None:
    case.call_and_validate()

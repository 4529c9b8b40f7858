"""Requests made up from the OpenAPI document, and against it: no server error, no other answer."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.slow
def test_every_operation_keeps_its_word(service: Any, tmp_path: Path) -> None:
    at = f"http://127.0.0.1:{service.port}/"
    command = [sys.executable, "-m", "schemathesis.cli", "run", "--no-color", "--max-examples=40"]
    # Any bytes fit the document as a picture, and most are none: those are rightly refused.
    command += ["--seed=1", "--phases=coverage,fuzzing"]
    command += ["--exclude-checks=positive_data_acceptance"]
    done = subprocess.run(
        [*command, f"--url={at}", f"{at}openapi.json"],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "Tested: 5" in done.stdout

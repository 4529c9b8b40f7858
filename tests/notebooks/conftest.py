"""The harness of the notebook tests: a notebook as committed, and executed in a reduced setting."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


class Notebook:
    """A committed notebook and its outputs."""

    def __init__(self, name: str) -> None:
        self.path = NOTEBOOKS / name
        self.content: Any = nbformat.read(self.path, as_version=4)

    @property
    def code(self) -> list[Any]:
        return [cell for cell in self.content.cells if cell.cell_type == "code"]

    @property
    def outputs(self) -> list[Any]:
        return [output for cell in self.code for output in cell.outputs]

    @property
    def text(self) -> str:
        return "".join(output.get("text", "") for output in self.outputs)

    @property
    def pictures(self) -> int:
        return sum("image/png" in output.get("data", {}) for output in self.outputs)

    def execute(self, settings: str, folder: Path) -> None:
        """Run it from top to bottom, with `settings` added to its cell tagged "parameters"."""
        (parameters,) = (c for c in self.code if "parameters" in c.metadata.get("tags", []))
        parameters.source += "\n" + settings
        resources = {"metadata": {"path": folder}}
        NotebookClient(self.content, timeout=300, resources=resources).execute()


@pytest.fixture
def notebook(request: pytest.FixtureRequest) -> Notebook:
    """The notebook that the test file names NOTEBOOK, as committed: every cell run, in order."""
    found = Notebook(request.module.NOTEBOOK)
    counts = [cell.execution_count for cell in found.code]
    assert counts == list(range(1, len(counts) + 1))
    assert not [output for output in found.outputs if output.output_type == "error"]
    return found

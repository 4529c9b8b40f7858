"""The notebooks run from top to bottom, on a reduced setting; as committed they hold outputs."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def run_reduced(name: str, settings: str) -> Any:
    """Execute a notebook with `settings` added to its cell tagged "parameters"."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    parameters.source += "\n" + settings
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    return notebook


def text_of(notebook: Any) -> str:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return "\n".join(output.get("text", "") for output in outputs)


def pictures_of(notebook: Any) -> int:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.filterwarnings("default")  # Jupyter's own, about event loops and local ports
def test_the_mnist_notebook_runs_on_the_embedded_digits() -> None:
    notebook = run_reduced(
        "S6_part2_mnist.ipynb",
        'data_spec = "digits"\n'
        'recipe = recipe.changed(epochs=1, epoch_images=1, batch_size=400, device="cpu")\n'
        "trial_images = 300",
    )
    assert "digits test accuracy" in text_of(notebook)
    assert pictures_of(notebook) == 7


def test_the_mnist_notebook_is_committed_with_outputs_of_a_real_run() -> None:
    notebook = nbformat.read(NOTEBOOKS / "S6_part2_mnist.ipynb", as_version=4)
    assert all(cell.outputs for cell in notebook.cells[4:] if cell.cell_type == "code")
    assert "mnist test accuracy 99." in text_of(notebook)
    assert pictures_of(notebook) == 7

"""The notebook of part 1: committed with its outputs, and it runs from top to bottom."""

import re
from pathlib import Path

import nbclient
import nbformat
import pytest

PATH = Path(__file__).parents[2] / "notebooks" / "S6_part1_back_propagation.ipynb"


@pytest.fixture
def notebook():
    return nbformat.read(PATH, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook):
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "".join(output.get("text", "") for output in outputs)


def assert_complete(notebook):
    """The six error graphs, the worked numbers, and the mistakes found, without any error."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 11  # the network, 6 + 1 + 1 curves, the loss, and the digits read
    text = printed(notebook)
    assert "E    = 0.014181377938" in text
    assert "rate 0.1: E = 0.0095721394655 after 67 updates, below 0.0001 after 785" in text
    assert "E first rises at some update above a rate of 67.10" in text
    wrong = re.findall(r"∂E/∂(w\d).*WRONG", text)
    assert wrong == ["w1", "w2", "w3", "w4", "w3", "w4"]


def test_it_is_committed_with_all_its_outputs(notebook):
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert_complete(notebook)
    assert "training on mnist" in printed(notebook)
    right = float(re.search(r"([\d.]+)% of 10,000 test images read right", printed(notebook))[1])
    assert right >= 97
    assert PATH.stat().st_size < 600_000


@pytest.mark.filterwarnings("default")  # of the kernel's machinery, not of ours
def test_it_runs_from_top_to_bottom(notebook, tmp_path):
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    assert "EPOCHS = 10_000, 10_000, 5" in parameters.source
    parameters.source = "TRAIN_IMAGES, TEST_IMAGES, EPOCHS = 192, 100, 1"
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    assert_complete(notebook)
    assert "of 100 test images read right" in printed(notebook)

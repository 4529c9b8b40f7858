"""The notebook of part 1: committed with its outputs, and it runs from top to bottom."""

import re

import pytest

NOTEBOOK = "S6_part1_back_propagation.ipynb"


def assert_complete(notebook):
    """The six error graphs, the worked numbers, and the mistakes found."""
    assert notebook.pictures == 11  # the network, 6 + 1 + 1 curves, the loss, and the digits read
    text = notebook.text
    assert "E    = 0.014181377938" in text
    assert "rate 0.1: E = 0.0095721394655 after 67 updates, below 0.0001 after 785" in text
    assert "E first rises at some update above a rate of 67.10" in text
    assert re.findall(r"∂E/∂(w\d).*WRONG", text) == ["w1", "w2", "w3", "w4", "w3", "w4"]
    assert "∂E/∂a_h1 = 0.025364266500099, by hand 0.025364266500099" in text


def test_it_is_committed_with_all_its_outputs(notebook):
    assert_complete(notebook)
    assert "training on mnist" in notebook.text
    right = float(re.search(r"([\d.]+)% of 10,000 test images read right", notebook.text)[1])
    assert right >= 97
    assert notebook.path.stat().st_size < 600_000


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the kernel's machinery, not of ours
def test_it_runs_from_top_to_bottom(notebook, tmp_path):
    notebook.execute("TRAIN_IMAGES, TEST_IMAGES, EPOCHS = 192, 100, 1", tmp_path)
    assert_complete(notebook)
    assert "of 100 test images read right" in notebook.text

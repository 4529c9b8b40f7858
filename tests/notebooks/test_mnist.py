"""The notebook of part 2: committed with its outputs, and it runs from top to bottom."""

import pytest

NOTEBOOK = "S6_part2_mnist.ipynb"
REDUCED = """
data_spec = "digits"
recipe = recipe.changed(epochs=1, epoch_images=1, batch_size=400, device="cpu")
trial_images = 300
"""


def test_it_is_committed_with_the_outputs_of_a_real_run(notebook):
    assert "mnist test accuracy 99." in notebook.text
    assert notebook.pictures == 7


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the kernel's machinery, not of ours
def test_it_runs_on_the_embedded_digits(notebook, tmp_path):
    notebook.execute(REDUCED, tmp_path)
    assert "digits test accuracy" in notebook.text
    assert notebook.pictures == 7

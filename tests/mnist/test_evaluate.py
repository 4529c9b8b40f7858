import math

import pytest
import torch

from tinydigits.mnist.evaluate import evaluate


def test_a_report_worked_by_hand() -> None:
    labels = torch.tensor([0, 0, 1, 1, 9])
    predictions = [0, 1, 1, 1, 9]
    log_probs = torch.full((5, 10), math.log(0.02))
    for row, digit in enumerate(predictions):
        log_probs[row, digit] = math.log(0.82)
    report = evaluate(log_probs, labels, "mnist")
    assert (report.dataset, report.images, report.errors) == ("mnist", 5, 1)
    assert report.accuracy == 0.8
    assert report.wrong == [1]
    assert report.per_class == [0.5, 1.0, 0, 0, 0, 0, 0, 0, 0, 1.0]
    assert report.loss == pytest.approx(-(4 * math.log(0.82) + math.log(0.02)) / 5)
    assert report.confusion[0][:3] == [1, 1, 0]
    assert report.confusion[1][1] == 2
    assert sum(map(sum, report.confusion)) == 5
    assert report.as_dict()["errors"] == 1

"""Log-probabilities and labels in, a report out."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Report:
    """How well a model reads a test set; the data set's name goes wherever its numbers go."""

    dataset: str
    images: int
    accuracy: float
    loss: float
    per_class: list[float]
    confusion: list[list[int]]
    wrong: list[int]

    @property
    def errors(self) -> int:
        """The number of images read wrong."""
        return len(self.wrong)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**vars(self), "errors": self.errors}


def evaluate(log_probs: Tensor, labels: Tensor, dataset: str) -> Report:
    """Compare log-probabilities (N, 10) with labels (N,).

    Returns:
        accuracy and per_class as fractions (per_class is recall; 0 for a class without images),
        loss as the mean negative log-likelihood, confusion[true][predicted] as counts, and the
        indices of the images read wrong.
    """
    from sklearn.metrics import confusion_matrix, recall_score

    log_probs, labels = log_probs.cpu(), labels.cpu()
    predictions = log_probs.argmax(1)
    classes = list(range(10))
    recall = recall_score(labels, predictions, labels=classes, average=None, zero_division=0.0)
    return Report(
        dataset=dataset,
        images=len(labels),
        accuracy=(predictions == labels).double().mean().item(),
        loss=F.nll_loss(log_probs, labels).item(),
        per_class=recall.tolist(),
        confusion=confusion_matrix(labels, predictions, labels=classes).tolist(),
        wrong=torch.nonzero(predictions != labels).flatten().tolist(),
    )

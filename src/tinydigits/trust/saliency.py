"""What the network looked at: which parts of an image speak for what was read, and which against.

Two views that fail in different ways. Occlusion (Zeiler and Fergus, "Visualizing and understanding
convolutional networks", 2014): how much less likely the digit becomes when a patch is wiped to
paper. Gradient times input (Shrikumar et al., "Not just a black box", 2016): each pixel's ink
times how the score changes with it.
"""

from dataclasses import dataclass, field

import numpy as np
import torch

from tinydigits.arrays import Bytes, Images, Labels, Plane, Probabilities
from tinydigits.mnist.model import Net
from tinydigits.trust.measures import spread
from tinydigits.trust.subject import Subject

SHOWN = 16  # images read wrong, and half as many that are right but unsure
_PATCH, _STEP = 5, 2


@dataclass(frozen=True)
class Look:
    """One image, and what in it spoke for what was read."""

    index: int  # the image's number
    label: int  # what it is
    read: int  # what was read
    confidence: float  # how surely, by the network alone
    second: bool  # whether the right digit was the second likeliest
    image: Plane = field(repr=False)
    # uint8 (28, 28, 3) each: by occlusion, and by gradient times input if there is a gradient; dark
    # is ink, blue speaks for what was read, orange against it
    pictures: list[Bytes] = field(repr=False)


@dataclass(frozen=True)
class Why:
    """Images read wrong, and images read rightly but with least confidence."""

    wrong: list[Look]  # some of those read wrong, most confident first
    unsure: list[Look]  # the least sure of those that are right
    second: int  # of all that are read wrong, how many have the right digit as second likeliest
    errors: int  # how many are read wrong


def why(subject: Subject, images: Images, labels: Labels, alone: Probabilities) -> Why:
    """Look into the network at the images that it reads wrong or hardly.

    Args:
        subject: the model.
        images: (N, 28, 28) in [0, 1].
        labels: (N,).
        alone: the network's own probabilities (N, 10) of them.
    """
    read, sure = alone.argmax(1), alone.max(1)
    wrong = np.flatnonzero(read != labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")]
    right = np.flatnonzero(read == labels)
    unsure = right[np.argsort(sure[right], kind="stable")][: SHOWN // 2]
    second = alone.argsort(1)[:, -2]

    def look(i: int) -> Look:
        image, label, digit = images[i], int(labels[i]), int(read[i])
        maps = [occlusion(subject, image, digit)]
        if subject.network:
            maps.append(gradient_times_input(subject.network, image, digit))
        pictures = [overlay(image, strength) for strength in maps]
        return Look(i, label, digit, float(sure[i]), bool(second[i] == label), image, pictures)

    return Why(
        wrong=[look(i) for i in wrong[spread(len(wrong), SHOWN)].tolist()],
        unsure=[look(i) for i in unsure.tolist()],
        second=int((second[wrong] == labels[wrong]).sum()),
        errors=len(wrong),
    )


def occlusion(subject: Subject, image: Plane, digit: int) -> Plane:
    """How far the digit's log-probability falls, (28, 28), when a patch about a pixel is wiped.

    Patches of 5x5 are wiped every 2 pixels; a pixel has the mean over the patches that hold it.
    """
    starts = range(1 - _PATCH, 28, _STEP)
    boxes = [
        (slice(max(0, top), top + _PATCH), slice(max(0, left), left + _PATCH))
        for top in starts
        for left in starts
    ]
    wiped = np.repeat(image[None], len(boxes), 0)
    for number, box in enumerate(boxes):
        wiped[number][box] = 0
    session = subject.reader.session
    before = session.log_probs(image[None])[0, digit]
    falls = before - session.log_probs(wiped)[:, digit]
    total, times = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    for box, fall in zip(boxes, falls, strict=True):
        total[box] += fall
        times[box] += 1
    return np.asarray(total / times, np.float32)


def gradient_times_input(network: Net, image: Plane, digit: int) -> Plane:
    """Each pixel's ink times the slope of the digit's log-probability, (28, 28)."""
    shown = torch.from_numpy(image)[None, None].clone().requires_grad_()
    network(shown)[0, digit].backward()
    assert shown.grad is not None
    return np.asarray((shown.grad * shown).detach()[0, 0].numpy(), np.float32)


def overlay(image: Plane, strength: Plane) -> Bytes:
    """Ink in grey on white, under blue where the strength is positive and orange where not."""
    paper = 255 * (1 - 0.45 * image[..., None])
    most = max(float(np.percentile(np.abs(strength), 99.5)), 1e-9)
    share = np.clip(np.abs(strength) / most, 0, 1)[..., None] ** 0.7 * 0.85
    colour = np.where(strength[..., None] > 0, (29, 92, 120), (214, 96, 30))
    return np.asarray(np.rint(paper * (1 - share) + colour * share), np.uint8)

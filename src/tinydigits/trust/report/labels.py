"""The last sections of the report: doubtful labels, and what the network looked at."""

import numpy as np

from tinydigits.mnist.data import Data
from tinydigits.trust.label_errors import LOOKED_AT, LabelErrors
from tinydigits.trust.report.html import (
    Section,
    Tile,
    count,
    interval,
    paragraph,
    percent,
    text,
    tiles,
)
from tinydigits.trust.saliency import Look, Why


def label_errors_section(found: LabelErrors, data: Data) -> Section:
    """Which labels look wrong."""
    finding = f"About {count(found.issues, 'training label')} look wrong."
    if found.disputed:
        finding = (
            f"{found.disputed_found} of the {len(found.disputed)} disputed test labels are among "
            f"the {LOOKED_AT} that look most doubtful, and about "
            f"{count(found.issues, 'training label')} look wrong."
        )
    body = paragraph(
        f"{found.folds} models of <code>{text(found.recipe)}</code>, each trained without a part "
        "of the training images, read that part, and agree with the labels in "
        f"{interval(found.out_of_fold)}. cleanlab (Northcutt, Jiang and Chuang 2021) ranks the "
        "labels by the probability that these models give them, and estimates how many are wrong. "
        "These findings are about the data, and the same for every model judged on them."
    )
    body += f"<h3>The {len(found.train)} most doubtful training images</h3>"
    body += tiles(
        [
            Tile(
                data.train_images[each.index, 0].numpy() / 255,
                f"label {each.label}\nlooks {each.likelier}",
            )
            for each in found.train
        ]
    )
    if found.disputed:
        places = sorted(found.disputed.items(), key=lambda pair: pair[1])
        body += "<h3>The disputed test labels</h3>" + paragraph(
            "Fifteen labels of MNIST's test images were not confirmed by a majority of five people "
            "(Northcutt, Athalye and Mueller 2021). The models, none of which saw a test image, "
            f"rank the {len(data.test_labels):,} test labels; the number is the rank."
        )
        body += tiles(
            [
                Tile(
                    data.test_images[index, 0].numpy() / 255,
                    f"{place}.\nlabel {int(data.test_labels[index])}",
                )
                for index, place in places
            ]
        )
    return Section("labels", "Which labels look wrong?", finding, body)


def why_section(found: Why) -> Section:
    """What it looked at."""
    finding = (
        f"In {found.second} of {found.errors} errors, the correct digit is the second most "
        "probable answer."
        if found.errors
        else "It makes no error on these images; below are those with the least confidence."
    )
    views = "by occlusion" + (
        ", and by gradient times input"
        if any(len(look.pictures) > 1 for look in (*found.wrong, *found.unsure))
        else "; an ONNX file has no gradient"
    )
    body = paragraph(
        "Each digit, then what in it spoke for the answer (blue) and against it (orange), "
        f"{views}. Occlusion erases patches of 5 x 5 pixels and measures how far the "
        "log-probability of the answer falls (Zeiler and Fergus 2014). Gradient times input "
        "estimates how it would change with each pixel (Shrikumar et al. 2016). Both are "
        "approximations: where they disagree, trust neither."
    )
    if found.wrong:
        body += "<h3>Wrong</h3>" + tiles([_look(each) for each in found.wrong], "broad")
    body += "<h3>Correct, but unsure</h3>" + tiles([_look(each) for each in found.unsure], "broad")
    return Section("why", "What did it look at?", finding, body)


def _look(look: Look) -> Tile:
    paper = np.uint8(255) - np.rint(255 * look.image).astype(np.uint8)
    pieces = [np.repeat(paper[..., None], 3, 2)]
    for picture in look.pictures:
        pieces += [np.full((28, 2, 3), 255, np.uint8), picture]
    words = f"{look.label} read as {look.read}" if look.label != look.read else f"{look.label}"
    return Tile(np.concatenate(pieces, 1), f"{words}, {percent(look.confidence, 0)} sure")

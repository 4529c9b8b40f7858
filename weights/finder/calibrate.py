"""Learn how probable it is that what the finder finds is a digit, and is read rightly.

    python weights/finder/calibrate.py FINDER.onnx [--handwriting DIR] [--data-dir DIR] [--crops N]

First, crops are drawn by writers that neither the finder nor the recogniser learned from; what is
found in them is held against what was drawn, and the weights of `tinydigits.reader.evidence` are
fitted: two for the digits' probabilities by recogniser and finder, one for each of its features.
Then whole pictures of kinds that nothing was trained on are read, with seeds that judge nowhere,
and a line is fitted through the log-odds, so that a confidence is the share of right digits there.
All are written into FINDER.onnx, and how well the weights hold on a fifth of the crops that they
were not fitted to into benchmarks/results/finder_evidence.json.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper
from torch import Tensor
from torch.nn import functional as F

from pictures.hands import Material
from pictures.judging import KINDS, Sources, load_sources
from pictures.training.crops import Crop, draw_crop
from tinydigits.files import atomic_write
from tinydigits.image.normalise import normalise
from tinydigits.mnist.data import load_data
from tinydigits.reader.centres import find_centres
from tinydigits.reader.evidence import features, mixed
from tinydigits.reader.finder import FEATURES, Evidence, Finder
from tinydigits.reader.found import Candidate, candidates
from tinydigits.reader.glyphs import cut_out
from tinydigits.reader.reader import Reader
from tinydigits.reader.recognise import recognise
from tinydigits.reader.scales import look
from tinydigits.reader.session import Session

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "finder_evidence.json"
FIRST = 20_000_000  # seed of the first crop: far from those that train
FOLDS = 5
PAGES = 500_000  # seed of the first page: far from those that judge
_LAST = 10_000  # of MNIST's training images; its test images only judge
_UNTOLD = ("many_digits", "turned_180", "letters_like_digits")
_SAME = 0.3  # shared area over the area of both: from here on what is found is what was drawn
_DECAY = 1.0  # of the weights, in units of their features' deviations
_LEVELS = (0.5, 0.9, 0.98)


Confidences = tuple[NDArray[np.float64], NDArray[np.bool_]]  # of digits, and whether right


@dataclass(frozen=True, eq=False)
class Things:
    """What was found in crops: n things.

    Attributes:
        crop: int (n,), in which of the crops.
        seen: float32 (n, 10), what the finder says.
        classes, read: float32 (n, 10), the digits' probabilities by finder and recogniser.
        label: int (n,), the digit that was drawn there, -1 for none.
    """

    crop: NDArray[np.int64]
    seen: NDArray[np.float32]
    classes: NDArray[np.float32]
    read: NDArray[np.float32]
    label: NDArray[np.int64]


def things(finder: Finder, session: Session, crops: list[Crop]) -> Things:
    """All that is found in crops, but where nobody can say what it is."""
    rows: list[tuple[int, Candidate, int]] = []
    for number, crop in enumerate(crops):
        top, left, bottom, right = crop.view
        levels = look(finder, crop.grey[top:bottom, left:right])
        centres = find_centres(levels)
        for each in candidates(levels, centres, cut_out(levels, centres)):
            label = drawn_label(crop, each)
            if label is not None:
                rows.append((number, each, label))
    images = np.stack([normalise(each.glyph.amount) for _, each, _ in rows])
    return Things(
        np.array([number for number, _, _ in rows]),
        np.stack([each.seen for _, each, _ in rows]),
        np.stack([each.centre.classes[:10] for _, each, _ in rows]),
        recognise(session, images),
        np.array([label for _, _, label in rows]),
    )


def drawn_label(crop: Crop, candidate: Candidate) -> int | None:
    """The digit that was drawn where something was found, -1 for none, None if nobody can say."""
    box = candidate.glyph.box
    same = crop.overlaps(box)
    if same.max(initial=0) > _SAME:
        label = int(crop.all_things[same.argmax(), 4])
        return label if label < 10 else -1
    top, left = crop.view[:2]
    middle = np.array([top + (box[1] + box[3]) / 2, left + (box[0] + box[2]) / 2])
    row, column = np.clip(middle / 2, 0, crop.unsure.shape[0] - 1).astype(int)
    return None if crop.unsure[row, column] else -1


def fit(known: Things, chosen: NDArray[np.bool_]) -> Evidence:
    """The weights that make what was chosen of the things most probable."""
    digit = chosen & (known.label >= 0)
    logs = [
        torch.from_numpy(np.log(np.maximum(each[digit], 1e-4)))
        for each in (known.read, known.classes / known.classes.sum(1, keepdims=True).clip(1e-9))
    ]
    labels = torch.from_numpy(known.label[digit])
    mix = torch.ones(2, requires_grad=True)
    _minimise(mix, lambda: F.cross_entropy(mix[0] * logs[0] + mix[1] * logs[1], labels))
    found = tuple(float(each) for each in mix.detach())
    digits = mixed(found, known.classes[chosen], known.read[chosen])
    facts = features(known.seen[chosen], digits)
    spread = np.append(1.0, facts[:, 1:].std(0) + 1e-9)
    x = torch.from_numpy(facts / spread)
    right = torch.from_numpy((digits.argmax(1) == known.label[chosen]).astype(float))
    weights = torch.zeros(len(FEATURES), dtype=torch.double, requires_grad=True)

    def loss() -> Tensor:
        wrong = F.binary_cross_entropy_with_logits(x @ weights, right, reduction="sum")
        return wrong + _DECAY / 2 * weights[1:].square().sum()

    _minimise(weights, loss)
    return Evidence(found, tuple(float(each) for each in weights.detach().numpy() / spread))


def scaled(evidence: Evidence, pages: Confidences) -> Evidence:
    """The same, so that confidences told of pages are the shares of right digits (Platt, 1999)."""
    chance = torch.from_numpy(pages[0].clip(1e-3, 1 - 1e-3))
    odds, right = torch.log(chance / (1 - chance)), torch.from_numpy(pages[1].astype(float))
    line = torch.tensor([1.0, 0.0], dtype=torch.double, requires_grad=True)
    _minimise(line, lambda: F.binary_cross_entropy_with_logits(line[0] * odds + line[1], right))
    return replace(evidence, line=tuple(float(each) for each in line.detach()))


def read_pages(reader: Reader, sources: Sources, pictures: int) -> Confidences:
    """The confidence of each digit read in pictures of all kinds, and whether it is right.

    Left out is what cannot be told: which way up a page of digits was, and whether an O is a 0.
    """
    found: list[tuple[float, bool]] = []
    for kind in KINDS.values():
        for seed in range(PAGES, PAGES + pictures if kind.name not in _UNTOLD else PAGES):
            page = kind.page(sources, seed)
            digits = reader.read(page.picture).digits
            wanted = [each for each in "".join(page.lines) if each.isdigit()]
            read = [str(digit.label) for digit in digits]
            right = [False] * len(read)
            for block in SequenceMatcher(None, wanted, read, autojunk=False).get_matching_blocks():
                right[block.b : block.b + block.size] = [True] * block.size
            found += zip((digit.confidence for digit in digits), right, strict=True)
        print(f"{kind.name}: {len(found):,} digits read", flush=True)
    chances, right = zip(*found, strict=True)
    return np.array(chances), np.array(right)


def _minimise(weights: Tensor, loss: object) -> None:
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def again() -> Tensor:
        optimizer.zero_grad()
        value: Tensor = loss()  # type: ignore[operator]
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(again)  # type: ignore[arg-type, no-untyped-call]


def scored(
    evidence: Evidence, known: Things, chosen: NDArray[np.bool_], drawn: int
) -> dict[str, Any]:
    """Of the digits drawn how many are read rightly, of those read how many wrongly, by level."""
    digits = mixed(evidence.mix, known.classes[chosen], known.read[chosen])
    odds = features(known.seen[chosen], digits) @ np.array(evidence.weights)
    sure, right = 1 / (1 + np.exp(-odds)), digits.argmax(1) == known.label[chosen]
    rows = {}
    for level in _LEVELS:
        these = sure >= level
        rows[str(level)] = {
            "right": round(float((these & right).sum() / drawn), 4),
            "wrong": round(float((these & ~right).sum() / max(these.sum(), 1)), 4),
        }
    return {"drawn": drawn, "found": int((known.label[chosen] >= 0).sum()), "surer than": rows}


def _write(finder: Path, evidence: Evidence) -> None:
    model = onnx.load(finder)
    del model.metadata_props[:]
    helper.set_model_props(model, {"evidence": json.dumps(asdict(evidence))})
    atomic_write(finder, model.SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("finder", type=Path)
    parser.add_argument("--handwriting", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--pages", type=int, default=12, help="of each kind")
    chosen = parser.parse_args()
    if chosen.handwriting and not chosen.handwriting.is_dir():
        sys.exit(f"{chosen.handwriting} is no folder; it should hold the handwriting")
    torch.set_num_threads(1)
    material = Material.load("development", chosen.data_dir, chosen.handwriting)
    crops = []
    for seed in range(FIRST, FIRST + chosen.crops):
        crop = draw_crop(material, seed)
        if not crop.turn:
            crops.append(crop)
        if not seed % 100:
            print(f"{seed - FIRST:,} of {chosen.crops:,} crops drawn", flush=True)
    known = things(Finder(chosen.finder), Session(None), crops)
    kept = known.crop % FOLDS == 0
    drawn = sum(int((crop.things[:, 4] < 10).sum()) for crop in crops[::FOLDS])
    results = scored(fit(known, ~kept), known, kept, drawn)
    evidence = fit(known, np.ones(len(kept), bool))
    _write(chosen.finder, evidence)
    mnist = load_data("mnist", chosen.data_dir)
    images, labels = mnist.train_images[-_LAST:, 0].numpy(), mnist.train_labels[-_LAST:].numpy()
    sources = load_sources((images, labels), chosen.handwriting)
    pages = read_pages(Reader(finder=Finder(chosen.finder)), sources, chosen.pages)
    evidence = scaled(evidence, pages)
    _write(chosen.finder, evidence)
    named = dict(zip(FEATURES, (round(each, 3) for each in evidence.weights), strict=True))
    mix, line = ([round(each, 3) for each in of] for of in (evidence.mix, evidence.line))
    row = {"mix": mix, "weights": named, "line": line, "held out": results}
    atomic_write(RESULTS, json.dumps(row, indent=1) + "\n")
    print(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()

"""The tables of seconds to an accuracy, from results/seconds.jsonl: a table per processor."""

import statistics
from typing import NamedTuple

from common import percent, table
from seconds import ARMS, LINES, read
from speed_tables import devices
from tinydigits.mnist.bench import summarise

LEVELS = (0.990, 0.994, 0.995)
LEAST_SEEDS = 3  # whose mean may be said to reach a level
WAYS = {
    "original": "the original's way",
    "published": "train_mnist_fast as published",
    "theirs": "the same, channels last",
    "ours": "ours",
}


class Length(NamedTuple):
    """What the runs of one way and one length have taken and reached."""

    arm: str
    epochs: int
    images: int
    recipe: str  # of ours
    accuracies: list[float]
    processor: list[float]
    wall: list[float]

    @property
    def mean(self) -> float:
        """Of the accuracies of all runs; three times 0.99 is not 0.99 in floats."""
        return round(statistics.fmean(self.accuracies), 9)

    @property
    def seconds(self) -> float:
        """The median over the runs."""
        return statistics.median(self.processor)

    @property
    def trained(self) -> str:
        """On how much, and by which recipe of ours."""
        ours = f" of `{self.recipe}`" if self.recipe else ""
        if self.images < 60_000:
            return f"{self.images:,} images{ours}"
        return f"{self.epochs} epoch{'s' * (self.epochs > 1)}{ours}"


def lengths(way: str, device: str) -> list[Length]:
    """Every length of the way that has runs on this device, the quickest first."""
    found = []
    for name, arm in ARMS.items():
        lines = read(LINES, arm, "mnist", device) if arm.way == way else []
        for epochs in sorted({line["epochs"] for line in lines}):
            runs = [line for line in lines if line["epochs"] == epochs]
            found.append(
                Length(
                    name,
                    epochs,
                    arm.images,
                    arm.base if way == "ours" else "",
                    [line["accuracy"] for line in runs],
                    [line["processor_seconds"] for line in runs],
                    [line["seconds"] for line in runs],
                )
            )
    return sorted(found, key=lambda length: length.seconds)


def levels_table() -> str:
    """A row per way: the seconds of its quickest length whose mean reaches each level."""
    tables = []
    for device in devices(LINES):
        titles = [f"{device[5:-1]}: processor seconds to a mean of", *map(_level, LEVELS)]
        rows = []
        for way, title in WAYS.items():
            found = lengths(way, device)
            if found:
                rows.append([title, *(cell(found, level) for level in LEVELS)])
        tables.append(table(titles, rows))
    return "\n\n".join(tables)


def _level(level: float) -> str:
    return percent(level, 1)


def cell(found: list[Length], level: float) -> str:
    """The quickest length that reaches the level, or that none does and how near they come."""
    found = [length for length in found if len(length.accuracies) >= LEAST_SEEDS]
    if not found:
        return f"fewer than {LEAST_SEEDS} seeds yet"
    for length in found:
        if length.mean >= level:
            return (
                f"**{length.seconds:.1f}** ({length.trained}: {percent(length.mean)}, "
                f"n = {len(length.accuracies)})"
            )
    best = max(found, key=lambda length: length.mean)
    longest = max(found, key=lambda length: length.epochs)
    near = "" if best is longest else f" after {best.trained}"
    return f"not in {longest.trained}; at best {percent(best.mean)}{near}"


def lengths_table() -> str:
    """A row per way and length: accuracies, processor seconds, and how busy the machine was."""
    tables = []
    for device in devices(LINES):
        titles = [device[5:-1], "trained on", "seeds", "mean accuracy", "standard deviation"]
        titles += ["processor seconds, median", "least and most", "share of a core"]
        rows = []
        for way, title in WAYS.items():
            for length in lengths(way, device):
                found = summarise(length.accuracies)
                spread = percent(found.std, 3) if found.n > 1 else ""
                shares = [p / w for p, w in zip(length.processor, length.wall, strict=True)]
                rows.append(
                    [
                        *(title, length.trained, found.n, f"**{percent(found.mean, 3)}**", spread),
                        f"{length.seconds:.1f}",
                        f"{min(length.processor):.1f} to {max(length.processor):.1f}",
                        f"{percent(min(shares), 0)} to {percent(max(shares), 0)}",
                    ]
                )
        tables.append(table(titles, rows))
    return "\n\n".join(tables)

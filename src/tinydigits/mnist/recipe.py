"""Recipes: every choice that training depends on, in one frozen dataclass and four presets.

This is the only home of hyperparameter defaults: the command line makes its flags from the
fields, the run folder stores them, and `fit` reads nothing else.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from tinydigits.errors import TinydigitsError

Optimizer = Literal["sgd", "muon"]
Schedule = Literal["constant", "linear", "cosine"]
Precision = Literal["auto", "float32", "bfloat16"]
Device = Literal["auto", "cpu", "cuda", "mps"]
NetName = Literal["original", "700", "2k", "8k", "40k", "chip"]


class Setting(NamedTuple):
    """What a field of a recipe means, and the closed range of its values if it is a number."""

    help: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train: the optimiser, its schedule, the pictures' warps, and where to run.

    The defaults are the original project's; `PRESETS` holds the named recipes.

    Raises:
        TinydigitsError: a value is of the wrong type or out of its range.
    """

    name: Annotated[str, Setting("Name of the recipe, for outputs.")] = "original"
    net: Annotated[
        NetName,
        Setting(
            "The network: the original, a sibling of about so many parameters, or one for chips."
        ),
    ] = "original"
    epochs: Annotated[int, Setting("Passes over the training images.", 1, 10_000)] = 19
    epoch_images: Annotated[
        int, Setting("Least number of images in an epoch; a smaller set is repeated.", 1)
    ] = 12_000
    batch_size: Annotated[int, Setting("Images per update.", 1, 60_000)] = 256
    optimizer: Annotated[
        Optimizer, Setting("sgd for all parameters, or muon for kernels and sgd for the rest.")
    ] = "sgd"
    learning_rate: Annotated[float, Setting("SGD's peak learning rate.", 1e-9, 1e3)] = 0.1
    muon_learning_rate: Annotated[float, Setting("Muon's peak learning rate.", 1e-9, 1e3)] = 0.03
    momentum: Annotated[float, Setting("Momentum of either optimiser.", 0, 0.9999)] = 0.9
    weight_decay: Annotated[float, Setting("Weight decay (with muon: of kernels only).", 0, 1)] = (
        0.0
    )
    schedule: Annotated[
        Schedule, Setting("How the learning rate falls to 0; constant: it does not.")
    ] = "constant"
    warmup: Annotated[
        float,
        Setting("Share of the updates, at the start, in which the learning rate rises.", 0, 1),
    ] = 0.0
    dropout: Annotated[float, Setting("Probability of dropping a value.", 0, 0.99)] = 0.30
    rotation: Annotated[float, Setting("Largest random rotation, degrees either way.", 0, 180)] = 0
    scale: Annotated[float, Setting("Largest random change of size, as a fraction.", 0, 0.9)] = 0.0
    shear: Annotated[float, Setting("Largest random shear, as a slope.", 0, 1)] = 0.0
    shift: Annotated[float, Setting("Largest random shift, pixels either way.", 0, 14)] = 0.0
    elastic: Annotated[float, Setting("Typical random elastic displacement, pixels.", 0, 5)] = 0.0
    warp_fade: Annotated[
        float, Setting("Share of the updates, at the end, in which the warps fade out.", 0, 1)
    ] = 0.0
    teacher: Annotated[
        str,
        Setting(
            "Trained networks to learn from: run folders or safetensors files, commas between."
        ),
    ] = ""
    teacher_share: Annotated[
        float, Setting("Share of each label that is the teachers' answer, if there are any.", 0, 1)
    ] = 0.9
    mix: Annotated[
        float, Setting("Largest share of another image that is mixed into each.", 0, 1)
    ] = 0.0
    average_decay: Annotated[
        float,
        Setting("Decay per update of the averaged weights, which are the result; 0: none.", 0, 1),
    ] = 0.0
    precision: Annotated[
        Precision, Setting("Arithmetic of the layers; auto: bfloat16 where it is faster.")
    ] = "auto"
    device: Annotated[Device, Setting("auto picks CUDA, then MPS, then the CPU.")] = "auto"
    threads: Annotated[int, Setting("CPU threads; 0: as many as PyTorch picks.", 0, 1024)] = 0
    seed: Annotated[int, Setting("Seed of weights, order, warps and dropout.", 0, 2**31 - 1)] = 0

    def __post_init__(self) -> None:
        for name, kind, setting in self.settings():
            object.__setattr__(self, name, _checked(name, kind, setting, getattr(self, name)))

    @classmethod
    def settings(cls) -> Iterator[tuple[str, Any, Setting]]:
        """Name, type and meaning of each field, in order."""
        for item in fields(cls):
            kind, setting = get_args(item.type)
            yield item.name, kind, setting

    def changed(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated again.

        Raises:
            TinydigitsError: as for the class, or there is no such field.
        """
        known = [name for name, _, _ in self.settings()]
        for name in changes:
            if name not in known:
                raise TinydigitsError(f"a recipe has no '{name}'; it has {', '.join(known)}")
        return replace(self, **changes)


def _checked(name: str, kind: Any, setting: Setting, value: Any) -> Any:
    """The value as its field's type, or a sentence on what was expected."""
    choices = get_args(kind)
    if choices:
        if value not in choices:
            raise TinydigitsError(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
        return value
    accepted = (int, float) if kind is float else (kind,)
    if type(value) not in accepted:
        raise TinydigitsError(f"{name} is {value!r}, but must be of type {kind.__name__}")
    if kind in (int, float) and not setting.low <= value <= setting.high:
        raise TinydigitsError(
            f"{name} is {value}, but must be from {setting.low:g} to {setting.high:g}"
        )
    return kind(value)


_FAST = Recipe(
    epochs=5,
    optimizer="muon",
    schedule="linear",
    warmup=0.2,
    dropout=0.0,
    rotation=9.0,
    scale=0.07,
    shear=0.12,
    shift=1.3,
    average_decay=0.987,
)

_BEST = _FAST.changed(
    epochs=19,
    batch_size=128,
    schedule="cosine",
    elastic=0.5,
    warp_fade=0.4,
    weight_decay=0.02,
)

# Without warps or an average, which only longer runs gain from.
_QUICK = Recipe(
    net="chip",
    epochs=2,
    optimizer="muon",
    muon_learning_rate=0.05,
    schedule="linear",
    warmup=0.2,
    dropout=0.0,
)

PRESETS: dict[str, Recipe] = {
    name: recipe.changed(name=name)
    for name, recipe in {
        "original": Recipe(),
        "quick": _QUICK,
        "fast": _FAST,
        "best": _BEST,
    }.items()
}

# Settings that are no more, at the value that they had in every recipe: older runs name them.
GONE = {"first_size": 28, "growth": 0.0, "label_smoothing": 0.0, "nesterov": False}


def preset(name: str) -> Recipe:
    """The preset of that name.

    Raises:
        TinydigitsError: there is none.
    """
    if name not in PRESETS:
        raise TinydigitsError(f"there is no recipe '{name}'; choose one of: {', '.join(PRESETS)}")
    return PRESETS[name]

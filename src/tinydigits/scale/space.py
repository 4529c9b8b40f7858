"""A search space in TOML: which fields of a recipe vary, and over what.

recipe = "fast"                                        # all else is this one's
epochs = 3                                             # fixed
batch_size = [64, 128, 256]                            # one of these
learning_rate = {from = 0.01, to = 0.3, log = true}    # between these, evenly in its logarithm
"""

import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.recipe import PRESETS, Recipe, preset


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; of an integer field only integers."""

    low: float
    high: float
    log: bool
    integer: bool


@dataclass(frozen=True)
class Space:
    """What a search varies."""

    base: Recipe  # the recipe with what is fixed
    preset: str  # the name of the recipe that `base` came from
    fixed: dict[str, Any]  # the fields that are fixed otherwise than in the preset
    varied: dict[str, list[Any] | Range]  # a list of choices or a range for each field that varies

    def recipe(self, chosen: dict[str, Any]) -> Recipe:
        """The recipe of a trial, given what is drawn; three digits are as good as sixteen."""
        short = {name: self._short(name, value) for name, value in chosen.items()}
        return self.base.changed(name=f"{self.preset}-search", **short)

    def _short(self, name: str, value: Any) -> Any:
        among = self.varied.get(name)
        if not isinstance(among, Range) or among.integer:
            return value
        return min(max(float(f"{value:.3g}"), among.low), among.high)

    def most_epochs(self) -> int:
        """How many epochs the longest trial can have."""
        epochs = self.varied.get("epochs", [self.base.epochs])
        return int(epochs.high if isinstance(epochs, Range) else max(epochs))

    def scales(self) -> dict[str, str]:
        """How each field that varies is to be drawn: "log", "linear" or "choice"."""
        return {
            name: ("log" if among.log else "linear") if isinstance(among, Range) else "choice"
            for name, among in self.varied.items()
        }


def read_space(path: Path) -> Space:
    """The space that a file describes.

    Raises:
        TinydigitsError: it is not TOML, names an unknown recipe or field, has a value that its
            field cannot have, or a range or a list with nothing in it.
        OSError: it cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TinydigitsError(f"{path}: is not TOML ({error})") from error
    name = content.pop("recipe", "fast")
    try:
        if not isinstance(name, str):
            raise TinydigitsError(f"recipe is {name!r}; name one of {', '.join(PRESETS)}")
        given = {field: _given(field, value) for field, value in content.items()}
        fixed = {key: value for key, value in given.items() if not isinstance(value, list | Range)}
        varied = {key: value for key, value in given.items() if isinstance(value, list | Range)}
        if not varied:
            raise TinydigitsError("nothing varies; give a field a list or {from = …, to = …}")
        space = Space(preset(name).changed(**fixed), name, fixed, varied)
        for field, choices in varied.items():
            ends = [choices.low, choices.high] if isinstance(choices, Range) else choices
            for value in ends:  # each alone: all are checked by the recipe
                space.recipe({field: value})
    except TinydigitsError as error:
        raise TinydigitsError(f"{path}: {error}") from error
    return space


def as_flags(space: Space, chosen: dict[str, Any]) -> str:
    """The options of `tinydigits train` and `bench accuracy` that mean these settings."""
    flags = [f"--recipe {space.preset}"]
    for name, value in {**space.fixed, **chosen}.items():
        flags.append(f"--{name.replace('_', '-')} {value}")
    return " ".join(flags)


def as_toml(space: Space, chosen: dict[str, Any]) -> str:
    """The same as TOML: a space in which all is fixed."""
    settings = {"recipe": space.preset, **space.fixed, **chosen}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


def _given(field: str, value: Any) -> Any:
    """A field's value, list of choices or range, as far as it can be checked without the recipe."""
    kinds = {name: kind for name, kind, _ in Recipe.settings()}
    if field not in kinds or field == "name":
        known = ", ".join(name for name in kinds if name != "name")
        raise TinydigitsError(f"a recipe has no '{field}' to search; it has {known}")
    if field == "seed" and isinstance(value, list | dict):
        raise TinydigitsError("a seed is not chosen; fix one, and try the best settings on others")
    if isinstance(value, list) and not value:
        raise TinydigitsError(f"{field} has an empty list; name what it may be")
    return _range(field, kinds[field], value) if isinstance(value, dict) else value


def _range(field: str, kind: Any, value: dict[str, Any]) -> Range:
    log = value.get("log", False)
    unknown = value.keys() - {"from", "to", "log"}
    if unknown or not {"from", "to"} <= value.keys() or not isinstance(log, bool):
        raise TinydigitsError(f"{field}: a range is {{from = …, to = …, log = true or false}}")
    low, high = value["from"], value["to"]
    if kind not in (int, float):
        raise TinydigitsError(f"{field} is no number and has no range; give a list of choices")
    numbers = all(type(end) in (int, float) and math.isfinite(end) for end in (low, high))
    if not numbers or not low < high:
        raise TinydigitsError(f"{field}: the range from {low} to {high} is empty")
    if log and low <= 0:
        raise TinydigitsError(f"{field}: a range of logarithms starts above 0, not at {low}")
    return Range(low, high, log, kind is int)

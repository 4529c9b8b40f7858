import math
from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest

from tinydigits.errors import TinydigitsError
from tinydigits.mnist.recipe import PRESETS, Recipe, preset


def test_the_defaults_are_the_original_recipe() -> None:
    recipe = preset("original")
    assert recipe == Recipe()
    assert (recipe.optimizer, recipe.learning_rate, recipe.momentum) == ("sgd", 0.1, 0.9)
    assert (recipe.batch_size, recipe.epochs, recipe.dropout) == (256, 19, 0.30)
    assert recipe.schedule == "constant"
    assert not any((recipe.rotation, recipe.scale, recipe.shear, recipe.shift, recipe.elastic))


def test_presets_carry_their_names_and_train_no_longer_than_the_original() -> None:
    assert all(recipe.name == name for name, recipe in PRESETS.items())
    assert PRESETS["fast"].epochs <= 5
    assert PRESETS["best"].epochs < 20


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"batch_size": 0}, "batch_size is 0, but must be from 1 to 60000"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0, but must be from 1e-09 to 1000"),
        ({"learning_rate": math.nan}, "learning_rate is nan, but must be from 1e-09 to 1000"),
        ({"learning_rate": math.inf}, "learning_rate is inf, but must be from 1e-09 to 1000"),
        ({"epochs": 1.5}, "epochs is 1.5, but must be of type int"),
        ({"epochs": True}, "epochs is True, but must be of type int"),
        ({"momentum": "0.9"}, "momentum is '0.9', but must be of type float"),
        ({"schedule": "step"}, "schedule is 'step', but must be one of constant, linear, cosine"),
        ({"pace": 1}, "a recipe has no 'pace'; it has name, net, epochs, "),
    ],
)
def test_a_bad_setting_is_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TinydigitsError, match="^" + sentence.replace(".", r"\.")) as caught:
        Recipe().changed(**change)
    assert "\n" not in str(caught.value)


def test_a_recipe_is_frozen_and_survives_plain_values() -> None:
    recipe = preset("best").changed(seed=7)
    with pytest.raises(FrozenInstanceError):
        recipe.seed = 8  # type: ignore[misc]
    assert Recipe(**asdict(recipe)) == recipe


def test_an_integer_is_a_number_too() -> None:
    assert Recipe(rotation=9).rotation == 9.0
    assert isinstance(Recipe(rotation=9).rotation, float)

"""A flag for every setting of a recipe."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

import typer

from tinydigits.mnist.recipe import Recipe, Setting, preset


def with_recipe_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one flag per field of Recipe; those used arrive as its **changes."""
    signature = inspect.signature(command)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    flags = [_flag(*setting) for setting in Recipe.settings() if setting[0] != "name"]
    command.__signature__ = signature.replace(parameters=own + flags)  # type: ignore[attr-defined]
    return command


def _flag(name: str, kind: Any, setting: Setting) -> inspect.Parameter:
    choices = get_args(kind)
    text = f"{setting.help} One of: {', '.join(choices)}." if choices else setting.help
    option = typer.Option(help=text, rich_help_panel="The recipe's settings")
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[(str if choices else kind) | None, option],
    )


def changed_recipe(name: str, changes: dict[str, Any]) -> Recipe:
    """The preset with the flags given; another name, unless they only say where it runs."""
    given = {key: value for key, value in changes.items() if value is not None}
    recipe = preset(name).changed(**given)
    only_where = given.keys() <= {"seed", "device", "threads"}
    return recipe if only_where else recipe.changed(name=f"{name}-changed")

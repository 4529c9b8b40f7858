"""tinydigits: a handwritten-digit recogniser of 17,466 parameters, and how it learns.

The public names below are resolved when first used, so that importing the package costs
nothing and a user of one room never loads another room's dependencies.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Data": "tinydigits.mnist.data",
    "Digit": "tinydigits.reader.reader",
    "Net": "tinydigits.mnist.model",
    "Reader": "tinydigits.reader.reader",
    "Reading": "tinydigits.reader.reader",
    "Recipe": "tinydigits.mnist.recipe",
    "TinydigitsError": "tinydigits.errors",
    "fit": "tinydigits.mnist.fit",
    "load_data": "tinydigits.mnist.data",
    "preset": "tinydigits.mnist.recipe",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    """Resolve a public name from the module that defines it."""
    if name not in _HOME:
        raise AttributeError(f"module 'tinydigits' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return __all__

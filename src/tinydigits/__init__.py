"""tinydigits: a handwritten-digit recogniser of 17,466 parameters, and how it learns.

The public names below are resolved when first used, so that importing the package costs
nothing and a user of one room never loads another room's dependencies.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

__all__ = [
    "Data",
    "Digit",
    "Net",
    "Reader",
    "Reading",
    "Recipe",
    "TinydigitsError",
    "__version__",
    "fit",
    "load_data",
    "preset",
]

if TYPE_CHECKING:
    from tinydigits.errors import TinydigitsError
    from tinydigits.mnist.data import Data, load_data
    from tinydigits.mnist.fit import fit
    from tinydigits.mnist.model import Net
    from tinydigits.mnist.recipe import Recipe, preset
    from tinydigits.reader.reader import Reader
    from tinydigits.reader.reading import Digit, Reading
else:
    _HOMES = {
        "errors": ("TinydigitsError",),
        "mnist.data": ("Data", "load_data"),
        "mnist.fit": ("fit",),
        "mnist.model": ("Net",),
        "mnist.recipe": ("Recipe", "preset"),
        "reader.reader": ("Reader",),
        "reader.reading": ("Digit", "Reading"),
    }

    def __getattr__(name: str) -> Any:
        """Resolve a public name from the module that defines it."""
        for module, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"tinydigits.{module}"), name)
        raise AttributeError(f"module 'tinydigits' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return __all__

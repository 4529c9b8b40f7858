"""Pictures to measure the reader on, by kind and seed; each family of kinds is a module here.

The ranges are wider than those that the reader was tuned on. A picture depends on its kind, its
seed and the handwriting that is here, and on nothing else.
"""

from importlib import import_module
from pkgutil import iter_modules

from pictures.judging.hands import Sources, load_sources
from pictures.judging.page import KINDS, Kind, Page

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # so that each registers its kinds

__all__ = ["KINDS", "Kind", "Page", "Sources", "load_sources"]

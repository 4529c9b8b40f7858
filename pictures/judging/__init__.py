"""Pictures to measure the reader on, by kind and seed; each family of kinds is a module.

The ranges are wider than those that the reader was tuned on. A picture depends on its kind, its
seed and the handwriting that is here, and on nothing else.
"""

from pictures.judging import digits, forms, light, marks, nothing, pages, prints
from pictures.judging.hands import Sources, load_sources
from pictures.judging.page import KINDS, Kind, Page

FAMILIES = (digits, pages, light, forms, marks, prints, nothing)

__all__ = ["FAMILIES", "KINDS", "Kind", "Page", "Sources", "load_sources"]

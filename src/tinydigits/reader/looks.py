"""Only for found.py, until it imports from glyph.py."""

from tinydigits.reader.glyph import Lines as Lines
from tinydigits.reader.glyph import Look as Look

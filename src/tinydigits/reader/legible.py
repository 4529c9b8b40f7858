"""Only for found.py, until it imports from glyph.py."""

from tinydigits.reader.glyph import Found as Found

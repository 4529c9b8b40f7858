"""Write the API reference, a page for each module, from the docstrings: python docs/api.py FOLDER.

Any warning is an error: a docstring that pdoc cannot render, a type that it cannot resolve.
"""

import pkgutil
import sys
import warnings
from pathlib import Path

import pdoc

import tinydigits


def rooms() -> list[str]:
    """The package and what lies in it; pdoc itself goes on to what lies in those."""
    found = pkgutil.iter_modules(tinydigits.__path__, "tinydigits.")
    return ["tinydigits", *(module.name for module in found if "__main__" not in module.name)]


def main(folder: Path) -> None:
    """Write the pages into `folder`; index.html lists the modules."""
    warnings.simplefilter("error")
    # pdoc sees only names that are already there; the public ones are imported at their first use.
    vars(tinydigits).update({name: getattr(tinydigits, name) for name in tinydigits.__all__})
    pdoc.render.configure(docformat="google")  # with the source, where fields are explained
    pdoc.pdoc(*rooms(), output_directory=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

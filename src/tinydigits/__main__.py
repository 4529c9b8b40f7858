"""`python -m tinydigits` is `tinydigits`."""

from tinydigits.cli import main

main()

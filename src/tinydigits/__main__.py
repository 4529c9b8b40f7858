"""`python -m tinydigits` is `tinydigits`."""

from tinydigits.cli import main

if __name__ == "__main__":  # not again in a process that this one has started
    main()

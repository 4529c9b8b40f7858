"""The one exception that a user can cause; the command line prints it as one sentence."""


class TinydigitsError(Exception):
    """Bad input. The message names the thing, what was expected and what to do about it."""

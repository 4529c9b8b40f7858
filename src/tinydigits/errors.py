"""The one exception that a user can cause, and what is said of it in one sentence."""


class TinydigitsError(Exception):
    """Bad input. The message names the thing, what was expected and what to do about it."""


def sentence(error: Exception) -> str:
    """What a person needs to know of an error that is not the program's."""
    if isinstance(error, FileExistsError):
        return f"{error.filename} is a file, where a folder is needed"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)

"""The one error a person is expected to meet."""


class InputError(ValueError):
    """Something given from outside (a file, a parameter) is not as it must be.

    The message is one line: what was expected, what came, and where.
    """

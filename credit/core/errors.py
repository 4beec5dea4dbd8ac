"""The errors a person is expected to meet."""


class InputError(ValueError):
    """Something given from outside (a file, a parameter) is not as it must be.

    The message is one line: what was expected, what came, and where.
    """


class UnfittableError(InputError):
    """A model cannot be fitted to these applicants, though it could be to others: they are too few, or too alike.

    The message says what it takes and what there is, in whole words; whose model it is stands before it.
    """


class LeftOutError(InputError):
    """A file in place of a model says why there is none: `reason`."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: expected a model, but it was left out: {reason}")
        self.reason = reason

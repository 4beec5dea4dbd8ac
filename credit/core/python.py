"""Whether this Python has what the programs need."""

import sys


def check_python(program, *packages):  # without annotations, for a Python that is too old shall understand this file
    """End a program with one line, and exit code 2, where this Python is too old for it or lacks its packages.

    Parameters
    ----------
    program : str, as it is called in the line.
    packages : str, those to look for, by the names under which they are imported.
    """
    if sys.version_info < (3, 11):  # noqa: UP036
        _end(program, "Python 3.11 or later", "Python " + ".".join(map(str, sys.version_info[:3])))
    from importlib.util import find_spec

    lacking = [name for name in packages if find_spec(name) is None]
    if lacking:
        _end(program, "the packages of requirements.txt in this Python", "none of " + ", ".join(lacking))


def _end(program, expected, got):
    remedy = "run `make run`, or activate the Python that it has set up: `source .venv/bin/activate`"
    sys.stderr.write(
        program + ": expected " + expected + " (" + sys.executable + "), got " + got + "; " + remedy + "\n"
    )
    sys.exit(2)

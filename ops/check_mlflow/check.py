"""The check as a function, for programs that want to know beforehand whether MLflow can be used."""

import os
import warnings
from collections.abc import Sequence

from credit.core.errors import InputError
from ops.check_mlflow import database, server, write
from ops.check_mlflow.client import PASSWORD, TOKEN
from ops.check_mlflow.steps import Steps
from ops.shared.tracking import is_embedded

SECONDS = 8  # with the start of Python that is less than 10


def ensure_readable(uri: str) -> None:
    """Raise InputError, a line with the remedy, where a server cannot be read; a database file is not looked at."""
    if is_embedded(uri):
        return
    check = Steps()
    run_check(check, uri, "", SECONDS)
    if check.code:
        failed = check.ended[-1]
        raise InputError(f"{failed.name}: {failed.detail}; {failed.remedy}")


def run_check(check: Steps, uri: str, source: str, seconds: float, *, writes: bool = False) -> Sequence[str]:
    """Run the steps for a URI, in so many seconds up to reading; returns the names of all there are for such a URI.

    `source` says where the URI comes from, and is shown behind it.
    """
    check.hide(os.environ.get(PASSWORD), os.environ.get(TOKEN))
    if is_embedded(uri):
        names, steps = database.NAMES, database.check_database(uri, source, writes=writes)
    else:
        names, steps = server.NAMES, server.check_server(check, uri, source, seconds)
    with warnings.catch_warnings(action="ignore"):  # of a certificate that is not verified, which is told
        if check.run(names, steps) and writes:
            trial = write.Trial(uri)
            try:
                check.run(write.NAMES, trial.steps())
            finally:
                check.run([write.CLEAN_UP], trial.clean_up())
    return (*names, *write.NAMES, write.CLEAN_UP) if writes else names

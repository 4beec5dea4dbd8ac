"""The check as a function, for programs that want to know beforehand whether MLflow can be used."""

import os
import warnings
from collections.abc import Sequence

from ops.check_mlflow import database, server, write
from ops.check_mlflow.client import PASSWORD, TOKEN, client_for
from ops.check_mlflow.steps import Check, Step, StoppedError
from ops.check_mlflow.uri import Database, parse, shown

SECONDS = 8  # with the start of Python that is less than 10


def first_failure(uri: str) -> Step | None:
    """Check whether MLflow can be read; returns the step that failed, None if all is well."""
    check = Check(lambda step: None)
    run_check(check, uri, "", SECONDS)
    return next((step for step in check.steps if step.ok is False), None)


def run_check(check: Check, uri: str, source: str, seconds: float, *, writes: bool = False) -> Sequence[str]:
    """Run the steps for a URI, up to the first that fails; returns the names of all there are for such a URI.

    Parameters
    ----------
    source : says where the URI comes from, to be shown behind it.
    seconds : for all steps up to reading.
    writes : whether to write, read back and clean up too.
    """
    names = server.NAMES
    check.hide(os.environ.get(PASSWORD), os.environ.get(TOKEN))
    try:
        with warnings.catch_warnings(action="ignore"):  # of a certificate that is not verified, which is told
            with check.step("URI") as step:
                target = parse(uri)
                if isinstance(target, Database):
                    names, step.detail = database.NAMES, f"{shown(uri)}{source}"
                else:
                    client = client_for(target, seconds)
                    check.hide(*client.secrets)
                    through = "" if client.proxy is None else f", through {client.way}"
                    step.detail = f"{target.url}{source}, {client.credentials}{through}"
            if isinstance(target, Database):
                database.check_database(check, target, writes=writes)
            else:
                server.check_server(check, client)
            if writes:
                write.check_writing(check, uri, target.path if isinstance(target, Database) else None)
    except StoppedError:
        pass
    return (*names, *write.NAMES) if writes else names

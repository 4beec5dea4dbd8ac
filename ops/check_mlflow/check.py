"""The check as a function, for programs that want to know beforehand whether MLflow can be used."""

import os
from collections.abc import Sequence

from ops.check_mlflow import database, server
from ops.check_mlflow import write as writing
from ops.check_mlflow.stages import Code, Found, Stage, Stages, StoppedError
from ops.check_mlflow.uri import Database, parse, shown

SECONDS = 8  # with the start of Python that is less than 10


def first_failure(uri: str) -> Stage | None:
    """Check whether MLflow can be read; returns the stage that failed, None if all is well."""
    stages = Stages(lambda stage: None)
    run_stages(stages, uri, "", SECONDS)
    return next((stage for stage in stages.done if stage.ok is False), None)


def run_stages(stages: Stages, uri: str, source: str, seconds: float, *, write: bool = False) -> Sequence[str]:
    """Run the stages for a URI, up to the first that fails; returns the names of all there are for such a URI.

    Parameters
    ----------
    source : says where the URI comes from, to be shown behind it.
    seconds : for all stages up to reading.
    write : whether to write, read back and clean up too.
    """
    names = server.NAMES
    try:
        target = stages.run("URI", Code.USAGE, _target, uri, source, stages)
        if isinstance(target, Database):
            names = database.NAMES
            database.check_database(stages, target, write=write)
            path = target.path
        else:
            server.check_server(stages, *target, seconds)
            path = None
        if write:
            writing.check_writing(stages, uri, path)
    except StoppedError:
        pass
    return (*names, *writing.NAMES) if write else names


def _target(uri: str, source: str, stages: Stages) -> Found:
    """Read the URI, and for a server the way and the credentials, which are kept out of all output from here on."""
    stages.redaction.add(os.environ.get(name) for name in ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"))
    parsed = parse(uri)
    if isinstance(parsed, Database):
        return Found(f"{shown(uri)}{source}", parsed)
    route, credentials = server.approach(parsed)
    stages.redaction.add([*credentials.secrets, *route.secrets])
    through = f", through {route}" if route.is_proxy else ""
    return Found(f"{parsed.url}{source}, {credentials}{through}", (route, credentials))
